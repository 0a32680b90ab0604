import { and, eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SecretValues } from '../../src/connectors/secret-values.ts'
import type { Database } from '../../src/db/database.ts'
import type { ConnectorRow, SecretVersionRow } from '../../src/db/rows.ts'
import { WorkspaceScope } from '../../src/db/workspace-scope.ts'
import type { Digester } from '../../src/secrets/digester.ts'
import { createDigester } from '../../src/secrets/keyed-digester.ts'
import { openKeyring } from '../../src/secrets/keyring.ts'
import { createSealedStore } from '../../src/secrets/sealed-store.ts'
import { type SecretStore, SecretStoreError, secretStores } from '../../src/secrets/secret-store.ts'
import {
  createSecretVersions,
  type SecretReadListener,
  type SecretVersions,
} from '../../src/services/secret-versions.ts'
import { newMasterKey } from '../secrets/test-keys.ts'
import { testDatabases } from '../servers/databases.ts'
import { untold } from './audit-world.ts'

const hour = 3_600_000
const workspaceId = 'w1'
const workspace = WorkspaceScope.of(workspaceId)
const connectorId = '0199a000-0000-7000-8000-000000000001'

/** A second store, elsewhere: what is on its way to it may arrive late. */
function elsewhere() {
  const values = new Map<string, SecretValues | 'FENCED'>()
  const store: SecretStore = {
    kind: 'VAULT',
    quarantineMs: 24 * hour,
    put: async ({ versionId }, put) => {
      if (values.has(versionId)) throw new SecretStoreError('VAULT', 'EXISTS')
      values.set(versionId, put)
    },
    get: async ({ versionId }) => {
      const found = values.get(versionId)
      if (found === undefined || found === 'FENCED') throw new SecretStoreError('VAULT', 'MISSING')
      return found
    },
    fence: async ({ versionId }) => void values.set(versionId, 'FENCED'),
    forget: async ({ versionId }) => void values.delete(versionId),
    async *list() {},
    check: async () => undefined,
    close: async () => undefined,
  }
  return { store, values }
}

