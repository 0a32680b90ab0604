import { isDeepStrictEqual } from 'node:util'
import { and, eq } from 'drizzle-orm'
import type { SecretValues } from '../connectors/secret-values.ts'
import type { Database, Writer } from '../db/database.ts'
import { failpoint } from '../db/failpoint.ts'
import type { ConnectorRow, SecretVersionRow } from '../db/rows.ts'
import type { SecretDigests } from '../db/schema.sqlite.ts'
import type { Digester } from '../secrets/digester.ts'
import { type SecretAddress, SecretStoreError, type SecretStores, type StoreKind } from '../secrets/secret-store.ts'
import { newId } from './ids.ts'
import { addressOf, createSecretReaper } from './secret-reaper.ts'

/** A set of secret values that has been stored but belongs to no connector yet. */
export interface StagedSecrets {
  readonly versionId: string
  readonly digests: SecretDigests
  readonly setAt: { readonly [secretPath: string]: string }
}

/**
 * The life of secret versions, so that no crash leaves a connector unreadable or a secret orphaned for good:
 * intent row (PENDING) -> value in the store -> activation in the same transaction as the connector's row ->
 * RETIRED on replacement or deletion -> REAPING -> FENCED -> gone. The way is never gone back, and the store is never
 * asked inside a transaction. Every row says which store its values lie in.
 */
export interface SecretVersions {
  /** Digests of values, as `stage` would record them; for fingerprints of drafts, which store nothing. */
  digests(workspaceId: string, values: SecretValues): Promise<SecretDigests>
  /**
   * Stores a new set in the primary store. Values equal to `previousVersionId`'s keep their `setAt`. Throws
   * `SecretStoreError`.
   */
  stage(
    workspaceId: string,
    connectorId: string,
    values: SecretValues,
    previousVersionId: string | null,
  ): Promise<StagedSecrets>
  /**
   * Stores the values of `source` once more, in the store `kind`, for the same connector. To clients it stays the same
   * version. Answers the id of the copy, to be activated or discarded. Throws `SecretStoreError`.
   */
  stageCopy(source: SecretVersionRow, kind: StoreKind): Promise<string>
  /** Throws when the version is not PENDING any more. */
  activate(tx: Writer, workspaceId: string, versionId: string): Promise<void>
  retire(tx: Writer, workspaceId: string, versionId: string): Promise<void>
  /** After a transaction that should have activated `versionId` was refused: removes it, best effort, never throws. */
  discard(workspaceId: string, versionId: string): Promise<void>
  /** Throws `SecretStoreError`. */
  read(workspaceId: string, connectorId: string, versionId: string): Promise<SecretValues>
  /**
   * The values of a connector as it was read. If they have moved since, reads them from where they are now; if the
   * connector has changed, its secrets are not those of the configuration any more and are not read. Throws
   * `SecretStoreError`.
   */
  readOf(row: ConnectorRow): Promise<SecretValues>
  /**
   * Removes what is PENDING for 15 minutes or RETIRED for 24 hours: fences it in its store, and forgets it once no
   * late answer can be on its way any more. Resumable; returns how many are gone for good. Throws the first
   * `SecretStoreError` after it has tried all of them, but those of a workspace whose store does not answer.
   */
  reap(now: Date): Promise<number>
}

/** Told of every read of stored values: which, never what. */
export type SecretReadListener = (read: SecretAddress & { readonly store: StoreKind; readonly ok: boolean }) => void

export interface SecretVersionsOptions {
  readonly database: Database
  readonly stores: SecretStores
  readonly digester: Digester
  readonly onRead?: SecretReadListener
  readonly now?: () => Date
}

/** Where values lie, and what they must be. */
type StoredSet = Pick<SecretVersionRow, 'store' | 'digests'>

