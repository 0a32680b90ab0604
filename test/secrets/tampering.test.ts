import { createSecretKey, randomBytes, randomInt } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { WorkspaceScope } from '../../src/db/workspace-scope.ts'
import { createDigester } from '../../src/secrets/keyed-digester.ts'
import { createKeyring, openKeyring } from '../../src/secrets/keyring.ts'
import type { MasterKey, MasterKeys } from '../../src/secrets/master-key.ts'
import { type SealingKey, UnsealError } from '../../src/secrets/seal.ts'
import { createSealedStore } from '../../src/secrets/sealed-store.ts'
import { resealValues, sealValues, unsealValues } from '../../src/secrets/sealed-value.ts'
import type { SecretAddress } from '../../src/secrets/secret-store.ts'
import { secretStores } from '../../src/secrets/secret-store.ts'
import { newWrappedKey, unwrapKey, type WrappedKeyRow } from '../../src/secrets/wrapped-key.ts'
import { createSecretVersions } from '../../src/services/secret-versions.ts'
import { testDatabases } from '../servers/databases.ts'
import { newMasterKey } from './test-keys.ts'

/** What was tried, all of which must have been refused; the last test counts. */
let refused = 0

const pick = <T>(items: readonly T[]): T => items[randomInt(items.length)] as T
const newAddress = (): SecretAddress => ({
  workspaceId: `w${randomInt(1_000_000)}`,
  connectorId: crypto.randomUUID(),
  versionId: crypto.randomUUID(),
})
const newKey = (): SealingKey => ({ id: randomBytes(16).toString('hex'), key: createSecretKey(randomBytes(32)) })
const values = () => ({
  password: randomBytes(1 + randomInt(60)).toString('base64'),
  'tls.key': 'k'.repeat(randomInt(40)),
})

/** Changes of the bytes themselves, by what they do. */
const damages: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  'a flipped bit': bytes => {
    const changed = Buffer.from(bytes)
    const bit = randomInt(bytes.length * 8)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    return changed
  },
  'several flipped bits': bytes => {
    const changed = Buffer.from(bytes)
    for (const at of new Set(Array.from({ length: 1 + randomInt(8) }, () => randomInt(bytes.length)))) {
      changed[at] = (changed[at] ?? 0) ^ (1 + randomInt(255))
    }
    return changed
  },
  'a cut end': bytes => bytes.subarray(0, randomInt(bytes.length)),
  'a cut beginning': bytes => bytes.subarray(1 + randomInt(bytes.length)),
  'a hole': bytes => {
    const at = randomInt(bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + randomInt(8))])
  },
  'an added end': bytes => Buffer.concat([bytes, randomBytes(1 + randomInt(20))]),
  'an added beginning': bytes => Buffer.concat([randomBytes(1 + randomInt(20)), bytes]),
  'its own copy behind it': bytes => Buffer.concat([bytes, bytes]),
}
const damaged = (sealed: string) => pick(Object.values(damages))(Buffer.from(sealed, 'base64')).toString('base64')

const refuses = (open: () => unknown) => {
  let error: unknown = 'nothing'
  try {
    open()
  } catch (thrown) {
    error = thrown
  }
  // Anything else would be a crash.
  if (!(error instanceof UnsealError)) throw new Error(`It was not refused: ${String(error)}`)
  refused++
}

describe('a sealed value', () => {
  const cases = 800

  test.each(Object.entries(damages))(`does not open with %s, ${cases} times`, (_, damage) => {
    for (let count = 0; count < cases; count++) {
      const [key, address] = [newKey(), newAddress()]
      const secret = values()
      const sealed = sealValues(key, address, secret)
      expect(unsealValues(key, address, sealed)).toEqual(secret)
      refuses(() => unsealValues(key, address, damage(Buffer.from(sealed, 'base64')).toString('base64')))
    }
  })

  test.each(['workspaceId', 'connectorId', 'versionId'] as const)('does not open as that of another %s', name => {
    for (let count = 0; count < 300; count++) {
      const [key, address] = [newKey(), newAddress()]
      const sealed = sealValues(key, address, values())
      refuses(() => unsealValues(key, { ...address, [name]: newAddress()[name] }, sealed))
    }
  })

  test('does not open as that of another address altogether, nor with its parts exchanged', () => {
    for (let count = 0; count < 300; count++) {
      const [key, address] = [newKey(), newAddress()]
      const sealed = sealValues(key, address, values())
      const { connectorId, versionId } = address
      const exchanged = { ...address, connectorId: versionId, versionId: connectorId }
      refuses(() => unsealValues(key, count % 2 ? newAddress() : exchanged, sealed))
    }
  })

  test('does not open with another key, whatever the key is called', () => {
    for (let count = 0; count < 300; count++) {
      const [key, other, address] = [newKey(), newKey(), newAddress()]
      const sealed = sealValues(key, address, values())
      const wrong = pick([other, { ...key, id: other.id }, { ...other, id: key.id }])
      refuses(() => unsealValues(wrong, address, sealed))
    }
  })

  test('is not sealed anew when it was changed', () => {
    for (let count = 0; count < 300; count++) {
      const [from, to, address] = [newKey(), newKey(), newAddress()]
      const sealed = sealValues(from, address, values())
      const moved = resealValues(from, to, address, sealed)
      expect(unsealValues(to, address, moved)).toEqual(unsealValues(from, address, sealed))
      refuses(() => resealValues(from, to, address, damaged(sealed)))
    }
  })
})

