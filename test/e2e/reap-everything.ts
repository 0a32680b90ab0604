import { loadConfig } from '../../src/config.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { createDigester } from '../../src/secrets/keyed-digester.ts'
import { openKeyring } from '../../src/secrets/keyring.ts'
import { loadMasterKey } from '../../src/secrets/master-key.ts'
import { openSecretStores } from '../../src/secrets/open-secret-stores.ts'
import { createSecretVersions } from '../../src/services/secret-versions.ts'
import type { DoubleWorld } from '../secrets/vault/double-world.ts'
import { migrationsDirectory } from '../servers/databases.ts'
import type { Storage } from './storage.ts'

const hourMs = 3_600_000

/** What a server does over the next days with secret versions that nobody needs; no server may run on the storage. */
export async function reapEverything({ directory, environment }: Storage, vault: DoubleWorld): Promise<void> {
  const config = loadConfig({ NODE_ENV: 'test', ...environment, ...vault.environment }, { envFile: null })
  const database = await openDatabase({
    url: config.databaseUrl?.reveal() ?? null,
    dataDirectory: directory,
    migrationsDirectory,
  })
  const masterKey = await loadMasterKey({ file: null, dataDirectory: directory, production: false })
  const keyring = await openKeyring(database, masterKey)
  const logger = { info: () => undefined, warn: () => undefined }
  const stores = await openSecretStores({ database, keyring, primary: config.secretStore, vault: config.vault, logger })
  try {
    const versions = createSecretVersions({ database, stores, digester: createDigester(keyring) })
    // Fenced first; forgotten when the quarantine is over.
    for (const hours of [25, 50]) await versions.reap(new Date(Date.now() + hours * hourMs))
  } finally {
    await stores.close()
    await database.close()
  }
}
