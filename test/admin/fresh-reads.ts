import { setImmediate as immediate } from 'node:timers/promises'
import { eq } from 'drizzle-orm'
import { openDatabaseBeside } from '../../src/db/open-database.ts'
import { scopeOfRow } from '../../src/db/scope-of-row.ts'
import { createDigester } from '../../src/secrets/keyed-digester.ts'
import { createKeyring } from '../../src/secrets/keyring.ts'
import type { MasterKeys } from '../../src/secrets/master-key.ts'
import { createSealedStore } from '../../src/secrets/sealed-store.ts'
import { secretStores } from '../../src/secrets/secret-store.ts'
import { createSecretVersions } from '../../src/services/secret-versions.ts'
import type { Storage } from '../e2e/storage.ts'
import { migrationsDirectory } from '../servers/databases.ts'
import { untold } from '../services/audit-world.ts'

export interface FreshReads {
  readonly count: number
  readonly failures: readonly string[]
}

/** Reads the secrets of all connectors in turn, with nothing cached, as a process does that has just been started. */
export async function readFreshly(
  { directory: dataDirectory, environment }: Storage,
  masterKeys: MasterKeys,
  signal: AbortSignal,
): Promise<FreshReads> {
  const database = await openDatabaseBeside({
    url: environment['DATABASE_URL'] ?? null,
    dataDirectory,
    migrationsDirectory,
  })
  const failures: string[] = []
  let count = 0
  try {
    const rows = await database.read.select().from(database.tables.connectors)
    while (!signal.aborted && rows.length > 0) {
      const keyring = createKeyring(database, masterKeys)
      const versions = createSecretVersions({
        database,
        stores: secretStores(createSealedStore(database, keyring)),
        digester: createDigester(keyring),
      })
      const row = rows[count++ % rows.length]
      if (!row) break
      // The secrets as they are now: the connector may have been changed since.
      const { connectors } = database.tables
      const [now = row] = await database.read.select().from(connectors).where(eq(connectors.id, row.id))
      // SQLite answers at once, and would let nothing else have its turn.
      await immediate()
      await versions.readOf(scopeOfRow(now), now, untold).catch(error => failures.push(String(error)))
    }
  } finally {
    await database.close()
  }
  return { count, failures }
}