describe('a wrapped key', () => {
  let masterKeys: MasterKeys
  let other: MasterKey
  beforeAll(async () => {
    ;[masterKeys, other] = [{ primary: await newMasterKey(), others: [] }, await newMasterKey()]
  })
  const made = () => newWrappedKey(newAddress().workspaceId, pick(['SECRETS', 'DIGESTS'] as const), masterKeys.primary)

  test('is not unwrapped when it was damaged', () => {
    for (let count = 0; count < 800; count++) {
      const row = made()
      unwrapKey(masterKeys, row)
      refuses(() => unwrapKey(masterKeys, { ...row, wrappedKey: damaged(row.wrappedKey) }))
    }
  })

  const moves: Readonly<Record<string, (row: WrappedKeyRow) => Partial<WrappedKeyRow>>> = {
    workspace: () => ({ workspaceId: newAddress().workspaceId }),
    id: () => ({ id: randomBytes(16).toString('hex') }),
    purpose: ({ purpose }) => ({ purpose: purpose === 'SECRETS' ? 'DIGESTS' : 'SECRETS' }),
    'key of another row': () => ({ wrappedKey: made().wrappedKey }),
    'master key': () => ({ masterKeyId: other.id }),
  }
  test.each(Object.entries(moves))('is not unwrapped with another %s', (_, move) => {
    const both = { ...masterKeys, others: [other] }
    for (let count = 0; count < 40; count++) {
      const row = made()
      refuses(() => unwrapKey(both, { ...row, ...move(row) }))
    }
  })
})

describe.each(testDatabases)('in the store on $name', ({ open }) => {
  const cases = 200
  let database: Database
  let masterKeys: MasterKeys
  let address: SecretAddress
  let neighbour: SecretAddress
  let stranger: SecretAddress

  beforeAll(async () => {
    database = await open()
    masterKeys = { primary: await newMasterKey(), others: [] }
    const keyring = await openKeyring(database, masterKeys.primary)
    const versions = createSecretVersions({
      database,
      stores: secretStores(createSealedStore(database, keyring)),
      digester: createDigester(keyring),
    })
    const stored = async (workspaceId: string): Promise<SecretAddress> => {
      const connectorId = crypto.randomUUID()
      const { versionId } = await versions.stage(WorkspaceScope.of(workspaceId), connectorId, { password: 'p' }, null)
      return { workspaceId, connectorId, versionId }
    }
    ;[address, neighbour, stranger] = [await stored('w1'), await stored('w1'), await stored('w2')]
  })
  afterAll(() => database.close())

  const rowOf = async ({ versionId }: SecretAddress) => {
    const { sealedSecrets } = database.tables
    const [row] = await database.read.select().from(sealedSecrets).where(eq(sealedSecrets.versionId, versionId))
    if (!row) throw new Error('There is no such row.')
    return row
  }
  const setRow = ({ versionId }: SecretAddress, to: { ciphertext?: string; keyId?: string }) => {
    const { sealedSecrets } = database.tables
    return database.write(tx =>
      tx.update(sealedSecrets).set(to).where(eq(sealedSecrets.versionId, versionId)).returning(),
    )
  }
  /** By a server that has cached nothing. */
  const get = () => createSealedStore(database, createKeyring(database, masterKeys)).get(address)
  const refusesToGet = async () => {
    const error: unknown = await get().then(
      () => 'nothing',
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({ name: 'SecretStoreError', fault: 'DAMAGED' })
    refused++
  }

  test(`refuses rows that were damaged or exchanged, ${cases} times`, async () => {
    const [own, near, far] = [await rowOf(address), await rowOf(neighbour), await rowOf(stranger)]
    const changes = [
      () => ({ ciphertext: damaged(own.ciphertext) }),
      () => ({ ciphertext: near.ciphertext }),
      () => ({ ciphertext: far.ciphertext }),
      () => ({ ciphertext: far.ciphertext, keyId: far.keyId }),
      () => ({ keyId: far.keyId }),
      () => ({ keyId: randomBytes(16).toString('hex') }),
    ]
    for (let count = 0; count < cases; count++) {
      await setRow(address, { ...own, ...(changes[count % changes.length]?.() ?? {}) })
      await refusesToGet()
    }
    await setRow(address, own)
    expect(await get()).toEqual({ password: 'p' })
  })

  test(`refuses values under keys that were damaged or exchanged, ${cases} times`, async () => {
    const { workspaceKeys } = database.tables
    const { keyId } = await rowOf(address)
    const all = await database.read.select().from(workspaceKeys)
    const own = all.find(key => key.id === keyId)
    if (!own) throw new Error('There is no such key.')
    const others = all.filter(key => key.id !== keyId)
    const set = (to: Partial<WrappedKeyRow>) =>
      database.write(tx => tx.update(workspaceKeys).set(to).where(eq(workspaceKeys.id, keyId)).returning())
    for (let count = 0; count < cases; count++) {
      const wrappedKey = count % 3 === 0 ? pick(others).wrappedKey : damaged(own.wrappedKey)
      await set(count % 3 === 1 ? { purpose: 'DIGESTS' } : { wrappedKey })
      await refusesToGet()
      await set(own)
    }
    expect(await get()).toEqual({ password: 'p' })
  })
})

test('all in all that was refused 10,000 times', () => {
  expect(refused).toBe(10_000)
})
