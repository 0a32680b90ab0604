import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  authOf,
  type Conformance,
  found,
  mountKv,
  notAllowed,
  nothingThere,
  refused,
  unknownToken,
} from './vault-conformance-target.ts'

export function describeSystemOf(conformance: Conformance): void {
  const { ask, operate, tokenFor } = conformance

  describe('namespaces', () => {
    test('are told in the header, before the path, or partly in both', async () => {
      const name = `team-${randomUUID()}`
      expect(await ask('GET', 'secret/data/x', { namespace: name })).toEqual(refused(404, 'namespace not found'))
      await operate('PUT', `sys/namespaces/${name}`)
      await operate('PUT', 'sys/namespaces/below', undefined, name)
      expect(await ask('GET', 'secret/data/x', { namespace: name })).toEqual(
        refused(404, 'no handler for route "secret/data/x". route entry not found.'),
      )
      const namespace = `${name}/below`
      await mountKv(conformance, 'kv', namespace)
      await operate('POST', 'kv/data/x', { data: { a: '1' } }, namespace)
      const value = found({ data: { a: '1' }, metadata: expect.objectContaining({ version: 1 }) })
      expect(await ask('GET', 'kv/data/x', { namespace })).toEqual(value)
      expect(await ask('GET', 'kv/data/x', { namespace: `/${namespace}/` })).toEqual(value)
      expect(await ask('GET', `${namespace}/kv/data/x`)).toEqual(value)
      expect(await ask('GET', 'below/kv/data/x', { namespace: name })).toEqual(value)
      expect(await ask('GET', 'kv/data/x')).toMatchObject({ status: 404 })
    })

    test('keep tokens and policies to themselves', async () => {
      const namespace = `team-${randomUUID()}`
      await operate('PUT', `sys/namespaces/${namespace}`)
      await mountKv(conformance, 'secret', namespace)
      const policy = `
        path "secret/data/*" { capabilities = ["read"] }
        path "auth/token/*" { capabilities = ["read", "update"] }`
      const [inside, outside] = [await tokenFor(policy, { namespace }), await tokenFor(policy)]
      expect(await ask('GET', 'secret/data/x', { token: inside, namespace })).toEqual(nothingThere)
      expect(await ask('GET', `${namespace}/secret/data/x`, { token: inside })).toEqual(nothingThere)
      expect(await ask('GET', 'secret/data/x', { token: inside })).toEqual(notAllowed)
      expect(await ask('GET', 'secret/data/x', { token: outside })).toEqual(nothingThere)
      expect(await ask('GET', 'secret/data/x', { token: outside, namespace })).toEqual(notAllowed)
      // What a token asks of itself it may ask from anywhere.
      expect(await ask('GET', 'auth/token/lookup-self', { token: inside })).toEqual(
        found(expect.objectContaining({ id: inside, namespace_path: `${namespace}/` })),
      )
      expect(await ask('POST', 'auth/token/revoke-self', { token: inside })).toMatchObject({ status: 204 })
      expect(await ask('GET', 'secret/data/x', { token: inside, namespace })).toEqual(unknownToken)
    })

    test('have their own ways to sign in', async () => {
      const namespace = `team-${randomUUID()}`
      await operate('PUT', `sys/namespaces/${namespace}`)
      await operate('POST', 'sys/auth/kubernetes', { type: 'kubernetes' }, namespace)
      await operate('POST', 'auth/kubernetes/config', conformance.target.kubernetesConfig, namespace)
      const role = {
        bound_service_account_names: 'connectors',
        bound_service_account_namespaces: 'app',
        token_policies: 'p',
        audience: 'vault',
      }
      await operate('POST', 'auth/kubernetes/role/mine', role, namespace)
      const body = { role: 'mine', jwt: conformance.target.serviceAccountToken() }
      const auth = authOf(await ask('POST', 'auth/kubernetes/login', { token: '', namespace, body }))
      expect(auth).toMatchObject({ policies: ['default', 'p'] })
      expect(await ask('POST', `${namespace}/auth/kubernetes/login`, { token: '', body })).toMatchObject({
        status: 200,
      })
    })
  })

  describe('health and seal', () => {
    const health = (query = '') => ask('GET', `sys/health${query}`, { token: '' })

    test('are told to anybody, in the root namespace only', async () => {
      expect(await health()).toEqual({
        status: 200,
        body: expect.objectContaining({
          initialized: true,
          sealed: false,
          standby: false,
          replication_performance_mode: expect.any(String),
          replication_dr_mode: 'disabled',
          server_time_utc: expect.any(Number),
          version: expect.any(String),
          cluster_name: expect.any(String),
          cluster_id: expect.any(String),
        }),
      })
      expect(await health('?activecode=299')).toMatchObject({ status: 299 })
      expect(await health('?standbyok=true&sealedcode=299')).toMatchObject({ status: 200 })
      for (const query of ['?standbyok=x', '?sealedcode=x', '?activecode=x']) {
        expect(await health(query)).toEqual(refused(400))
      }
      expect(await ask('GET', 'sys/health', { namespace: 'any' })).toEqual(
        refused(400, 'operation unavailable in namespaces'),
      )
      expect(await ask('GET', 'sys/seal-status', { token: '' })).toMatchObject({ status: 200, body: { sealed: false } })
    })

    test('leave nothing else to be asked while it is sealed, and lose nothing', async () => {
      await operate('POST', 'secret/data/conformance/sealed', { data: { a: '1' } })
      const token = await tokenFor('path "secret/data/conformance/*" { capabilities = ["read"] }')
      expect(await ask('PUT', 'sys/seal', { token: '' })).toEqual(unknownToken)
      expect(await ask('PUT', 'sys/seal', { token })).toEqual(notAllowed)
      await conformance.target.seal()
      const sealed = refused(503, 'Vault is sealed')
      expect(await ask('GET', 'secret/data/conformance/sealed')).toEqual(sealed)
      expect(await ask('GET', 'secret/data/conformance/sealed', { token: '' })).toEqual(sealed)
      expect(await ask('POST', 'auth/kubernetes/login', { token: '', body: {} })).toEqual(sealed)
      expect(await ask('GET', 'nowhere', { namespace: 'nowhere' })).toEqual(sealed)
      const state = { initialized: true, sealed: true, standby: true, replication_dr_mode: 'unknown' }
      expect(await health()).toMatchObject({ status: 503, body: state })
      expect(await health('?sealedcode=299')).toMatchObject({ status: 299, body: state })
      expect(await health('?standbyok=true')).toMatchObject({ status: 503 })
      expect(await ask('GET', 'sys/seal-status', { token: '' })).toMatchObject({ status: 200, body: { sealed: true } })
      await conformance.target.unseal()
      expect(await ask('GET', 'secret/data/conformance/sealed', { token })).toMatchObject({
        status: 200,
        body: { data: { data: { a: '1' } } },
      })
    })
  })
}
