import { eq } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openKeyring } from '../../src/secrets/keyring.ts'
import { createSealedStore } from '../../src/secrets/sealed-store.ts'
import type { SecretAddress, SecretStore } from '../../src/secrets/secret-store.ts'
import { testDatabases } from '../servers/databases.ts'
import { type StoreUnderTest, secretStoreContract } from './secret-store-contract.ts'
import { newMasterKey } from './test-keys.ts'

async function openSealed(open: () => Promise<Database>): Promise<StoreUnderTest & { database: Database }> {
  const database = await open()
  const store = createSealedStore(database, await openKeyring(database, await newMasterKey()))
  return {
    database,
    store,
    newAddress: async (workspaceId = 'w1', connectorId = crypto.randomUUID()) => {
      const address = { workspaceId, connectorId, versionId: crypto.randomUUID() }
      const { versionId: id, ...ids } = address
      const now = new Date()
      const intent = {
        ...ids,
        id,
        store: 'SEALED',
        state: 'PENDING',
        digests: {},
        setAt: {},
        createdAt: now,
        stateAt: now,
      } as const
      await database.write(tx => tx.insert(database.tables.secretVersions).values(intent).returning())
      return address
    },
    claim: async ({ versionId }) => {
      const { secretVersions } = database.tables
      await database.write(tx =>
        tx.update(secretVersions).set({ state: 'REAPING' }).where(eq(secretVersions.id, versionId)).returning(),
      )
    },
    close: () => database.close(),
  }
}

for (const { name, open } of testDatabases) secretStoreContract(`the sealed store on ${name}`, () => openSealed(open))

describe.each(testDatabases)('sealed rows on $name', ({ open }) => {
  let database: Database
  let store: SecretStore
  let newAddress: StoreUnderTest['newAddress']
  beforeAll(async () => {
    ;({ database, store, newAddress } = await openSealed(open))
  })
  afterAll(() => database.close())

  const stored = async (workspaceId: string, connectorId?: string): Promise<SecretAddress> => {
    const address = await newAddress(workspaceId, connectorId)
    await store.put(address, { password: `password of ${address.versionId}` })
    return address
  }
  const rowOf = async ({ versionId }: SecretAddress) => {
    const { sealedSecrets } = database.tables
    const [row] = await database.read.select().from(sealedSecrets).where(eq(sealedSecrets.versionId, versionId))
    if (!row) throw new Error('There is no such row.')
    return row
  }
  const change = ({ versionId }: SecretAddress, to: { ciphertext?: string; keyId?: string }) => {
    const { sealedSecrets } = database.tables
    return database.write(tx =>
      tx.update(sealedSecrets).set(to).where(eq(sealedSecrets.versionId, versionId)).returning(),
    )
  }
  const rejected = (address: SecretAddress) =>
    expect(store.get(address)).rejects.toMatchObject({ name: 'SecretStoreError', reason: 'UNREADABLE' })

  test('are unreadable when any bit was changed or any part cut off', async () => {
    const address = await stored('w1')
    const { ciphertext } = await rowOf(address)
    const bytes = Buffer.from(ciphertext, 'base64')
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length * 8 - 1), fc.boolean(), async (bit, cut) => {
        const damaged = Buffer.from(bytes)
        damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        await change(address, { ciphertext: (cut ? bytes.subarray(0, bit >> 3) : damaged).toString('base64') })
        await rejected(address)
      }),
      { numRuns: 60 },
    )
    await change(address, { ciphertext })
    expect(await store.get(address)).toEqual({ password: `password of ${address.versionId}` })
  })

  test('are unreadable in the place of another version, connector, workspace or key', async () => {
    const [a, b, other] = [await stored('w1'), await stored('w1'), await stored('w2')]
    const rows = await Promise.all([rowOf(a), rowOf(b), rowOf(other)])
    const [rowA, rowB, rowOther] = rows
    if (!rowA || !rowB || !rowOther) throw new Error('There are not enough rows.')
    await change(a, { ciphertext: rowB.ciphertext })
    await rejected(a)
    await change(a, { ciphertext: rowOther.ciphertext, keyId: rowOther.keyId })
    await rejected(a)
    await change(a, { ciphertext: rowA.ciphertext, keyId: rowOther.keyId })
    await rejected(a)
    await change(a, { keyId: rowA.keyId })
    const older = await stored('w1', a.connectorId)
    await change(older, { ciphertext: rowA.ciphertext })
    await rejected(older)
    expect(await store.get(a)).toEqual({ password: `password of ${a.versionId}` })
    await rejected({ ...a, connectorId: b.connectorId })
  })

  test('are never written for a version that nothing speaks of any more', async () => {
    const orphan = { workspaceId: 'w1', connectorId: crypto.randomUUID(), versionId: crypto.randomUUID() }
    await expect(store.put(orphan, { password: 'late' })).rejects.toMatchObject({ name: 'SecretStoreError' })
    await rejected(orphan)
  })

  test('are unavailable, and not damaged, when the database cannot be asked', async () => {
    const closed = await openSealed(open)
    const address = await closed.newAddress()
    await closed.store.put(address, { password: 'canary-in-error' })
    await closed.close()
    for (const attempt of [
      closed.store.get(address),
      closed.store.put(address, { password: 'canary-in-error' }),
      closed.store.fence(address),
      closed.store.check(),
    ]) {
      const error = await attempt.then(
        () => undefined,
        (reason: unknown) => reason,
      )
      expect(error).toMatchObject({ name: 'SecretStoreError', reason: 'UNAVAILABLE' })
      expect(String(error)).not.toContain('canary-in-error')
    }
  })
})
