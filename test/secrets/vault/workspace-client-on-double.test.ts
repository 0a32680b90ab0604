import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type SecretAddress, type SecretStore, SecretStoreError } from '../../../src/secrets/secret-store.ts'
import { openVaultStore } from '../../../src/secrets/vault/vault-store.ts'
import { vaultFaults } from '../../servers/vault-faults.ts'
import { type DoubleWorld, type DoubleWorldOptions, openDoubleWorld } from './double-world.ts'
import { recordingLogger } from './fake-vault.ts'

/** The whole store on a Vault, with which it shares its clock. */
class Scene implements AsyncDisposable {
  readonly world: DoubleWorld
  readonly store: SecretStore
  readonly logger: ReturnType<typeof recordingLogger>

  private constructor(world: DoubleWorld, store: SecretStore, logger: ReturnType<typeof recordingLogger>) {
    this.world = world
    this.store = store
    this.logger = logger
  }

  static async open(options: DoubleWorldOptions = {}): Promise<Scene> {
    const world = await openDoubleWorld(options)
    const logger = recordingLogger()
    const store = await openVaultStore(world.settings, logger, { now: () => world.double.now() })
    return new Scene(world, store, logger)
  }

  get logins(): number {
    return this.world.double.logins.length
  }

  async put(workspaceId = 'default'): Promise<SecretAddress> {
    const address = { workspaceId, connectorId: crypto.randomUUID(), versionId: crypto.randomUUID() }
    await this.store.put(address, { password: workspaceId })
    return address
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.close()
    await this.world[Symbol.asyncDispose]()
  }
}

const fault = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    error => (error instanceof SecretStoreError ? error.fault : String(error)),
  )

test('200 first reads at once are one sign-in', async () => {
  await using scene = await Scene.open()
  const address = await scene.put()
  await scene.store.close()
  const before = scene.logins
  const store = await openVaultStore(scene.world.settings, scene.logger)
  const values = await Promise.all(Array.from({ length: 200 }, () => store.get(address)))
  await store.close()
  expect(values).toEqual(Array(200).fill({ password: 'default' }))
  expect(scene.logins - before).toBe(1)
})

test('three reads across the end of a token are two sign-ins, each with the service-account token of its time', async () => {
  await using scene = await Scene.open()
  const { double } = scene.world
  const address = await scene.put()
  for (const ms of [3_530_000, 20_000]) {
    double.advance(ms)
    await scene.world.writeJwt()
    expect(await scene.store.get(address)).toEqual({ password: 'default' })
  }
  expect(scene.logins).toBe(2)
  expect(scene.logger.lines.map(([, fields]) => fields)).toEqual(
    Array(2).fill({ workspaceId: 'default', method: 'kubernetes', leaseSeconds: 3600 }),
  )
})