export function createSecretVersions({
  database,
  stores,
  digester,
  onRead = () => {},
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

  const reaper = createSecretReaper({ database, stores })

  /** Nothing is claimed, and so nothing removed, if the transaction that activates it was committed after all. */
  const claimPending = async (workspaceId: string, versionId: string): Promise<SecretVersionRow | undefined> => {
    failpoint('secrets.beforeDiscard')
    const [claimed] = await database.write(tx =>
      tx
        .update(secretVersions)
        .set({ state: 'REAPING', stateAt: now() })
        .where(and(only(workspaceId, versionId), eq(secretVersions.state, 'PENDING')))
        .returning(),
    )
    return claimed
  }

  const discard = async (workspaceId: string, versionId: string): Promise<void> => {
    try {
      const claimed = await claimPending(workspaceId, versionId)
      if (claimed) await reaper.finish(claimed, now())
    } catch {
      // `reap` will find the row and remove it.
    }
  }

  /** Intent first, then the value. */
  const put = async (row: SecretVersionRow, values: SecretValues): Promise<void> => {
    await database.write(tx => tx.insert(secretVersions).values(row).returning())
    failpoint('secrets.afterIntent')
    try {
      await stores.of(row.store).put(addressOf(row), values)
    } catch (error) {
      const isAway = error instanceof SecretStoreError && error.reason === 'UNAVAILABLE'
      // A store that is away would only keep whoever waits for longer: then the fence is left to `reap`.
      if (isAway) await claimPending(row.workspaceId, row.id).catch(() => undefined)
      else await discard(row.workspaceId, row.id)
      throw error
    }
    failpoint('secrets.afterPut')
  }

  const readLogged = async (address: SecretAddress, { store, digests }: StoredSet): Promise<SecretValues> => {
    let ok = false
    try {
      const values = await stores.of(store).get(address)
      // Sealed values are bound to their version. Elsewhere others may put other values, or another connector's, in their place.
      if (store !== 'SEALED' && !isDeepStrictEqual(await digestsOf(address.workspaceId, values), digests)) {
        throw new SecretStoreError(store, 'DAMAGED')
      }
      ok = true
      return values
    } finally {
      onRead({ ...address, store, ok })
    }
  }

  const read = async (workspaceId: string, connectorId: string, versionId: string): Promise<SecretValues> => {
    const [row] = await database.read
      .select({ store: secretVersions.store, digests: secretVersions.digests })
      .from(secretVersions)
      .where(only(workspaceId, versionId))
    if (!row) throw new SecretStoreError(stores.primary.kind, 'MISSING')
    return readLogged({ workspaceId, connectorId, versionId }, row)
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
      const store = stores.primary.kind
      const times = { createdAt, stateAt: createdAt }
      await put(
        { workspaceId, id: versionId, connectorId, store, state: 'PENDING', copyOf: null, digests, setAt, ...times },
        values,
      )
      return { versionId, digests, setAt }
    },

    stageCopy: async (source, kind) => {
      const values = await readLogged(addressOf(source), source)
      const stateAt = now()
      const id = newId(stateAt.getTime())
      await put({ ...source, id, store: kind, state: 'PENDING', copyOf: source.copyOf ?? source.id, stateAt }, values)
      return id
    },

    activate: async (tx, workspaceId, versionId) => {
      const activated = await tx
        .update(secretVersions)
        .set({ state: 'ACTIVE', stateAt: now() })
        .where(and(only(workspaceId, versionId), eq(secretVersions.state, 'PENDING')))
        .returning({ id: secretVersions.id })
      if (activated.length === 0) {
        throw new SecretStoreError(stores.primary.kind, 'WITHDRAWN')
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

    read,

    readOf: async ({ workspaceId, id, version, secretVersionId }) => {
      if (secretVersionId === null) return {}
      try {
        return await read(workspaceId, id, secretVersionId)
      } catch (error) {
        if (!(error instanceof SecretStoreError) || error.reason !== 'UNREADABLE') throw error
        const [now] = await database.read
          .select({ version: connectors.version, secretVersionId: connectors.secretVersionId })
          .from(connectors)
          .where(and(eq(connectors.workspaceId, workspaceId), eq(connectors.id, id)))
        const moved = now?.version === version && now.secretVersionId !== secretVersionId
        if (!moved || now.secretVersionId === null) throw error
        return read(workspaceId, id, now.secretVersionId)
      }
    },

    reap: at => reaper.reap(at),
  }
}
