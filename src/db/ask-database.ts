import type { Database } from './database.ts'

/** Rejects unless the database answers. Asks for a row that every database has that was ever used. */
export async function askDatabase({ read, tables: { masterKeys } }: Database): Promise<void> {
  await read.select({ id: masterKeys.id }).from(masterKeys).limit(1)
}
