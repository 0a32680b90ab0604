import type { DatabricksRow } from './databricks-rows.ts'
import type { DatabricksColumn } from './databricks-types.ts'

export interface DatabricksTable {
  readonly columns: readonly DatabricksColumn[]
  readonly rows?: readonly DatabricksRow[]
  readonly type?: 'MANAGED' | 'EXTERNAL' | 'VIEW' | 'MATERIALIZED_VIEW' | 'STREAMING_TABLE' | 'FOREIGN'
  readonly owner?: string
}

export interface DatabricksSchema {
  readonly owner?: string
  readonly tables: Readonly<Record<string, DatabricksTable>>
}

export interface DatabricksCatalog {
  readonly type?: 'MANAGED_CATALOG' | 'FOREIGN_CATALOG' | 'DELTASHARING_CATALOG' | 'SYSTEM_CATALOG'
  readonly owner?: string
  readonly schemas: Readonly<Record<string, DatabricksSchema>>
}

export type DatabricksCatalogs = Readonly<Record<string, DatabricksCatalog>>

/** Who owns what has no owner of its own. */
export const administrator = 'admin@example.com'

const orders: DatabricksTable = {
  columns: [
    { name: 'id', type: 'bigint' },
    { name: 'customer', type: 'string' },
    { name: 'total', type: 'decimal(12,2)' },
  ],
  rows: [
    [1, 'ann', '10.50'],
    [2, '', '0.10'],
    [3, null, '-7.00'],
  ],
}

const numbers: DatabricksTable = { columns: [{ name: 'n', type: 'string' }], rows: [['one'], ['two']] }

/** Every type, at its limits, and null. */
export const typedTable: DatabricksTable = {
  columns: [
    { name: 'a_boolean', type: 'boolean' },
    { name: 'a_tinyint', type: 'tinyint' },
    { name: 'a_smallint', type: 'smallint' },
    { name: 'an_int', type: 'int' },
    { name: 'a_bigint', type: 'bigint' },
    { name: 'a_float', type: 'float' },
    { name: 'a_double', type: 'double' },
    { name: 'a_decimal', type: 'decimal(38,9)' },
    { name: 'a_whole_decimal', type: 'decimal(38,0)' },
    { name: 'a_string', type: 'string' },
    { name: 'a_binary', type: 'binary' },
    { name: 'a_date', type: 'date' },
    { name: 'a_timestamp', type: 'timestamp' },
    { name: 'a_timestamp_ntz', type: 'timestamp_ntz' },
    { name: 'an_array', type: 'array<bigint>' },
    { name: 'a_map', type: 'map<string,decimal(20,2)>' },
    { name: 'a_struct', type: 'struct<id:bigint,tags:array<string>>' },
    { name: 'an_interval', type: 'interval day to second' },
    { name: 'a_month_interval', type: 'interval year to month' },
    { name: 'a_variant', type: 'variant' },
    { name: 'a_void', type: 'void' },
  ],
  rows: [
    [
      true,
      -128,
      -32_768,
      -2_147_483_648,
      9_223_372_036_854_775_807n,
      1.5,
      0.1,
      '12345678901234567890123456789.123456789',
      '99999999999999999999999999999999999999',
      'héllo "world"',
      Buffer.from([0, 1, 254, 255]),
      '2026-01-02',
      '2026-01-02T03:04:05.123456Z',
      '1969-12-31T23:59:59.999999',
      [9_007_199_254_740_993n, null],
      [['k', '123456789012345678.90']],
      { id: 9_007_199_254_740_993n, tags: ['x', null] },
      '1 02:03:04.000000000',
      '1-2',
      '{"exact":12345678901234567890.123}',
      null,
    ],
    Array.from({ length: 21 }, () => null),
  ],
}

export const sampleCatalogs: DatabricksCatalogs = {
  main: {
    schemas: {
      default: { tables: {} },
      sales: {
        tables: {
          numbers,
          orders,
          recent_orders: { ...orders, type: 'VIEW' },
          typed: typedTable,
          'odd `name`': { columns: [{ name: 'a `b` c', type: 'bigint' }], rows: [[7]] },
        },
      },
      information_schema: { tables: { tables: { columns: [{ name: 'table_name', type: 'string' }], type: 'VIEW' } } },
    },
  },
  empty: { schemas: {} },
  secret: { schemas: { hidden: { tables: { ledger: numbers } } } },
}
