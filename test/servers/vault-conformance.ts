import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { describeKvOf } from './vault-conformance-kv.ts'
import { describePoliciesOf } from './vault-conformance-policies.ts'
import { describeSignInOf } from './vault-conformance-sign-in.ts'
import { describeSystemOf } from './vault-conformance-system.ts'
import { authOf, type Conformance, type ConformanceTarget } from './vault-conformance-target.ts'

/** All that Patchbay and its double take for granted about Vault, as requests and their answers. */
export function vaultConformance(name: string, open: () => Promise<ConformanceTarget>): void {
  describe(name, () => {
    let target: ConformanceTarget | undefined
    beforeAll(async () => {
      target = await open()
    })
    afterAll(() => target?.[Symbol.asyncDispose]())

    const opened = (): ConformanceTarget => {
      if (!target) throw new Error('It is not open yet.')
      return target
    }
    const conformance: Conformance = {
      get target() {
        return opened()
      },
      ask: (method, path, request) => opened().request(method, path, request),
      async operate(method, path, body, namespace) {
        const answer = await opened().request(method, path, { ...(body && { body }), ...(namespace && { namespace }) })
        expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300)
        return (answer.body['data'] ?? {}) as Readonly<Record<string, unknown>>
      },
      async tokenFor(policy, { ttl = '1h', namespace } = {}) {
        const policyName = randomUUID()
        await conformance.operate('PUT', `sys/policies/acl/${policyName}`, { policy }, namespace)
        const body = { policies: [policyName], no_default_policy: true, ttl }
        const answer = await opened().request('POST', 'auth/token/create', { body, ...(namespace && { namespace }) })
        return String(authOf(answer)['client_token'])
      },
    }
    describeKvOf(conformance)
    describePoliciesOf(conformance)
    describeSignInOf(conformance)
    describeSystemOf(conformance)
  })
}
