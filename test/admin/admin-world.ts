import { and, eq } from 'drizzle-orm'
import type { Admin, Command, CommandOptions } from '../../src/admin/command.ts'
import type { SecretValues } from '../../src/connectors/secret-values.ts'
import type { ConnectorRow, SecretVersionRow } from '../../src/db/rows.ts'
import { WorkspaceScope } from '../../src/db/workspace-scope.ts'
import { createDigester } from '../../src/secrets/keyed-digester.ts'
import { createKeyring, openKeyring } from '../../src/secrets/keyring.ts'
import type { MasterKey, MasterKeys } from '../../src/secrets/master-key.ts'
import { createSealedStore } from '../../src/secrets/sealed-store.ts'
import { type SecretAddress, secretStores } from '../../src/secrets/secret-store.ts'
import type { VaultSettings } from '../../src/secrets/vault/settings.ts'
import { newId } from '../../src/services/ids.ts'
import { createSecretVersions } from '../../src/services/secret-versions.ts'
import { newMasterKey } from '../secrets/test-keys.ts'
import type { TestDatabase } from '../servers/databases.ts'
import { listedStore } from './listed-store.ts'

export const vaultSettings: VaultSettings = {
  address: 'http://127.0.0.1:8200',
  clusterAddresses: ['http://127.0.0.1:8200'],
  namespace: null,
  kvMount: 'secret',
  kvPrefix: 'workspaces',
  caFile: null,
  signIn: { method: 'token', file: '/nowhere' },
}

/** One database with a server's view of it and an administrator's: each has its own caches. */
export async function openAdminWorld({ open }: TestDatabase, otherMasterKeys: readonly MasterKey[] = []) {
  const database = await open()
  const primary = await newMasterKey()
  const keyring = await openKeyring(database, primary, otherMasterKeys)
  const sealed = createSealedStore(database, keyring)
  const vault = listedStore()
  const stores = secretStores(sealed, [vault.store])
  const server = createSecretVersions({ database, stores, digester: createDigester(keyring) })
  const reads: SecretAddress[] = []

  const runWith = async (
    command: Command,
    options: CommandOptions,
    { masterKeys = { primary, others: [] }, signal }: { masterKeys?: MasterKeys; signal?: AbortSignal } = {},
  ) => {
    const progress: string[] = []
    const ownKeyring = createKeyring(database, masterKeys)
    const keys = { database, masterKeys, keyring: ownKeyring }
    const ownStores = secretStores(createSealedStore(database, ownKeyring), [vault.store])
    const digester = createDigester(ownKeyring)
    const admin: Admin = {
      settings: { secretStore: 'sealed', vault: vaultSettings },
      signal: signal ?? new AbortController().signal,
      progress: line => progress.push(line),
      openDatabase: async () => database,
      openKeys: async () => keys,
      openSecrets: async () => ({
        ...keys,
        stores: ownStores,
        secretVersions: createSecretVersions({
          database,
          stores: ownStores,
          digester,
          onRead: read => reads.push(read),
        }),
      }),
    }
    const { json, ...result } = await command.run(admin, options)
    // As whoever reads it does.
    return { ...result, progress, json: JSON.parse(JSON.stringify(json)) }
  }

  return {
    database,
    primary,
    keyring,
    sealed,
    vault,
    stores,
    /** The life of secrets as a server lives it. */
    server,
    /** What the commands have read. */
    reads,
    run: runWith,

    /** A connector with secrets, as the service saves it. */
    async saveConnector(workspaceId: string, values: SecretValues = { password: 'p' }): Promise<ConnectorRow> {
      const id = newId()
      const { versionId } = await server.stage(WorkspaceScope.of(workspaceId), id, values, null)
      const now = new Date()
      const row: ConnectorRow = {
        workspaceId,
        id,
        name: id,
        nameKey: id,
        description: null,
        externalKey: null,
        typeName: 'POSTGRES',
        config: {},
        secretVersionId: versionId,
        version: 1,
        createdAt: now,
        createdBy: null,
        updatedAt: now,
        updatedBy: null,
      }
      await database.write(async tx => {
        await server.activate(tx, WorkspaceScope.of(workspaceId), versionId)
        await tx.insert(database.tables.connectors).values(row).returning()
      })
      return row
    },

    async connector({ workspaceId, id }: ConnectorRow): Promise<ConnectorRow> {
      const { connectors } = database.tables
      const [row] = await database.read
        .select()
        .from(connectors)
        .where(and(eq(connectors.workspaceId, workspaceId), eq(connectors.id, id)))
      if (!row) throw new Error('There is no such connector.')
      return row
    },

    async version(workspaceId: string, versionId: string | null): Promise<SecretVersionRow> {
      const { secretVersions } = database.tables
      const [row] = await database.read
        .select()
        .from(secretVersions)
        .where(and(eq(secretVersions.workspaceId, workspaceId), eq(secretVersions.id, versionId ?? '')))
      if (!row) throw new Error('There is no such version.')
      return row
    },

    changeVersion: ({ id }: Pick<SecretVersionRow, 'id'>, to: Partial<SecretVersionRow>) => {
      const { secretVersions } = database.tables
      return database.write(tx => tx.update(secretVersions).set(to).where(eq(secretVersions.id, id)).returning())
    },

    async [Symbol.asyncDispose]() {
      await database.close()
    },
  }
}

export type AdminWorld = Awaited<ReturnType<typeof openAdminWorld>>
