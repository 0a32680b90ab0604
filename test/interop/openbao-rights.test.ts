import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { VaultSettings } from '../../src/secrets/vault/settings.ts'
import { installOpenBao, openBaoVersions } from './openbao-install.ts'
import { provision } from './openbao-provision.ts'
import { OpenBaoScene, usualPlace } from './openbao-scene.ts'
import { settingsFor } from './openbao-store.ts'

type Call = readonly [method: string, path: string, body?: object]
const toRow = ([method, path, body]: Call) => ({ method, path, body })

const [, version] = openBaoVersions
const installation = await installOpenBao(version)
if (!installation.installed) test('OpenBao', context => context.skip(installation.reason))
const describeInstalled = installation.installed ? describe : (_name: string, _suite: () => void) => {}

describeInstalled('the rights of a workspace, as the command gives them', () => {
  let scene: OpenBaoScene
  let settings: VaultSettings
  let token = ''
  beforeAll(async () => {
    scene = await OpenBaoScene.start(version, usualPlace)
    settings = await settingsFor(scene, 'kubernetes', usualPlace, ['w1', 'w10', 'w2'])
    for (const id of ['w1', 'w10', 'w2']) {
      await scene.operate('POST', `secret/data/workspaces/${id}/connectors/c/v`, { data: { a: 'b' } })
    }
    await scene.operate('POST', 'secret/data/other', { data: { a: 'b' } })
    const { body } = await scene.signIn('ws-w1')
    token = (body['auth'] as { readonly client_token: string }).client_token
  })
  afterAll(() => scene[Symbol.asyncDispose]())

  const own = 'workspaces/w1/connectors/c/v'
  const statusOf = async (method: string, path: string, body?: object) =>
    (await scene.bao.request(method, path, { token, ...(body && { body }) })).status

  const held: readonly Call[] = [
    ['POST', `secret/data/${own}2`, { options: { cas: 0 }, data: { a: 'b' } }],
    ['GET', `secret/data/${own}?version=1`],
    ['PUT', `secret/destroy/${own}2`, { versions: [1] }],
    ['LIST', 'secret/metadata/workspaces/w1/connectors/'],
    ['LIST', 'secret/metadata/workspaces/w1/connectors/c/'],
    ['DELETE', `secret/metadata/${own}2`],
  ]
  test.each(held.map(toRow))('hold $method $path', async ({ method, path, body }) => {
    expect([200, 204]).toContain(await statusOf(method, path, body))
  })

  const others: readonly Call[] = ['w2', 'w10'].flatMap((id): Call[] => {
    const path = `workspaces/${id}/connectors`
    return [
      ['GET', `secret/data/${path}/c/v`],
      ['POST', `secret/data/${path}/c/new`, { data: {} }],
      ['PUT', `secret/destroy/${path}/c/v`, { versions: [1] }],
      ['DELETE', `secret/metadata/${path}/c/v`],
      ['GET', `secret/metadata/${path}/c/v`],
      ['LIST', `secret/metadata/${path}/`],
      ['POST', 'auth/kubernetes/role/ws-w1', { token_policies: [`ws-${id}`] }],
    ]
  })
  const notHeld: readonly Call[] = [
    ...others,
    // Of its own: what the life of a version does not need.
    ['DELETE', `secret/data/${own}`],
    ['GET', `secret/metadata/${own}`],
    ['GET', 'auth/token/lookup-self'],
    ['PATCH', `secret/data/${own}`, { data: { c: 'd' } }],
    ['POST', `secret/undelete/${own}`, { versions: [1] }],
    ['POST', `secret/metadata/${own}`, { max_versions: 1 }],
    ['POST', 'secret/data/workspaces/w1/other', { data: {} }],
    // Above its prefix.
    ['LIST', 'secret/metadata/workspaces/w1/'],
    ['LIST', 'secret/metadata/workspaces/'],
    ['LIST', 'secret/metadata/'],
    ['GET', 'secret/data/other'],
    ['GET', 'secret/config'],
    ['POST', 'secret/config', { max_versions: 1 }],
    // Through it.
    ['GET', `secret/data/${own}/../../../../w2/connectors/c/v`],
    ['GET', `secret/data/${own}/%2e%2e/%2e%2e/%2e%2e/%2e%2e/w2/connectors/c/v`],
    ['GET', 'secret/data/workspaces/w1/connectors//../../w2/connectors/c/v'],
    // Administration.
    ['GET', 'sys/policies/acl/ws-w1'],
    ['PUT', 'sys/policies/acl/ws-w1', { policy: 'path "*" { capabilities = ["sudo"] }' }],
    ['LIST', 'sys/policies/acl'],
    ['GET', 'sys/mounts'],
    ['POST', 'sys/mounts/more', { type: 'kv' }],
    ['GET', 'sys/auth'],
    ['POST', 'sys/seal'],
    ['POST', 'sys/namespaces/mine', {}],
    ['GET', 'auth/kubernetes/role/ws-w1'],
    ['GET', 'auth/kubernetes/config'],
    ['LIST', 'auth/kubernetes/role'],
    ['LIST', 'auth/token/accessors'],
    ['POST', 'auth/token/create', { policies: ['ws-w2'] }],
    ['POST', 'auth/token/create', {}],
    ['POST', 'auth/token/renew-self', {}],
    ['POST', 'identity/entity', { name: 'x' }],
    ['POST', 'sys/wrapping/wrap', { a: 'b' }],
    ['PUT', 'cubbyhole/x', { a: 'b' }],
  ]
  test.each(notHeld.map(toRow))('do not hold $method $path', async ({ method, path, body }) => {
    expect(await statusOf(method, path, body)).toBe(403)
  })

  test('are given as often as one likes, and are the same', async () => {
    const { lines } = await provision(scene, settings, 'w1')
    expect(lines).toEqual(['policy ws-w1: unchanged', 'role ws-w1: unchanged'])
  })

  test('end with the token that gives itself back', async () => {
    expect(await statusOf('POST', 'auth/token/revoke-self')).toBe(204)
    expect(await statusOf('GET', `secret/data/${own}`)).toBe(403)
  })
})
