import { notInArray } from 'drizzle-orm'
import type { Database } from './database.ts'
import { DatabaseError } from './database-error.ts'

/**
 * Refuses a database that holds connectors or datasets of types that this program does not have, as after going back to
 * an older version: nobody could be shown them, nor any list that they are in. Throws `DatabaseError`.
 */
export async function assertTypesKnown({ read, tables }: Database, typeNames: readonly string[]): Promise<void> {
  const unknown = new Set<string>()
  for (const table of [tables.connectors, tables.datasets]) {
    const rows = await read
      .selectDistinct({ typeName: table.typeName })
      .from(table)
      .where(notInArray(table.typeName, [...typeNames]))
    for (const { typeName } of rows) unknown.add(typeName)
  }
  if (unknown.size === 0) return
  throw new DatabaseError(
    'NEWER',
    `The database holds connectors or datasets of types that this version of Patchbay does not offer: ${[...unknown].sort().join(', ')}. Start the version that they were made with.`,
  )
}
