import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { JsonObject, JsonValue } from '../../connectors/json.ts'
import type { SecretValues } from '../../connectors/secret-values.ts'
import { failpoint } from '../../db/failpoint.ts'
import type { SecretStoreLogger } from '../open-secret-stores.ts'
import { type SecretAddress, type SecretStore, SecretStoreError, type SecretStoreFault } from '../secret-store.ts'
import type { VaultSettings } from './settings.ts'
import { openVaultClient, type VaultAnswer, type VaultClient, type VaultClientOptions } from './vault-client.ts'
import { errorsOf, VaultFault } from './vault-faults.ts'
import { vaultLimits } from './vault-limits.ts'
import { isUuid, vaultPaths } from './vault-paths.ts'
import { assertStorable } from './vault-values.ts'
import { withinTime } from './within-time.ts'
import { createWorkspaceClient, type WorkspaceClient, type WorkspaceRequest } from './workspace-client.ts'

/** Keeps secrets in a KV version 2 engine of HashiCorp Vault or OpenBao. Asks it nothing yet. */
export async function openVaultStore(
  settings: VaultSettings,
  logger: SecretStoreLogger,
  options: Omit<VaultClientOptions, 'logger'> = {},
): Promise<SecretStore> {
  const client = await openVaultClient(settings, { ...options, logger })
  const { now } = options
  const workspaces = createWorkspaceClient({ settings, client, logger, ...(now && { now }) })
  const { operationMs } = { ...vaultLimits, ...options.limits }
  return createVaultStore({ settings, client, workspaces, operationMs })
}

export interface VaultStoreOptions {
  readonly settings: Pick<VaultSettings, 'kvMount' | 'kvPrefix'>
  readonly client: Pick<VaultClient, 'check' | 'close'>
  readonly workspaces: WorkspaceClient
  /** For an operation with all its requests. */
  readonly operationMs?: number
}

/** A request may lie in a queue somewhere and be carried out after it was given up; not for so long. */
const quarantineMs = 24 * 3_600_000
/** What is written where nothing was, so that nothing can be any more. Not a set of secret values, whose members are texts. */
const tombstone: JsonObject = { fenced: true }
/** Of signing in, and of what a token may do: Vault is well, and lets nobody in all the same. */
const refusals: readonly SecretStoreFault[] = ['SIGN_IN_REFUSED', 'FORBIDDEN']
/** No id that is ever made. */
const nobody = '00000000-0000-0000-0000-000000000000'
/**
 * A standby that serves reads (OpenBao from 2.5 on, Vault Enterprise) may not have heard yet of what was written a moment ago,
 * and says that there is nothing: then it is asked again after so long.
 */
const catchUpMs = [50, 150, 400]
/** Longer than a standby lags, and clocks differ. */
const recentMs = 60_000
/** After these it is not known whether the request was carried out. */
const unknownOutcomes: readonly SecretStoreFault[] = ['TIMED_OUT', 'UNREACHABLE', 'FAILED']

