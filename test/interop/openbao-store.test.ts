import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SecretAddress, SecretStore } from '../../src/secrets/secret-store.ts'
import type { VaultSettings } from '../../src/secrets/vault/settings.ts'
import { secretStoreContract } from '../secrets/secret-store-contract.ts'
import { installOpenBao, openBaoVersions } from './openbao-install.ts'
import { OpenBaoScene, type Place, serviceAccount, usualPlace } from './openbao-scene.ts'
import {
  credentialFileOf,
  newAddress,
  openStore,
  type SignInMethod,
  settingsFor,
  signInMethods,
} from './openbao-store.ts'

const [oldest, newest] = openBaoVersions
/** Mounts and a namespace that no default leads to. */
const ownPlace: Place = {
  namespace: 'team/patchbay',
  kvMount: 'own/kv',
  kubernetesMount: 'clusters/eu',
  appRoleMount: 'programs',
}
let requests = 0
const countRequest = () => {
  requests++
}
/** Of the whole process, of which the store's client is one part. */
subscribe('undici:request:create', countRequest)
afterAll(() => void unsubscribe('undici:request:create', countRequest))

const values = { password: 'ä "secret"' }
/** What no operation of a store may take longer than, and a little for the machine. */
const boundMs = 11_000

const fault = (name: string) => expect.objectContaining({ name: 'SecretStoreError', store: 'VAULT', fault: name })

for (const version of openBaoVersions) {
  const installation = await installOpenBao(version)
  if (!installation.installed) {
    test(`OpenBao ${version}`, context => context.skip(installation.reason))
    continue
  }
  describe(`secrets in OpenBao ${version}`, () => {
    let scene: OpenBaoScene
    beforeAll(async () => {
      scene = await OpenBaoScene.start(version, usualPlace, ownPlace)
    })
    afterAll(() => scene[Symbol.asyncDispose]())

    const cases: readonly (readonly [method: SignInMethod, where: string, place: Place])[] = signInMethods.flatMap(
      method =>
        [
          [method, 'with mounts of the usual names', usualPlace],
          [method, 'in a namespace, with mounts of other names', ownPlace],
        ] as const,
    )
    for (const [method, where, place] of version === oldest ? cases.slice(0, 2) : cases) {
      secretStoreContract(`OpenBao, by ${method}, ${where},`, async () => {
        const { store } = await openStore(await settingsFor(scene, method, place))
        return {
          store,
          newAddress: async (workspaceId, connectorId) => newAddress(workspaceId, connectorId),
          sent: () => requests,
          close: () => store.close(),
        }
      })
    }

    if (version === newest) describeFailures(() => scene)
  })
}

