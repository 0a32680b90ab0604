import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonRows } from '../../../src/connectors/json-rows.ts'
import { RowEncoder } from '../../../src/connectors/postgres-protocol/row-encoder.ts'
import { type TypeInfo, toJson } from '../../../src/connectors/postgres-protocol/types.ts'
import { ProtocolFaultError } from '../../../src/connectors/session/protocol-fault.ts'

const type = (base: number, isList = false): TypeInfo => ({ name: 'made up', base, isList })
const types = [16, 17, 20, 21, 23, 25, 26, 114, 700, 701, 1184, 1700, 2950, 3802].flatMap(base => [
  type(base),
  type(base, true),
])

function body(values: readonly (string | null)[]): Buffer {
  const parts = values.map(value => {
    const text = Buffer.from(value ?? '')
    const length = Buffer.alloc(4)
    length.writeInt32BE(value === null ? -1 : text.length)
    return Buffer.concat([length, text])
  })
  const count = Buffer.alloc(2)
  count.writeInt16BE(values.length)
  return Buffer.concat([count, ...parts])
}

/** What servers write, and what they have no business to. */
const value = fc.oneof(
  fc.constant(null),
  fc.constantFrom('t', 'f', '0', '-0', '00', '-1', '2147483647', '99999999999', '1.5', '1e400', 'NaN', '-', ''),
  fc.constantFrom('\\x00ff', '{1,NULL,"a b"}', '{"a":[1,12345678901234567890]}', '2024-02-29 12:00:00+00'),
  fc.string({ unit: 'grapheme' }),
  fc.integer().map(String),
)

test('values become what toJson makes of them, whatever their type', () => {
  const encoder = new RowEncoder(types)
  fc.assert(
    fc.property(fc.array(value, { minLength: types.length, maxLength: types.length }), values => {
      const rows = new JsonRows(types.length)
      const bytes = body(values)
      encoder.encode(rows, Buffer.concat([Buffer.from('before'), bytes, Buffer.from('after')]), 6)
      const expected = values.map((text, index) => toJson(text, types[index] as TypeInfo))
      // By way of JSON, which knows no minus zero.
      expect(JSON.parse(rows.text(0, rows.bytes - 1).toString())).toEqual(JSON.parse(JSON.stringify(expected)))
    }),
  )
})

test('a row of another number of columns than were told is the fault of the server', () => {
  const encoder = new RowEncoder([type(25)])
  const rows = new JsonRows(1)
  for (const values of [[], ['a', 'b']]) expect(() => encoder.encode(rows, body(values), 0)).toThrow(ProtocolFaultError)
  encoder.encode(rows, body(['a']), 0)
  expect(rows.text(0, rows.bytes).toString()).toBe('["a"],')
})
