import { describe, expect, it } from 'vitest'
import { selectRecords } from '../../../src/connectors/http-api/records.ts'

const records = (json: unknown, path?: string) => {
  const selected = selectRecords(json as never, path)
  return selected.kind === 'RECORDS' ? selected.records : selected.fault
}

describe('the records of an answer', () => {
  it.each([
    [[1, 2], undefined, [1, 2]],
    [{ a: 1 }, undefined, [{ a: 1 }]],
    ['text', undefined, ['text']],
    [null, undefined, []],
    [{ data: { items: [{ a: 1 }, { a: 2 }] } }, '$.data.items[*]', [{ a: 1 }, { a: 2 }]],
    [{ data: { items: [{ a: 1 }] } }, '$.data.items', [{ a: 1 }]],
    [{ data: { a: 1 } }, '$.data', [{ a: 1 }]],
    [{ data: { a: { n: 1 }, b: { n: 2 } } }, '$.data[*]', [{ n: 1 }, { n: 2 }]],
    [{ rows: [[1, 2]] }, '$.rows[*]', [[1, 2]]],
    [{ p: [{ q: [1] }, { q: [2, 3] }] }, '$.p[*].q[*]', [1, 2, 3]],
    [[{ a: 1 }, { a: 3 }, { a: 2 }], '$[?@.a > 1]', [{ a: 3 }, { a: 2 }]],
  ])('of %j, by %s, are %j', (json, path, expected) => {
    expect(records(json, path)).toEqual(expected)
  })

  it.each([
    [{ items: [] }, '$.items[*]'],
    [{ items: [] }, '$.items'],
    // As some servers write an empty list.
    [{ items: null }, '$.items[*]'],
    [{ items: null }, '$.items'],
    [{ items: [] }, '$.items[*].lines[*]'],
    [{ items: [{ a: 1 }] }, '$.items[?@.a > 1]'],
    [{ a: 1 }, '$..items[*]'],
  ])('of %j, by %s, may be none', (json, path) => {
    expect(records(json, path)).toEqual([])
  })

  it.each([
    [{ error: 'no' }, '$.data.items[*]', 'nothing is at $.data'],
    [{ data: {} }, '$.data.items[*]', 'nothing is at $.data.items'],
    [{ data: [] }, '$.data.items', 'nothing is at $.data.items'],
    [{ data: 'x' }, '$.data[*]', '$.data is a text, not a list'],
    [{ data: 3 }, '$.data[?@.a]', '$.data is a number, not a list'],
    [{ data: [{ a: 1 }] }, '$.data[*].lines[*]', 'nothing is at $.data[*].lines'],
    [{}, '$.data[?@.a]', 'nothing is at $.data'],
  ])('of %j, by %s, are missing', (json, path, fault) => {
    expect(records(json, path)).toBe(fault)
  })

  it('are found in a document of many levels and many values without running out of stack', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`)
    expect(records(deep, '$..a')).toHaveLength(100)
    expect(records({ items: Array.from({ length: 300_000 }, (_, id) => ({ id })) }, '$.items[*]')).toHaveLength(300_000)
  })
})
