import { join } from 'node:path'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import type { Database } from './database.ts'
import { DatabaseError } from './database-error.ts'

export interface Migrator {
  /** The times by which drizzle's journal tells migrations apart, of those applied to the database. */
  applied(): Promise<readonly number[]>
  /** Applies what is new in `folder`, in one transaction. */
  apply(folder: string): Promise<void>
}

export interface MigratableDatabase extends Database {
  /** Runs `work` while no other process migrates this database. */
  exclusively<T>(work: (migrator: Migrator) => Promise<T>): Promise<T>
}

/**
 * Brings the database to the newest migration in `folder`, which holds a folder for each dialect. Throws `DatabaseError`
 * when the database has migrations that this version of the program does not know.
 */
export async function migrate(database: MigratableDatabase, folder: string): Promise<void> {
  const migrationsFolder = join(folder, database.dialect)
  const known = readMigrationFiles({ migrationsFolder }).map(migration => migration.folderMillis)
  await database.exclusively(async migrator => {
    const applied = await migrator.applied().catch(cause => {
      throw new DatabaseError('UNAVAILABLE', `The database cannot be read: ${reasonOf(cause)}`, { cause })
    })
    if (applied.some(time => !known.includes(time))) {
      throw new DatabaseError(
        'NEWER',
        'The database was used by a newer version of Patchbay; start that version, or restore a backup from before the upgrade.',
      )
    }
    if (applied.length === known.length) return
    try {
      await migrator.apply(migrationsFolder)
    } catch (cause) {
      throw new DatabaseError('MIGRATION_FAILED', `The database could not be migrated: ${reasonOf(cause)}`, { cause })
    }
  })
}

/** The words of the driver, not drizzle's, which repeat the statement. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return (error.cause instanceof Error ? error.cause : error).message
}
