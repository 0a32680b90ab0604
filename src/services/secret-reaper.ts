import type { Database } from '../db/database.ts'
import { failpoint } from '../db/failpoint.ts'
import type { SecretVersionRow } from '../db/rows.ts'
import { scopeOfRow } from '../db/scope-of-row.ts'
import { createSecretVersionStore } from '../db/secret-version-store.ts'
import {
  type SecretAddress,
  SecretStoreError,
  type SecretStoreFault,
  type SecretStores,
} from '../secrets/secret-store.ts'

/** Longer than any request that stages secrets can last. */
export const pendingMs = 15 * 60_000
/** So that a database restored from a backup of yesterday still finds its secrets. */
export const retiredMs = 24 * 3_600_000
const maxReapedAtOnce = 1000

/** What the next version of the same workspace would meet as well. */
const outages: ReadonlySet<SecretStoreFault> = new Set([
  'SEALED',
  'NOT_ACTIVE',
  'UNREACHABLE',
  'TIMED_OUT',
  'OVERLOADED',
  'SIGN_IN_REFUSED',
])

/** The end of secret versions: see `SecretVersions`. */
export interface SecretReaper {
  /**
   * From REAPING to FENCED, and on to gone when its quarantine is over; may be repeated after a crash anywhere in it.
   * Tells whether this call removed the row. Throws `SecretStoreError`.
   */
  finish(row: SecretVersionRow, at: Date): Promise<boolean>
  /** `SecretVersions.reap`. */
  reap(at: Date): Promise<number>
}

export const addressOf = ({ workspaceId, connectorId, id: versionId }: SecretVersionRow): SecretAddress => ({
  workspaceId,
  connectorId,
  versionId,
})

export function createSecretReaper({
  database,
  stores,
}: {
  readonly database: Database
  readonly stores: SecretStores
}): SecretReaper {
  const versions = createSecretVersionStore(database)

  const finish = async (row: SecretVersionRow, at: Date): Promise<boolean> => {
    const store = stores.of(row.store)
    const version = { workspace: scopeOfRow(row), id: row.id }
    if (row.state === 'REAPING') {
      await store.fence(addressOf(row))
      failpoint('secrets.afterFence')
      if (store.quarantineMs > 0) {
        await database.write(tx => versions.advance(tx, version, ['REAPING', 'FENCED'], at))
        return false
      }
    }
    await store.forget(addressOf(row))
    failpoint('secrets.afterForget')
    return database.write(tx => versions.remove(tx, version, row.state))
  }

  const before = (at: Date, ms: number) => new Date(at.getTime() - ms)

  /** Claiming is one way: a row that is REAPING never becomes usable again, whoever crashes. */
  const claim = (at: Date) => {
    const expired = { pendingSince: before(at, pendingMs), retiredSince: before(at, retiredMs) }
    return database.write(tx => versions.claimExpired(tx, expired, at))
  }

  /** What has been claimed, and what has been fenced for long enough. */
  const due = async (at: Date): Promise<readonly SecretVersionRow[]> => {
    const quarantines = stores.all.map(({ kind, quarantineMs }) => ({
      store: kind,
      fencedBefore: before(at, quarantineMs),
    }))
    const claimed = await versions.someReaping(maxReapedAtOnce)
    const fenced = await versions.someFenced(quarantines, maxReapedAtOnce)
    return [...claimed, ...fenced]
  }

  const reap = async (at: Date): Promise<number> => {
    await claim(at)
    const away = new Set<string>()
    let gone = 0
    let failure: unknown
    for (const row of await due(at)) {
      // Each of its versions could take as long as a store may to say that it is not there.
      const place = `${row.store} ${row.workspaceId}`
      if (away.has(place)) continue
      try {
        if (await finish(row, at)) gone++
      } catch (error) {
        failure ??= error
        if (error instanceof SecretStoreError && outages.has(error.fault)) away.add(place)
      }
    }
    if (failure !== undefined) throw failure
    return gone
  }

  return { finish, reap }
}
