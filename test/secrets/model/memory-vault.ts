import { isDeepStrictEqual } from 'node:util'
import type { SecretValues } from '../../../src/connectors/secret-values.ts'
import { type SecretAddress, type SecretStore, SecretStoreError } from '../../../src/secrets/secret-store.ts'

export interface MemoryVaultOptions {
  /** False for a fence that leaves nothing in the place of what it removes. */
  readonly leavesTombstones?: boolean
  readonly quarantineMs?: number
}

/** A store that writes what is not there yet, and knows nothing of rows: as Vault does with `cas: 0`. */
export function memoryVault({
  leavesTombstones = true,
  quarantineMs = 24 * 3_600_000,
}: MemoryVaultOptions = {}): SecretStore {
  /** Null is what a fence leaves. */
  const entries = new Map<string, SecretValues | null>()
  const nameOf = ({ workspaceId, connectorId, versionId }: SecretAddress) =>
    `${workspaceId}/${connectorId}/${versionId}`
  return {
    kind: 'VAULT',
    quarantineMs,
    async put(address, values) {
      const name = nameOf(address)
      const there = entries.get(name)
      if (there === undefined) entries.set(name, values)
      else if (there === null) throw new SecretStoreError('VAULT', 'WITHDRAWN')
      else if (!isDeepStrictEqual(there, values)) throw new SecretStoreError('VAULT', 'EXISTS')
    },
    async get(address) {
      const values = entries.get(nameOf(address))
      if (!values) throw new SecretStoreError('VAULT', 'MISSING')
      return values
    },
    fence: async address => {
      if (leavesTombstones) entries.set(nameOf(address), null)
      else entries.delete(nameOf(address))
    },
    forget: async address => void entries.delete(nameOf(address)),
    async *list(workspaceId) {
      for (const name of entries.keys()) {
        const [workspace = '', connectorId = '', versionId = ''] = name.split('/')
        if (workspace === workspaceId) yield { workspaceId, connectorId, versionId }
      }
    },
    check: async () => undefined,
    close: async () => undefined,
  }
}
