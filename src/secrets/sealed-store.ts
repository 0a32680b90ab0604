import { and, asc, eq, gt } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { isUniqueViolation } from '../db/unique-violation.ts'
import type { Keyring } from './keyring.ts'
import { MasterKeyError } from './master-key.ts'
import { UnsealError } from './seal.ts'
import { sealValues, unsealValues } from './sealed-value.ts'
import { type SecretAddress, type SecretStore, SecretStoreError } from './secret-store.ts'

/** Each loses against one rotation of the workspace's key. */
const maxAttempts = 5
const pageSize = 500

/** Keeps secrets as ciphertexts in Patchbay's own database. */
export function createSealedStore(database: Database, keyring: Keyring): SecretStore {
  const { sealedSecrets, masterKeys, secretVersions, workspaceKeys } = database.tables
  const at = ({ workspaceId, versionId }: SecretAddress) =>
    and(eq(sealedSecrets.workspaceId, workspaceId), eq(sealedSecrets.versionId, versionId))

  /** False when the key is not the current one any more: a rotation that has begun ends with no row under an old key. */
  const insert = ({ workspaceId, versionId }: SecretAddress, keyId: string, ciphertext: string): Promise<boolean> =>
    database.write(async tx => {
      // In one transaction with the insertion: what the reaper has claimed is not brought back.
      const [intent] = await tx
        .select({ state: secretVersions.state })
        .from(secretVersions)
        .where(and(eq(secretVersions.workspaceId, workspaceId), eq(secretVersions.id, versionId)))
      if (intent?.state !== 'PENDING') throw new SecretStoreError('SEALED', 'WITHDRAWN')
      const [key] = await tx
        .select({ state: workspaceKeys.state })
        .from(workspaceKeys)
        .where(and(eq(workspaceKeys.workspaceId, workspaceId), eq(workspaceKeys.id, keyId)))
      if (key?.state !== 'ACTIVE') return false
      await tx.insert(sealedSecrets).values({ workspaceId, versionId, keyId, ciphertext }).returning()
      return true
    })

  const listed = async (workspaceId: string, after: string) =>
    database.read
      .select({ versionId: sealedSecrets.versionId, connectorId: secretVersions.connectorId })
      .from(sealedSecrets)
      .innerJoin(
        secretVersions,
        and(eq(secretVersions.workspaceId, sealedSecrets.workspaceId), eq(secretVersions.id, sealedSecrets.versionId)),
      )
      .where(and(eq(sealedSecrets.workspaceId, workspaceId), gt(sealedSecrets.versionId, after)))
      .orderBy(asc(sealedSecrets.versionId))
      .limit(pageSize)

  return {
    kind: 'SEALED',
    quarantineMs: 0,

    put: (address, values) =>
      translated('written', async () => {
        const { workspaceId } = address
        for (let attempt = 1; attempt <= maxAttempts; attempt++) {
          const key = await keyring.current(workspaceId, 'SECRETS')
          if (await insert(address, key.id, sealValues(key, address, values))) return
          keyring.forgetCurrent(workspaceId, 'SECRETS')
        }
        throw new SecretStoreError('SEALED', 'FAILED')
      }),

    get: address =>
      translated('read', async () => {
        let lastKeyId: string | null = null
        for (let attempt = 1; attempt <= maxAttempts; attempt++) {
          const [row] = await database.read.select().from(sealedSecrets).where(at(address))
          if (!row) throw new SecretStoreError('SEALED', 'MISSING')
          const key = await keyring.find(address.workspaceId, 'SECRETS', row.keyId)
          if (key) return unsealValues(key, address, row.ciphertext)
          // It may have been sealed anew, and its old key deleted, since the row was read.
          if (row.keyId === lastKeyId) break
          lastKeyId = row.keyId
        }
        throw new UnsealError()
      }),

    fence: address =>
      translated('removed', async () => {
        await database.write(tx =>
          tx.delete(sealedSecrets).where(at(address)).returning({ id: sealedSecrets.versionId }),
        )
      }),

    // The fence is the state of the row that speaks of the version.
    forget: async () => undefined,

    async *list(workspaceId) {
      for (let after = ''; ; ) {
        const page = await translated('read', () => listed(workspaceId, after))
        for (const row of page) yield { workspaceId, ...row }
        const last = page.at(-1)
        if (!last || page.length < pageSize) return
        after = last.versionId
      }
    },

    check: () =>
      translated('read', async () => {
        await database.read.select({ id: masterKeys.id }).from(masterKeys).limit(1)
      }),

    close: async () => undefined,
  }
}

async function translated<T>(verb: 'written' | 'read' | 'removed', work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof SecretStoreError) throw cause
    if (cause instanceof UnsealError) throw new SecretStoreError('SEALED', 'DAMAGED', undefined, { cause })
    if (cause instanceof MasterKeyError) {
      throw new SecretStoreError('SEALED', 'NOT_CONFIGURED', cause.message, { cause })
    }
    if (isUniqueViolation(cause)) throw new SecretStoreError('SEALED', 'EXISTS', undefined, { cause })
    throw new SecretStoreError(
      'SEALED',
      'UNREACHABLE',
      `Secrets cannot be ${verb} at the moment, because the database does not answer as it should.`,
      { cause },
    )
  }
}
