import { access, chmod, mkdir, open } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Database } from './database.ts'
import { DatabaseError, driverErrorOf } from './database-error.ts'
import { assertMigrated, type MigratableDatabase, migrate } from './migrate.ts'

export interface OpenDatabaseOptions {
  /** `file:<path>`, `postgres://` or `postgresql://`; null for the file `patchbay.db` in the data directory. */
  readonly url: string | null
  readonly dataDirectory: string
  /** The folder that holds the migrations of each dialect. */
  readonly migrationsDirectory: string
  /** How long to wait for another process to let go of the SQLite file; default 5 s. */
  readonly maxWaitMs?: number
}

/** Opens the database and brings it up to date. Throws `DatabaseError` with a sentence for the operator. */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  const url = urlOf(options)
  const file = databaseFileOf(url)
  const database = await (file === null ? openServer(url) : openFile(file, options.maxWaitMs ?? 5000))
  return usable(database, () => migrate(database, options.migrationsDirectory))
}

/**
 * Opens a database that a server may be using, which is neither made nor migrated. Transactions of several processes on
 * one SQLite file wait for each other, and a server stands still while it waits: they must be short and leave gaps.
 * Throws `DatabaseError` with a sentence for the operator.
 */
export async function openDatabaseBeside(options: Omit<OpenDatabaseOptions, 'maxWaitMs'>): Promise<Database> {
  const url = urlOf(options)
  const file = databaseFileOf(url)
  const database = await (file === null ? openServer(url) : openExistingFile(file))
  return usable(database, () => assertMigrated(database, options.migrationsDirectory))
}

function urlOf({ url, dataDirectory }: Pick<OpenDatabaseOptions, 'url' | 'dataDirectory'>): string {
  return url ?? `file:${join(dataDirectory, 'patchbay.db')}`
}

async function usable(database: MigratableDatabase, prepare: () => Promise<void>): Promise<Database> {
  try {
    await prepare()
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}

// Both storage clients are loaded only when they are needed: it is half of the time to the first answer.

async function openServer(url: string): Promise<MigratableDatabase> {
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new DatabaseError('UNAVAILABLE', 'DATABASE_URL must begin with file:, postgres:// or postgresql://.')
  }
  const { openPostgres } = await import('./postgres.ts')
  return openPostgres(url)
}

/** The file that a `file:` URL names; null for every other URL. */
export function databaseFileOf(url: string): string | null {
  if (!url.startsWith('file:')) return null
  return url.startsWith('file://') ? fileURLToPath(url) : resolve(url.slice('file:'.length))
}

async function openExistingFile(file: string): Promise<MigratableDatabase> {
  const { openSqlite } = await import('./sqlite.ts')
  try {
    await access(file)
    return openSqlite(file)
  } catch (cause) {
    throw cannotBeOpened(file, cause)
  }
}

async function openFile(file: string, maxWaitMs: number): Promise<MigratableDatabase> {
  const [{ lockInstance }, { openSqlite }] = await Promise.all([import('./instance-lock.ts'), import('./sqlite.ts')])
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await makePrivate(`${file}.lock`)
    const unlock = await lockInstance(file, maxWaitMs)
    try {
      await makePrivate(file)
      const database = openSqlite(file)
      return { ...database, close: () => database.close().finally(unlock) }
    } catch (error) {
      unlock()
      throw error
    }
  } catch (cause) {
    throw cannotBeOpened(file, cause)
  }
}

function cannotBeOpened(file: string, cause: unknown): DatabaseError {
  if (cause instanceof DatabaseError) return cause
  const why = cause instanceof Error ? cause.message : String(cause)
  return new DatabaseError('UNAVAILABLE', `The database ${file} cannot be opened: ${why}`, { cause })
}

/**
 * Makes the file if it does not exist; SQLite gives the files that it makes beside it the same permissions. An existing
 * one is not opened, because closing it again would release the locks that this process has on it.
 */
async function makePrivate(file: string): Promise<void> {
  try {
    const handle = await open(file, 'ax', 0o600)
    await handle.close()
  } catch (error) {
    if (driverErrorOf(error)?.code !== 'EEXIST') throw error
  }
  await chmod(file, 0o600)
}
