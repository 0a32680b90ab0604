import type { SecretValues } from '../../src/connectors/secret-values.ts'
import {
  type SecretAddress,
  type SecretStore,
  SecretStoreError,
  type SecretStoreFault,
} from '../../src/secrets/secret-store.ts'

/** A store that is no database, whose content and faults the test chooses. */
export function listedStore() {
  const content = new Map<string, { address: SecretAddress; values: SecretValues | 'FENCED' }>()
  const state: { fault: SecretStoreFault | null; onGet: ((address: SecretAddress) => Promise<void>) | null } = {
    fault: null,
    onGet: null,
  }
  const asked = () => {
    if (state.fault !== null) throw new SecretStoreError('VAULT', state.fault)
  }
  const store: SecretStore = {
    kind: 'VAULT',
    quarantineMs: 24 * 3_600_000,
    put: async (address, values) => {
      asked()
      if (content.has(address.versionId)) throw new SecretStoreError('VAULT', 'EXISTS')
      content.set(address.versionId, { address, values })
    },
    get: async address => {
      await state.onGet?.(address)
      asked()
      const found = content.get(address.versionId)
      if (found === undefined || found.values === 'FENCED') throw new SecretStoreError('VAULT', 'MISSING')
      return found.values
    },
    fence: async address => {
      asked()
      content.set(address.versionId, { address, values: 'FENCED' })
    },
    forget: async ({ versionId }) => {
      asked()
      content.delete(versionId)
    },
    async *list(workspaceId) {
      asked()
      for (const { address } of [...content.values()]) if (address.workspaceId === workspaceId) yield address
    },
    check: async () => asked(),
    close: async () => undefined,
  }
  return { store, content, state }
}
