import { readFile, rm, writeFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { SecretAddress, SecretStore } from '../../src/secrets/secret-store.ts'
import type { VaultSettings } from '../../src/secrets/vault/settings.ts'
import { installOpenBao, openBaoVersions } from './openbao-install.ts'
import { OpenBaoScene, usualPlace } from './openbao-scene.ts'
import {
  credentialFileOf,
  newAddress,
  openStore,
  type SignInMethod,
  settingsFor,
  writeCredential,
} from './openbao-store.ts'

const [, version] = openBaoVersions
const installation = await installOpenBao(version)
if (!installation.installed) test('OpenBao', context => context.skip(installation.reason))
const describeInstalled = installation.installed ? describe : (_name: string, _suite: () => void) => {}

const values = { password: 'secret' }
const fault = (name: string) => expect.objectContaining({ name: 'SecretStoreError', fault: name })

describeInstalled('what Patchbay signs in with', () => {
  let scene: OpenBaoScene
  let store: SecretStore
  beforeAll(async () => {
    scene = await OpenBaoScene.start(version, usualPlace)
  })
  afterAll(() => scene[Symbol.asyncDispose]())
  afterEach(async () => {
    vi.useRealTimers()
    scene.cluster.fault = null
    await store.close()
  })

  const open = async (method: SignInMethod): Promise<VaultSettings> => {
    const settings = await settingsFor(scene, method)
    store = (await openStore(settings)).store
    return settings
  }
  /** Of a workspace, but not of those who read them. */
  const revokeTokens = async (workspaceId: string) => {
    for (const accessor of await scene.accessors()) {
      const found = await scene.bao.request('POST', 'auth/token/lookup-accessor', { body: { accessor } })
      if (!JSON.stringify(found.body).includes(`"ws-${workspaceId}"`)) continue
      await scene.operate('POST', 'auth/token/revoke-accessor', { accessor })
    }
  }

  test('by AppRole may be replaced when it was taken back', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const settings = await open('approle')
    const address = newAddress()
    await store.put(address, values)
    const { keys } = await scene.operate('LIST', 'auth/approle/role/ws-w1/secret-id')
    for (const secret_id_accessor of keys as string[]) {
      await scene.operate('POST', 'auth/approle/role/ws-w1/secret-id-accessor/destroy', { secret_id_accessor })
    }
    expect(await store.get(address)).toEqual(values)
    await revokeTokens('w1')
    await expect(store.get(address)).rejects.toEqual(fault('SIGN_IN_REFUSED'))
    await writeCredential(scene, settings, 'w1')
    vi.advanceTimersByTime(31_000)
    expect(await store.get(address)).toEqual(values)
  })

  test('is taken anew from the file when whoever keeps a token fresh has replaced it', async () => {
    const settings = await open('token')
    const address = newAddress()
    await store.put(address, values)
    await revokeTokens('w1')
    await writeCredential(scene, settings, 'w1')
    expect(await store.get(address)).toEqual(values)
  })

  test('is never given back when it is somebody else’s token', async () => {
    const settings = await open('token')
    await store.put(newAddress(), values)
    await store.close()
    const token = await readFile(credentialFileOf(settings.signIn, 'w1'), 'utf8')
    expect(await scene.bao.request('GET', 'auth/token/lookup-self', { token })).toMatchObject({ status: 200 })
  })

  test.each<readonly [SignInMethod, string]>([
    ['kubernetes', 'not.a token'],
    ['approle', '{"role_id": "x"}'],
    ['approle', '{"role_id": "x", "secret_id": "y"}'],
    ['token', 's.000000000000000000000000'],
    ['token', 'two words'],
  ])('by %s says so without repeating it when it is no good: %j', async (method, content) => {
    const settings = await open(method)
    await writeFile(credentialFileOf(settings.signIn, 'w1'), content)
    const error = await store.get(newAddress()).catch((thrown: Error) => thrown)
    expect(error).toEqual(fault('SIGN_IN_REFUSED'))
    expect(String(error)).not.toContain(content)
    await rm(credentialFileOf(settings.signIn, 'w1'))
    await expect(store.get(newAddress('w2'))).rejects.toEqual(fault('MISSING'))
  })

  test('of one workspace may be stuck in the cluster while others go on', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `stuck${index}`)
    const settings = await settingsFor(scene, 'kubernetes', usualPlace, ['w1', ...ids])
    store = (await openStore(settings)).store
    const address = newAddress()
    await store.put(address, values)
    scene.cluster.fault = 'HANGING'
    const stuck = ids.map(id => store.get(newAddress(id)).catch((error: unknown) => error))
    // Nobody else asks while they fail, one after another.
    for (const outcome of await Promise.all(stuck)) expect(outcome).toEqual(fault('TIMED_OUT'))
    expect(await store.get(address)).toEqual(values)
    await expect(store.check()).resolves.toBeUndefined()
  })

  test('is not waited for at the end, whatever the store is doing', async () => {
    await open('kubernetes')
    await store.put(newAddress(), values)
    await scene.bao.seal()
    try {
      const start = performance.now()
      await store.close()
      expect(performance.now() - start).toBeLessThan(3_000)
    } finally {
      await scene.bao.unseal()
    }
  })
})

describeInstalled('writing and fencing the same version at once', () => {
  let scene: OpenBaoScene
  beforeAll(async () => {
    scene = await OpenBaoScene.start(version, usualPlace)
  })
  afterAll(() => scene[Symbol.asyncDispose]())

  test('ends with nothing to be read, whoever was first, and nothing written later', async () => {
    const { store } = await openStore(await settingsFor(scene))
    const addresses = Array.from({ length: 200 }, () => newAddress())
    const written = await Promise.all(
      addresses.map(async (address, index) => {
        const put = () =>
          store.put(address, values).then(
            () => 'WRITTEN',
            (error: { fault: string }) => error.fault,
          )
        const [outcome] = await Promise.all(
          index % 2 === 0 ? [put(), store.fence(address)] : [store.fence(address).then(put), null],
        )
        return outcome
      }),
    )
    expect(new Set(written)).toEqual(new Set(['WRITTEN', 'WITHDRAWN']))
    const late = await Promise.all(
      addresses.map(address => store.put(address, values).catch((error: { fault: string }) => error.fault)),
    )
    expect(new Set(late)).toEqual(new Set(['WITHDRAWN']))
    for (const address of addresses) await expect(store.get(address)).rejects.toEqual(fault('MISSING'))
    const left = await everything(store)
    expect(left).toHaveLength(addresses.length)
    await Promise.all(left.map(address => store.forget(address)))
    expect(await everything(store)).toEqual([])
    await store.close()
  })
})

async function everything(store: SecretStore): Promise<SecretAddress[]> {
  const found: SecretAddress[] = []
  for await (const address of store.list('w1')) found.push(address)
  return found
}
