import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { type Keyring, openKeyring } from '../../src/secrets/keyring.ts'
import { type MasterKey, MasterKeyError } from '../../src/secrets/master-key.ts'
import { rewrapSomeKeys } from '../../src/secrets/rotate-master-key.ts'
import { removeRetiredKeys, replaceWorkspaceKey, resealSomeValues } from '../../src/secrets/rotate-workspace-key.ts'
import { createSealedStore } from '../../src/secrets/sealed-store.ts'
import type { SecretAddress } from '../../src/secrets/secret-store.ts'
import { testDatabases } from '../servers/databases.ts'
import { newMasterKey } from './test-keys.ts'

const workspaceId = 'w1'
const future = new Date(Date.now() + 3_600_000)

describe.each(testDatabases)('keys that change while a server runs, on $name', ({ open }) => {
  let database: Database
  let masterKey: MasterKey
  /** Of the server, and of whoever rotates. */
  let keyring: Keyring
  let own: Keyring
  beforeEach(async () => {
    database = await open()
    masterKey = await newMasterKey()
    keyring = await openKeyring(database, masterKey)
    own = await openKeyring(database, masterKey)
  })
  afterEach(() => database.close())

  const intent = async (): Promise<SecretAddress> => {
    const address = { workspaceId, connectorId: crypto.randomUUID(), versionId: crypto.randomUUID() }
    const { versionId: id, connectorId } = address
    const now = new Date()
    const times = { createdAt: now, stateAt: now }
    await database.write(tx =>
      tx
        .insert(database.tables.secretVersions)
        .values({ workspaceId, id, connectorId, store: 'SEALED', state: 'PENDING', digests: {}, setAt: {}, ...times })
        .returning(),
    )
    return address
  }
  const rotate = async () => {
    await replaceWorkspaceKey(database, masterKey, workspaceId, future)
    own.forgetCurrent(workspaceId, 'SECRETS')
  }
  const finish = async () => {
    await resealSomeValues(database, own, workspaceId, '', 100)
    expect((await removeRetiredKeys(database, workspaceId)).left).toBe(0)
  }
  const keyIdOf = async ({ versionId }: SecretAddress) => {
    const { sealedSecrets } = database.tables
    const [row] = await database.read.select().from(sealedSecrets).where(eq(sealedSecrets.versionId, versionId))
    return row?.keyId
  }

  test('nothing is sealed under a key that has been replaced, although it is known as the current one', async () => {
    const old = await keyring.current(workspaceId, 'SECRETS')
    await rotate()
    const address = await intent()
    const store = createSealedStore(database, keyring)
    await store.put(address, { password: 'p' })
    const now = await own.current(workspaceId, 'SECRETS')
    expect(now.id).not.toBe(old.id)
    expect(await keyIdOf(address)).toBe(now.id)
    expect(await store.get(address)).toEqual({ password: 'p' })
  })

  test('neither is it under one that has been deleted', async () => {
    await keyring.current(workspaceId, 'SECRETS')
    await rotate()
    await finish()
    const address = await intent()
    await createSealedStore(database, keyring).put(address, { password: 'p' })
    expect(await keyIdOf(address)).toBe((await own.current(workspaceId, 'SECRETS')).id)
  })

  test('a key that is replaced again and again ends in a fault, and not in waiting for ever', async () => {
    const store = createSealedStore(database, {
      ...keyring,
      current: async (...which) => {
        const key = await keyring.current(...which)
        await rotate()
        return key
      },
    })
    await expect(store.put(await intent(), { password: 'p' })).rejects.toMatchObject({ fault: 'FAILED' })
  })

  test('a value that is sealed anew, and whose key is deleted, after its row was read is read again', async () => {
    const address = await intent()
    await createSealedStore(database, keyring).put(address, { password: 'p' })
    const fresh = await openKeyring(database, masterKey)
    let lookUps = 0
    const store = createSealedStore(database, {
      ...fresh,
      find: async (...which) => {
        if (lookUps++ === 0) {
          await rotate()
          await finish()
        }
        return fresh.find(...which)
      },
    })
    expect(await store.get(address)).toEqual({ password: 'p' })
    expect(lookUps).toBe(2)
  })

  test('a value whose key is gone is damaged', async () => {
    const address = await intent()
    await createSealedStore(database, keyring).put(address, { password: 'p' })
    const { workspaceKeys } = database.tables
    await database.write(tx => tx.delete(workspaceKeys).returning())
    const store = createSealedStore(database, await openKeyring(database, masterKey))
    await expect(store.get(address)).rejects.toMatchObject({ fault: 'DAMAGED' })
  })

  test('a value is never sealed anew under a key that has been replaced meanwhile', async () => {
    const address = await intent()
    await createSealedStore(database, keyring).put(address, { password: 'p' })
    await rotate()
    const stale = await own.current(workspaceId, 'SECRETS')
    await replaceWorkspaceKey(database, masterKey, workspaceId, future)
    expect(await resealSomeValues(database, own, workspaceId, '', 100)).toMatchObject({ resealed: 0 })
    expect(await keyIdOf(address)).not.toBe(stale.id)
    await finish()
    expect(await keyIdOf(address)).toBe((await own.current(workspaceId, 'SECRETS')).id)
  })

  test('an old key that is still needed is not deleted', async () => {
    const address = await intent()
    await createSealedStore(database, keyring).put(address, { password: 'p' })
    await rotate()
    expect(await removeRetiredKeys(database, workspaceId)).toEqual({ removed: 0, left: 1 })
    expect(await createSealedStore(database, own).get(address)).toEqual({ password: 'p' })
  })

  describe('master keys at the start', () => {
    test('a new primary one is accepted, and from then on known, when the old one is given as well', async () => {
      await keyring.current(workspaceId, 'SECRETS')
      const next = await newMasterKey()
      await expect(openKeyring(database, next)).rejects.toThrow('MASTER_KEY_OTHER_FILES')
      await expect(openKeyring(database, next, [await newMasterKey()])).rejects.toThrow(MasterKeyError)
      const both = await openKeyring(database, next, [masterKey])
      expect((await both.current(workspaceId, 'SECRETS')).id).toBe((await keyring.current(workspaceId, 'SECRETS')).id)
      // New keys are wrapped by the new one.
      await both.current('w2', 'SECRETS')
      const { workspaceKeys } = database.tables
      const [made] = await database.read.select().from(workspaceKeys).where(eq(workspaceKeys.workspaceId, 'w2'))
      expect(made?.masterKeyId).toBe(next.id)
    })

    test('a key that the database does not know is no harm as another one', async () => {
      await openKeyring(database, masterKey, [await newMasterKey(), masterKey])
      expect(await database.read.$count(database.tables.masterKeys)).toBe(1)
    })

    test('an old one may not be left out before it is replaced', async () => {
      await keyring.current(workspaceId, 'SECRETS')
      const next = await newMasterKey()
      await openKeyring(database, next, [masterKey])
      const refusal = await openKeyring(database, next).catch((error: unknown) => error)
      expect(refusal).toBeInstanceOf(MasterKeyError)
      expect(String(refusal)).toContain(masterKey.id.slice(0, 8))
      const masterKeys = { primary: next, others: [masterKey] }
      expect(await rewrapSomeKeys(database, masterKeys, null, 10)).toEqual({ rewrapped: 1, unreadable: 0, next: null })
      await openKeyring(database, next)
    })

    test('one that claims the id of another is refused in either place', async () => {
      const next = await newMasterKey()
      const liar = { ...(await newMasterKey()), id: masterKey.id }
      await expect(openKeyring(database, next, [liar])).rejects.toThrow('check value')
      await expect(openKeyring(database, liar, [masterKey])).rejects.toThrow('check value')
      expect(await database.read.$count(database.tables.masterKeys)).toBe(1)
    })
  })
})