/** One path for each version of a secret, written once and read as its version 1; nothing is ever written over. */
export function createVaultStore(options: VaultStoreOptions): SecretStore {
  const { settings, client, workspaces, operationMs = vaultLimits.operationMs } = options
  const paths = vaultPaths(settings)

  const late = () => new VaultFault('TIMED_OUT', `${operationMs / 1_000} s`)
  const within = <T>(work: (signal: AbortSignal) => Promise<T>) => withinTime(operationMs, late, work)

  /** The workspace that was refused last, until one is let in again. */
  let refused: string | null = null

  const ask = async (workspaceId: string, request: WorkspaceRequest): Promise<VaultAnswer> => {
    try {
      const answer = await workspaces.send(workspaceId, request)
      refused = null
      return answer
    } catch (error) {
      if (error instanceof SecretStoreError && refusals.includes(error.fault)) refused = workspaceId
      throw error
    }
  }

  /** Of what changes something: a crash on either side of it must lose nothing. */
  const change = async (workspaceId: string, request: WorkspaceRequest): Promise<VaultAnswer> => {
    failpoint('vault.beforeSend')
    const answer = await ask(workspaceId, request)
    failpoint('vault.afterSend')
    return answer
  }

  /** What Vault says of it when it is there now; null when something was there before. */
  const create = async (address: SecretAddress, data: JsonObject, signal: AbortSignal): Promise<JsonObject | null> => {
    const answer = await change(address.workspaceId, {
      method: 'POST',
      path: paths.data(address),
      body: { options: { cas: 0 }, data },
      repeatable: true,
      signal,
    })
    if (isCasMismatch(answer)) return null
    const metadata = memberOf(answer.body, 'data')
    if (answer.status !== 200 || metadata?.['version'] !== 1) throw unexpected(answer)
    return metadata
  }

  const firstVersion = async (address: SecretAddress, signal: AbortSignal): Promise<StoredVersion> => {
    const answer = await ask(address.workspaceId, {
      method: 'GET',
      path: `${paths.data(address)}?version=1`,
      repeatable: true,
      signal,
    })
    if (answer.status !== 200 && !isNothing(answer)) throw unexpected(answer)
    const found = memberOf(answer.body, 'data')
    const metadata = memberOf(found, 'metadata')
    if (answer.status === 404) return metadata === null ? 'NOTHING' : 'DESTROYED'
    // Without its metadata it is not from a KV version 2 engine.
    if (found === null || metadata?.['version'] !== 1) throw unexpected(answer)
    return { data: found['data'] ?? null, metadata }
  }

  const writtenVersion = async (address: SecretAddress, signal: AbortSignal): Promise<StoredVersion> => {
    for (const ms of isRecent(address.versionId) ? catchUpMs : []) {
      const found = await firstVersion(address, signal)
      if (found !== 'NOTHING') return found
      await sleep(ms, undefined, { signal })
    }
    return firstVersion(address, signal)
  }

  const namesIn = async (workspaceId: string, path: string): Promise<readonly string[]> => {
    const answer = await within(signal => ask(workspaceId, { method: 'LIST', path, repeatable: true, signal }))
    if (isNothing(answer)) return []
    const keys = memberOf(answer.body, 'data')?.['keys']
    if (answer.status !== 200 || !Array.isArray(keys)) throw unexpected(answer)
    return keys.filter(key => typeof key === 'string')
  }

  return {
    kind: 'VAULT',
    quarantineMs,

    put: async (address, values) => {
      assertStorable(values)
      await within(async signal => {
        const created = await create(address, values, signal).catch((error: unknown) => {
          if (error instanceof SecretStoreError && unknownOutcomes.includes(error.fault)) return error
          throw error
        })
        if (created !== null && !(created instanceof SecretStoreError)) return assertKept(created)
        // An earlier attempt may have got there, whose answer was lost.
        const lost = created ?? new SecretStoreError('VAULT', 'EXISTS')
        const look = lost.fault === 'EXISTS' ? writtenVersion : firstVersion
        const found = await look(address, signal).catch(error => {
          // That something is there does not say yet that it is something else.
          throw lost.fault === 'EXISTS' ? error : lost
        })
        if (found === 'NOTHING') throw lost
        if (found === 'DESTROYED' || isDeepStrictEqual(found.data, tombstone)) {
          throw new SecretStoreError('VAULT', 'WITHDRAWN')
        }
        if (!isDeepStrictEqual(found.data, { ...values })) throw new SecretStoreError('VAULT', 'EXISTS')
        assertKept(found.metadata)
      })
    },

    get: address =>
      within(async signal => {
        const found = await writtenVersion(address, signal)
        if (typeof found === 'string' || isDeepStrictEqual(found.data, tombstone)) {
          throw new SecretStoreError('VAULT', 'MISSING')
        }
        return secretValuesOf(found.data)
      }),

    fence: address =>
      within(async signal => {
        await create(address, tombstone, signal)
        const answer = await change(address.workspaceId, {
          method: 'PUT',
          path: paths.destroy(address),
          body: { versions: [1] },
          repeatable: true,
          signal,
        })
        if (answer.status >= 300) throw unexpected(answer)
      }),

    forget: address =>
      within(async signal => {
        const answer = await change(address.workspaceId, {
          method: 'DELETE',
          path: paths.metadata(address),
          repeatable: true,
          signal,
        })
        if (answer.status >= 300 && !isNothing(answer)) throw unexpected(answer)
      }),

    async *list(workspaceId) {
      for (const name of await namesIn(workspaceId, paths.connectors(workspaceId))) {
        const connectorId = name.replace(/\/$/, '')
        if (!name.endsWith('/') || !isUuid(connectorId)) continue
        for (const versionId of await namesIn(workspaceId, paths.versions(workspaceId, connectorId))) {
          if (isUuid(versionId)) yield { workspaceId, connectorId, versionId }
        }
      }
    },

    check: async () => {
      await client.check()
      // Vault is well then. Whether it lets Patchbay in again shows where it did not, at a path where nothing ever lies.
      const workspaceId = refused
      if (workspaceId === null) return
      await within(signal => firstVersion({ workspaceId, connectorId: nobody, versionId: nobody }, signal))
    },

    close: async () => {
      // Tokens are given back through the client.
      await workspaces.close().catch(() => undefined)
      await client.close().catch(() => undefined)
    },
  }
}

/** What is the first version of a path. */
type StoredVersion = { readonly data: JsonValue; readonly metadata: JsonObject } | 'DESTROYED' | 'NOTHING'

function secretValuesOf(data: JsonValue): SecretValues {
  const object = objectOf(data)
  if (object === null) throw new SecretStoreError('VAULT', 'DAMAGED')
  for (const value of Object.values(object)) {
    if (typeof value !== 'string') throw new SecretStoreError('VAULT', 'DAMAGED')
  }
  // Each of them has been looked at.
  return object as SecretValues
}

/** By the time in an id of version 7, which ids of versions are. */
function isRecent(versionId: string): boolean {
  const madeAt = Number.parseInt(versionId.replace('-', '').slice(0, 12), 16)
  return versionId[14] === '7' && Math.abs(Date.now() - madeAt) < recentMs
}

/** An engine can be told to delete what it was given after a while: then it is no place for secrets that are in use. */
function assertKept(metadata: JsonObject): void {
  if ((metadata['deletion_time'] ?? '') === '') return
  throw new VaultFault('FAILED', 'VAULT_KV_MOUNT has delete_version_after, and would delete them by itself')
}

function isCasMismatch({ status, body }: VaultAnswer): boolean {
  return status === 400 && errorsOf(body).some(each => each.includes('check-and-set parameter did not match'))
}

/** A path at which there is nothing; where no engine is mounted Vault answers 404 too, and says so. */
function isNothing({ status, body }: VaultAnswer): boolean {
  return status === 404 && errorsOf(body).length === 0
}

function unexpected({ status, body }: VaultAnswer): SecretStoreError {
  const detail =
    status === 404 && errorsOf(body).some(each => each.startsWith('no handler for route'))
      ? 'nothing is mounted at VAULT_KV_MOUNT'
      : status < 300
        ? 'VAULT_KV_MOUNT is not a KV engine of version 2'
        : `HTTP ${status}`
  return new VaultFault('FAILED', detail)
}

const memberOf = (object: JsonObject | null, name: string): JsonObject | null => objectOf(object?.[name] ?? null)

function objectOf(value: JsonValue): JsonObject | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  // An array it is not, which the compiler does not see of a readonly one.
  return value as JsonObject
}
