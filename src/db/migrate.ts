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
  await database.exclusively(async migrator => {
    const { migrationsFolder, isCurrent } = await compare(database, migrator, folder)
    if (isCurrent) return
    try {
      await migrator.apply(migrationsFolder)
    } catch (cause) {
      throw new DatabaseError('MIGRATION_FAILED', `The database could not be migrated: ${reasonOf(cause)}`, { cause })
    }
  })
}

/** Throws `DatabaseError` unless the database is at the newest migration in `folder`. */
export async function assertMigrated(database: MigratableDatabase, folder: string): Promise<void> {
  const { isCurrent } = await database.exclusively(migrator => compare(database, migrator, folder))
  if (!isCurrent) {
    throw new DatabaseError(
      'OUTDATED',
      'The database has not been brought up to date for this version of Patchbay, which starting the server does. Start it, then repeat this.',
    )
  }
}

async function compare({ dialect }: MigratableDatabase, migrator: Migrator, folder: string) {
  const migrationsFolder = join(folder, dialect)
  const known = readMigrationFiles({ migrationsFolder }).map(migration => migration.folderMillis)
  const applied = await migrator.applied().catch(cause => {
    throw new DatabaseError('UNAVAILABLE', `The database cannot be read: ${reasonOf(cause)}`, { cause })
  })
  if (applied.some(time => !known.includes(time))) {
    throw new DatabaseError(
      'NEWER',
      'The database was used by a newer version of Patchbay; start that version, or restore a backup from before the upgrade.',
    )
  }
  return { migrationsFolder, isCurrent: applied.length === known.length }
}

/** The words of the driver, not drizzle's, which repeat the statement. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return (error.cause instanceof Error ? error.cause : error).message
}
