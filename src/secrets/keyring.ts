import { createSecretKey, randomBytes } from 'node:crypto'
import { and, asc, eq } from 'drizzle-orm'
import type { Database, Tables } from '../db/database.ts'
import { type MasterKey, MasterKeyError } from './master-key.ts'
import { type SealingKey, seal, UnsealError, unseal } from './seal.ts'

export type KeyPurpose = 'SECRETS' | 'DIGESTS'

/** The keys of the workspaces, unwrapped by the master key. Methods throw `UnsealError` for a damaged key. */
export interface Keyring {
  /** The key to use from now on; made when the workspace has none yet. */
  current(workspaceId: string, purpose: KeyPurpose): Promise<SealingKey>
  /** A key that was current once; null when the workspace has no such key. */
  find(workspaceId: string, purpose: KeyPurpose, keyId: string): Promise<SealingKey | null>
}

type KeyRow = Tables['workspaceKeys']['$inferSelect']

const maxCachedKeys = 2000

/** Throws `MasterKeyError` when the database was used with another master key. */
export async function openKeyring(database: Database, masterKey: MasterKey): Promise<Keyring> {
  await checkMasterKey(database, masterKey)
  const { workspaceKeys } = database.tables
  const cache = new Map<string, Promise<SealingKey | null>>()

  // Promises are cached, so that concurrent first uses ask the database once.
  const cached = (name: string, load: () => Promise<SealingKey | null>): Promise<SealingKey | null> => {
    const known = cache.get(name)
    if (known) {
      cache.delete(name)
      cache.set(name, known)
      return known
    }
    const forget = () => void (cache.get(name) === loading && cache.delete(name))
    const loading = load()
    loading.then(key => key ?? forget(), forget)
    cache.set(name, loading)
    const [oldest] = cache.keys()
    if (cache.size > maxCachedKeys && oldest !== undefined) cache.delete(oldest)
    return loading
  }

  const unwrap = (row: KeyRow): SealingKey => {
    const bytes = unseal(masterKey, wrapContext(row), row.wrappedKey)
    const key = createSecretKey(bytes)
    bytes.fill(0)
    return { id: row.id, key }
  }

  const currentOf = (workspaceId: string, purpose: KeyPurpose) =>
    and(
      eq(workspaceKeys.workspaceId, workspaceId),
      eq(workspaceKeys.purpose, purpose),
      eq(workspaceKeys.state, 'ACTIVE'),
    )
  const oldestFirst = [asc(workspaceKeys.createdAt), asc(workspaceKeys.id)]

  const loadCurrent = async (workspaceId: string, purpose: KeyPurpose): Promise<SealingKey> => {
    const [existing] = await database.read
      .select()
      .from(workspaceKeys)
      .where(currentOf(workspaceId, purpose))
      .orderBy(...oldestFirst)
      .limit(1)
    if (existing) return unwrap(existing)
    // Transactions are serializable, so of two processes that get here one makes the key and the other finds it.
    const row = await database.write(async tx => {
      const [other] = await tx
        .select()
        .from(workspaceKeys)
        .where(currentOf(workspaceId, purpose))
        .orderBy(...oldestFirst)
        .limit(1)
      if (other) return other
      const made = newKeyRow(workspaceId, purpose, masterKey)
      await tx.insert(workspaceKeys).values(made).returning()
      return made
    })
    return unwrap(row)
  }

  return {
    current: async (workspaceId, purpose) => {
      const key = await cached(JSON.stringify([workspaceId, purpose]), () => loadCurrent(workspaceId, purpose))
      if (!key) throw new UnsealError()
      return key
    },
    find: (workspaceId, purpose, keyId) =>
      cached(JSON.stringify([workspaceId, purpose, keyId]), async () => {
        const [row] = await database.read
          .select()
          .from(workspaceKeys)
          .where(
            and(
              eq(workspaceKeys.workspaceId, workspaceId),
              eq(workspaceKeys.id, keyId),
              eq(workspaceKeys.purpose, purpose),
            ),
          )
        return row ? unwrap(row) : null
      }),
  }
}

function newKeyRow(workspaceId: string, purpose: KeyPurpose, masterKey: MasterKey): KeyRow {
  const identity = { workspaceId, id: randomBytes(16).toString('hex'), purpose, masterKeyId: masterKey.id }
  const bytes = randomBytes(32)
  const wrappedKey = seal(masterKey, wrapContext(identity), bytes)
  bytes.fill(0)
  return { ...identity, state: 'ACTIVE', wrappedKey, createdAt: new Date() }
}

function wrapContext(row: Pick<KeyRow, 'workspaceId' | 'id' | 'purpose' | 'masterKeyId'>): string[] {
  return ['dek', row.workspaceId, row.id, row.masterKeyId, row.purpose]
}

/** Compares with what the master key sealed when the database was first used; a wrong key must be noticed before it writes. */
async function checkMasterKey(database: Database, masterKey: MasterKey): Promise<void> {
  const { masterKeys } = database.tables
  const context = ['check', masterKey.id]
  const rows = await database.write(async tx => {
    const known = await tx.select().from(masterKeys)
    if (known.length > 0) return known
    const checkValue = seal(masterKey, context, Buffer.from('patchbay'))
    return tx.insert(masterKeys).values({ id: masterKey.id, checkValue, createdAt: new Date() }).returning()
  })
  const own = rows.find(row => row.id === masterKey.id)
  if (!own) {
    throw new MasterKeyError(
      `The secrets in this database were sealed with another master key than ${masterKey.file}. Put the right key back (its id begins with ${rows[0]?.id.slice(0, 8)}), or start with an empty database.`,
    )
  }
  try {
    unseal(masterKey, context, own.checkValue)
  } catch (cause) {
    throw new MasterKeyError(
      `The master key ${masterKey.file} does not open the check value in this database, which is damaged. Restore the database from a backup.`,
      { cause },
    )
  }
}
