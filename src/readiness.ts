import { askDatabase } from './db/ask-database.ts'
import type { Database } from './db/database.ts'
import { createSecretVersionStore, type SecretVersionStore } from './db/secret-version-store.ts'
import type { Logger } from './log.ts'
import { type CheckFailure, RecentCheck } from './recent-check.ts'
import { type SecretStore, SecretStoreError, type SecretStoreFault, type SecretStores } from './secrets/secret-store.ts'

/** What `/ready` says, to whoever asks: no more than what works and the name of a fault. */
export interface ReadinessReport {
  /** Degraded while only secrets cannot be used: lists, edits without secrets and deletions go on. */
  readonly status: 'ready' | 'degraded' | 'unavailable'
  readonly database: 'ok' | 'failed'
  readonly secretStore: 'ok' | 'failed'
  /** Of the secret store. */
  readonly fault?: SecretStoreFault
}

/** Whether this process can serve. Cheap and quick, however often it is asked and whatever hangs. */
export type CheckReadiness = () => Promise<ReadinessReport>

export interface ReadinessOptions {
  readonly database: Database
  readonly stores: SecretStores
  readonly logger: Pick<Logger, 'info' | 'warn'>
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number
}

/** Logs once when the database or a secret store goes away, and once when it is back. */
export function createReadiness(options: ReadinessOptions): CheckReadiness {
  const { database, stores } = options
  const versions = createSecretVersionStore(database)
  const now = options.now ?? (() => performance.now())
  const databaseCheck = new RecentCheck({
    check: () => askDatabase(database),
    onChange: reporter(options, now, 'The database'),
    now,
  })
  const storeChecks = stores.all.map(store => ({
    store,
    check: new RecentCheck({
      check: () => checkIfUsed(versions, stores, store),
      onChange: reporter(options, now, 'The secret store', store),
      now,
    }),
  }))
  return async () => {
    const [databaseFailure, ...storeFailures] = await Promise.all([
      databaseCheck.failure(),
      ...storeChecks.map(({ check }) => check.failure()),
    ])
    const faults = storeFailures.flatMap(failure => faultOf(failure) ?? [])
    const [fault] = faults
    return {
      status: databaseFailure !== null ? 'unavailable' : fault === undefined ? 'ready' : 'degraded',
      database: databaseFailure === null ? 'ok' : 'failed',
      secretStore: fault === undefined ? 'ok' : 'failed',
      ...(fault !== undefined && { fault }),
    }
  }
}

/** A store that new secrets do not go to matters as long as connectors have theirs in it. */
async function checkIfUsed(versions: SecretVersionStore, { primary }: SecretStores, store: SecretStore): Promise<void> {
  try {
    await store.check()
  } catch (error) {
    if (store === primary) throw error
    const mayBeUsed = await versions.isAnyActiveIn(store.kind).catch(() => true)
    if (mayBeUsed) throw error
  }
}

function faultOf(failure: CheckFailure | null | 'UNKNOWN'): SecretStoreFault | null {
  if (failure === null) return null
  if (failure === 'UNKNOWN') return 'TIMED_OUT'
  return failure.error instanceof SecretStoreError ? failure.error.fault : 'FAILED'
}

function reporter({ logger }: ReadinessOptions, now: () => number, subject: string, store?: SecretStore) {
  let since = 0
  return (failure: CheckFailure | null) => {
    const about = store && { store: store.kind }
    if (failure === null) {
      logger.info({ ...about, durationMs: Math.round(now() - since) }, `${subject} is back`)
      return
    }
    since = now()
    const fault = store && faultOf(failure)
    logger.warn({ ...about, ...(fault && { fault }), err: failure.error }, `${subject} does not work`)
  }
}