function describeFailures(sceneOf: () => OpenBaoScene): void {
  let scene: OpenBaoScene
  let settings: VaultSettings
  let store: SecretStore
  let log: readonly string[]
  let address: SecretAddress

  const timed = async (work: () => Promise<unknown>) => {
    const start = performance.now()
    const outcome = await work().then(
      value => ({ value }),
      (error: unknown) => ({ error }),
    )
    return { ...outcome, durationMs: performance.now() - start }
  }
  const reading = () => store.get(address)
  /** Fails in time, with this fault. */
  const fails = async (work: () => Promise<unknown>, name: string) => {
    const { durationMs, ...outcome } = await timed(work)
    expect(outcome).toEqual({ error: fault(name) })
    expect(durationMs).toBeLessThan(boundMs)
    return (outcome as { error: Error }).error
  }
  const eventually = (work: () => Promise<unknown>) =>
    vi.waitFor(async () => expect(await work()).toEqual(values), { timeout: 20_000, interval: 100 })
  /** What the operator sees of the tokens that Patchbay holds for a workspace. */
  const tokensOf = async (workspaceId: string) => {
    const tokens = await Promise.all(
      (await scene.accessors()).map(async accessor => {
        const found = await scene.bao.request('POST', 'auth/token/lookup-accessor', { body: { accessor } })
        const { policies } = (found.body['data'] ?? {}) as { readonly policies?: readonly string[] }
        return { accessor, isOwn: policies?.includes(`ws-${workspaceId}`) === true }
      }),
    )
    return tokens.filter(token => token.isOwn).map(token => token.accessor)
  }
  const revokeAll = async () => {
    for (const accessor of await tokensOf('w1')) await scene.operate('POST', 'auth/token/revoke-accessor', { accessor })
  }
  const project = (lifetimeMs: number) =>
    writeFile(credentialFileOf(settings.signIn, 'w1'), scene.cluster.tokens.issue({ ...serviceAccount, lifetimeMs }))

  describe('when something is wrong', () => {
    beforeEach(async () => {
      scene = sceneOf()
      settings = await settingsFor(scene)
      ;({ store, log } = await openStore(settings))
      address = newAddress()
      await revokeAll()
      await store.put(address, values)
    })
    afterEach(async () => {
      scene.cluster.fault = null
      vi.useRealTimers()
      await store.close()
      // Neither a token of OpenBao nor one of Kubernetes.
      expect(log.join('\n')).not.toMatch(/\bs\.[A-Za-z0-9]{20,}|eyJ/)
    })

    test('signs in once for whoever comes at once, and gives the token back at the end', async () => {
      const other = await openStore(settings)
      const before = scene.cluster.reviews
      await Promise.all(Array.from({ length: 50 }, () => other.store.get(address)))
      expect(scene.cluster.reviews).toBe(before + 1)
      expect(await tokensOf('w1')).toHaveLength(2)
      await other.store.close()
      expect(await tokensOf('w1')).toHaveLength(1)
      await store.close()
      expect(await tokensOf('w1')).toEqual([])
    })

    test('signs in again, once, when the operator has revoked the token', async () => {
      const before = scene.cluster.reviews
      await revokeAll()
      const all = await Promise.all(Array.from({ length: 50 }, reading))
      expect(new Set(all.map(each => each['password']))).toEqual(new Set([values.password]))
      expect(scene.cluster.reviews).toBe(before + 1)
    })

    test('reads on while tokens live for seconds', async () => {
      const role = 'auth/kubernetes/role/ws-w1'
      const usual = await scene.operate('GET', role)
      await scene.operate('POST', role, { ...usual, token_ttl: 2, token_max_ttl: 2, token_explicit_max_ttl: 2 })
      try {
        await revokeAll()
        const before = scene.cluster.reviews
        let reads = 0
        while (scene.cluster.reviews < before + 4) {
          expect(await reading()).toEqual(values)
          reads++
          await delay(20)
        }
        expect(reads).toBeGreaterThan(8)
      } finally {
        await scene.operate('POST', role, usual)
      }
    })

    test('says that the sign-in is refused, and asks again when that may have been mended', async () => {
      vi.useFakeTimers({ toFake: ['performance'] })
      await project(-300_000)
      await revokeAll()
      const before = scene.cluster.reviews
      const { message } = await fails(reading, 'SIGN_IN_REFUSED')
      expect(message).toContain('it has expired')
      // A token that the cluster refuses, though it looks good.
      await project(600_000)
      scene.cluster.fault = 'UNAUTHORIZED'
      await fails(reading, 'SIGN_IN_REFUSED')
      expect(scene.cluster.reviews).toBe(before)
      vi.advanceTimersByTime(31_000)
      await fails(reading, 'SIGN_IN_REFUSED')
      expect(scene.cluster.reviews).toBe(before + 1)
      scene.cluster.fault = null
      vi.advanceTimersByTime(31_000)
      expect(await reading()).toEqual(values)
      expect(scene.cluster.reviews).toBe(before + 2)
    })

    test('says which command makes a role that is missing, and keeps what has one apart from it', async () => {
      await writeFile(credentialFileOf(settings.signIn, 'w3'), scene.cluster.tokens.issue(serviceAccount))
      const { message } = await fails(() => store.get(newAddress('w3')), 'SIGN_IN_REFUSED')
      expect(message).toContain('vault:provision -- --workspace w3')
      expect(await reading()).toEqual(values)
    })

    test('uses the token that it has when the role is deleted, and none after that', async () => {
      const usual = await scene.operate('GET', 'auth/kubernetes/role/ws-w1')
      await scene.operate('DELETE', 'auth/kubernetes/role/ws-w1')
      try {
        expect(await reading()).toEqual(values)
        await revokeAll()
        await fails(reading, 'SIGN_IN_REFUSED')
      } finally {
        await scene.operate('POST', 'auth/kubernetes/role/ws-w1', usual)
      }
    })

    test('tells a right that was taken away from a secret that is gone, after one more sign-in', async () => {
      const { policy } = await scene.operate('GET', 'sys/policies/acl/ws-w1')
      await scene.operate('PUT', 'sys/policies/acl/ws-w1', {
        policy: 'path "auth/token/revoke-self" { capabilities = ["update"] }',
      })
      try {
        const before = scene.cluster.reviews
        await fails(reading, 'FORBIDDEN')
        await fails(reading, 'FORBIDDEN')
        expect(scene.cluster.reviews).toBe(before + 1)
      } finally {
        await scene.operate('PUT', 'sys/policies/acl/ws-w1', { policy })
      }
    })

    test.each<readonly [string, Partial<VaultSettings>]>([
      ['a mount that does not exist', { kvMount: 'elsewhere' }],
      ['a namespace that does not exist', { namespace: 'elsewhere' }],
      ['a namespace without its mounts', { namespace: 'team' }],
    ])('never takes %s for lost secrets', async (_, change) => {
      const other = await openStore({ ...settings, ...change })
      try {
        const { error } = (await timed(() => other.store.get(address))) as { error?: unknown }
        expect(error).toMatchObject({ name: 'SecretStoreError', reason: 'UNAVAILABLE' })
      } finally {
        await other.store.close()
      }
    })

    test('trusts no certificate but those of its authorities', async () => {
      const other = await openStore({ ...settings, caFile: null })
      await fails(() => other.store.get(address), 'UNREACHABLE')
      await other.store.close()
    })

    test('waits for a cluster that does not answer no longer than it may', async () => {
      await revokeAll()
      scene.cluster.fault = 'HANGING'
      await fails(reading, 'TIMED_OUT')
    })

    test('says that it is sealed, and goes on once it is unsealed', async () => {
      const before = scene.cluster.reviews
      await scene.bao.seal()
      try {
        await fails(reading, 'SEALED')
        const { durationMs } = await timed(() => fails(reading, 'SEALED'))
        expect(durationMs).toBeLessThan(1_000)
        await fails(() => store.put(newAddress(), values), 'SEALED')
        await fails(() => store.check(), 'SEALED')
      } finally {
        await scene.bao.unseal()
      }
      await eventually(reading)
      await expect(store.check()).resolves.toBeUndefined()
      expect(scene.cluster.reviews).toBe(before)
    })

    test('says that it is away, then that it is sealed, and goes on once it is back', async () => {
      const written = newAddress('w2')
      await store.put(written, values)
      await scene.bao.kill()
      try {
        await fails(reading, 'UNREACHABLE')
        await fails(() => store.check(), 'UNREACHABLE')
        await scene.bao.restart()
        await vi.waitFor(() => fails(reading, 'SEALED'), { timeout: 20_000, interval: 100 })
      } finally {
        await scene.bao.restart().catch(() => {})
        await scene.bao.unseal()
      }
      await eventually(reading)
      expect(await store.get(written)).toEqual(values)
    })
  })
}
