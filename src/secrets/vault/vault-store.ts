import type { SecretStoreLogger } from '../open-secret-stores.ts'
import type { SecretStore } from '../secret-store.ts'
import type { VaultSettings } from './settings.ts'

/** Keeps secrets in a KV version 2 engine of HashiCorp Vault or OpenBao. */
export async function openVaultStore(_settings: VaultSettings, _logger: SecretStoreLogger): Promise<SecretStore> {
  throw new Error('Not yet.')
}
