import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ConnectorStore, createConnectorStore, type NewConnector } from '../../src/db/connector-store.ts'
import type { Database } from '../../src/db/database.ts'
import { BadCursorError } from '../../src/db/keyset.ts'
import type { ConnectorRow } from '../../src/db/rows.ts'
import { WorkspaceScope } from '../../src/db/workspace-scope.ts'
import { newId } from '../../src/services/ids.ts'
import { nameKey } from '../../src/services/names.ts'
import { testDatabases } from '../servers/databases.ts'

const north = WorkspaceScope.of('north')
const south = WorkspaceScope.of('south')
const everything = { searchKey: null, typeNames: null }

// Where bytes, UTF-16 units, locales and the two databases' habits would order differently.
const names = [
  'Zebra',
  'apple',
  'Äpfel',
  'ähre',
  'zürich',
  'Éclair',
  'eclair',
  'ñandú',
  'øre',
  'Ωmega',
  'ωhm',
  'ключ',
  'Ёлка',
  '日本',
  '中国',
  '한국',
  'עברית',
  'العربية',
  '\u{1f50c} plug',
  '\u{ff21}bc',
  '\u{fffd}',
  '\u{10400}deseret',
  'a-b',
  'a b',
  'a_b',
  'a%b',
  'a!b',
  "a'b",
  'a\\b',
  '0',
  '10',
  '9',
  '~',
  'ß',
  'i\u0307',
  'İstanbul',
]

const rowOf = (index: number, name: string): NewConnector => ({
  id: newId(),
  name,
  nameKey: nameKey(name),
  description: null,
  externalKey: null,
  typeName: index % 3 === 0 ? 'ABACUS' : 'LEDGER',
  config: {},
  secretVersionId: null,
  version: 1,
  // Several rows share an instant, so that the id decides.
  createdAt: new Date(1_700_000_000_000 + Math.floor(index / 4)),
  createdBy: null,
  updatedAt: new Date(1_700_000_000_000 - (index % 5)),
  updatedBy: null,
})

