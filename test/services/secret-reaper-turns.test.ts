import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import type { SecretVersionRow } from '../../src/db/rows.ts'
import { createDigester } from '../../src/secrets/keyed-digester.ts'
import { openKeyring } from '../../src/secrets/keyring.ts'
import { createSealedStore } from '../../src/secrets/sealed-store.ts'
import { type SecretStore, SecretStoreError, secretStores } from '../../src/secrets/secret-store.ts'
import { newId } from '../../src/services/ids.ts'
import { createSecretVersions, type SecretVersions } from '../../src/services/secret-versions.ts'
import { memoryVault } from '../secrets/model/memory-vault.ts'
import { newMasterKey } from '../secrets/test-keys.ts'
import { testDatabases } from '../servers/databases.ts'

const hour = 3_600_000
const start = Date.parse('2026-01-01T00:00:00.000Z')
/** More than the reaper takes at once. */
const abandoned = 1500

describe.each(testDatabases)('a workspace whose role was taken away from Vault, on $name', ({ open }) => {
  let database: Database
  let versions: SecretVersions
  beforeAll(async () => {
    database = await open()
    const keyring = await openKeyring(database, await newMasterKey())
    const vault = memoryVault()
    const refusing: SecretStore = {
      ...vault,
      forget: async address => {
        if (address.workspaceId === 'gone') throw new SecretStoreError('VAULT', 'FORBIDDEN')
        return vault.forget(address)
      },
    }
    const stores = secretStores(refusing, [createSealedStore(database, keyring)])
    versions = createSecretVersions({ database, stores, digester: createDigester(keyring) })
    const rows = Array.from({ length: abandoned }, () => row('gone', 'FENCED', start))
    await database.write(async tx => {
      for (let from = 0; from < abandoned; from += 100) {
        await tx
          .insert(database.tables.secretVersions)
          .values(rows.slice(from, from + 100))
          .returning()
      }
    })
  })
  afterAll(() => database.close())

  const row = (workspaceId: string, state: SecretVersionRow['state'], at: number): SecretVersionRow => ({
    workspaceId,
    id: newId(),
    connectorId: newId(),
    store: 'VAULT',
    state,
    copyOf: null,
    digests: {},
    setAt: {},
    createdAt: new Date(at),
    stateAt: new Date(at),
  })
  const add = (added: SecretVersionRow) =>
    database.write(tx => tx.insert(database.tables.secretVersions).values(added).returning())
  const stateOf = async ({ id }: SecretVersionRow) => {
    const rows = await database.read.select().from(database.tables.secretVersions)
    return rows.find(each => each.id === id)?.state ?? null
  }
  const reap = (at: number) => versions.reap(new Date(at)).catch((error: SecretStoreError) => error.fault)

  test('does not keep the values of others from being removed', async () => {
    const value = row('north', 'PENDING', start + 25 * hour)
    await add(value)
    expect(await reap(start + 26 * hour)).toBe('FORBIDDEN')
    expect(await stateOf(value)).toBe('FENCED')
  })

  test('does not keep the rows of others from going', { timeout: 60_000 }, async () => {
    const fenced = row('north', 'FENCED', start + hour)
    await add(fenced)
    for (let minute = 0; minute < 60 && (await stateOf(fenced)) !== null; minute++) {
      expect(await reap(start + 30 * hour + minute * 60_000)).toBe('FORBIDDEN')
    }
    expect(await stateOf(fenced)).toBeNull()
  })
})
