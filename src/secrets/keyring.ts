import { and, asc, eq } from 'drizzle-orm'
import type { Database, Writer } from '../db/database.ts'
import { assertInUse, assertMasterKeysComplete, checkMasterKeys } from './check-master-keys.ts'
import type { MasterKey, MasterKeys } from './master-key.ts'
import { type SealingKey, UnsealError } from './seal.ts'
import { newWrappedKey, unwrapKey, type WrappedKeyRow } from './wrapped-key.ts'

export type KeyPurpose = WrappedKeyRow['purpose']

/**
 * The keys of the workspaces, unwrapped by the master keys. Methods throw `UnsealError` for a damaged key, and
 * `MasterKeyError` when another master key is needed.
 */
export interface Keyring {
  /** The key to use from now on; made when the workspace has none yet. */
  current(workspaceId: string, purpose: KeyPurpose): Promise<SealingKey>
  /** A key that was current once; null when the workspace has no such key. */
  find(workspaceId: string, purpose: KeyPurpose, keyId: string): Promise<SealingKey | null>
  /** To be called once a current key has turned out to be current no longer: it is looked up anew. */
  forgetCurrent(workspaceId: string, purpose: KeyPurpose): void
}

const maxCachedKeys = 2000

/** Throws `MasterKeyError` when the database was used with other master keys. */
export async function openKeyring(
  database: Database,
  primary: MasterKey,
  others: readonly MasterKey[] = [],
): Promise<Keyring> {
  const masterKeys = { primary, others }
  await checkMasterKeys(database, masterKeys)
  await assertMasterKeysComplete(database, masterKeys)
  return createKeyring(database, masterKeys)
}

/** The master keys must have been checked. */
export function createKeyring(database: Database, masterKeys: MasterKeys): Keyring {
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

  const unwrap = (row: WrappedKeyRow) => unwrapKey(masterKeys, row)

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
      return addWorkspaceKey(tx, database, masterKeys.primary, workspaceId, purpose)
    })
    return unwrap(row)
  }

  const currentName = (workspaceId: string, purpose: KeyPurpose) => JSON.stringify([workspaceId, purpose])

  return {
    current: async (workspaceId, purpose) => {
      const key = await cached(currentName(workspaceId, purpose), () => loadCurrent(workspaceId, purpose))
      if (!key) throw new UnsealError()
      return key
    },
    forgetCurrent: (workspaceId, purpose) => void cache.delete(currentName(workspaceId, purpose)),
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

/** Makes a key that is active from now on. Throws `MasterKeyError` when the master key has been replaced. */
export async function addWorkspaceKey(
  tx: Writer,
  { tables }: Pick<Database, 'tables'>,
  masterKey: MasterKey,
  workspaceId: string,
  purpose: KeyPurpose,
): Promise<WrappedKeyRow> {
  await assertInUse(tx, { tables }, masterKey)
  const made = newWrappedKey(workspaceId, purpose, masterKey)
  await tx.insert(tables.workspaceKeys).values(made).returning()
  return made
}