test.each(['kubernetes', 'approle', 'token'] as const)(
  'by %s a token that ends in the middle of a request costs one sign-in',
  async auth => {
    await using scene = await Scene.open({ auth })
    const { double } = scene.world
    const address = await scene.put()
    const signIns = () => scene.logger.lines.filter(([, , message]) => message === 'Signed in to Vault').length
    const before = signIns()
    using held = double.fail('HOLD', { method: 'GET', path: /\/data\//, times: 1 })
    const answer = scene.store.get(address)
    await held.strikes()
    double.revokeAll()
    await scene.world.writeToken('default')
    held.release()
    expect(await answer).toEqual({ password: 'default' })
    expect(signIns() - before).toBe(1)
  },
)

test('100 requests whose token Vault has revoked cost one sign-in', async () => {
  await using scene = await Scene.open()
  const address = await scene.put()
  scene.world.double.revokeAll()
  const before = scene.logins
  const values = await Promise.all(Array.from({ length: 100 }, () => scene.store.get(address)))
  expect(values).toEqual(Array(100).fill({ password: 'default' }))
  expect(scene.logins - before).toBe(1)
})

test('what the policy forbids is FORBIDDEN after one sign-in, asked for again after 30 s, and hinders nothing else', async () => {
  await using scene = await Scene.open()
  const { double } = scene.world
  const address = await scene.put()
  const policy = scene.world.policyOf('default')
  scene.world.operate('default', 'PUT', 'sys/policies/acl/ws-default', { policy: policy.replace('"delete"', '"read"') })
  const before = scene.logins
  for (let time = 0; time < 5; time++) expect(await fault(scene.store.forget(address))).toBe('FORBIDDEN')
  expect(scene.logins - before).toBe(1)
  expect(double.seen('DELETE', /metadata/)).toHaveLength(2)
  expect(await scene.store.get(address)).toEqual({ password: 'default' })
  scene.world.operate('default', 'PUT', 'sys/policies/acl/ws-default', { policy })
  double.advance(30_000)
  await scene.store.forget(address)
  expect(scene.logins - before).toBe(1)
})

test.each<[string, (world: DoubleWorld) => Promise<void>, (world: DoubleWorld) => Promise<void>]>([
  ['the role is missing', world => world.unprovision('default'), world => world.provision('default')],
  [
    'the service-account token has expired',
    world => world.writeJwt({ lifetimeMs: -600_000 }),
    world => world.writeJwt(),
  ],
  ['it is for another audience', world => world.writeJwt({ audience: 'other' }), world => world.writeJwt()],
  ['it is of another service account', world => world.writeJwt({ name: 'other' }), world => world.writeJwt()],
])('while %s the sign-in is refused, and goes on without a restart', async (_, hinder, mend) => {
  await using scene = await Scene.open()
  await hinder(scene.world)
  const address = { workspaceId: 'default', connectorId: crypto.randomUUID(), versionId: crypto.randomUUID() }
  for (let time = 0; time < 5; time++) expect(await fault(scene.store.get(address))).toBe('SIGN_IN_REFUSED')
  expect(scene.logins).toBe(1)
  await mend(scene.world)
  scene.world.double.advance(30_000)
  expect(await fault(scene.store.get(address))).toBe('MISSING')
})

test('at the end every token is revoked', async () => {
  const workspaces = Array.from({ length: 30 }, (_, index) => `w${index}`)
  await using scene = await Scene.open({ workspaces })
  await Promise.all(workspaces.map(id => scene.put(id)))
  expect(scene.world.double.liveTokens).toBe(30)
  await scene.store.close()
  expect(scene.world.double.liveTokens).toBe(0)
})

test('at the end a Vault that hangs is not waited for', async () => {
  await using scene = await Scene.open()
  await scene.put()
  using hung = scene.world.double.fail('HANG', { path: /revoke-self/ })
  await scene.store.close()
  expect(hung.struck).toBe(1)
  expect(scene.world.double.liveTokens).toBe(1)
  expect(await fault(scene.put())).not.toBe('done')
})

const callsPerRun = 300
const workspaces = Array.from({ length: 50 }, (_, index) => `w${index}`)
const step = fc.record({
  workspaceId: fc.constantFrom(...workspaces),
  operation: fc.constantFrom('put', 'get', 'list', 'fence'),
  event: fc.oneof(
    { weight: 60, arbitrary: fc.constant('NONE') },
    fc.constantFrom('EXPIRE', 'REVOKE', 'DENY', 'DENY_LOGIN', 'SLOW', 'WAIT'),
  ),
})

test(`${4 * callsPerRun} mixed operations over 50 workspaces never send a token with the path of another`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.constantFrom('kubernetes', 'approle'), async (seed, auth) => {
      await using scene = await Scene.open({ workspaces, auth, namespace: 'team/{workspace}' })
      const { double } = scene.world
      const work: Promise<string>[] = []
      for (const { workspaceId, operation, event } of fc.sample(step, { numRuns: callsPerRun, seed })) {
        const address = { workspaceId, connectorId: crypto.randomUUID(), versionId: crypto.randomUUID() }
        if (event === 'EXPIRE') double.advance(1_800_000)
        if (event === 'EXPIRE') await scene.world.writeJwt()
        if (event === 'REVOKE') double.revokeAll()
        if (event === 'DENY') double.fail(vaultFaults.denied, { path: new RegExp(`/${workspaceId}/`), times: 1 })
        if (event === 'DENY_LOGIN') double.fail(vaultFaults.denied, { path: /login$/, times: 1 })
        if (event === 'SLOW') double.fail({ delayMs: 5 }, { times: 3 })
        if (event === 'WAIT') await Promise.all(work)
        const done = {
          put: () => scene.store.put(address, { password: 'p' }),
          get: () => scene.store.get(address),
          list: () => scene.store.list(workspaceId)[Symbol.asyncIterator]().next(),
          fence: () => scene.store.fence(address),
        }
        work.push(fault(done[operation]()))
        await setImmediate()
      }
      const outcomes = new Set(await Promise.all(work))
      expect([...outcomes].filter(each => !['done', 'MISSING', 'SIGN_IN_REFUSED', 'FORBIDDEN'].includes(each))).toEqual(
        [],
      )
      expect(double.mispaired()).toEqual([])
      const inPaths = double.records.filter(each => each.workspace !== null)
      expect(inPaths.filter(each => each.namespace !== `team/${each.workspace}`)).toEqual([])
      expect(inPaths.filter(each => each.policies.length > 0).length).toBeGreaterThan(callsPerRun / 2)
      const tokens = new Set(double.records.flatMap(each => each.token ?? []))
      for (const { path } of double.records) for (const token of tokens) if (path.includes(token)) expect.fail(path)
      await scene.store.close()
      double.heal()
    }),
    { numRuns: 4, seed: 20_261_123, endOnFailure: true },
  )
})