describe.each(testDatabases)('secret versions in two stores on $name', ({ open }) => {
  let database: Database
  let sealed: SecretStore
  let far: ReturnType<typeof elsewhere>
  let digester: Digester
  let versions: SecretVersions
  let reads: Parameters<SecretReadListener>[0][]
  let clock: number
  const later = (ms: number) => new Date(clock + ms)

  beforeAll(async () => {
    database = await open()
    const keyring = await openKeyring(database, await newMasterKey())
    sealed = createSealedStore(database, keyring)
    far = elsewhere()
    digester = createDigester(keyring)
    versions = createSecretVersions({
      database,
      stores: secretStores(sealed, [far.store]),
      digester,
      onRead: read => reads.push(read),
      now: () => new Date(clock),
    })
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    clock = Date.parse('2026-01-01T00:00:00.000Z')
    reads = []
    far.values.clear()
    const { connectors, sealedSecrets, secretVersions } = database.tables
    await database.write(async tx => {
      for (const table of [connectors, sealedSecrets, secretVersions]) await tx.delete(table)
    })
  })

  /** A connector with a password in the sealed store. */
  async function saved(): Promise<ConnectorRow> {
    const { versionId } = await versions.stage(workspace, connectorId, { password: 'p' }, null)
    const at = new Date(clock)
    const stamps = { createdAt: at, createdBy: null, updatedAt: at, updatedBy: null }
    const names = { name: 'c', nameKey: 'c', description: null, externalKey: null, typeName: 'POSTGRES' }
    const row = {
      workspaceId,
      id: connectorId,
      ...names,
      config: {},
      version: 1,
      ...stamps,
      secretVersionId: versionId,
    }
    await database.write(async tx => {
      await versions.activate(tx, workspace, versionId)
      await tx.insert(database.tables.connectors).values(row).returning()
    })
    return row
  }
  async function versionRow(id: string | null): Promise<SecretVersionRow> {
    const { secretVersions } = database.tables
    const [row] = await database.read
      .select()
      .from(secretVersions)
      .where(eq(secretVersions.id, id ?? ''))
    if (!row) throw new Error('There is no such version.')
    return row
  }
  /** Points the connector at `versionId`, as a move does, or as an edit does that raises the version. */
  const point = (row: ConnectorRow, versionId: string, version = row.version) =>
    database.write(async tx => {
      const { connectors } = database.tables
      await versions.activate(tx, workspace, versionId)
      await tx
        .update(connectors)
        .set({ secretVersionId: versionId, version })
        .where(and(eq(connectors.workspaceId, workspaceId), eq(connectors.id, row.id)))
        .returning()
      await versions.retire(tx, workspace, row.secretVersionId ?? '')
    })

  test('are copied with what is known of them, and stay the same version to clients', async () => {
    const row = await saved()
    const source = await versionRow(row.secretVersionId)
    clock += hour
    const copyId = await versions.stageCopy(source, 'VAULT', untold)
    const copy = await versionRow(copyId)
    const { digests, setAt, createdAt } = source
    expect(copy).toMatchObject({ store: 'VAULT', state: 'PENDING', copyOf: source.id, digests, setAt, createdAt })
    await point(row, copyId)
    expect(await versions.readOf(workspace, { ...row, secretVersionId: copyId }, untold)).toEqual({ password: 'p' })
    const back = await versionRow(await versions.stageCopy(await versionRow(copyId), 'SEALED', untold))
    expect(back).toMatchObject({ store: 'SEALED', copyOf: source.id })
  })

  test('are read from where they have been moved to meanwhile', async () => {
    const row = await saved()
    const copyId = await versions.stageCopy(await versionRow(row.secretVersionId), 'VAULT', untold)
    await point(row, copyId)
    await versions.reap(later(25 * hour))
    expect(await versions.readOf(workspace, row, untold)).toEqual({ password: 'p' })
  })

  test('are refused when others have been put in their place', async () => {
    const row = await saved()
    const copyId = await versions.stageCopy(await versionRow(row.secretVersionId), 'VAULT', untold)
    await point(row, copyId)
    for (const other of [{ password: 'another' }, { token: 'p' }, { password: 'p', token: 't' }, {}]) {
      far.values.set(copyId, other)
      await expect(versions.readOf(workspace, { ...row, secretVersionId: copyId }, untold)).rejects.toMatchObject({
        fault: 'DAMAGED',
      })
      await expect(versions.stageCopy(await versionRow(copyId), 'SEALED', untold)).rejects.toMatchObject({
        fault: 'DAMAGED',
      })
    }
    expect(reads.at(-1)).toMatchObject({ store: 'VAULT', ok: false })
  })

  test('are not read for a configuration that they were not given with', async () => {
    const row = await saved()
    const { versionId } = await versions.stage(workspace, connectorId, { password: 'for another host' }, null)
    await point(row, versionId, row.version + 1)
    await versions.reap(later(25 * hour))
    await expect(versions.readOf(workspace, row, untold)).rejects.toMatchObject({
      name: 'SecretStoreError',
      fault: 'MISSING',
    })
  })

  test('stay fenced in a store elsewhere until no late write can come', async () => {
    const row = await saved()
    const source = await versionRow(row.secretVersionId)
    const copyId = await versions.stageCopy(source, 'VAULT', untold)
    await versions.discard(workspace, copyId)
    expect([(await versionRow(copyId)).state, far.values.get(copyId)]).toEqual(['FENCED', 'FENCED'])
    await expect(point(row, copyId)).rejects.toMatchObject({ fault: 'WITHDRAWN' })
    await expect(far.store.put({ workspaceId, connectorId, versionId: copyId }, { password: 'late' })).rejects.toThrow()
    expect(await versions.reap(later(23 * hour))).toBe(0)
    expect(await versions.reap(later(25 * hour))).toBe(1)
    expect(far.values.size).toBe(0)
    expect(await versions.readOf(workspace, row, untold)).toEqual({ password: 'p' })
  })

  test('tell of each read which version it was and whether it could be read, and nothing of it', async () => {
    const row = await saved()
    await versions.readOf(workspace, row, untold)
    await sealed.fence({ workspaceId, connectorId, versionId: row.secretVersionId ?? '' })
    await expect(versions.readOf(workspace, row, untold)).rejects.toMatchObject({ fault: 'MISSING' })
    const versionId = row.secretVersionId
    const address = { workspaceId, connectorId, versionId, store: 'SEALED' }
    expect(reads).toEqual([
      { ...address, ok: true },
      { ...address, ok: false },
    ])
  })

  test('in a store that this server is not set up for are unavailable, not lost', async () => {
    const row = await saved()
    const copyId = await versions.stageCopy(await versionRow(row.secretVersionId), 'VAULT', untold)
    await point(row, copyId)
    const alone = createSecretVersions({ database, stores: secretStores(sealed), digester })
    await expect(alone.readOf(workspace, { ...row, secretVersionId: copyId }, untold)).rejects.toMatchObject({
      fault: 'NOT_CONFIGURED',
      reason: 'UNAVAILABLE',
    })
  })
})
