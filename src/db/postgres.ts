import { setTimeout as sleep } from 'node:timers/promises'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import type { Database, Reader, Writer } from './database.ts'
import { DatabaseError, driverErrorOf } from './database-error.ts'
import { failpoint } from './failpoint.ts'
import type { MigratableDatabase, Migrator } from './migrate.ts'
import { PostgresListener } from './postgres-listener.ts'
import { orUnavailable } from './postgres-unavailable.ts'
import * as tables from './schema.postgres.ts'
import { WakeUps } from './wake-ups.ts'
import { WriteGuard, withinTransactionTime } from './write-guard.ts'

const maxRetryMs = 15_000
const maxCloseMs = 5000
const maxMigrationWaitMs = 60_000
/** Any number that other programs on the same database are unlikely to lock. */
const migrationLock = 7_205_611_934

/**
 * Opens the PostgreSQL database that `url` names. Throws `DatabaseError` when it cannot be used. Needs connections of
 * its own (a pooler in session mode at most), because LISTEN and advisory locks belong to a connection.
 */
export async function openPostgres(url: string): Promise<MigratableDatabase> {
  const connection: pg.ClientConfig = {
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    query_timeout: 35_000,
    keepAlive: true,
  }
  const pool = new pg.Pool({
    ...connection,
    max: 10,
    idleTimeoutMillis: 30_000,
    application_name: 'patchbay',
    statement_timeout: 30_000,
    lock_timeout: 10_000,
    idle_in_transaction_session_timeout: 60_000,
  })
  // An idle connection broke: the pool has dropped it and opens another when one is needed.
  pool.on('error', () => undefined)
  try {
    await assertUsable(pool)
  } catch (error) {
    await pool.end()
    throw error
  }
  const guard = new WriteGuard()
  const wakeUps = new WakeUps()
  const listener = new PostgresListener(connection, wakeUps)
  await listener.start()

  return {
    dialect: 'postgres',
    // The border between the dialects; `dialectsAgree` proves that the rows are the same.
    tables: tables as unknown as Database['tables'],
    read: drizzle(readingOn(pool)) as unknown as Reader,
    write: work => guard.run(() => withRetries(() => transaction(pool, work))),
    notify: topic => listener.notify(topic, pool),
    listen: onWakeUp => wakeUps.listen(onWakeUp),
    exclusively: work => guard.run(() => migrating(connection, work)),
    close: async () => {
      // node-postgres#2777: `end()` never settles while a connection is being made.
      await Promise.race([Promise.all([listener.close(), pool.end()]), sleep(maxCloseMs, undefined, { ref: false })])
    },
  }
}

async function assertUsable(pool: pg.Pool): Promise<void> {
  const encoding = await encodingOf(pool).catch(cause => {
    const why = cause instanceof Error ? cause.message || driverErrorOf(cause)?.code : String(cause)
    throw new DatabaseError('UNAVAILABLE', `The database of DATABASE_URL cannot be used: ${why}`, { cause })
  })
  if (encoding !== 'UTF8') {
    throw new DatabaseError(
      'UNAVAILABLE',
      `The database of DATABASE_URL has the encoding ${encoding}; Patchbay needs UTF8.`,
    )
  }
}

/** Asynchronous, because the driver throws at once when it cannot read the URL or a file that the URL names. */
async function encodingOf(pool: pg.Pool): Promise<string | undefined> {
  const { rows } = await pool.query<{ encoding: string }>("select current_setting('server_encoding') as encoding")
  return rows[0]?.encoding
}

/**
 * Serializable transactions fail when they could not have run one after another; then they start again, a little later.
 * One that looked for a row, found none and made it may be told of that as a violated unique key, which is why that is
 * tried once more: https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html
 */
