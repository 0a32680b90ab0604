import { and, asc, eq, lte, notExists, or, sql } from 'drizzle-orm'
import type { SecretValues } from '../connectors/secret-values.ts'
import type { Database, Writer } from '../db/database.ts'
import type { SecretDigests } from '../db/schema.sqlite.ts'
import type { Digester } from '../secrets/digester.ts'
import { type SecretAddress, type SecretStore, SecretStoreError } from '../secrets/secret-store.ts'
import { newId } from './ids.ts'

/** A set of secret values that has been stored but belongs to no connector yet. */
export interface StagedSecrets {
  readonly versionId: string
  readonly digests: SecretDigests
  readonly setAt: { readonly [secretPath: string]: string }
}

/**
 * The life of secret versions, so that no crash leaves a connector unreadable or a secret orphaned for good:
 * intent row (PENDING) -> value in the store -> activation in the same transaction as the connector's row ->
 * RETIRED on replacement or deletion -> reaped. The store is never asked inside a transaction.
 */
export interface SecretVersions {
  /** Digests of values, as `stage` would record them; for fingerprints of drafts, which store nothing. */
  digests(workspaceId: string, values: SecretValues): Promise<SecretDigests>
  /**
   * Stores a new set. Values equal to `previousVersionId`'s keep their `setAt`. Throws `SecretStoreError`.
   */
  stage(
    workspaceId: string,
    connectorId: string,
    values: SecretValues,
    previousVersionId: string | null,
  ): Promise<StagedSecrets>
  /** Throws when the version is not PENDING any more. */
  activate(tx: Writer, workspaceId: string, versionId: string): Promise<void>
  retire(tx: Writer, workspaceId: string, versionId: string): Promise<void>
  /** After a transaction that should have activated `versionId` was refused: removes it, best effort, never throws. */
  discard(workspaceId: string, versionId: string): Promise<void>
  /** Throws `SecretStoreError`. */
  read(workspaceId: string, connectorId: string, versionId: string): Promise<SecretValues>
  /**
   * Removes what is PENDING for 15 minutes or RETIRED for 24 hours. Resumable; returns how many are gone for good.
   * Throws the first `SecretStoreError` after it has tried all of them.
   */
  reap(now: Date): Promise<number>
}

export interface SecretVersionsOptions {
  readonly database: Database
  readonly store: SecretStore
  readonly digester: Digester
  readonly now?: () => Date
}

/** Longer than any request that stages secrets can last. */
const pendingMs = 15 * 60_000
/** So that a database restored from a backup of yesterday still finds its secrets. */
const retiredMs = 24 * 3_600_000
const maxReapedAtOnce = 1000

