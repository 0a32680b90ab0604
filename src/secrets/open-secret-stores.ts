import { and, asc, eq, ne } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import type { Keyring } from './keyring.ts'
import { createSealedStore } from './sealed-store.ts'
import { type SecretStores, secretStores } from './secret-store.ts'
import type { VaultSettings } from './vault/settings.ts'

/** Secrets lie in a store for which this server is not set up. The message is for the operator. */
export class SecretStoresError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SecretStoresError'
  }
}

/** What the stores tell the log. */
export interface SecretStoreLogger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface OpenSecretStoresOptions {
  readonly database: Database
  readonly keyring: Keyring
  /** Where new secrets go. */
  readonly primary: 'sealed' | 'vault'
  readonly vault: VaultSettings | null
  readonly logger: SecretStoreLogger
}

/**
 * Opens the stores that this server is set up for; asks none of them yet. Throws `SecretStoresError` when secrets in use
 * lie in one that is missing: better no start than connectors that cannot be read.
 */
export async function openSecretStores(
  options: OpenSecretStoresOptions,
): Promise<SecretStores & { close(): Promise<void> }> {
  const { database, keyring, vault, logger } = options
  const sealed = createSealedStore(database, keyring)
  if (vault === null) await assertNothingInVault(database)
  // Its client is loaded only where there is a Vault: half of them have none.
  const inVault =
    vault === null ? null : await import('./vault/vault-store.ts').then(module => module.openVaultStore(vault, logger))
  const [primary, other] = options.primary === 'vault' ? [inVault, sealed] : [sealed, inVault]
  if (primary === null) throw new SecretStoresError('SECRET_STORE=vault needs VAULT_ADDR.')
  const stores = secretStores(primary, other === null ? [] : [other])
  return { ...stores, close: async () => void (await Promise.all(stores.all.map(store => store.close()))) }
}

async function assertNothingInVault({ read, tables: { secretVersions } }: Database): Promise<void> {
  const [row] = await read
    .select({ state: secretVersions.state })
    .from(secretVersions)
    .where(and(eq(secretVersions.store, 'VAULT'), ne(secretVersions.state, 'FENCED')))
    // ACTIVE is the first of them.
    .orderBy(asc(secretVersions.state))
    .limit(1)
  if (row) {
    throw new SecretStoresError(
      row.state === 'ACTIVE'
        ? 'Secrets of connectors lie in Vault, but VAULT_ADDR is not set. Set it, or move them first with "npm run secrets:migrate -- --to sealed".'
        : 'Secrets that were replaced or moved still lie in Vault, but VAULT_ADDR is not set. Set it until servers have removed them, two days after the last one.',
    )
  }
}
