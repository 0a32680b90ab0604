import { describe, expect, it } from 'vitest'
import { JsonRows } from '../../../src/connectors/json-rows.ts'
import { RowEncoder } from '../../../src/connectors/mysql/row-encoder.ts'
import type { Column } from '../../../src/connectors/mysql/session.ts'
import { columnType } from '../../../src/connectors/mysql/types.ts'
import { counted } from '../../servers/hostile-mysql-packets.ts'

const utf8 = 45
const binary = 63

const column = (type: number, change: Partial<Column> = {}): Column => ({
  name: 'c',
  columnType: type,
  flags: 0,
  characterSet: utf8,
  columnLength: 10,
  decimals: 0,
  ...change,
})

/** A value as a row brings it, as JSON. */
function read(described: Column, value: Buffer | string | null): unknown {
  const rows = new JsonRows(1)
  new RowEncoder([described]).encode(rows, value === null ? Buffer.from([0xfb]) : counted(value))
  return JSON.parse(`[${rows.text(0, rows.endOf(1) - 1)}]`)[0][0]
}

describe('the types of columns', () => {
  it.each<[string, Column, string, string]>([
    ['tinyint', column(1), 'tinyint', 'INTEGER'],
    ['int unsigned', column(3, { flags: 0x20 }), 'int unsigned', 'INTEGER'],
    ['bigint', column(8), 'bigint', 'INTEGER'],
    ['float', column(4), 'float', 'FLOAT'],
    ['decimal', column(246), 'decimal', 'DECIMAL'],
    ['date', column(10), 'date', 'DATE'],
    ['time', column(11), 'time', 'TIME'],
    ['datetime', column(12), 'datetime', 'TIMESTAMP'],
    ['timestamp', column(7), 'timestamp', 'TIMESTAMP'],
    ['year', column(13), 'year', 'INTEGER'],
    ['bit', column(16), 'bit', 'INTEGER'],
    ['json of MySQL', column(245, { characterSet: binary }), 'json', 'JSON'],
    ['json of MariaDB', column(252, { extendedFormat: 'json' }), 'json', 'JSON'],
    ['uuid of MariaDB', column(254, { extendedTypeName: 'uuid' }), 'uuid', 'TEXT'],
    ['varchar', column(253), 'varchar', 'TEXT'],
    ['varbinary', column(253, { characterSet: binary }), 'varbinary', 'BINARY'],
    ['text', column(252), 'text', 'TEXT'],
    ['blob', column(252, { characterSet: binary }), 'blob', 'BINARY'],
    ['enum', column(254, { flags: 0x100 }), 'enum', 'TEXT'],
    ['set', column(254, { flags: 0x800 }), 'set', 'TEXT'],
    ['geometry', column(255, { characterSet: binary }), 'geometry', 'BINARY'],
    ['a type to come', column(99), 'unknown', 'OTHER'],
  ])('names %s', (_, described, name, common) => {
    expect(columnType(described)).toMatchObject({ name, common })
  })
})

describe('the values of rows', () => {
  it.each<[string, Column, Buffer | string | null, unknown]>([
    ['nothing', column(3), null, null],
    ['an integer', column(3), '-2147483648', -2147483648],
    ['a year with zeros', column(13), '0000', 0],
    ['a zerofilled integer', column(3), '00042', 42],
    ['a big integer, as text whatever its size', column(8), '18446744073709551615', '18446744073709551615'],
    ['a small big integer', column(8), '1', '1'],
    ['a decimal', column(246), '1.50000', '1.50000'],
    ['a float', column(5), '1.5e3', 1500],
    ['a float that no number holds', column(5), '1e999', '1e999'],
    ['a zero date', column(10), '0000-00-00', '0000-00-00'],
    ['microseconds', column(12), '2020-01-02 03:04:05.123456', '2020-01-02 03:04:05.123456'],
    ['a time beyond a day', column(11), '-838:59:59', '-838:59:59'],
    ['bits', column(16, { columnLength: 5 }), Buffer.from([0b10101]), 21],
    ['many bits', column(16, { columnLength: 64 }), Buffer.alloc(8, 0xff), '18446744073709551615'],
    ['few of many bits', column(16, { columnLength: 64 }), Buffer.from([1]), '1'],
    ['bytes', column(252, { characterSet: binary }), Buffer.from([0, 255]), 'AP8='],
    ['text', column(253), 'é "x" \n😀', 'é "x" \n😀'],
    ['empty text', column(253), '', ''],
    ['long text', column(252), 'é'.repeat(40_000), 'é'.repeat(40_000)],
    ['text that is no UTF-8', column(253), Buffer.from([0x61, 0xff]), 'a\ufffd'],
    ['JSON', column(245), '{"a": [1, null, "x"]}', { a: [1, null, 'x'] }],
    ['JSON with a number that a double cannot hold', column(245), '[12345678901234567890]', ['12345678901234567890']],
    ['JSON that is none', column(245), '{"a"', '{"a"'],
    ['JSON that is nested without end', column(245), '['.repeat(5_000), '['.repeat(5_000)],
    ['JSON nested more deeply than anybody walks', column(245), nested(150), nested(150)],
    ['a number that is none', column(3), 'abc', 'abc'],
    ['a float that is none', column(5), '', ''],
  ])('are JSON: %s', (_, described, value, expected) => {
    expect(read(described, value)).toEqual(expected)
  })
})

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth)
}
