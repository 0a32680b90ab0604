import { eq } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { WorkspaceScope } from '../../src/db/workspace-scope.ts'
import { createDigester } from '../../src/secrets/keyed-digester.ts'
import { openKeyring } from '../../src/secrets/keyring.ts'
import { createSealedStore } from '../../src/secrets/sealed-store.ts'
import { type SecretStore, SecretStoreError, secretStores } from '../../src/secrets/secret-store.ts'
import { createSecretVersions, type SecretVersions } from '../../src/services/secret-versions.ts'
import { newMasterKey } from '../secrets/test-keys.ts'
import { testDatabases } from '../servers/databases.ts'
import { untold } from './audit-world.ts'

const minute = 60_000
const hour = 60 * minute
const workspaceId = 'w1'
const workspace = WorkspaceScope.of(workspaceId)

describe.each(testDatabases)('secret versions on $name', ({ name, open }) => {
  let database: Database
  let sealed: SecretStore
  let store: SecretStore
  let versions: SecretVersions
  let clock: number
  const later = (ms: number) => new Date(clock + ms)

  beforeAll(async () => {
    database = await open()
    const keyring = await openKeyring(database, await newMasterKey())
    sealed = createSealedStore(database, keyring)
    const forwarding: SecretStore = {
      ...sealed,
      put: (...args) => store.put(...args),
      get: (...args) => store.get(...args),
      fence: (...args) => store.fence(...args),
      check: () => store.check(),
    }
    versions = createSecretVersions({
      database,
      stores: secretStores(forwarding),
      digester: createDigester(keyring),
      now: () => new Date(clock),
    })
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    clock = Date.parse('2026-01-01T00:00:00.000Z')
    store = sealed
    const { connectors, sealedSecrets, secretVersions } = database.tables
    await database.write(async tx => {
      for (const table of [connectors, sealedSecrets, secretVersions]) await tx.delete(table)
    })
  })

  const states = async () => {
    const { secretVersions } = database.tables
    const rows = await database.read.select({ state: secretVersions.state }).from(secretVersions)
    return rows.map(row => row.state).toSorted()
  }
  const sealedCount = () => database.read.$count(database.tables.sealedSecrets)
  const unavailable = () => new SecretStoreError('SEALED', 'UNREACHABLE', 'The store is down.')

  /** What the connector service does: row and activation in one transaction. */
  const save = (connectorId: string, versionId: string | null, previousVersionId: string | null) =>
    database.write(async tx => {
      const { connectors } = database.tables
      const at = new Date(clock)
      if (versionId) await versions.activate(tx, workspace, versionId)
      const row = {
        workspaceId,
        id: connectorId,
        name: connectorId,
        nameKey: connectorId,
        typeName: 'POSTGRES',
        config: {},
        version: 1,
        createdAt: at,
        updatedAt: at,
        secretVersionId: versionId,
      }
      await tx
        .insert(connectors)
        .values(row)
        .onConflictDoUpdate({ target: [connectors.workspaceId, connectors.id], set: { secretVersionId: versionId } })
        .returning()
      if (previousVersionId) await versions.retire(tx, workspace, previousVersionId)
    })
  const remove = (connectorId: string, versionId: string | null) =>
    database.write(async tx => {
      const { connectors } = database.tables
      await tx.delete(connectors).where(eq(connectors.id, connectorId)).returning()
      if (versionId) await versions.retire(tx, workspace, versionId)
    })

  test('are stored, activated and read', async () => {
    const staged = await versions.stage(workspace, 'c1', { password: 'p', 'tls.key': 'k' }, null)
    expect(await states()).toEqual(['PENDING'])
    expect(staged.digests).toEqual(await versions.digests(workspace, { password: 'p', 'tls.key': 'k' }))
    expect(staged.setAt).toEqual({ password: '2026-01-01T00:00:00.000Z', 'tls.key': '2026-01-01T00:00:00.000Z' })
    await save('c1', staged.versionId, null)
    expect(await states()).toEqual(['ACTIVE'])
    expect(await versions.read(workspace, 'c1', staged.versionId, untold)).toEqual({ password: 'p', 'tls.key': 'k' })
    expect(await versions.reap(later(1000 * hour))).toBe(0)
    expect(await versions.read(workspace, 'c1', staged.versionId, untold)).toEqual({ password: 'p', 'tls.key': 'k' })
  })

  test('remember since when each value has been what it is', async () => {
    const first = await versions.stage(workspace, 'c1', { password: 'p', token: 't', old: 'o' }, null)
    clock += hour
    const second = await versions.stage(
      workspace,
      'c1',
      { password: 'p', token: 'changed', fresh: 'o' },
      first.versionId,
    )
    const [before, now] = ['2026-01-01T00:00:00.000Z', '2026-01-01T01:00:00.000Z']
    expect(second.setAt).toEqual({ password: before, token: now, fresh: now })
    expect(second.digests['password']).toBe(first.digests['password'])
  })

  test('tell nothing of equal values in different fields, workspaces, or as plain text', async () => {
    const here = await versions.digests(WorkspaceScope.of('w1'), { a: 'secret-value', b: 'secret-value' })
    const there = await versions.digests(WorkspaceScope.of('w2'), { a: 'secret-value' })
    expect(new Set([...Object.values(here), ...Object.values(there)]).size).toBe(3)
    expect(JSON.stringify([here, there])).not.toContain('secret-value')
  })

  test('are replaced in one transaction, and kept for a day after that', async () => {
    const first = await versions.stage(workspace, 'c1', { password: 'old' }, null)
    await save('c1', first.versionId, null)
    const second = await versions.stage(workspace, 'c1', { password: 'new' }, first.versionId)
    await save('c1', second.versionId, first.versionId)
    expect(await states()).toEqual(['ACTIVE', 'RETIRED'])
    expect(await versions.reap(later(23 * hour))).toBe(0)
    expect(await versions.read(workspace, 'c1', first.versionId, untold)).toEqual({ password: 'old' })
    expect(await versions.reap(later(25 * hour))).toBe(1)
    expect(await versions.reap(later(25 * hour))).toBe(0)
    await expect(versions.read(workspace, 'c1', first.versionId, untold)).rejects.toMatchObject({
      reason: 'UNREADABLE',
    })
    expect(await versions.read(workspace, 'c1', second.versionId, untold)).toEqual({ password: 'new' })
    expect(await sealedCount()).toBe(1)
  })

  test('leave nothing behind when saving was refused', async () => {
    const staged = await versions.stage(workspace, 'c1', { password: 'p' }, null)
    const refused = database.write(async tx => {
      await versions.activate(tx, workspace, staged.versionId)
      throw new Error('refused')
    })
    await expect(refused).rejects.toThrow('refused')
    expect(await states()).toEqual(['PENDING'])
    await versions.discard(workspace, staged.versionId)
    expect([await states(), await sealedCount()]).toEqual([[], 0])
  })

  test('survive a discard that comes after all was saved', async () => {
    const staged = await versions.stage(workspace, 'c1', { password: 'p' }, null)
    await save('c1', staged.versionId, null)
    await versions.discard(workspace, staged.versionId)
    expect(await versions.read(workspace, 'c1', staged.versionId, untold)).toEqual({ password: 'p' })
  })

  test('leave nothing behind when the store does not want them', async () => {
    store = { ...sealed, put: () => Promise.reject(new SecretStoreError('SEALED', 'EXISTS')) }
    await expect(versions.stage(workspace, 'c1', { password: 'p' }, null)).rejects.toMatchObject({ fault: 'EXISTS' })
    expect(await states()).toEqual([])
  })

  test('are removed later when the store is away: whoever waits is told without asking it again', async () => {
    const hanging = new Promise<never>(() => {})
    store = { ...sealed, put: () => Promise.reject(unavailable()), fence: () => hanging }
    await expect(versions.stage(workspace, 'c1', { password: 'p' }, null)).rejects.toThrow('down')
    expect(await states()).toEqual(['REAPING'])
    store = sealed
    expect(await versions.reap(later(minute))).toBe(1)
    expect([await states(), await sealedCount()]).toEqual([[], 0])
  })

  test('are reaped after a crash between the intent and the store, or between the store and saving', async () => {
    store = { ...sealed, put: () => Promise.reject(unavailable()), fence: () => Promise.reject(unavailable()) }
    await expect(versions.stage(workspace, 'c1', { password: 'p' }, null)).rejects.toThrow('down')
    store = { ...sealed, put: async () => undefined }
    const withoutValue = await versions.stage(workspace, 'c2', { password: 'p' }, null)
    store = sealed
    const unsaved = await versions.stage(workspace, 'c3', { password: 'p' }, null)
    expect(await states()).toEqual(['PENDING', 'PENDING', 'REAPING'])
    expect(await versions.reap(later(14 * minute))).toBe(1)
    expect(await versions.reap(later(16 * minute))).toBe(2)
    expect([await states(), await sealedCount()]).toEqual([[], 0])
    for (const { versionId } of [withoutValue, unsaved]) {
      await expect(save('late', versionId, null)).rejects.toMatchObject({
        name: 'SecretStoreError',
        reason: 'UNAVAILABLE',
      })
    }
    expect(await database.read.$count(database.tables.connectors)).toBe(0)
  })

  test('cannot be saved once the reaper has claimed them, and are reaped although it crashed', async () => {
    const staged = await versions.stage(workspace, 'c1', { password: 'p' }, null)
    store = { ...sealed, fence: () => Promise.reject(unavailable()) }
    await expect(versions.reap(later(16 * minute))).rejects.toThrow('down')
    expect(await states()).toEqual(['REAPING'])
    await expect(save('c1', staged.versionId, null)).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
    await sealed.fence({ workspaceId, connectorId: 'c1', versionId: staged.versionId })
    store = sealed
    expect(await versions.reap(later(17 * minute))).toBe(1)
    expect([await states(), await sealedCount()]).toEqual([[], 0])
  })

  test('are reaped although another one cannot be', async () => {
    const stuck = await versions.stage(workspace, 'c1', { password: 'p' }, null)
    await versions.stage(workspace, 'c2', { password: 'p' }, null)
    store = {
      ...sealed,
      fence: address => {
        if (address.versionId === stuck.versionId) throw new SecretStoreError('SEALED', 'FAILED', 'It cannot be done.')
        return sealed.fence(address)
      },
    }
    await expect(versions.reap(later(16 * minute))).rejects.toThrow('cannot be done')
    expect([await states(), await sealedCount()]).toEqual([['REAPING'], 1])
  })

  test('wait together for a store that is away: it is asked once, and every version is reaped when it is back', async () => {
    for (const connectorId of ['c1', 'c2', 'c3']) await versions.stage(workspace, connectorId, { password: 'p' }, null)
    let asked = 0
    store = {
      ...sealed,
      fence: async () => {
        asked++
        throw unavailable()
      },
    }
    await expect(versions.reap(later(16 * minute))).rejects.toThrow('down')
    expect([asked, await states()]).toEqual([1, ['REAPING', 'REAPING', 'REAPING']])
    await expect(versions.reap(later(18 * minute))).rejects.toThrow('down')
    // Since when, however often it was tried: an audit tells of those that wait for too long.
    const { secretVersions } = database.tables
    const since = await database.read.select({ stateAt: secretVersions.stateAt }).from(secretVersions)
    expect(since).toEqual([1, 2, 3].map(() => ({ stateAt: later(16 * minute) })))
    store = sealed
    expect(await versions.reap(later(19 * minute))).toBe(3)
  })

  test('are either saved or reaped when both happen at once', async () => {
    for (let round = 0; round < 5; round++) {
      const { versionId } = await versions.stage(workspace, `c${round}`, { password: 'p' }, null)
      const [saved, reaped] = await Promise.allSettled([
        save(`c${round}`, versionId, null),
        versions.reap(later(16 * minute)),
      ])
      expect(reaped.status).toBe('fulfilled')
      const read = versions.read(workspace, `c${round}`, versionId, untold)
      if (saved.status === 'fulfilled') expect(await read).toEqual({ password: 'p' })
      else await expect(read).rejects.toMatchObject({ reason: 'UNREADABLE' })
    }
  })

  test('are counted once by reapers that work at the same time', async () => {
    for (const connectorId of ['c1', 'c2', 'c3', 'c4'])
      await versions.stage(workspace, connectorId, { password: 'p' }, null)
    const counts = await Promise.all([
      versions.reap(later(hour)),
      versions.reap(later(hour)),
      versions.reap(later(hour)),
    ])
    expect(counts.reduce((sum, count) => sum + count)).toBe(4)
  })

  test('are not reaped while a connector uses them, whatever their state says', async () => {
    const { versionId } = await versions.stage(workspace, 'c1', { password: 'p' }, null)
    await save('c1', versionId, null)
    await database.write(tx => versions.retire(tx, workspace, versionId))
    expect(await versions.reap(later(100 * hour))).toBe(0)
    expect(await versions.read(workspace, 'c1', versionId, untold)).toEqual({ password: 'p' })
  })

  test('keep their promises in every history of saves, crashes, deletions and reaping', async () => {
    const operation = fc.record({
      kind: fc.constantFrom(
        'save',
        'save',
        'crash before storing',
        'crash before saving',
        'refuse',
        'refuse and crash',
        'delete',
        'reap',
        'reap and crash',
      ),
      connector: fc.constantFrom('c1', 'c2'),
      value: fc.string({ maxLength: 5 }),
      waitMs: fc.constantFrom(0, minute, 20 * minute, 25 * hour),
    })
    const history = async (operations: readonly (typeof operation extends fc.Arbitrary<infer T> ? T : never)[]) => {
      const live = new Map<string, { versionId: string; value: string }>()
      for (const { kind, connector, value, waitMs } of operations) {
        clock += waitMs
        const current = live.get(connector)
        const stage = () => versions.stage(workspace, connector, { password: value }, current?.versionId ?? null)
        store = sealed
        if (kind === 'save') {
          const { versionId } = await stage()
          await save(connector, versionId, current?.versionId ?? null)
          live.set(connector, { versionId, value })
        } else if (kind === 'crash before storing') {
          store = { ...sealed, put: async () => undefined }
          await stage()
        } else if (kind === 'crash before saving') {
          await stage()
        } else if (kind === 'refuse' || kind === 'refuse and crash') {
          const { versionId } = await stage()
          if (kind === 'refuse and crash') store = { ...sealed, fence: () => Promise.reject(unavailable()) }
          await versions.discard(workspace, versionId)
        } else if (kind === 'delete') {
          await remove(connector, current?.versionId ?? null)
          live.delete(connector)
        } else {
          if (kind === 'reap and crash') store = { ...sealed, fence: () => Promise.reject(unavailable()) }
          await versions.reap(new Date(clock)).catch(() => undefined)
        }
        store = sealed
        for (const [id, expected] of live) {
          expect(await versions.read(workspace, id, expected.versionId, untold)).toEqual({ password: expected.value })
        }
      }
      clock += 48 * hour
      await versions.reap(new Date(clock))
      expect(await states()).toEqual([...live].map(() => 'ACTIVE'))
      expect(await sealedCount()).toBe(live.size)
      for (const [id, { versionId }] of live) await remove(id, versionId)
    }
    await fc.assert(fc.asyncProperty(fc.array(operation, { maxLength: 12 }), history), {
      numRuns: name === 'sqlite' ? 60 : 15,
    })
  })
})
