import { isDeepStrictEqual } from 'node:util'
import type { SecretValues } from '../connectors/secret-values.ts'
import type { Database, Writer } from '../db/database.ts'
import { failpoint } from '../db/failpoint.ts'
import type { ConnectorRow, SecretVersionRow } from '../db/rows.ts'
import { scopeOfRow } from '../db/scope-of-row.ts'
import type { SecretDigests } from '../db/secret-digests.ts'
import { createSecretVersionStore, type NewSecretVersion } from '../db/secret-version-store.ts'
import type { WorkspaceScope } from '../db/workspace-scope.ts'
import type { Digester } from '../secrets/digester.ts'
import { type SecretAddress, SecretStoreError, type SecretStores, type StoreKind } from '../secrets/secret-store.ts'
import { newId } from './ids.ts'
import type { NamedConnector, SecretReading } from './secret-reading.ts'
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
  digests(workspace: WorkspaceScope, values: SecretValues): Promise<SecretDigests>
  /**
   * Stores a new set in the primary store. Values equal to `previousVersionId`'s keep their `setAt`. Throws
   * `SecretStoreError`.
   */
  stage(
    workspace: WorkspaceScope,
    connectorId: string,
    values: SecretValues,
    previousVersionId: string | null,
  ): Promise<StagedSecrets>
  /**
   * Stores the values of `source` once more, in the store `kind`, for the same connector. To clients it stays the same
   * version. Answers the id of the copy, to be activated or discarded. Throws `SecretStoreError`.
   */
  stageCopy(source: SecretVersionRow, kind: StoreKind, reading: SecretReading): Promise<string>
  /** Throws when the version is not PENDING any more. */
  activate(tx: Writer, workspace: WorkspaceScope, versionId: string): Promise<void>
  retire(tx: Writer, workspace: WorkspaceScope, versionId: string): Promise<void>
  /** After a transaction that should have activated `versionId` was refused: removes it, best effort, never throws. */
  discard(workspace: WorkspaceScope, versionId: string): Promise<void>
  /** `reading` is told before. Throws `SecretStoreError`. */
  read(workspace: WorkspaceScope, connectorId: string, versionId: string, reading: SecretReading): Promise<SecretValues>
  /**
   * The values of a connector as it was read. If they have moved since, reads them from where they are now; if the
   * connector has changed, its secrets are not those of the configuration any more and are not read. Throws
   * `SecretStoreError`.
   */
  readOf(workspace: WorkspaceScope, row: ConnectorRow, reading: SecretReading): Promise<SecretValues>
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

/** Whose values are read, and who is told before. */
interface ToldRead {
  readonly connector: NamedConnector
  readonly reading: SecretReading
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
  const versions = createSecretVersionStore(database)

  const digestsOf = async (workspace: WorkspaceScope, values: SecretValues): Promise<SecretDigests> => {
    const entries = Object.entries(values).map(
      async ([path, value]) => [path, await digester.digest(workspace.id, 'secret value', { path, value })] as const,
    )
    return Object.fromEntries(await Promise.all(entries))
  }

  const reaper = createSecretReaper({ database, stores })

  /** Nothing is claimed, and so nothing removed, if the transaction that activates it was committed after all. */
  const claimPending = (workspace: WorkspaceScope, id: string): Promise<SecretVersionRow | null> => {
    failpoint('secrets.beforeDiscard')
    return database.write(tx => versions.advance(tx, { workspace, id }, ['PENDING', 'REAPING'], now()))
  }

  const discard = async (workspace: WorkspaceScope, versionId: string): Promise<void> => {
    try {
      const claimed = await claimPending(workspace, versionId)
      if (claimed) await reaper.finish(claimed, now())
    } catch {
      // `reap` will find the row and remove it.
    }
  }

  /** Intent first, then the value. */
  const put = async (workspace: WorkspaceScope, version: NewSecretVersion, values: SecretValues): Promise<void> => {
    await database.write(tx => versions.insert(tx, workspace, version))
    failpoint('secrets.afterIntent')
    try {
      await stores.of(version.store).put(addressOf({ ...version, workspaceId: workspace.id }), values)
    } catch (error) {
      const isAway = error instanceof SecretStoreError && error.reason === 'UNAVAILABLE'
      // A store that is away would only keep whoever waits for longer: then the fence is left to `reap`.
      if (isAway) await claimPending(workspace, version.id).catch(() => undefined)
      else await discard(workspace, version.id)
      throw error
    }
    failpoint('secrets.afterPut')
  }

  const readLogged = async (
    workspace: WorkspaceScope,
    address: SecretAddress,
    { store, digests }: StoredSet,
    { connector, reading }: ToldRead,
  ): Promise<SecretValues> => {
    await reading.before(connector)
    let ok = false
    try {
      const values = await stores.of(store).get(address)
      // Sealed values are bound to their version. Elsewhere others may put other values, or another connector's, in their place.
      if (store !== 'SEALED' && !isDeepStrictEqual(await digestsOf(workspace, values), digests)) {
        throw new SecretStoreError(store, 'DAMAGED')
      }
      ok = true
      return values
    } finally {
      onRead({ ...address, store, ok })
    }
  }

  const read = async (workspace: WorkspaceScope, versionId: string, told: ToldRead): Promise<SecretValues> => {
    const row = await versions.find({ workspace, id: versionId })
    if (!row) throw new SecretStoreError(stores.primary.kind, 'MISSING')
    const connectorId = told.connector.id
    return readLogged(workspace, { workspaceId: workspace.id, connectorId, versionId }, row, told)
  }

  return {
    digests: digestsOf,

    stage: async (workspace, connectorId, values, previousVersionId) => {
      const digests = await digestsOf(workspace, values)
      const createdAt = now()
      const previous = previousVersionId === null ? null : await versions.find({ workspace, id: previousVersionId })
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
        workspace,
        { id: versionId, connectorId, store, state: 'PENDING', copyOf: null, digests, setAt, ...times },
        values,
      )
      return { versionId, digests, setAt }
    },

    stageCopy: async (source, kind, reading) => {
      const workspace = scopeOfRow(source)
      const values = await readLogged(workspace, addressOf(source), source, {
        connector: { id: source.connectorId },
        reading,
      })
      const stateAt = now()
      const id = newId(stateAt.getTime())
      const copyOf = source.copyOf ?? source.id
      await put(workspace, { ...source, id, store: kind, state: 'PENDING', copyOf, stateAt }, values)
      return id
    },

    activate: async (tx, workspace, id) => {
      const activated = await versions.advance(tx, { workspace, id }, ['PENDING', 'ACTIVE'], now())
      if (activated === null) throw new SecretStoreError(stores.primary.kind, 'WITHDRAWN')
    },

    retire: async (tx, workspace, id) => {
      await versions.advance(tx, { workspace, id }, ['ACTIVE', 'RETIRED'], now())
    },

    discard,

    read: (workspace, id, versionId, reading) => read(workspace, versionId, { connector: { id }, reading }),

    readOf: async (workspace, connector, reading) => {
      const { id, version, secretVersionId } = connector
      if (secretVersionId === null) return {}
      try {
        return await read(workspace, secretVersionId, { connector, reading })
      } catch (error) {
        if (!(error instanceof SecretStoreError) || error.reason !== 'UNREADABLE') throw error
        const now = await versions.pointerOfConnector(workspace, id)
        const moved = now?.version === version && now.secretVersionId !== secretVersionId
        if (!moved || now.secretVersionId === null) throw error
        return read(workspace, now.secretVersionId, { connector, reading })
      }
    },

    reap: at => reaper.reap(at),
  }
}
