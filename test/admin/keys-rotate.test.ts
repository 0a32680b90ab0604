import { eq, ne } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { keysRotate } from '../../src/admin/keys-rotate.ts'
import { secretsAudit } from '../../src/admin/secrets-audit.ts'
import { scopeOfRow } from '../../src/db/scope-of-row.ts'
import { WorkspaceScope } from '../../src/db/workspace-scope.ts'
import { createDigester } from '../../src/secrets/keyed-digester.ts'
import { addWorkspaceKey, createKeyring, openKeyring } from '../../src/secrets/keyring.ts'
import type { MasterKey, MasterKeys } from '../../src/secrets/master-key.ts'
import { createSealedStore } from '../../src/secrets/sealed-store.ts'
import { newMasterKey } from '../secrets/test-keys.ts'
import { testDatabases } from '../servers/databases.ts'
import { untold } from '../services/audit-world.ts'
import { type AdminWorld, openAdminWorld } from './admin-world.ts'

describe.each(testDatabases)('keys:rotate on $name', testDatabase => {
  const keysOf = (world: AdminWorld) => world.database.read.select().from(world.database.tables.workspaceKeys)
  const masterIds = async (world: AdminWorld) => {
    const { masterKeys } = world.database.tables
    const rows = await world.database.read.select({ id: masterKeys.id }).from(masterKeys)
    return rows.map(({ id }) => id).toSorted()
  }
  const expectReadable = async (
    world: AdminWorld,
    rows: readonly Awaited<ReturnType<AdminWorld['saveConnector']>>[],
  ) => {
    for (const row of rows) expect(await world.server.readOf(scopeOfRow(row), row, untold)).toEqual({ password: 'p' })
  }

  describe('--master', () => {
    /** The master keys as they are configured for the rotation, with the new one made known by the first start with it. */
    const replaced = async (world: AdminWorld, primary: MasterKey): Promise<MasterKeys> => {
      const masterKeys = { primary, others: [world.primary] }
      await openKeyring(world.database, masterKeys.primary, masterKeys.others)
      return masterKeys
    }

    test('wraps every key anew, forgets the old master key, and says which file may go', async () => {
      const next = await newMasterKey()
      await using world = await openAdminWorld(testDatabase, [next])
      const rows = []
      for (let count = 0; count < 70; count++) rows.push(await world.saveConnector(`w${count}`))
      const before = await keysOf(world)
      const masterKeys = await replaced(world, next)
      const digest = await createDigester(world.keyring).digest('w0', 'x', 1)

      const result = await world.run(keysRotate, { master: true }, { masterKeys })
      expect(result).toMatchObject({
        exitCode: 0,
        json: { rewrapped: 140, unreadable: 0, removed: [world.primary.id], left: [], files: [world.primary.file] },
      })
      expect(result.lines.join('\n')).toContain(`${world.primary.file} protects nothing any more`)
      const after = await keysOf(world)
      expect(new Set(after.map(key => key.masterKeyId))).toEqual(new Set([masterKeys.primary.id]))
      // The keys themselves stay, of both purposes, and with them every fingerprint.
      expect(after.map(key => key.id).toSorted()).toEqual(before.map(key => key.id).toSorted())
      const restarted = await openKeyring(world.database, masterKeys.primary)
      expect(await createDigester(restarted).digest('w0', 'x', 1)).toBe(digest)
      for (const row of rows) {
        const address = { workspaceId: row.workspaceId, connectorId: row.id, versionId: row.secretVersionId ?? '' }
        expect(await createSealedStore(world.database, restarted).get(address)).toEqual({ password: 'p' })
      }
      await expectReadable(world, rows)
      expect(await world.run(keysRotate, { master: true }, { masterKeys })).toMatchObject({
        exitCode: 0,
        json: { rewrapped: 0, removed: [] },
      })
    })

    test('a server that still wraps by the old master key reads everything, and makes no key under it', async () => {
      const next = await newMasterKey()
      await using world = await openAdminWorld(testDatabase, [next])
      const row = await world.saveConnector('w1')
      const masterKeys = await replaced(world, next)
      await world.saveConnector('w2')
      await world.run(keysRotate, { master: true }, { masterKeys })

      await expectReadable(world, [row])
      await world.saveConnector('w1')
      const refused = await world.saveConnector('w3').catch((error: unknown) => error)
      expect(String(refused)).toContain('has been replaced by another one')
      const stale = createSealedStore(
        world.database,
        createKeyring(world.database, { primary: world.primary, others: [] }),
      )
      const address = { workspaceId: 'w1', connectorId: row.id, versionId: row.secretVersionId ?? '' }
      // The values are not lost, so nobody is told to give them again.
      await expect(stale.get(address)).rejects.toMatchObject({ fault: 'NOT_CONFIGURED', reason: 'UNAVAILABLE' })
      expect((await keysOf(world)).filter(key => key.masterKeyId === world.primary.id)).toEqual([])
      // Nor does it start again.
      await expect(openKeyring(world.database, world.primary)).rejects.toThrow('sealed with another master key')
    })

    test('keeps the old master key while a key that cannot be unwrapped needs it', async () => {
      await using world = await openAdminWorld(testDatabase)
      await world.saveConnector('w1')
      await world.saveConnector('w2')
      const { workspaceKeys } = world.database.tables
      const damaged = await world.keyring.current('w1', 'SECRETS')
      await world.database.write(tx =>
        tx.update(workspaceKeys).set({ wrappedKey: 'AAAA' }).where(eq(workspaceKeys.id, damaged.id)).returning(),
      )
      const masterKeys = await replaced(world, await newMasterKey())
      expect(await world.run(keysRotate, { master: true }, { masterKeys })).toMatchObject({
        exitCode: 1,
        json: { rewrapped: 3, unreadable: 1, removed: [], left: [world.primary.id], files: [] },
      })
      expect(await masterIds(world)).toEqual([world.primary.id, masterKeys.primary.id].toSorted())
    })

    test('is refused with the settings of before, unless it is meant to go back', async () => {
      await using world = await openAdminWorld(testDatabase)
      await world.saveConnector('w1')
      const next = await newMasterKey()
      await replaced(world, next)
      await world.saveConnector('w2')
      const before = { masterKeys: { primary: world.primary, others: [next] } }
      await expect(world.run(keysRotate, { master: true }, before)).rejects.toThrow(
        `${next.file} is newer than ${world.primary.file}`,
      )
      expect(await masterIds(world)).toEqual([world.primary.id, next.id].toSorted())
      expect(await world.run(keysRotate, { master: true, back: true }, before)).toMatchObject({ exitCode: 0 })
      expect(await masterIds(world)).toEqual([world.primary.id])
    })

    test('does not send away a key that is yet to come', async () => {
      await using world = await openAdminWorld(testDatabase)
      await world.saveConnector('w1')
      const next = await newMasterKey()
      const result = await world.run(
        keysRotate,
        { master: true },
        { masterKeys: { primary: world.primary, others: [next] } },
      )
      expect(result.exitCode).toBe(0)
      expect(result.lines.join(' ')).toContain(`${next.file} protects nothing here.`)
      expect(result.lines.join(' ')).toContain('if it is to be the new key, set MASTER_KEY_FILE to it first')
    })

    test('of two to different keys at once, none leaves a key that nobody can unwrap', async () => {
      await using world = await openAdminWorld(testDatabase)
      const rows = []
      for (let count = 0; count < 30; count++) rows.push(await world.saveConnector(`w${count}`))
      const [a, b] = [await replaced(world, await newMasterKey()), await replaced(world, await newMasterKey())]
      const all = [world.primary, a.primary, b.primary]
      await Promise.allSettled(
        [a.primary, b.primary].map(primary =>
          world.run(keysRotate, { master: true, back: true }, { masterKeys: { primary, others: all } }),
        ),
      )
      const known = await masterIds(world)
      for (const key of await keysOf(world)) expect(known).toContain(key.masterKeyId)
      const primary = [a.primary, b.primary].find(key => known.includes(key.id)) ?? a.primary
      await openKeyring(world.database, primary, all)
      expect(await world.run(secretsAudit, {}, { masterKeys: { primary, others: all } })).toMatchObject({ exitCode: 0 })
    })
  })

  describe('--workspace', () => {
    test('seals everything under a new key and deletes the old one', async () => {
      await using world = await openAdminWorld(testDatabase)
      const rows = []
      for (let count = 0; count < 60; count++) rows.push(await world.saveConnector('w1'))
      const elsewhere = await world.saveConnector('w2')
      const [before, digests] = [
        await world.keyring.current('w1', 'SECRETS'),
        await world.keyring.current('w1', 'DIGESTS'),
      ]
      const retired = await world.server.stage(WorkspaceScope.of('w1'), rows[0]?.id ?? '', { password: 'staged' }, null)

      const { exitCode, json } = await world.run(keysRotate, { workspace: 'w1' })
      expect({ exitCode, json }).toMatchObject({
        exitCode: 0,
        json: { workspaces: 1, newKeys: 1, resealed: 61, removedKeys: 1, unreadable: 0, keysLeft: 0 },
      })
      const keys = (await keysOf(world)).filter(key => key.workspaceId === 'w1')
      expect(keys.map(({ purpose, state }) => `${purpose} ${state}`).toSorted()).toEqual([
        'DIGESTS ACTIVE',
        'SECRETS ACTIVE',
      ])
      expect(keys.map(key => key.id)).not.toContain(before.id)
      expect(keys.map(key => key.id)).toContain(digests.id)
      const { sealedSecrets } = world.database.tables
      expect(await world.database.read.$count(sealedSecrets, eq(sealedSecrets.keyId, before.id))).toBe(0)
      // With the caches of a server that knows the old key, which it is not to use any more.
      await expectReadable(world, [...rows, elsewhere])
      expect(await world.server.read(WorkspaceScope.of('w1'), rows[0]?.id ?? '', retired.versionId, untold)).toEqual({
        password: 'staged',
      })
      await expectReadable(world, [await world.saveConnector('w1')])
      expect(await world.database.read.$count(sealedSecrets, eq(sealedSecrets.keyId, before.id))).toBe(0)
      expect(await world.run(secretsAudit, {})).toMatchObject({ exitCode: 0, json: { underRetiredKeys: 0 } })
    })

    test('keeps a key under which something cannot be opened, and says so', async () => {
      await using world = await openAdminWorld(testDatabase)
      const [damaged, fine] = [await world.saveConnector('w1'), await world.saveConnector('w1')]
      const { sealedSecrets } = world.database.tables
      await world.database.write(tx =>
        tx
          .update(sealedSecrets)
          .set({ ciphertext: 'AAAA' })
          .where(eq(sealedSecrets.versionId, damaged.secretVersionId ?? ''))
          .returning(),
      )
      const { exitCode, json, lines } = await world.run(keysRotate, { workspace: 'w1' })
      expect(exitCode).toBe(1)
      expect(json).toMatchObject({ resealed: 1, unreadable: 1, removedKeys: 0, keysLeft: 1 })
      expect(lines.join()).toContain('1 old key had to stay')
      await expectReadable(world, [fine])
    })

    test('knows no workspace without keys, and makes none for it', async () => {
      await using world = await openAdminWorld(testDatabase)
      await expect(world.run(keysRotate, { workspace: 'w1' })).rejects.toThrow('The workspace w1 has no keys.')
      expect(await keysOf(world)).toEqual([])
    })

    test('makes no key under a master key that has been replaced', async () => {
      await using world = await openAdminWorld(testDatabase)
      await world.saveConnector('w1')
      const masterKeys = { primary: await newMasterKey(), others: [world.primary] }
      await openKeyring(world.database, masterKeys.primary, masterKeys.others)
      await world.run(keysRotate, { master: true }, { masterKeys })
      await expect(
        world.database.write(tx => addWorkspaceKey(tx, world.database, world.primary, 'w1', 'SECRETS')),
      ).rejects.toThrow('has been replaced')
    })
  })

  describe('--all-workspaces', () => {
    test('goes on past a workspace whose key needs a master key that was not given', async () => {
      await using world = await openAdminWorld(testDatabase)
      for (const workspaceId of ['w1', 'w2']) await world.saveConnector(workspaceId)
      const { workspaceKeys } = world.database.tables
      const { id } = await world.keyring.current('w1', 'SECRETS')
      const foreign = await newMasterKey()
      await world.database.write(tx =>
        tx.update(workspaceKeys).set({ masterKeyId: foreign.id }).where(eq(workspaceKeys.id, id)).returning(),
      )
      expect(await world.run(keysRotate, { 'all-workspaces': true })).toMatchObject({
        exitCode: 1,
        json: { workspaces: 2, newKeys: 2, resealed: 1, removedKeys: 1, unreadable: 1, keysLeft: 1, complete: true },
      })
    })

    test('goes on where it was stopped, and does nothing twice', async () => {
      await using world = await openAdminWorld(testDatabase)
      const rows = []
      for (let count = 0; count < 12; count++) rows.push(await world.saveConnector(`w${count % 4}`))
      const { workspaceKeys } = world.database.tables
      const old = (await keysOf(world)).filter(key => key.purpose === 'SECRETS').map(key => key.id)
      const before = new Date().toISOString()
      const stop = new AbortController()
      // Stopped once the first workspace has its new key.
      const watch = setInterval(async () => {
        const active = await world.database.read.$count(workspaceKeys, ne(workspaceKeys.state, 'ACTIVE'))
        if (active > 0) stop.abort()
      }, 1)
      const first = await world
        .run(keysRotate, { 'all-workspaces': true, before }, { signal: stop.signal })
        .finally(() => clearInterval(watch))
      const second = await world.run(keysRotate, { 'all-workspaces': true, before })
      expect(first.json.newKeys + second.json.newKeys).toBe(4)
      expect(first.json.resealed + second.json.resealed).toBe(12)
      expect(second).toMatchObject({ exitCode: 0, json: { keysLeft: 0, complete: true } })
      expect(await world.run(keysRotate, { 'all-workspaces': true, before })).toMatchObject({
        json: { newKeys: 0, resealed: 0, removedKeys: 0 },
      })
      const ids = (await keysOf(world)).map(key => key.id)
      for (const id of old) expect(ids).not.toContain(id)
      await expectReadable(world, rows)
    })
  })

  test.each([
    {},
    { master: true, workspace: 'w1' },
    { master: true, 'all-workspaces': true },
    { master: true, before: '2026-01-01T00:00:00Z' },
    { workspace: 'w1', back: true },
    { 'all-workspaces': true, before: 'yesterday' },
    { 'all-workspaces': true, before: '2026-13-01T00:00:00Z' },
  ])('refuses %j', async options => {
    await using world = await openAdminWorld(testDatabase)
    await expect(world.run(keysRotate, options)).rejects.toMatchObject({ name: 'UsageError' })
  })
})
