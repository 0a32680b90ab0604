import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'

interface NounRow {
  readonly nameKey: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** The orders in which connectors and datasets are listed alike: the column, and a row's key in it. */
export const nounOrders = (table: { readonly [K in keyof NounRow]: SQLiteColumn }) => ({
  NAME: { column: table.nameKey, keyOf: (row: NounRow) => row.nameKey },
  CREATED_AT: { column: table.createdAt, keyOf: (row: NounRow) => row.createdAt },
  UPDATED_AT: { column: table.updatedAt, keyOf: (row: NounRow) => row.updatedAt },
})

export type NounOrderField = keyof ReturnType<typeof nounOrders>