export function createSecretVersions({
  database,
  store,
  digester,
  now = () => new Date(),
}: SecretVersionsOptions): SecretVersions {
  const { secretVersions, connectors } = database.tables
  const only = (workspaceId: string, versionId: string) =>
    and(eq(secretVersions.workspaceId, workspaceId), eq(secretVersions.id, versionId))

  const digestsOf = async (workspaceId: string, values: SecretValues): Promise<SecretDigests> => {
    const entries = Object.entries(values).map(
      async ([path, value]) => [path, await digester.digest(workspaceId, 'secret value', { path, value })] as const,
    )
    return Object.fromEntries(await Promise.all(entries))
  }

  /** The second half of every removal; may be repeated after a crash anywhere in it. Tells whether this call removed the row. */
  const finishReaping = async (address: SecretAddress): Promise<boolean> => {
    await store.destroy(address)
    const { workspaceId, versionId } = address
    const gone = await database.write(tx =>
      tx
        .delete(secretVersions)
        .where(and(only(workspaceId, versionId), eq(secretVersions.state, 'REAPING')))
        .returning(),
    )
    return gone.length > 0
  }

  const discard = async (workspaceId: string, versionId: string): Promise<void> => {
    try {
      // Nothing is claimed, and so nothing removed, if the transaction was committed after all.
      const [claimed] = await database.write(tx =>
        tx
          .update(secretVersions)
          .set({ state: 'REAPING', stateAt: now() })
          .where(and(only(workspaceId, versionId), eq(secretVersions.state, 'PENDING')))
          .returning(),
      )
      if (claimed) await finishReaping({ workspaceId, connectorId: claimed.connectorId, versionId })
    } catch {
      // `reap` will find the row and remove it.
    }
  }

  return {
    digests: digestsOf,

    stage: async (workspaceId, connectorId, values, previousVersionId) => {
      const digests = await digestsOf(workspaceId, values)
      const createdAt = now()
      const [previous] =
        previousVersionId === null
          ? []
          : await database.read.select().from(secretVersions).where(only(workspaceId, previousVersionId))
      const setAt = Object.fromEntries(
        Object.entries(digests).map(([path, digest]) => {
          const unchanged = previous?.digests[path] === digest ? previous.setAt[path] : undefined
          return [path, unchanged ?? createdAt.toISOString()]
        }),
      )
      const versionId = newId(createdAt.getTime())
      const row = {
        workspaceId,
        id: versionId,
        connectorId,
        store: store.kind,
        digests,
        setAt,
        createdAt,
        stateAt: createdAt,
      }
      await database.write(tx =>
        tx
          .insert(secretVersions)
          .values({ ...row, state: 'PENDING' })
          .returning(),
      )
      try {
        await store.put({ workspaceId, connectorId, versionId }, values)
      } catch (error) {
        await discard(workspaceId, versionId)
        throw error
      }
      return { versionId, digests, setAt }
    },

    activate: async (tx, workspaceId, versionId) => {
      const activated = await tx
        .update(secretVersions)
        .set({ state: 'ACTIVE', stateAt: now() })
        .where(and(only(workspaceId, versionId), eq(secretVersions.state, 'PENDING')))
        .returning({ id: secretVersions.id })
      if (activated.length === 0) {
        throw new SecretStoreError(
          'UNAVAILABLE',
          'Saving took so long that the new secrets have been removed again. Try once more.',
        )
      }
    },

    retire: async (tx, workspaceId, versionId) => {
      await tx
        .update(secretVersions)
        .set({ state: 'RETIRED', stateAt: now() })
        .where(and(only(workspaceId, versionId), eq(secretVersions.state, 'ACTIVE')))
        .returning({ id: secretVersions.id })
    },

    discard,

    read: (workspaceId, connectorId, versionId) => store.get({ workspaceId, connectorId, versionId }),

    reap: async at => {
      const before = (ms: number) => lte(secretVersions.stateAt, new Date(at.getTime() - ms))
      // Claiming is one way: a row that is REAPING never becomes usable again, whoever crashes.
      await database.write(async tx => {
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
          and(eq(secretVersions.state, 'PENDING'), before(pendingMs)),
          and(eq(secretVersions.state, 'RETIRED'), before(retiredMs)),
        )
        await tx
          .update(secretVersions)
          .set({ state: 'REAPING', stateAt: at })
          .where(and(expired, notExists(user)))
          .returning({ id: secretVersions.id })
      })
      const claimed = await database.read
        .select()
        .from(secretVersions)
        .where(eq(secretVersions.state, 'REAPING'))
        .orderBy(asc(secretVersions.stateAt))
        .limit(maxReapedAtOnce)
      let gone = 0
      let failure: unknown
      for (const { workspaceId, connectorId, id: versionId } of claimed) {
        try {
          if (await finishReaping({ workspaceId, connectorId, versionId })) gone++
        } catch (error) {
          failure ??= error
          // Goes to the end of the queue, so that it cannot keep the others from their turn.
          await database.write(tx =>
            tx.update(secretVersions).set({ stateAt: at }).where(only(workspaceId, versionId)).returning(),
          )
        }
      }
      if (failure !== undefined) throw failure
      return gone
    },
  }
}
