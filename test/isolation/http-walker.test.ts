import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Tenant as Client, startTenants, type Tenants } from '../e2e/tenants.ts'
import { type Belongings, fill } from './belongings.ts'
import { argumentsAt } from './place-arguments.ts'
import type { Answer, Tenant } from './tenant.ts'
import { schema } from './tenant-world.ts'
import { placeCases } from './walker-cases.ts'
import { type Operation, wholeOperation } from './whole-operation.ts'

/** What no two answers have in common, whoever asks for what. */
const ownHeaders = ['date', 'x-request-id']

/** Over HTTP with an API token: status, headers and body, as they came. */
function tenantOver(client: Client): Tenant {
  const ask = async ({ document, variables }: Operation, accept: string): Promise<Answer> => {
    const response = await client.raw(JSON.stringify({ query: document, variables }), { accept })
    const body = (await response.text()).replace(/("requestId":)"[^"]*"/g, '$1"<request>"')
    const headers = [...response.headers].filter(([name]) => !ownHeaders.includes(name)).sort()
    const text = [response.status, ...headers.map(header => header.join(': ')), '', body].join('\n')
    // The last event of a stream says that it is over.
    const [json = '{}'] = body.match(/\{.*\}/g) ?? []
    return { text, data: (JSON.parse(json) as { data?: Record<string, unknown> }).data ?? {} }
  }
  return {
    workspace: client.workspace,
    run: operation => ask(operation, 'application/graphql-response+json'),
    follow: operation => ask(operation, 'text/event-stream'),
  }
}

describe('over HTTP, what belongs to another workspace is answered as what nobody has', () => {
  let tenants: Tenants
  let south: Tenant
  let parties: { readonly north: Belongings; readonly south: Belongings }

  beforeAll(async () => {
    tenants = await startTenants()
    south = tenantOver(await tenants.tenant('south'))
    const north = tenantOver(await tenants.tenant('north'))
    parties = { north: await fill(north, 'north'), south: await fill(south, 'south') }
  })
  afterAll(async () => tenants.stop())

  test.each([...placeCases])('%s', async (place, { kind, above, args, probes }) => {
    let compared = 0
    for (const { what, foreign, nowhere, isAccepted } of probes(parties)) {
      // What is accepted makes something new each time; the walker looks at that.
      if (isAccepted) continue
      const ask = (value: unknown) => {
        const field = place.split('.')[1] ?? ''
        const steps = [...above(parties), { field, args: argumentsAt(schema, place, args(parties, 'tag'), value) }]
        const operation = wholeOperation(schema, kind, steps, 0)
        return kind === 'subscription' ? south.follow(operation) : south.run(operation)
      }
      const norths = await ask(foreign)
      const nobodys = await ask(nowhere)
      expect(norths.text, what).toBe(nobodys.text)
      expect(norths.text, what).not.toContain('INTERNAL_SERVER_ERROR')
      compared++
    }
    expect(compared === 0).toBe(probes(parties).every(probe => probe.isAccepted))
  })
})
