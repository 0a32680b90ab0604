import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BadCursorError, type Direction, keyset } from '../../src/db/keyset.ts'
import { connectors } from '../../src/db/schema.sqlite.ts'

interface Row {
  readonly id: string
  readonly nameKey: string
  readonly createdAt: Date
}

const list = (
  field: 'NAME' | 'CREATED_AT',
  direction: Direction = 'ASC',
  filter: readonly (string | null)[] = [null],
  name = 'things',
) =>
  keyset<Row>({
    list: name,
    orderBy: { field, direction },
    filter,
    idColumn: connectors.id,
    column: field === 'NAME' ? connectors.nameKey : connectors.createdAt,
    keyOf: row => (field === 'NAME' ? row.nameKey : row.createdAt),
  })

const text = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 50 })
  .filter(value => value.isWellFormed() && !value.includes('\0'))
const anyRow = fc.record({ id: text, nameKey: text, createdAt: fc.date({ noInvalidDate: true }) })
const cursorOf = (of: ReturnType<typeof list>, row: Row): string => of.page([row], 1).cursors[0] ?? ''
const sample: Row = { id: 'id', nameKey: 'name', createdAt: new Date(0) }

describe('cursors', () => {
  test('give back the position that they were made of', () => {
    fc.assert(
      fc.property(anyRow, row => {
        for (const direction of ['ASC', 'DESC'] as const) {
          const names = list('NAME', direction)
          expect(names.position(cursorOf(names, row))).toEqual({ afterKey: row.nameKey, afterId: row.id })
          const times = list('CREATED_AT', direction)
          expect(times.position(cursorOf(times, row))).toEqual({ afterKey: row.createdAt, afterId: row.id })
        }
      }),
    )
  })

  test.each([
    ['another field', list('CREATED_AT')],
    ['the other direction', list('NAME', 'DESC')],
    ['another filter', list('NAME', 'ASC', ['x'])],
    ['another list', list('NAME', 'ASC', [null], 'others')],
  ])('of %s are refused', (_, other) => {
    const cursor = cursorOf(other, sample)
    expect(() => list('NAME').position(cursor)).toThrow(BadCursorError)
    expect(() => list('NAME').after(cursor)).toThrow(BadCursorError)
  })

  test('that are garbled are refused and never crash', () => {
    const names = list('NAME')
    const good = cursorOf(names, sample)
    const refused = (cursor: string) => {
      expect(() => names.position(cursor)).toThrow(BadCursorError)
    }
    fc.assert(fc.property(fc.string({ unit: 'binary' }), refused))
    fc.assert(
      fc.property(
        fc.json().map(json => Buffer.from(json).toString('base64url')),
        refused,
      ),
    )
    fc.assert(fc.property(fc.nat(good.length - 1), length => refused(good.slice(0, length))))
  })

  test('with a position that no row can have are refused', () => {
    const forged = (of: ReturnType<typeof list>, key: unknown, id: unknown) => {
      const [hash] = JSON.parse(Buffer.from(cursorOf(of, sample), 'base64url').toString())
      return Buffer.from(JSON.stringify([hash, key, id])).toString('base64url')
    }
    const names = list('NAME')
    const times = list('CREATED_AT')
    expect(names.position(forged(names, 'a', 'b'))).toEqual({ afterKey: 'a', afterId: 'b' })
    for (const [key, id] of [
      ['a\0', 'b'],
      ['\ud800', 'b'],
      [1, 'b'],
      [null, 'b'],
      ['a', 'b\0'],
      ['a', 7],
    ]) {
      expect(() => names.position(forged(names, key, id))).toThrow(BadCursorError)
    }
    for (const key of ['a', 1.5, 8.64e15 + 1, -8.64e15 - 1, null]) {
      expect(() => times.position(forged(times, key, 'b'))).toThrow(BadCursorError)
    }
  })
})

test('a page shows as many rows as asked for, and whether there are more', () => {
  const rows = [1, 2, 3].map(number => ({ ...sample, id: String(number) }))
  expect(list('NAME').page(rows, 2)).toMatchObject({ rows: [{ id: '1' }, { id: '2' }], hasNextPage: true })
  expect(list('NAME').page(rows, 3)).toMatchObject({ rows, hasNextPage: false })
  expect(list('NAME').page([], 3)).toEqual({ rows: [], cursors: [], hasNextPage: false })
})
