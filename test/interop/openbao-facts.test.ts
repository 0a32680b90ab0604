import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { installOpenBao, openBaoVersions } from './openbao-install.ts'
import { OpenBaoScene, usualPlace } from './openbao-scene.ts'

// What cannot be asked of the double as well: facts of the product with a cluster beside it, and with a disk below it.

const refused = (status: number, words: string) => ({ status, body: { errors: [words] } })
/** Also what is answered to a token that is nobody's: what went wrong in the cluster cannot be told from it. */
const denied = refused(403, 'permission denied')

describe.each(openBaoVersions)('OpenBao %s', async version => {
  const installation = await installOpenBao(version)
  if (!installation.installed) {
    test('is here', context => context.skip(installation.reason))
    return
  }
  let scene: OpenBaoScene
  beforeAll(async () => {
    scene = await OpenBaoScene.start(version, usualPlace)
    await scene.operate('PUT', 'sys/policies/acl/mine', { policy: 'path "secret/data/*" { capabilities = ["read"] }' })
    await scene.operate('POST', 'auth/kubernetes/role/mine', {
      bound_service_account_names: 'connectors',
      bound_service_account_namespaces: 'app',
      audience: 'vault',
      token_policies: 'mine',
    })
  })
  afterAll(() => scene[Symbol.asyncDispose]())
  afterEach(() => {
    scene.cluster.fault = null
  })

  test.each(['UNAUTHORIZED', 'FORBIDDEN', 'FAILED'] as const)(
    'refuses a sign-in alike when the cluster cannot say whose token it is: %s',
    async fault => {
      scene.cluster.fault = fault
      expect(await scene.signIn('mine')).toEqual(denied)
      scene.cluster.fault = null
      expect(await scene.signIn('mine')).toMatchObject({ status: 200 })
    },
  )

  test('asks the cluster at every sign-in, and never about a token', async () => {
    const jwt = scene.cluster.tokens.issue()
    const { body } = await scene.signIn('mine', jwt)
    const { client_token: token } = body['auth'] as { readonly client_token: string }
    scene.cluster.tokens.deleteAccount()
    expect(await scene.signIn('mine', jwt)).toEqual(denied)
    const before = scene.cluster.reviews
    expect(await scene.bao.request('GET', 'secret/data/x', { token })).toEqual({ status: 404, body: { errors: [] } })
    expect(scene.cluster.reviews).toBe(before)
  })

  test('has values and tokens again after it was killed, once it is unsealed', async () => {
    await scene.operate('POST', 'secret/data/kept', { data: { a: 'b' } })
    const { body } = await scene.signIn('mine')
    const { client_token: token } = body['auth'] as { readonly client_token: string }
    await scene.bao.kill()
    await scene.bao.restart()
    expect(await scene.bao.request('GET', 'secret/data/kept', { token })).toEqual(refused(503, 'Vault is sealed'))
    await scene.bao.unseal()
    expect(await scene.bao.request('GET', 'secret/data/kept', { token })).toMatchObject({
      status: 200,
      body: { data: { data: { a: 'b' } } },
    })
  })
})
