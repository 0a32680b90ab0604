import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { secretsAudit } from '../../src/admin/secrets-audit.ts'
import { secretsMigrate } from '../../src/admin/secrets-migrate.ts'
import { scopeOfRow } from '../../src/db/scope-of-row.ts'
import { WorkspaceScope } from '../../src/db/workspace-scope.ts'
import { type SecretStore, SecretStoreError } from '../../src/secrets/secret-store.ts'
import { moveSecrets } from '../../src/services/move-secrets.ts'
import { testDatabases } from '../servers/databases.ts'
import { rememberingAudit, untold } from '../services/audit-world.ts'
import { type AdminWorld, openAdminWorld } from './admin-world.ts'

const workspaceId = 'w1'
const workspace = WorkspaceScope.of(workspaceId)
const toVault = { to: 'vault', rate: '9999' }
const toSealed = { to: 'sealed', rate: '9999' }

describe.each(testDatabases)('secrets:migrate on $name', testDatabase => {
  const clean = async (world: AdminWorld) => expect((await world.run(secretsAudit, {})).json.findings).toEqual([])

  test('moves every connector there and back, and a second run does nothing', async () => {
    await using world = await openAdminWorld(testDatabase)
    const rows = []
    for (let count = 0; count < 7; count++)
      rows.push(await world.saveConnector(`w${count % 3}`, { password: `${count}` }))
    expect(await world.run(secretsMigrate, toVault)).toMatchObject({
      exitCode: 0,
      json: { to: 'VAULT', moved: 7, failures: 0, complete: true },
    })
    for (const [count, before] of rows.entries()) {
      const row = await world.connector(before)
      const version = await world.version(row.workspaceId, row.secretVersionId)
      expect(version).toMatchObject({ store: 'VAULT', state: 'ACTIVE', copyOf: before.secretVersionId })
      expect(await world.server.readOf(scopeOfRow(row), row, untold)).toEqual({ password: `${count}` })
      // Whoever has read the row before the move.
      expect(await world.server.readOf(scopeOfRow(before), before, untold)).toEqual({ password: `${count}` })
      expect(await world.version(before.workspaceId, before.secretVersionId)).toMatchObject({ state: 'RETIRED' })
    }
    expect(await world.run(secretsMigrate, toVault)).toMatchObject({ exitCode: 0, json: { moved: 0 } })
    await clean(world)

    expect(await world.run(secretsMigrate, toSealed)).toMatchObject({ exitCode: 0, json: { to: 'SEALED', moved: 7 } })
    for (const before of rows) {
      const row = await world.connector(before)
      // To clients it is still the first version.
      expect(await world.version(row.workspaceId, row.secretVersionId)).toMatchObject({
        copyOf: before.secretVersionId,
      })
      expect({ ...row, secretVersionId: null }).toEqual({ ...before, secretVersionId: null })
    }
    await clean(world)
    // What lay elsewhere is removed as everything that was replaced.
    const inTwoDays = new Date(Date.now() + 2 * 24 * 3_600_000)
    await world.server.reap(inTwoDays)
    await world.server.reap(new Date(inTwoDays.getTime() + 2 * 24 * 3_600_000))
    expect(world.vault.content.size).toBe(0)
    for (const before of rows)
      expect(await world.server.readOf(scopeOfRow(before), await world.connector(before), untold)).not.toEqual({})
  })

  test('moves one workspace only when told so, and nothing that has no secrets', async () => {
    await using world = await openAdminWorld(testDatabase)
    const [here, there] = [await world.saveConnector('w1'), await world.saveConnector('w2')]
    const none = await world.saveConnector('w1')
    const { connectors } = world.database.tables
    await world.database.write(async tx => {
      await tx.update(connectors).set({ secretVersionId: null }).where(eq(connectors.id, none.id)).returning()
      await world.server.retire(tx, WorkspaceScope.of('w1'), none.secretVersionId ?? '')
    })
    expect(await world.run(secretsMigrate, { ...toVault, workspace: 'w1' })).toMatchObject({ json: { moved: 1 } })
    expect((await world.connector(here)).secretVersionId).not.toBe(here.secretVersionId)
    expect((await world.connector(there)).secretVersionId).toBe(there.secretVersionId)
    expect((await world.connector(none)).secretVersionId).toBeNull()
  })

  /** Runs `change` when the copy has been written and nothing points at it yet. */
  const duringMove = async (world: AdminWorld, change: () => Promise<unknown>) => {
    const { put } = world.vault.store
    const store: Partial<SecretStore> = {
      put: async (address, values) => {
        await put(address, values)
        Object.assign(world.vault.store, { put })
        await change()
      },
    }
    Object.assign(world.vault.store, store)
    return world.run(secretsMigrate, toVault)
  }

  test('loses against an edit of the secrets, and moves what the edit has made', async () => {
    await using world = await openAdminWorld(testDatabase)
    const before = await world.saveConnector(workspaceId)
    const { connectors } = world.database.tables
    const result = await duringMove(world, async () => {
      const { versionId } = await world.server.stage(workspace, before.id, { password: 'new' }, before.secretVersionId)
      await world.database.write(async tx => {
        await world.server.activate(tx, workspace, versionId)
        const changes = { secretVersionId: versionId, version: 2 }
        await tx.update(connectors).set(changes).where(eq(connectors.id, before.id)).returning()
        await world.server.retire(tx, workspace, before.secretVersionId ?? '')
      })
    })
    expect(result).toMatchObject({ exitCode: 0, json: { moved: 1, retried: 1, failures: 0 } })
    const row = await world.connector(before)
    expect(await world.server.readOf(scopeOfRow(row), row, untold)).toEqual({ password: 'new' })
    expect(await world.version(workspaceId, row.secretVersionId)).toMatchObject({ store: 'VAULT', state: 'ACTIVE' })
    expect(row.version).toBe(2)
    await clean(world)
  })

  test('loses against the deletion of the connector, and leaves nothing behind', async () => {
    await using world = await openAdminWorld(testDatabase)
    const before = await world.saveConnector(workspaceId)
    const { connectors, secretVersions } = world.database.tables
    const result = await duringMove(world, () =>
      world.database.write(async tx => {
        await tx.delete(connectors).where(eq(connectors.id, before.id)).returning()
        await world.server.retire(tx, workspace, before.secretVersionId ?? '')
      }),
    )
    expect(result).toMatchObject({ exitCode: 0, json: { moved: 0, retried: 1, failures: 0 } })
    const states = await world.database.read.select({ state: secretVersions.state }).from(secretVersions)
    expect(states.map(row => row.state).toSorted()).toEqual(['FENCED', 'RETIRED'])
    await clean(world)
  })

  test('does not mind an edit that touches no secret', async () => {
    await using world = await openAdminWorld(testDatabase)
    const before = await world.saveConnector(workspaceId)
    const { connectors } = world.database.tables
    const result = await duringMove(world, () =>
      world.database.write(tx =>
        tx.update(connectors).set({ name: 'Renamed', version: 2 }).where(eq(connectors.id, before.id)).returning(),
      ),
    )
    expect(result).toMatchObject({ exitCode: 0, json: { moved: 1, retried: 0 } })
    expect(await world.connector(before)).toMatchObject({ name: 'Renamed', version: 2 })
    await clean(world)
  })

  test('of several at once, one moves a connector and the others find nothing to do', async () => {
    await using world = await openAdminWorld(testDatabase)
    const before = await world.saveConnector(workspaceId)
    const { audit } = rememberingAudit()
    const operator = { kind: 'OPERATOR', workspace, displayName: 'operator' } as const
    const moves = Array.from({ length: 4 }, () =>
      moveSecrets({ database: world.database, secretVersions: world.server, audit }, operator, before.id, 'VAULT'),
    )
    const outcomes = (await Promise.all(moves)).toSorted()
    expect(outcomes.filter(outcome => outcome === 'MOVED')).toHaveLength(1)
    expect(await world.server.readOf(workspace, await world.connector(before), untold)).toEqual({ password: 'p' })
    await clean(world)
  })

  test('goes on past what cannot be read, and says which', async () => {
    await using world = await openAdminWorld(testDatabase)
    const [lost, fine] = [await world.saveConnector(workspaceId), await world.saveConnector(workspaceId)]
    const { sealedSecrets } = world.database.tables
    await world.database.write(tx =>
      tx
        .delete(sealedSecrets)
        .where(eq(sealedSecrets.versionId, lost.secretVersionId ?? ''))
        .returning(),
    )
    const { exitCode, json } = await world.run(secretsMigrate, toVault)
    expect(exitCode).toBe(1)
    expect(json).toMatchObject({
      moved: 1,
      failures: 1,
      failed: [{ workspaceId, connectorId: lost.id, fault: 'SEALED MISSING' }],
      complete: true,
    })
    expect((await world.connector(fine)).secretVersionId).not.toBe(fine.secretVersionId)
  })

  test('ends when the store is down, and goes on where it was once it is up', async () => {
    await using world = await openAdminWorld(testDatabase)
    for (let count = 0; count < 12; count++) await world.saveConnector(workspaceId)
    const { put } = world.vault.store
    let puts = 0
    Object.assign(world.vault.store, {
      put: async (...args: Parameters<typeof put>) => {
        if (puts++ === 4) world.vault.state.fault = 'UNREACHABLE'
        await put(...args)
      },
    })
    const first = await world.run(secretsMigrate, toVault)
    expect(first).toMatchObject({ exitCode: 3, json: { moved: 4, failures: 5, complete: false } })
    world.vault.state.fault = null
    expect(await world.run(secretsMigrate, toVault)).toMatchObject({ exitCode: 0, json: { moved: 8 } })
    await clean(world)
  })

  test('goes on past a workspace that the store does not let in', async () => {
    await using world = await openAdminWorld(testDatabase)
    for (let count = 0; count < 6; count++) await world.saveConnector('a-refused')
    const fine = await world.saveConnector('b-fine')
    const { put } = world.vault.store
    Object.assign(world.vault.store, {
      put: async (...args: Parameters<typeof put>) => {
        if (args[0].workspaceId === 'a-refused') throw new SecretStoreError('VAULT', 'SIGN_IN_REFUSED')
        await put(...args)
      },
    })
    const result = await world.run(secretsMigrate, toVault)
    expect(result).toMatchObject({ exitCode: 1, json: { moved: 1, failures: 6, complete: true } })
    expect((await world.connector(fine)).secretVersionId).not.toBe(fine.secretVersionId)
  })

  test('says so when secrets were saved behind it that lie in the other store', async () => {
    await using world = await openAdminWorld(testDatabase)
    for (let count = 0; count < 2; count++) await world.saveConnector('b')
    let saved = false
    const { put } = world.vault.store
    Object.assign(world.vault.store, {
      put: async (...args: Parameters<typeof put>) => {
        if (!saved) await world.saveConnector('a')
        saved = true
        await put(...args)
      },
    })
    const first = await world.run(secretsMigrate, toVault)
    expect(first).toMatchObject({ exitCode: 1, json: { moved: 2, failures: 0, complete: false } })
    expect(first.lines.join('\n')).toContain('Repeat this')
    expect(await world.run(secretsMigrate, toVault)).toMatchObject({ exitCode: 0, json: { moved: 1, complete: true } })
  })

  test('stops between two connectors when it is told to', async () => {
    await using world = await openAdminWorld(testDatabase)
    for (let count = 0; count < 5; count++) await world.saveConnector(workspaceId)
    const stop = new AbortController()
    const { put } = world.vault.store
    Object.assign(world.vault.store, {
      put: async (...args: Parameters<typeof put>) => {
        stop.abort()
        await put(...args)
      },
    })
    const result = await world.run(secretsMigrate, toVault, { signal: stop.signal })
    expect(result).toMatchObject({ exitCode: 1, json: { moved: 1, complete: false } })
    expect(await world.run(secretsMigrate, toVault)).toMatchObject({ exitCode: 0, json: { moved: 4 } })
  })

  test('knows a mistyped workspace from one that is done', async () => {
    await using world = await openAdminWorld(testDatabase)
    await world.saveConnector(workspaceId)
    await expect(world.run(secretsMigrate, { ...toVault, workspace: 'w-1' })).rejects.toThrow('knows no workspace w-1')
  })

  test('says where new secrets go on to be kept', async () => {
    await using world = await openAdminWorld(testDatabase)
    expect((await world.run(secretsMigrate, toVault)).lines.join('\n')).toContain('SECRET_STORE is sealed')
    expect((await world.run(secretsMigrate, toSealed)).lines.join('\n')).not.toContain('SECRET_STORE')
  })

  test.each([
    {},
    { to: 'elsewhere' },
    { to: 'vault', rate: '0' },
    { to: 'vault', rate: '1.5' },
    { to: 'vault', workspace: '' },
  ])('refuses %j', async options => {
    await using world = await openAdminWorld(testDatabase)
    await expect(world.run(secretsMigrate, options)).rejects.toThrow(/--(to|rate|workspace)/)
  })
})
