import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { createDigester } from '../../src/secrets/keyed-digester.ts'
import { type Keyring, openKeyring } from '../../src/secrets/keyring.ts'
import { type MasterKey, MasterKeyError } from '../../src/secrets/master-key.ts'
import { seal, unseal } from '../../src/secrets/seal.ts'
import { testDatabases } from '../servers/databases.ts'
import { newMasterKey } from './test-keys.ts'

describe.each(testDatabases)('keyring on $name', ({ open }) => {
  let database: Database
  let masterKey: MasterKey
  let keyring: Keyring
  beforeAll(async () => {
    database = await open()
    masterKey = await newMasterKey()
    keyring = await openKeyring(database, masterKey)
  })
  afterAll(() => database.close())

  test('makes a key for each workspace and purpose, and keeps it', async () => {
    const keys = await Promise.all([
      keyring.current('w1', 'SECRETS'),
      keyring.current('w1', 'DIGESTS'),
      keyring.current('w2', 'SECRETS'),
      keyring.current('w1', 'SECRETS'),
    ])
    expect(new Set(keys.map(key => key.id)).size).toBe(3)
    const [first] = keys
    if (!first) throw new Error('There is no key.')
    const later = await openKeyring(database, masterKey)
    const sealed = seal(first, ['x'], Buffer.from('value'))
    expect(unseal(await later.current('w1', 'SECRETS'), ['x'], sealed).toString()).toBe('value')
    const found = await later.find('w1', 'SECRETS', first.id)
    if (!found) throw new Error('The key was not found.')
    expect(unseal(found, ['x'], sealed).toString()).toBe('value')
  })

  test('finds no key of another workspace or purpose', async () => {
    const { id } = await keyring.current('w1', 'SECRETS')
    expect(await keyring.find('w2', 'SECRETS', id)).toBeNull()
    expect(await keyring.find('w1', 'DIGESTS', id)).toBeNull()
    expect(await keyring.find('w1', 'SECRETS', 'none')).toBeNull()
  })

  test('makes one key although several processes need the first at once', async () => {
    const rings = await Promise.all(Array.from({ length: 4 }, () => openKeyring(database, masterKey)))
    const keys = await Promise.all(rings.map(ring => ring.current('contended', 'SECRETS')))
    expect(new Set(keys.map(key => key.id)).size).toBe(1)
    const { workspaceKeys } = database.tables
    expect(
      await database.read.select().from(workspaceKeys).where(eq(workspaceKeys.workspaceId, 'contended')),
    ).toHaveLength(1)
  })

  test('refuses another master key and says which file and which key', async () => {
    const wrong = await newMasterKey()
    const refusal = await openKeyring(database, wrong).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(MasterKeyError)
    expect(String(refusal)).toContain(wrong.file)
    expect(String(refusal)).toContain(masterKey.id.slice(0, 8))
  })

  test('refuses a wrong key that claims the right id', async () => {
    const wrong = { ...(await newMasterKey()), id: masterKey.id }
    await expect(openKeyring(database, wrong)).rejects.toThrow(MasterKeyError)
  })

  test('accepts one of two master keys that meet an empty database at once', async () => {
    const fresh = await open()
    try {
      const keys = await Promise.all([newMasterKey(), newMasterKey()])
      const outcomes = await Promise.allSettled(keys.map(key => openKeyring(fresh, key)))
      expect(outcomes.map(outcome => outcome.status).toSorted()).toEqual(['fulfilled', 'rejected'])
      expect(outcomes.find(outcome => outcome.status === 'rejected')?.reason).toBeInstanceOf(MasterKeyError)
    } finally {
      await fresh.close()
    }
  })

  test('rejects a wrapped key that was moved to another workspace, purpose or id', async () => {
    const { workspaceKeys } = database.tables
    const { id } = await keyring.current('origin', 'SECRETS')
    const [row] = await database.read.select().from(workspaceKeys).where(eq(workspaceKeys.id, id))
    if (!row) throw new Error('The key has no row.')
    const moved = [
      { ...row, workspaceId: 'thief' },
      { ...row, workspaceId: 'thief', id: 'ab'.repeat(16) },
      { ...row, workspaceId: 'origin', id: 'cd'.repeat(16), purpose: 'DIGESTS' as const },
      { ...row, id: 'ef'.repeat(16), wrappedKey: row.wrappedKey.replace(/.{4}$/, 'AAAA') },
    ]
    await database.write(tx => tx.insert(workspaceKeys).values(moved).returning())
    const fresh = await openKeyring(database, masterKey)
    for (const { workspaceId, purpose, id: movedId } of moved) {
      await expect(fresh.find(workspaceId, purpose, movedId)).rejects.toThrow('damaged')
    }
    await expect(fresh.current('thief', 'SECRETS')).rejects.toThrow('damaged')
    await database.write(tx =>
      tx.update(workspaceKeys).set({ purpose: 'DIGESTS' }).where(eq(workspaceKeys.id, id)).returning(),
    )
    await expect(fresh.find('origin', 'DIGESTS', id)).rejects.toThrow('damaged')
  })
})

describe.each(testDatabases)('keyed digests on $name', ({ open }) => {
  test('are equal for equal data in one workspace and context only, also after a restart', async () => {
    const database = await open()
    try {
      const masterKey = await newMasterKey()
      const digester = createDigester(await openKeyring(database, masterKey))
      const digest = await digester.digest('w1', 'config', { b: 1, a: [true, 'x'] })
      expect(digest).toMatch(/^[\w-]{43}$/)
      const restarted = createDigester(await openKeyring(database, masterKey))
      expect(await restarted.digest('w1', 'config', { a: [true, 'x'], b: 1 })).toBe(digest)
      const others = await Promise.all([
        digester.digest('w2', 'config', { b: 1, a: [true, 'x'] }),
        digester.digest('w1', 'secret', { b: 1, a: [true, 'x'] }),
        digester.digest('w1', 'config', { b: 1, a: [true, 'y'] }),
      ])
      expect(new Set([digest, ...others]).size).toBe(4)
    } finally {
      await database.close()
    }
  })
})
