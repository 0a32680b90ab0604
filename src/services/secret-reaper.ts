import { and, eq, lte, notExists, or, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { failpoint } from '../db/failpoint.ts'
import type { SecretVersionRow } from '../db/rows.ts'
import {
  type SecretAddress,
  SecretStoreError,
  type SecretStoreFault,
  type SecretStores,
  storeKinds,
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
  const { secretVersions, connectors } = database.tables
  const only = ({ workspaceId, id, state }: SecretVersionRow) =>
    and(eq(secretVersions.workspaceId, workspaceId), eq(secretVersions.id, id), eq(secretVersions.state, state))

  const finish = async (row: SecretVersionRow, at: Date): Promise<boolean> => {
    const store = stores.of(row.store)
    if (row.state === 'REAPING') {
      await store.fence(addressOf(row))
      failpoint('secrets.afterFence')
      if (store.quarantineMs > 0) {
        await database.write(tx =>
          tx.update(secretVersions).set({ state: 'FENCED', stateAt: at }).where(only(row)).returning(),
        )
        return false
      }
    }
    await store.forget(addressOf(row))
    failpoint('secrets.afterForget')
    const gone = await database.write(tx => tx.delete(secretVersions).where(only(row)).returning())
    return gone.length > 0
  }

  /** Claiming is one way: a row that is REAPING never becomes usable again, whoever crashes. */
  const claim = (at: Date) =>
    database.write(async tx => {
      const user = tx
        .select({ one: sql`1` })
        .from(connectors)
        .where(
          and(
            eq(connectors.workspaceId, secretVersions.workspaceId),
            eq(connectors.secretVersionId, secretVersions.id),
          ),
        )
      const expired = or(
        and(eq(secretVersions.state, 'PENDING'), before(at, pendingMs)),
        and(eq(secretVersions.state, 'RETIRED'), before(at, retiredMs)),
      )
      await tx
        .update(secretVersions)
        .set({ state: 'REAPING', stateAt: at })
        .where(and(expired, notExists(user)))
        .returning({ id: secretVersions.id })
    })

  const before = (at: Date, ms: number) => lte(secretVersions.stateAt, new Date(at.getTime() - ms))

  /** Some of what is in a state; in no order, so that those that cannot be removed keep no others from their turn. */
  const some = (wanted: SQL | undefined) =>
    database.read.select().from(secretVersions).where(wanted).orderBy(sql`random()`).limit(maxReapedAtOnce)

  /** What has been claimed, and what has been fenced for long enough. */
  const due = async (at: Date): Promise<readonly SecretVersionRow[]> => {
    const quarantined = or(
      ...storeKinds.flatMap(kind => {
        const known = stores.all.find(store => store.kind === kind)
        return known ? [and(eq(secretVersions.store, kind), before(at, known.quarantineMs))] : []
      }),
    )
    const claimed = await some(eq(secretVersions.state, 'REAPING'))
    const fenced = await some(and(eq(secretVersions.state, 'FENCED'), quarantined))
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
