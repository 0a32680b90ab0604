import { eq, sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { secretsAudit } from '../../src/admin/secrets-audit.ts'
import type { ConnectorRow } from '../../src/db/rows.ts'
import { WorkspaceScope } from '../../src/db/workspace-scope.ts'
import { SecretStoreError } from '../../src/secrets/secret-store.ts'
import { newId } from '../../src/services/ids.ts'
import { newMasterKey } from '../secrets/test-keys.ts'
import { testDatabases } from '../servers/databases.ts'
import { type AdminWorld, openAdminWorld } from './admin-world.ts'

const workspaceId = 'w1'
const workspace = WorkspaceScope.of(workspaceId)
const longAgo = new Date(Date.now() - 30 * 24 * 3_600_000)

describe.each(testDatabases)('secrets:audit on $name', testDatabase => {
  const audit = (world: AdminWorld, options = {}, more = {}) => world.run(secretsAudit, options, more)
  const findingsOf = async (world: AdminWorld) => (await audit(world)).json.findings
  const idsOf = ({ workspaceId, id: connectorId, secretVersionId: versionId }: ConnectorRow) => ({
    workspaceId,
    connectorId,
    versionId,
  })

  test('finds nothing wrong with what servers have written, and opens all of it', async () => {
    await using world = await openAdminWorld(testDatabase)
    const kept = [
      await world.saveConnector('w1'),
      await world.saveConnector('w2', { token: 't' }),
      await world.saveConnector('w3'),
    ]
    const staged = await world.server.stage(WorkspaceScope.of('w1'), newId(), { password: 'not saved yet' }, null)
    await world.vault.store.put({ workspaceId: 'w3', connectorId: newId(), versionId: newId() }, { a: 'b' })
    world.vault.content.clear()
    const { exitCode, json, lines } = await audit(world)
    expect({ exitCode, json }).toEqual({
      exitCode: 0,
      json: {
        workspaces: 3,
        opened: 3,
        notAsked: 0,
        faults: [],
        underRetiredKeys: 0,
        counts: {},
        findings: [],
        complete: true,
      },
    })
    expect(lines.at(-1)).toBe('Nothing is wrong.')
    const seen = world.reads.map(read => read.versionId)
    expect(seen.toSorted()).toEqual(kept.map(row => row.secretVersionId).toSorted())
    expect(seen).not.toContain(staged.versionId)
    expect(await audit(world, { workspace: 'w2' })).toMatchObject({ json: { workspaces: 1, opened: 1 } })
  })

  test('finds a value that is missing, in either store', async () => {
    await using world = await openAdminWorld(testDatabase)
    const [sealed, far] = [await world.saveConnector(workspaceId), await world.saveConnector(workspaceId)]
    const { sealedSecrets } = world.database.tables
    await world.database.write(tx => tx.delete(sealedSecrets).returning())
    await world.changeVersion({ id: far.secretVersionId ?? '' }, { store: 'VAULT' })
    const { exitCode, json } = await audit(world)
    expect(exitCode).toBe(1)
    expect(json.findings).toEqual(
      expect.arrayContaining([
        { kind: 'MISSING', ...idsOf(sealed), store: 'SEALED', state: 'ACTIVE' },
        { kind: 'MISSING', ...idsOf(far), store: 'VAULT', state: 'ACTIVE' },
      ]),
    )
    expect(json.counts).toEqual({ MISSING: 2 })
  })

  test('finds a value that cannot be opened, also one that a restored database would use', async () => {
    await using world = await openAdminWorld(testDatabase)
    const [damaged, retired] = [await world.saveConnector(workspaceId), await world.saveConnector(workspaceId)]
    const { sealedSecrets, connectors } = world.database.tables
    await world.database.write(async tx => {
      await tx.update(sealedSecrets).set({ ciphertext: 'AAAA' }).returning()
      await tx.delete(connectors).where(eq(connectors.id, retired.id)).returning()
      await world.server.retire(tx, workspace, retired.secretVersionId ?? '')
    })
    const { exitCode, json } = await audit(world)
    expect(exitCode).toBe(1)
    expect(json.counts).toEqual({ DAMAGED: 2 })
    expect(json.findings).toEqual(
      expect.arrayContaining([
        { kind: 'DAMAGED', ...idsOf(damaged), store: 'SEALED', state: 'ACTIVE' },
        { kind: 'DAMAGED', ...idsOf(retired), store: 'SEALED', state: 'RETIRED' },
      ]),
    )
  })

  test('finds orphans in a store of its own, with their paths, and none of what rows speak of', async () => {
    await using world = await openAdminWorld(testDatabase)
    const known = await world.saveConnector(workspaceId)
    const orphan = { workspaceId, connectorId: newId(), versionId: newId() }
    await world.vault.store.put(orphan, { password: 'nobody knows' })
    const pending = await world.server.stage(workspace, known.id, { password: 'p' }, null)
    await world.changeVersion({ id: pending.versionId }, { store: 'VAULT' })
    const fenced = await world.server.stage(workspace, known.id, { password: 'p' }, null)
    await world.changeVersion({ id: fenced.versionId }, { store: 'VAULT', state: 'FENCED' })
    for (const { versionId } of [pending, fenced]) {
      await world.database.write(tx =>
        tx
          .delete(world.database.tables.sealedSecrets)
          .where(eq(world.database.tables.sealedSecrets.versionId, versionId))
          .returning(),
      )
      await world.vault.store.put({ workspaceId, connectorId: known.id, versionId }, { password: 'p' })
    }
    const { exitCode, json } = await audit(world)
    expect(exitCode).toBe(1)
    const path = `secret/metadata/workspaces/${workspaceId}/connectors/${orphan.connectorId}/${orphan.versionId}`
    expect(json.findings).toEqual([{ kind: 'ORPHANED', ...orphan, store: 'VAULT', path }])
  })

  test('takes nothing for an orphan that is removed while it looks', async () => {
    await using world = await openAdminWorld(testDatabase)
    await world.saveConnector(workspaceId)
    const address = { workspaceId, connectorId: newId(), versionId: newId() }
    await world.vault.store.put(address, { password: 'p' })
    const { list } = world.vault.store
    // As after the reaper's last step, between the list and the look at the rows.
    Object.assign(world.vault.store, {
      async *list(id: string) {
        yield* list(id)
        world.vault.content.clear()
      },
    })
    expect(await audit(world)).toMatchObject({ exitCode: 0, json: { findings: [] } })
  })

  test('finds a sealed value whose version lies elsewhere', async () => {
    await using world = await openAdminWorld(testDatabase)
    const row = await world.saveConnector(workspaceId)
    const address = { workspaceId, connectorId: row.id, versionId: row.secretVersionId ?? '' }
    await world.changeVersion({ id: address.versionId }, { store: 'VAULT' })
    await world.vault.store.put(address, { password: 'p' })
    expect(await findingsOf(world)).toEqual([
      { kind: 'ORPHANED', workspaceId, versionId: address.versionId, store: 'SEALED' },
    ])
  })

  test.each(['PENDING', 'REAPING', 'FENCED', 'RETIRED'] as const)(
    'finds what has been %s for too long',
    async state => {
      await using world = await openAdminWorld(testDatabase)
      const { versionId } = await world.server.stage(workspace, newId(), { password: 'p' }, null)
      await world.changeVersion({ id: versionId }, { state })
      expect(await findingsOf(world)).toEqual([])
      await world.changeVersion({ id: versionId }, { state, stateAt: longAgo })
      expect(await findingsOf(world)).toMatchObject([{ kind: 'STUCK', workspaceId, versionId, state }])
    },
  )

  test('does not call a mistyped workspace clean, but finds what the store has of a forgotten one', async () => {
    await using world = await openAdminWorld(testDatabase)
    await world.saveConnector(workspaceId)
    await expect(audit(world, { workspace: 'w-1' })).rejects.toThrow('knows no workspace w-1')
    await world.vault.store.put({ workspaceId: 'w-1', connectorId: newId(), versionId: newId() }, { password: 'p' })
    expect(await audit(world, { workspace: 'w-1' })).toMatchObject({ exitCode: 1, json: { counts: { ORPHANED: 1 } } })
  })

  test('finds what servers try to remove again and again', async () => {
    await using world = await openAdminWorld(testDatabase)
    const { versionId } = await world.server.stage(workspace, newId(), { password: 'p' }, null)
    await world.changeVersion({ id: versionId }, { store: 'VAULT', state: 'REAPING', stateAt: longAgo })
    await world.database.write(tx => tx.delete(world.database.tables.sealedSecrets).returning())
    Object.assign(world.vault.store, { fence: () => Promise.reject(new SecretStoreError('VAULT', 'FORBIDDEN')) })
    await expect(world.server.reap(new Date())).rejects.toMatchObject({ fault: 'FORBIDDEN' })
    expect(await findingsOf(world)).toMatchObject([{ kind: 'STUCK', workspaceId, versionId, state: 'REAPING' }])
  })

  test('finds connectors whose secrets are not in use, and secrets in use without a connector', async () => {
    await using world = await openAdminWorld(testDatabase)
    const [unusable, gone] = [await world.saveConnector(workspaceId), await world.saveConnector(workspaceId)]
    const { connectors } = world.database.tables
    await world.database.write(tx => tx.delete(connectors).where(eq(connectors.id, gone.id)).returning())
    await world.changeVersion({ id: unusable.secretVersionId ?? '' }, { state: 'RETIRED' })
    const found = await findingsOf(world)
    expect(found).toEqual(
      expect.arrayContaining([
        { kind: 'UNUSABLE', ...idsOf(unusable), state: 'RETIRED' },
        { kind: 'UNREFERENCED', ...idsOf(gone), store: 'SEALED', state: 'ACTIVE' },
      ]),
    )
    expect(found).toHaveLength(2)
  })

  test('finds connectors that use the secrets of another', async () => {
    await using world = await openAdminWorld(testDatabase)
    const row = await world.saveConnector(workspaceId)
    await world.changeVersion({ id: row.secretVersionId ?? '' }, { connectorId: newId() })
    const kinds = (await findingsOf(world)).map((finding: { kind: string }) => finding.kind)
    // To its own place it is bound by what sealed it, too.
    expect(kinds.toSorted()).toEqual(['DAMAGED', 'UNUSABLE'])
  })

  test('finds keys that are damaged, or wrapped by a master key that was not given', async () => {
    await using world = await openAdminWorld(testDatabase)
    await world.saveConnector('w1')
    const { workspaceKeys } = world.database.tables
    const key = await world.keyring.current('w1', 'SECRETS')
    await world.database.write(tx =>
      tx.update(workspaceKeys).set({ wrappedKey: sql`'AAAA'` }).where(eq(workspaceKeys.id, key.id)).returning(),
    )
    const damaged = await audit(world)
    expect(damaged).toMatchObject({ exitCode: 1, json: { counts: { KEY_DAMAGED: 1, DAMAGED: 1 } } })

    const other = await newMasterKey()
    const unknown = await audit(world, {}, { masterKeys: { primary: other, others: [] } })
    const masterKeyId = world.primary.id
    expect(unknown.json.findings).toContainEqual({
      kind: 'KEY_UNREADABLE',
      workspaceId: 'w1',
      keyId: key.id,
      masterKeyId,
    })
    // Nothing is said to be damaged for the lack of a key.
    expect(unknown.json).toMatchObject({ counts: { KEY_UNREADABLE: 2 }, notAsked: 1 })
    expect(unknown.exitCode).toBe(1)
  })

  test('counts what lies under retired keys, which is nothing wrong', async () => {
    await using world = await openAdminWorld(testDatabase)
    await world.saveConnector(workspaceId)
    await world.saveConnector(workspaceId)
    const { workspaceKeys } = world.database.tables
    await world.database.write(tx => tx.update(workspaceKeys).set({ state: 'RETIRED' }).returning())
    expect(await audit(world)).toMatchObject({ exitCode: 0, json: { underRetiredKeys: 2, opened: 2 } })
  })

  test('takes nothing for missing that a server replaces and removes while it looks', async () => {
    await using world = await openAdminWorld(testDatabase)
    const row = await world.saveConnector(workspaceId)
    const versionId = row.secretVersionId ?? ''
    await world.changeVersion({ id: versionId }, { store: 'VAULT' })
    await world.database.write(tx => tx.delete(world.database.tables.sealedSecrets).returning())
    const { connectors } = world.database.tables
    world.vault.state.onGet = async () => {
      world.vault.state.onGet = null
      await world.database.write(async tx => {
        await tx.delete(connectors).returning()
        await world.server.retire(tx, workspace, versionId)
      })
      await world.changeVersion({ id: versionId }, { state: 'REAPING' })
    }
    expect(await audit(world)).toMatchObject({ exitCode: 0, json: { findings: [], opened: 0 } })
  })

  test('says that a store could not be asked, asks it no more, and still looks at the rest', async () => {
    await using world = await openAdminWorld(testDatabase)
    await world.saveConnector('w1')
    let asked = 0
    for (let count = 0; count < 40; count++) {
      const row = await world.saveConnector('w2')
      await world.changeVersion({ id: row.secretVersionId ?? '' }, { store: 'VAULT' })
    }
    await world.database.write(tx =>
      tx
        .delete(world.database.tables.sealedSecrets)
        .where(eq(world.database.tables.sealedSecrets.workspaceId, 'w2'))
        .returning(),
    )
    world.vault.state.fault = 'SEALED'
    world.vault.state.onGet = async () => void asked++
    const { exitCode, json, lines } = await audit(world, { workspace: 'w2' })
    expect(exitCode).toBe(3)
    const fault = 'VAULT SEALED: Secrets cannot be used, because the secret store is sealed.'
    // The values, and the list.
    expect(json).toMatchObject({ opened: 0, notAsked: 41, findings: [], faults: [fault] })
    expect(lines.join()).not.toContain('Nothing is wrong')
    // The first values together, at most three times each.
    expect(asked).toBeLessThanOrEqual(24)
    expect(await audit(world)).toMatchObject({ exitCode: 3, json: { opened: 1 } })
  })

  test('a workspace that may not be read keeps no other from being looked at', async () => {
    await using world = await openAdminWorld(testDatabase)
    for (const id of ['w1', 'w2']) {
      const row = await world.saveConnector(id)
      const versionId = row.secretVersionId ?? ''
      await world.changeVersion({ id: versionId }, { store: 'VAULT' })
      await world.vault.store.put({ workspaceId: id, connectorId: row.id, versionId }, { password: 'p' })
    }
    await world.database.write(tx => tx.delete(world.database.tables.sealedSecrets).returning())
    world.vault.state.onGet = async ({ workspaceId: id }) => {
      world.vault.state.fault = id === 'w1' ? 'FORBIDDEN' : null
    }
    expect(await audit(world)).toMatchObject({ exitCode: 3, json: { opened: 1, workspaces: 2 } })
  })
})
