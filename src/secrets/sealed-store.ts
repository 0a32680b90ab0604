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
  const { sealedSecrets, masterKeys } = database.tables
  const at = ({ workspaceId, versionId }: SecretAddress) =>
    and(eq(sealedSecrets.workspaceId, workspaceId), eq(sealedSecrets.versionId, versionId))

  return {
    kind: 'SEALED',

    put: (address, values) =>
      translated('written', async () => {
        const key = await keyring.current(address.workspaceId, 'SECRETS')
        // One ciphertext for the whole set: neither field names nor single values can be moved or told apart.
        const ciphertext = seal(key, sealContext(address, key.id), Buffer.from(canonicalJson(values)))
        const { workspaceId, versionId } = address
        await database.write(tx =>
          tx.insert(sealedSecrets).values({ workspaceId, versionId, keyId: key.id, ciphertext }).returning(),
        )
      }),

    get: address =>
      translated('read', async () => {
        const [row] = await database.read.select().from(sealedSecrets).where(at(address))
        if (!row) throw new SecretStoreError('UNREADABLE', 'The stored secrets are missing. Enter them again.')
        const key = await keyring.find(address.workspaceId, 'SECRETS', row.keyId)
        if (!key) throw new UnsealError()
        return parseValues(unseal(key, sealContext(address, key.id), row.ciphertext))
      }),

    destroy: address =>
      translated('removed', async () => {
        await database.write(tx =>
          tx.delete(sealedSecrets).where(at(address)).returning({ id: sealedSecrets.versionId }),
        )
      }),

    check: () =>
      translated('read', async () => {
        await database.read.select({ id: masterKeys.id }).from(masterKeys).limit(1)
      }),
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
    if (cause instanceof UnsealError) {
      throw new SecretStoreError(
        'UNREADABLE',
        'The stored secrets are damaged, or were sealed with another key. Enter them again.',
        { cause },
      )
    }
    if (isUniqueViolation(cause)) {
      throw new SecretStoreError('UNREADABLE', 'This version of the secrets exists already and is never overwritten.', {
        cause,
      })
    }
    throw new SecretStoreError(
      'UNAVAILABLE',
      `Secrets cannot be ${verb} at the moment, because the database does not answer as it should.`,
      { cause },
    )
  }
}