async function withRetries<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + maxRetryMs
  let hasViolatedKey = false
  for (let failures = 1; ; failures++) {
    try {
      return await attempt()
    } catch (error) {
      const code = driverErrorOf(error)?.code
      const mayRepeat = code === '40001' || code === '40P01' || (code === '23505' && !hasViolatedKey)
      hasViolatedKey ||= code === '23505'
      if (!mayRepeat || Date.now() > deadline) throw error
      await sleep(Math.random() * Math.min(2 ** failures, 200))
    }
  }
}

async function transaction<T>(pool: pg.Pool, work: (tx: Writer) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch(cause => {
    throw new DatabaseError('UNAVAILABLE', 'The database cannot be reached.', { cause })
  })
  const scope = new TransactionClient(client)
  let broken: Error | undefined
  // Between two statements nobody else hears that the connection broke, and an error that nobody hears ends the process.
  const onBreak = (error: Error) => {
    broken = error
  }
  client.on('error', onBreak)
  try {
    await client.query('begin isolation level serializable')
    const result = await withinTransactionTime(work(drizzle(scope as unknown as pg.PoolClient) as unknown as Writer))
    // PostgreSQL answers COMMIT with ROLLBACK, and no error, when a statement had failed.
    failpoint('database.beforeCommit')
    const { command } = await client.query('commit')
    failpoint('database.afterCommit')
    if (command !== 'COMMIT') {
      throw new DatabaseError('MISUSED', 'A statement of the transaction failed, so it cannot be committed.', {
        cause: scope.failure,
      })
    }
    return result
  } catch (error) {
    if (error instanceof DatabaseError && error.reason === 'OVERLOADED') broken = error
    else await client.query('rollback').catch((cause: Error) => (broken = cause))
    throw orUnavailable(error)
  } finally {
    scope.end()
    client.off('error', onBreak)
    // A connection in an unknown state is closed, not used again.
    client.release(broken)
  }
}

/** The connection of one transaction as drizzle sees it. Refuses statements after the transaction's end. */
class TransactionClient {
  failure: unknown
  readonly #client: pg.PoolClient
  #open = true

  constructor(client: pg.PoolClient) {
    this.#client = client
  }

  async query(config: pg.QueryConfig, params?: unknown[]): Promise<pg.QueryResult> {
    if (!this.#open) throw new DatabaseError('MISUSED', 'A statement was run after the end of its transaction.')
    try {
      return await this.#client.query(config, params)
    } catch (error) {
      this.failure ??= error
      throw orUnavailable(error)
    }
  }

  end(): void {
    this.#open = false
  }
}

/** The pool as drizzle sees it: it asks nothing but `query`. */
function readingOn(pool: pg.Pool): pg.Pool {
  const query = (config: pg.QueryConfig, params?: unknown[]) =>
    pool.query(config, params).catch(error => {
      throw orUnavailable(error)
    })
  return { query } as unknown as pg.Pool
}

/** A connection without time limits on statements, because a migration may take long; ending it releases the lock. */
async function migrating<T>(connection: pg.ClientConfig, work: (migrator: Migrator) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...connection, query_timeout: 0, application_name: 'patchbay migration' })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await lockMigrations(client)
    return await work({
      applied: async () => {
        const journal = await client.query("select 1 where to_regclass('drizzle.__drizzle_migrations') is not null")
        if (journal.rowCount === 0) return []
        const { rows } = await client.query<{ created_at: string }>(
          'select created_at from drizzle.__drizzle_migrations',
        )
        return rows.map(row => Number(row.created_at))
      },
      apply: folder => migrate(drizzle(client), { migrationsFolder: folder }),
    })
  } finally {
    await client.end()
  }
}

async function lockMigrations(client: pg.Client): Promise<void> {
  const deadline = Date.now() + maxMigrationWaitMs
  while (Date.now() < deadline) {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
      migrationLock,
    ])
    if (rows[0]?.locked) return
    await sleep(100)
  }
  throw new DatabaseError(
    'IN_USE',
    'Another process has been migrating the database for a minute; start again when it is done.',
  )
}
