import Sqlite from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import type { Reader, Writer } from './database.ts'
import { DatabaseError } from './database-error.ts'
import { failpoint } from './failpoint.ts'
import type { MigratableDatabase, Migrator } from './migrate.ts'
import * as tables from './schema.sqlite.ts'
import { StatementCache, type StatementSource, TransactionStatements } from './sqlite-statements.ts'
import { WakeUps } from './wake-ups.ts'
import { WriteGuard, withinTransactionTime } from './write-guard.ts'

const maxWaitingWrites = 10_000

/**
 * Opens the SQLite database in `file`, which is made when it does not exist. One writing connection, on which
 * transactions take turns, and one read-only connection that sees what is committed.
 */
export function openSqlite(file: string): MigratableDatabase {
  const writer = connectWriter(file)
  const reader = new Sqlite(file, { readonly: true, timeout: 5000 })
  const statements = new StatementCache(writer)
  const guard = new WriteGuard()
  const wakeUps = new WakeUps()
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()

  const inTurn = async <T>(job: () => Promise<T>): Promise<T> => {
    if (waiting >= maxWaitingWrites) throw new DatabaseError('OVERLOADED', 'Too many writes wait for the database.')
    waiting++
    const turn = last.then(job).finally(() => void waiting--)
    last = turn.catch(() => undefined)
    return turn
  }

  const transaction = async <T>(work: (tx: Writer) => Promise<T>): Promise<T> => {
    statements.prepare('BEGIN IMMEDIATE').run()
    const scope = new TransactionStatements(statements)
    try {
      const result = await withinTransactionTime(work(queriesOn(scope)))
      scope.assertCommittable()
      failpoint('database.beforeCommit')
      statements.prepare('COMMIT').run()
      failpoint('database.afterCommit')
      return result
    } catch (error) {
      // SQLite has already rolled back by itself after some errors, such as a full disk.
      if (writer.inTransaction) statements.prepare('ROLLBACK').run()
      throw error
    } finally {
      scope.end()
    }
  }

  return {
    dialect: 'sqlite',
    tables,
    read: queriesOn(new StatementCache(reader)),
    write: work => guard.run(() => inTurn(() => transaction(work))),
    notify: async topic => wakeUps.deliver(topic),
    listen: listener => wakeUps.listen(listener),
    // The instance lock, or the lack of other processes, already makes this exclusive.
    exclusively: work => guard.run(() => inTurn(() => work(migratorOn(writer)))),
    close: async () => {
      await last
      reader.close()
      writer.close()
    },
  }
}

function connectWriter(file: string): Sqlite.Database {
  const writer = new Sqlite(file, { timeout: 5000 })
  try {
    writer.pragma('journal_mode = WAL')
    // A commit that was acknowledged survives a power cut, not only a crash of the process.
    writer.pragma('synchronous = FULL')
    writer.pragma('foreign_keys = ON')
    // Deleted ciphertexts are overwritten instead of staying in free pages.
    writer.pragma('secure_delete = ON')
    return writer
  } catch (error) {
    writer.close()
    throw error
  }
}

/** The border to drizzle: its queries can be awaited although better-sqlite3 answers at once, and of a connection it only prepares statements. */
function queriesOn(source: StatementSource): Writer & Reader {
  return drizzle(source as Sqlite.Database) as unknown as Writer & Reader
}

function migratorOn(writer: Sqlite.Database): Migrator {
  const journal = "select 1 from sqlite_master where type = 'table' and name = '__drizzle_migrations'"
  return {
    applied: async () => {
      if (writer.prepare(journal).get() === undefined) return []
      const rows = writer.prepare<[], { created_at: number }>('select created_at from __drizzle_migrations').all()
      return rows.map(row => Number(row.created_at))
    },
    apply: async folder => {
      // SQLite changes a table by copying it; foreign keys cannot be switched off inside drizzle's transaction.
      writer.pragma('foreign_keys = OFF')
      try {
        migrate(drizzle(writer), { migrationsFolder: folder })
        const violations = writer.pragma('foreign_key_check')
        if (Array.isArray(violations) && violations.length > 0) {
          throw new Error(`The migrated database violates ${violations.length} foreign keys.`)
        }
      } finally {
        writer.pragma('foreign_keys = ON')
      }
    },
  }
}
