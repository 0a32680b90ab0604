import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  authOf,
  type Conformance,
  dataOf,
  done,
  found,
  notAllowed,
  nothingThere,
  refused,
  signedIn,
  time,
  unknownToken,
} from './vault-conformance-target.ts'

const roleFields = {
  bound_service_account_names: 'connectors',
  bound_service_account_namespaces: ['app'],
  audience: 'vault',
  token_policies: 'mine',
  token_no_default_policy: true,
  token_ttl: '1h',
  token_max_ttl: '1h',
  token_explicit_max_ttl: '1h',
  token_type: 'service',
}
const policy = `
  path "auth/token/revoke-self" { capabilities = ["update"] }
  path "auth/token/lookup-self" { capabilities = ["read"] }
  path "auth/token/renew-self" { capabilities = ["update"] }
  path "secret/data/conformance/mine" { capabilities = ["read"] }`

export function describeSignInOf(conformance: Conformance): void {
  const { ask, operate } = conformance
  const use = (token: unknown) => ask('GET', 'secret/data/conformance/mine', { token: String(token) })

  describe('tokens', () => {
    const create = async (body: object) => {
      await operate('PUT', 'sys/policies/acl/mine', { policy })
      const answer = await ask('POST', 'auth/token/create', {
        body: { policies: ['mine'], no_default_policy: true, ...body },
      })
      return String(authOf(answer)['client_token'])
    }

    test('say who they are', async () => {
      const token = await create({ ttl: '1h', explicit_max_ttl: '2h' })
      const data = {
        accessor: expect.any(String),
        creation_ttl: 3_600,
        expire_time: time,
        explicit_max_ttl: 7_200,
        id: token,
        issue_time: time,
        orphan: false,
        path: 'auth/token/create',
        policies: ['mine'],
        renewable: true,
        type: 'service',
      }
      expect(await ask('GET', 'auth/token/lookup-self', { token })).toEqual(found(expect.objectContaining(data)))
      expect(await ask('POST', 'auth/token/lookup-self', { token })).toEqual(notAllowed)
    })

    test('are forgotten when they give themselves back', async () => {
      const token = await create({ ttl: '1h' })
      expect(await use(token)).toEqual(nothingThere)
      expect(await ask('POST', 'auth/token/revoke-self', { token })).toEqual(done)
      expect(await use(token)).toEqual(unknownToken)
      expect(await ask('POST', 'auth/token/revoke-self', { token })).toEqual(unknownToken)
      expect([await use(''), await use('s.000000000000000000000000')]).toEqual([unknownToken, unknownToken])
    })

    test('end in time, and may be renewed up to their longest life', async () => {
      const token = await create({ ttl: '3s', explicit_max_ttl: '5s' })
      await conformance.target.pass(1_500)
      expect(await ask('POST', 'auth/token/renew-self', { token })).toMatchObject({ status: 200 })
      await conformance.target.pass(2_000)
      expect(await use(token)).toEqual(nothingThere)
      expect(authOf(await ask('POST', 'auth/token/renew-self', { token }))['lease_duration']).toBeLessThanOrEqual(2)
      await conformance.target.pass(2_000)
      expect(await use(token)).toEqual(unknownToken)
    })
  })

  describe('signing in by Kubernetes', () => {
    const mount = `kubernetes-${randomUUID()}`
    const at = `auth/${mount}`
    const signIn = (role: string, jwt?: string) =>
      ask('POST', `${at}/login`, {
        token: '',
        body: { role, ...(jwt !== undefined && { jwt }) },
      })
    beforeAll(async () => {
      expect(await signIn('mine', 'x')).toEqual(unknownToken)
      await operate('PUT', 'sys/policies/acl/mine', { policy })
      await operate('POST', `sys/auth/${mount}`, { type: 'kubernetes' })
      await operate('POST', `${at}/config`, conformance.target.kubernetesConfig)
      expect(await ask('LIST', `${at}/role`)).toEqual(nothingThere)
      await operate('POST', `${at}/role/mine`, roleFields)
    })

    test('gives a token of the role', async () => {
      const answer = await signIn('mine', conformance.target.serviceAccountToken())
      const metadata = {
        role: 'mine',
        service_account_name: 'connectors',
        service_account_namespace: 'app',
        service_account_secret_name: '',
        service_account_uid: expect.any(String),
      }
      expect(answer).toEqual(
        signedIn({
          client_token: expect.stringMatching(/^(s|hvs)\./),
          accessor: expect.any(String),
          policies: ['mine'],
          token_policies: ['mine'],
          metadata,
          lease_duration: 3_600,
          renewable: true,
          token_type: 'service',
          orphan: true,
        }),
      )
      const { client_token: token } = authOf(answer)
      expect(dataOf(await ask('GET', 'auth/token/lookup-self', { token: String(token) }))).toMatchObject({
        path: `auth/${mount}/login`,
        explicit_max_ttl: 3_600,
        meta: metadata,
      })
      expect(await use(token)).toEqual(nothingThere)
    })

    const old = 'invalid expiration time (exp) claim: token is expired'
    const otherAudience = 'invalid audience (aud) claim: audience claim does not match any expected audience'
    test.each([
      ['no such role', 'none', () => issue(), refused(400, 'invalid role name "none"')],
      ['no role', '', () => issue(), refused(400, 'missing role')],
      ['no JWT', 'mine', () => undefined, refused(400, 'missing jwt')],
      ['an empty JWT', 'mine', () => '', refused(400, 'missing jwt')],
      ['none', 'mine', () => 'garbage', unknownToken],
      ['a JWT expired just now', 'mine', () => issue({ lifetimeMs: -10_000 }), unknownToken],
      ['a JWT expired long ago', 'mine', () => issue({ lifetimeMs: -300_000 }), refused(403, old)],
      ['another audience', 'mine', () => issue({ audience: 'other' }), refused(403, otherAudience)],
      ['another account', 'mine', () => issue({ name: 'other' }), refused(403, 'service account name not authorized')],
      ['another namespace', 'mine', () => issue({ namespace: 'other' }), refused(403, 'namespace not authorized')],
      ['a forged signature', 'mine', () => forged(issue()), unknownToken],
    ])('is refused with %s', async (_, role, jwt, answer) => {
      expect(await signIn(role, jwt())).toEqual(answer)
    })
    const issue = (options?: Parameters<typeof conformance.target.serviceAccountToken>[0]) =>
      conformance.target.serviceAccountToken(options)

    test('takes any of several audiences', async () => {
      expect(await signIn('mine', issue({ audience: ['other', 'vault'] }))).toMatchObject({ status: 200 })
    })

    test('knows roles, which operators change in part', async () => {
      expect(await ask('GET', `${at}/role/mine`)).toEqual(
        found(
          expect.objectContaining({
            audience: 'vault',
            bound_service_account_names: ['connectors'],
            bound_service_account_namespaces: ['app'],
            token_explicit_max_ttl: 3_600,
            token_max_ttl: 3_600,
            token_no_default_policy: true,
            token_policies: ['mine'],
            token_ttl: 3_600,
            token_type: 'service',
          }),
        ),
      )
      await operate('POST', `${at}/role/other`, { ...roleFields, token_ttl: 60 })
      expect(await ask('POST', `${at}/role/other`, { body: { token_explicit_max_ttl: '30s' } })).toEqual(done)
      expect(dataOf(await ask('GET', `${at}/role/other`))).toMatchObject({
        audience: 'vault',
        token_ttl: 60,
        token_explicit_max_ttl: 30,
      })
      expect(authOf(await signIn('other', issue()))).toMatchObject({ lease_duration: 30 })
      expect(await ask('LIST', `${at}/role`)).toEqual(found({ keys: ['mine', 'other'] }))
      expect(await ask('DELETE', `${at}/role/other`)).toEqual(done)
      expect(await ask('DELETE', `${at}/role/other`)).toEqual(done)
      expect(await ask('GET', `${at}/role/other`)).toEqual(nothingThere)
      expect(await ask('POST', `${at}/role/none`, { body: {} })).toEqual(
        refused(400, '"bound_service_account_names" can not be empty'),
      )
      expect(await ask('GET', `${at}/login`)).toEqual(refused(405, 'unsupported operation'))
    })
  })

  describe('signing in by AppRole', () => {
    const mount = `approle-${randomUUID()}`
    const at = `auth/${mount}`
    const signIn = (body: object) => ask('POST', `${at}/login`, { token: '', body })

    test('gives a token of the role to who knows both ids', async () => {
      await operate('POST', `sys/auth/${mount}`, { type: 'approle' })
      await operate('POST', `${at}/role/mine`, {
        token_policies: ['mine'],
        token_no_default_policy: true,
        token_ttl: '1h',
      })
      const { role_id } = await operate('GET', `${at}/role/mine/role-id`)
      const { secret_id } = await operate('POST', `${at}/role/mine/secret-id`)
      expect(await signIn({ role_id, secret_id })).toEqual(
        signedIn({ policies: ['mine'], lease_duration: 3_600, metadata: { role_name: 'mine' }, orphan: true }),
      )
      const wrong = refused(400, 'invalid role or secret ID')
      expect(await signIn({ role_id, secret_id: 'wrong' })).toEqual(wrong)
      expect(await signIn({ role_id: 'wrong', secret_id })).toEqual(wrong)
      expect(await signIn({ role_id })).toEqual(refused(400, 'missing secret_id'))
      expect(await ask('GET', `${at}/role/none/role-id`)).toEqual(nothingThere)
      await operate('DELETE', `${at}/role/mine`)
      expect(await signIn({ role_id, secret_id })).toEqual(wrong)
    })
  })
}

/** With the signature of something else. */
function forged(token: string): string {
  const [head, claims, signature = ''] = token.split('.')
  return [head, claims, Buffer.from(signature, 'base64url').reverse().toString('base64url')].join('.')
}