describe.each(testDatabases)('lists of connectors on $name', testDatabase => {
  let database: Database
  let store: ConnectorStore
  const rows = names.map((name, index) => ({ ...rowOf(index, name), workspaceId: north.id }))
  beforeAll(async () => {
    database = await testDatabase.open()
    store = createConnectorStore(database)
    await database.write(async tx => {
      for (const row of rows) await store.insert(tx, north, row)
      for (const [index, name] of names.entries()) await store.insert(tx, south, rowOf(index, name))
    })
  })
  afterAll(() => database.close())

  const keyOf = {
    NAME: (row: ConnectorRow) => Buffer.from(row.nameKey),
    CREATED_AT: (row: ConnectorRow) => Buffer.from(String(row.createdAt.getTime())),
    UPDATED_AT: (row: ConnectorRow) => Buffer.from(String(row.updatedAt.getTime())),
  }
  const expected = (field: keyof typeof keyOf, direction: 'ASC' | 'DESC', of: readonly ConnectorRow[]) => {
    const sorted = of.toSorted(
      (a, b) =>
        Buffer.compare(keyOf[field](a), keyOf[field](b)) || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)),
    )
    return direction === 'ASC' ? sorted : sorted.toReversed()
  }

  const walk = async (
    field: keyof typeof keyOf,
    direction: 'ASC' | 'DESC',
    first: number,
    filter: Parameters<ConnectorStore['page']>[2] = everything,
  ) => {
    const seen: ConnectorRow[] = []
    for (let after: string | null = null; ; ) {
      const page = await store.page(north, { first, after, orderBy: { field, direction } }, filter)
      expect(page.cursors).toHaveLength(page.rows.length)
      seen.push(...page.rows)
      if (!page.hasNextPage) return seen
      expect(page.rows).toHaveLength(first)
      after = page.cursors.at(-1) ?? null
    }
  }

  test('show every row once, in the same order on every database, whatever the page size', async () => {
    const field = fc.constantFrom('NAME' as const, 'CREATED_AT' as const, 'UPDATED_AT' as const)
    const direction = fc.constantFrom('ASC' as const, 'DESC' as const)
    await fc.assert(
      fc.asyncProperty(field, direction, fc.integer({ min: 1, max: 40 }), async (by, way, first) => {
        expect(await walk(by, way, first)).toEqual(expected(by, way, rows))
      }),
      { numRuns: 30 },
    )
  })

  test('are filtered by type and part of the name, also page by page', async () => {
    const ofType = rows.filter(row => row.typeName === 'ABACUS')
    expect(await walk('NAME', 'DESC', 5, { searchKey: null, typeNames: ['ABACUS'] })).toEqual(
      expected('NAME', 'DESC', ofType),
    )
    expect(await walk('NAME', 'ASC', 5, { searchKey: null, typeNames: ['LEDGER', 'ABACUS'] })).toEqual(
      expected('NAME', 'ASC', rows),
    )
    expect(await walk('NAME', 'ASC', 5, { searchKey: null, typeNames: [] })).toEqual([])
    const withA = rows.filter(row => row.nameKey.includes('a'))
    expect(await walk('CREATED_AT', 'ASC', 2, { searchKey: 'a', typeNames: null })).toEqual(
      expected('CREATED_AT', 'ASC', withA),
    )
    expect(await store.count(north, { searchKey: 'a', typeNames: null })).toBe(withA.length)
    expect(await store.count(north, { searchKey: null, typeNames: ['ABACUS'] })).toBe(ofType.length)
    expect(await store.count(north, everything)).toBe(rows.length)
    expect(await store.count(WorkspaceScope.of('east'), everything)).toBe(0)
  })

  test.each(['%', '_', '!', "'", '\\', '!%'])('take %j in a search literally', async searchKey => {
    const found = await walk('NAME', 'ASC', 100, { searchKey, typeNames: null })
    expect(found).toEqual(
      expected(
        'NAME',
        'ASC',
        rows.filter(row => row.nameKey.includes(searchKey)),
      ),
    )
  })

  test.each(['äpf', 'ωm', 'ключ', '\u{1f50c}', 'strass', 'ss'])('find %j as a normalised part', async searchKey => {
    const found = await walk('NAME', 'ASC', 100, { searchKey, typeNames: null })
    expect(found).toEqual(
      expected(
        'NAME',
        'ASC',
        rows.filter(row => row.nameKey.includes(searchKey)),
      ),
    )
  })

  test('refuse a cursor of a list with another order or filter', async () => {
    const byName = { field: 'NAME', direction: 'ASC' } as const
    const { cursors } = await store.page(north, { first: 1, after: null, orderBy: byName }, everything)
    const after = cursors[0] ?? ''
    await expect(
      store.page(north, { first: 1, after, orderBy: { ...byName, direction: 'DESC' } }, everything),
    ).rejects.toThrow(BadCursorError)
    await expect(
      store.page(north, { first: 1, after, orderBy: byName }, { searchKey: 'a', typeNames: null }),
    ).rejects.toThrow(BadCursorError)
    await expect(store.page(north, { first: 1, after: 'garbage', orderBy: byName }, everything)).rejects.toThrow(
      BadCursorError,
    )
    expect(await store.page(south, { first: 1, after, orderBy: byName }, everything)).toMatchObject({
      rows: [{ workspaceId: 'south' }],
    })
  })

  test('keep their place while rows before it come and go', async () => {
    const orderBy = { field: 'NAME', direction: 'ASC' } as const
    const page = await store.page(south, { first: 5, after: null, orderBy }, everything)
    const after = page.cursors.at(-1) ?? null
    const next = await store.page(south, { first: 5, after, orderBy }, everything)
    await database.write(async tx => {
      for (const row of page.rows) await store.remove(tx, south, row.id)
      await store.insert(tx, south, rowOf(0, '!'))
    })
    expect(await store.page(south, { first: 5, after, orderBy }, everything)).toEqual(next)
  })

  test('find many by id in the order of the ids, in one workspace', async () => {
    const [a, b] = rows
    expect(await store.findMany(north, [b?.id ?? '', 'unknown', a?.id ?? '', b?.id ?? ''])).toEqual([b, null, a, b])
    expect(await store.findMany(south, [a?.id ?? ''])).toEqual([null])
    expect(await store.findMany(north, [])).toEqual([])
  })
})
