import {
  Binary,
  BSON,
  BSONSymbol,
  Code,
  DBRef,
  Decimal128,
  type Document,
  Long,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'mongodb'
import { describe, expect, it } from 'vitest'
import { DocumentColumns } from '../../../src/connectors/mongodb/document-columns.ts'
import { rawDocument, rawElement } from '../../servers/mongo-messages.ts'

const bytes = (document: Document) => BSON.serialize(document, { serializeFunctions: false })

function sampled(documents: readonly Document[], isAll = true) {
  const first = documents.map(bytes)
  const columns = new DocumentColumns(first, isAll)
  return { columns, rows: first.map(document => columns.row(document)), told: columns.columns }
}

describe('the columns of documents', () => {
  it('are the union of their fields, in the order in which they were first seen', () => {
    const { rows, told } = sampled([{ _id: 1, a: 'x' }, { b: true, a: 'y' }, {}])
    expect(told.map(({ name }) => name)).toEqual(['_id', 'a', 'b'])
    expect(rows).toEqual([
      [1, 'x', null],
      [null, 'y', true],
      [null, null, null],
    ])
  })

  it('name every type that was seen; numbers of several widths are the widest, what is mixed is OTHER', () => {
    const decimal = Decimal128.fromString('1.5')
    const { told } = sampled([
      { a: 1, b: 1, c: 1, d: 'x', e: null },
      { a: Long.fromNumber(2), b: 2.5, c: decimal, d: 5, e: null },
    ])
    expect(told).toEqual([
      { name: 'a', nativeType: 'int | long', type: 'INTEGER' },
      { name: 'b', nativeType: 'int | double', type: 'FLOAT' },
      { name: 'c', nativeType: 'int | decimal', type: 'DECIMAL' },
      { name: 'd', nativeType: 'string | int', type: 'OTHER' },
      { name: 'e', nativeType: 'null', type: 'OTHER' },
    ])
  })

  it('lose no field that appears later: the last column has them', () => {
    const { columns, rows, told } = sampled([{ _id: 1 }], false)
    expect(told.map(({ name, type }) => [name, type])).toEqual([
      ['_id', 'INTEGER'],
      ['(other fields)', 'JSON'],
    ])
    expect(rows).toEqual([[1, null]])
    const later = [{ _id: 2, late: { x: 1 }, more: 'y' }, { _id: 3 }].map(document => columns.row(bytes(document)))
    expect(later).toEqual([
      [2, { late: { x: 1 }, more: 'y' }],
      [3, null],
    ])
  })

  it('have a name for the others that no field has', () => {
    const { told } = sampled([{ '(other fields)': 1 }], false)
    expect(told.map(({ name }) => name)).toEqual(['(other fields)', '(other fields) 2'])
  })

  it('are no more than a thousand, whatever a document has', () => {
    const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`f${index}`, index]))
    const { rows, told } = sampled([wide])
    expect(told).toHaveLength(1_001)
    expect(Object.keys(rows[0]?.at(-1) as object)).toHaveLength(4_000)
  })

  it('take names that JavaScript knows for its own as fields', () => {
    // Written by hand: an object literal would set its prototype.
    const document = Object.fromEntries([
      ['__proto__', 1],
      ['constructor', { __proto__: null, toString: 'x' }],
    ])
    const { rows, told } = sampled([document])
    expect(told.map(({ name }) => name)).toEqual(['__proto__', 'constructor'])
    expect(JSON.stringify(rows)).toBe('[[1,{"toString":"x"}]]')
  })

  it('show values exactly', () => {
    const id = new ObjectId('65a1b2c3d4e5f60718293a4b')
    const { rows } = sampled([
      {
        id,
        big: Long.fromString('9007199254740993'),
        small: Long.fromString('42'),
        decimal: Decimal128.fromString('1E+3'),
        nan: Number.NaN,
        date: new Date('2026-01-02T03:04:05.678Z'),
        uuid: new UUID('3b241101-e2bb-4255-8caf-4136c566a962'),
        binary: new Binary(Buffer.from([1, 2, 255])),
        regex: /a+b/i,
        code: new Code('return 1'),
        scoped: new Code('return x', { x: 1 }),
        time: new Timestamp({ t: 1_700_000_000, i: 7 }),
        least: new MinKey(),
        nested: { ids: [id, { big: Long.MAX_VALUE }] },
      },
    ])
    expect(rows).toEqual([
      [
        '65a1b2c3d4e5f60718293a4b',
        '9007199254740993',
        42,
        '1E+3',
        'NaN',
        '2026-01-02T03:04:05.678Z',
        '3b241101-e2bb-4255-8caf-4136c566a962',
        'AQL/',
        '/a+b/i',
        'return 1',
        { code: 'return x', scope: { x: 1 } },
        'Timestamp(1700000000, 7)',
        'MinKey',
        { ids: ['65a1b2c3d4e5f60718293a4b', { big: '9223372036854775807' }] },
      ],
    ])
  })

  it.each<[string, Document['value'], unknown]>([
    ['a decimal that is no number', Decimal128.fromString('NaN'), 'NaN'],
    ['an infinite decimal', Decimal128.fromString('-Infinity'), '-Infinity'],
    ['a date before the year 0', new Date(-62_198_755_200_000), '-000001-01-01T00:00:00.000Z'],
    ['a date beyond the year 9999', new Date(253_402_300_800_000), '+010000-01-01T00:00:00.000Z'],
    ['a text with a NUL', 'a\0b', 'a\0b'],
    ['a binary of the old type', new Binary(Buffer.from([1, 2, 255]), 2), 'AQL/'],
    ['a UUID of the old type', new Binary(Buffer.alloc(16, 1), 3), 'AQEBAQEBAQEBAQEBAQEBAQ=='],
    ['an encrypted value', new Binary(Buffer.from([1]), 6), 'AQ=='],
    ['an empty list', [], []],
    [
      'a reference',
      new DBRef('people', new ObjectId('65a1b2c3d4e5f60718293a4b'), 'other'),
      { $ref: 'people', $id: '65a1b2c3d4e5f60718293a4b', $db: 'other' },
    ],
    ['a symbol', new BSONSymbol('x'), 'x'],
  ])('show %s', (_, value, shown) => {
    expect(JSON.parse(JSON.stringify(sampled([{ value }]).rows))).toEqual([[shown]])
  })

  it.each<[string, readonly Buffer[], unknown]>([
    [
      'a date beyond every calendar',
      [rawElement(9, 'value', Buffer.from('ffffffffffffff7f', 'hex'))],
      '9223372036854775807 ms',
    ],
    ['bytes that are no text', [rawElement(2, 'value', Buffer.from([3, 0, 0, 0, 0x61, 0xff, 0]))], 'a\ufffd'],
    ['what has long been undefined', [rawElement(6, 'value')], null],
    [
      'the last of several values for one field',
      [rawElement(8, 'value', Buffer.from([1])), rawElement(16, 'value', Buffer.from([7, 0, 0, 0]))],
      7,
    ],
    [
      'a list with holes as the items that there are',
      [rawElement(4, 'value', rawDocument([rawElement(8, '5', Buffer.from([1])), rawElement(10, '9')]))],
      [true, null],
    ],
  ])('show %s', (_, elements, shown) => {
    const document = rawDocument(elements)
    const columns = new DocumentColumns([document], true)
    expect(columns.row(document)).toEqual([shown])
  })

  it.each<[string, Buffer]>([
    ['of a type that there is not', rawElement(42, 'a')],
    ['whose text is longer than the document', rawElement(2, 'a', Buffer.from([99, 0, 0, 0, 0x61, 0]))],
    ['whose text has a negative length', rawElement(2, 'a', Buffer.from([0xff, 0xff, 0xff, 0xff, 0]))],
    ['whose list ends behind it', rawElement(4, 'a', Buffer.from([99, 0, 0, 0, 0]))],
    ['whose list has no end', rawElement(4, 'a', Buffer.from([5, 0, 0, 0, 1]))],
    ['whose list has no length', rawElement(4, 'a', Buffer.from([0, 0, 0, 0, 0]))],
    ['whose regular expression has no end', rawElement(11, 'a', Buffer.from('x'))],
    ['without an end of its name', Buffer.from([10, 0x61])],
    ['without a number behind its name', rawElement(18, 'a', Buffer.from([1, 2]))],
  ])('are not made of a document with a field %s', (_, element) => {
    const document = rawDocument([element])
    expect(() => {
      const columns = new DocumentColumns([document], true)
      columns.row(document)
    }).toThrow(/protocol/)
  })

  it('keep a name of any length and shape', () => {
    const long = 'n'.repeat(1_048_576)
    const { rows, told } = sampled([{ '': 1, 'a.b': 2, $c: 3, [long]: 4, '\u202e': 5 }])
    expect(told.map(({ name }) => name)).toEqual(['', 'a.b', '$c', '\u202e', '(other fields)'])
    expect(rows).toEqual([[1, 2, 3, 5, { [long]: 4 }]])
  })

  it('are decided by a document alone, however many fields it has, up to a limit', () => {
    const wide = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, null]))
    expect(sampled([wide(200_000)]).told).toHaveLength(1_001)
    expect(() => sampled([wide(200_001)])).toThrow('200,000 values in one document')
    expect(() => sampled([{ list: new Array(200_000).fill(1) }])).toThrow('200,000 values in one document')
  })

  it('keep what is nested more deeply than anybody can walk, as it came', () => {
    let deep: Document = { end: 1 }
    for (let level = 0; level < 150; level++) deep = { a: deep }
    const [[value] = []] = sampled([{ deep }]).rows
    let inner = value
    let levels = 0
    while (typeof inner === 'object' && inner !== null) {
      inner = Object.values(inner)[0] ?? null
      levels += 1
    }
    expect(levels).toBe(99)
    const kept = BSON.deserialize(Buffer.from(String(inner), 'base64'))
    expect(JSON.stringify(kept)).toContain('"end":1')
  })

  it('are not made of bytes that are no document', () => {
    const broken = Buffer.from(bytes({ a: 'hello' }))
    broken.writeInt32LE(1_000, 0)
    expect(() => new DocumentColumns([broken], true)).toThrow()
  })
})
