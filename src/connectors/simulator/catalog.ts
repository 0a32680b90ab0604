import type { CatalogEntry } from '../browse.ts'
import type { CommonType } from '../define.ts'

/** What a simulated table has: a dataset's query for it shows the same columns. */
export interface SimulatedTable {
  readonly name: string
  readonly kind: Extract<CatalogEntry['kind'], 'TABLE' | 'VIEW'>
  readonly nativeKind: string
  readonly comment?: string
  readonly rows: number
  readonly columns: readonly CommonType[]
}

export interface SimulatedSchema {
  readonly name: string
  readonly comment?: string
  /** Null where the account may not look. */
  readonly tables: readonly SimulatedTable[] | null
}

/** What happens to whoever looks into a database, before anything of it is listed. */
export type SimulatedMood = 'SLOW' | 'STUCK' | 'BROKEN' | 'ASLEEP' | 'PARTIAL'

export interface SimulatedDatabase {
  readonly name: string
  readonly comment?: string
  readonly mood?: SimulatedMood
  readonly schemas: readonly SimulatedSchema[]
}

const table = (name: string, columns: readonly CommonType[], more: Partial<SimulatedTable> = {}): SimulatedTable => ({
  name,
  kind: 'TABLE',
  nativeKind: 'BASE TABLE',
  rows: 100,
  columns,
  ...more,
})

const sales: SimulatedSchema = {
  name: 'sales',
  tables: [
    table('customers', ['INTEGER', 'TEXT', 'TEXT', 'DATE']),
    table('every kind', [
      'INTEGER',
      'TEXT',
      'DECIMAL',
      'FLOAT',
      'BOOLEAN',
      'DATE',
      'TIME',
      'TIMESTAMP',
      'JSON',
      'BINARY',
      'LIST',
      'OTHER',
    ]),
    table('open_orders', ['INTEGER', 'TEXT'], { kind: 'VIEW', nativeKind: 'MATERIALIZED VIEW' }),
    table('orders', ['INTEGER', 'TEXT', 'DECIMAL', 'TIMESTAMP'], { comment: 'What was ordered, and when.' }),
    table('Straße & 東京', ['TEXT']),
  ],
}

const days = Array.from({ length: 1_200 }, (_, index) =>
  table(`day_${String(index + 1).padStart(4, '0')}`, ['INTEGER', 'TIMESTAMP', 'JSON']),
)

/** Databases by what those who build clients want to try. */
export const simulatedCatalog: readonly SimulatedDatabase[] = [
  { name: 'archive', comment: 'Has 1200 tables in one schema.', schemas: [{ name: 'events', tables: days }] },
  { name: 'asleep', comment: 'Has to be woken, which costs money.', mood: 'ASLEEP', schemas: [sales] },
  { name: 'broken', comment: 'Fails in a way that nobody knows.', mood: 'BROKEN', schemas: [sales] },
  { name: 'empty', comment: 'Has nothing in it.', schemas: [] },
  { name: 'partial', comment: 'Some of it cannot be reached.', mood: 'PARTIAL', schemas: [sales] },
  {
    name: 'shop',
    schemas: [
      { name: 'hr', comment: 'Not for this account.', tables: null },
      { name: 'public', comment: 'Has no tables.', tables: [] },
      sales,
    ],
  },
  { name: 'slow', comment: 'Takes its time.', mood: 'SLOW', schemas: [sales] },
  { name: 'stuck', comment: 'Never answers.', mood: 'STUCK', schemas: [sales] },
]
