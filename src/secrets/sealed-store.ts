import { and, eq } from 'drizzle-orm'
import type { SecretValues } from '../connectors/secret-values.ts'
import type { Database } from '../db/database.ts'
import { isUniqueViolation } from '../db/unique-violation.ts'
import { canonicalJson } from './canonical-json.ts'
import type { Keyring } from './keyring.ts'
import { seal, UnsealError, unseal } from './seal.ts'
import { type SecretAddress, type SecretStore, SecretStoreError } from './secret-store.ts'

/** Keeps secrets as ciphertexts in Patchbay's own database. */
export function createSealedStore(database: Database, keyring: Keyring): SecretStore {
  const { sealedSecrets, masterKeys, secretVersions } = database.tables
  const at = ({ workspaceId, versionId }: SecretAddress) =>
    and(eq(sealedSecrets.workspaceId, workspaceId), eq(sealedSecrets.versionId, versionId))

  return {
    kind: 'SEALED',
    quarantineMs: 0,

    put: (address, values) =>
      translated('written', async () => {
        const key = await keyring.current(address.workspaceId, 'SECRETS')
        // One ciphertext for the whole set: neither field names nor single values can be moved or told apart.
        const ciphertext = seal(key, sealContext(address, key.id), Buffer.from(canonicalJson(values)))
        const { workspaceId, versionId } = address
        await database.write(async tx => {
          // In one transaction with the insertion: what the reaper has claimed is not brought back.
          const [intent] = await tx
            .select({ state: secretVersions.state })
            .from(secretVersions)
            .where(and(eq(secretVersions.workspaceId, workspaceId), eq(secretVersions.id, versionId)))
          if (intent?.state !== 'PENDING') throw new SecretStoreError('SEALED', 'WITHDRAWN')
          await tx.insert(sealedSecrets).values({ workspaceId, versionId, keyId: key.id, ciphertext }).returning()
        })
      }),

    get: address =>
      translated('read', async () => {
        const [row] = await database.read.select().from(sealedSecrets).where(at(address))
        if (!row) throw new SecretStoreError('SEALED', 'MISSING')
        const key = await keyring.find(address.workspaceId, 'SECRETS', row.keyId)
        if (!key) throw new UnsealError()
        return parseValues(unseal(key, sealContext(address, key.id), row.ciphertext))
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
      const rows = await translated('read', async () =>
        database.read
          .select({ versionId: sealedSecrets.versionId, connectorId: secretVersions.connectorId })
          .from(sealedSecrets)
          .innerJoin(
            secretVersions,
            and(
              eq(secretVersions.workspaceId, sealedSecrets.workspaceId),
              eq(secretVersions.id, sealedSecrets.versionId),
            ),
          )
          .where(eq(sealedSecrets.workspaceId, workspaceId)),
      )
      for (const row of rows) yield { workspaceId, ...row }
    },

    check: () =>
      translated('read', async () => {
        await database.read.select({ id: masterKeys.id }).from(masterKeys).limit(1)
      }),

    close: async () => undefined,
  }
}

function sealContext({ workspaceId, connectorId, versionId }: SecretAddress, keyId: string): string[] {
  return [workspaceId, connectorId, versionId, keyId]
}

function parseValues(plaintext: Buffer): SecretValues {
  try {
    // What the key has opened is what `put` has sealed.
    return JSON.parse(plaintext.toString()) as SecretValues
  } finally {
    plaintext.fill(0)
  }
}

async function translated<T>(verb: 'written' | 'read' | 'removed', work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof SecretStoreError) throw cause
    if (cause instanceof UnsealError) throw new SecretStoreError('SEALED', 'DAMAGED', undefined, { cause })
    if (isUniqueViolation(cause)) throw new SecretStoreError('SEALED', 'EXISTS', undefined, { cause })
    throw new SecretStoreError(
      'SEALED',
      'UNREACHABLE',
      `Secrets cannot be ${verb} at the moment, because the database does not answer as it should.`,
      { cause },
    )
  }
}
