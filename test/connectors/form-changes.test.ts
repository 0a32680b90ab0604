import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changedDestinations, changedFields } from '../../src/connectors/form-changes.ts'
import { splitSecrets } from '../../src/connectors/form-secrets.ts'
import type { JsonObject } from '../../src/connectors/json.ts'
import { madeUpForm } from './made-up-form.ts'
import { minimal, validValue } from './made-up-values.ts'

const validConfig = validValue.map(value => splitSecrets(madeUpForm, value).config)
const fields = (before: JsonObject, after: JsonObject) => changedFields(madeUpForm, before, after)
const destinations = (before: JsonObject, after: JsonObject) => changedDestinations(madeUpForm, before, after)
const proxy = { host: 'p', port: 3128 }

describe('changes between configurations', () => {
  test('none between equal ones, some between different ones, the same in both directions', () => {
    fc.assert(
      fc.property(validConfig, validConfig, (before, after) => {
        expect(fields(before, structuredClone(before))).toEqual([])
        expect(fields(before, after).length === 0).toBe(JSON.stringify(before) === JSON.stringify(after))
        expect(new Set(fields(before, after))).toEqual(new Set(fields(after, before)))
        expect(new Set(destinations(before, after))).toEqual(new Set(destinations(after, before)))
      }),
    )
  })

  test('are named by leaf', () => {
    const before = { ...minimal, limits: { seconds: 1, burst: { size: 1 } }, tags: ['a'] }
    const after = { ...minimal, baseUrl: 'https://b', limits: { seconds: 1, burst: { size: 2 } }, tags: ['b'] }
    expect(fields(before, after)).toEqual(['baseUrl', 'tags.0', 'limits.burst.size'])
    expect(destinations(before, after)).toEqual(['baseUrl'])
  })

  test('a field that is absent counts as its default', () => {
    expect(fields(minimal, { ...minimal, retries: 3, limits: { seconds: 10, burst: { size: 5 } } })).toEqual([])
  })

  test('another alternative is one change, with the destinations that come or go', () => {
    const cluster = { ...minimal, auth: { cloud: { deployment: { cluster: { clusterId: 'c' } } } } }
    const serverless = { ...minimal, auth: { cloud: { deployment: { serverless: true } } } }
    expect(fields(minimal, cluster)).toEqual(['auth'])
    expect(destinations(minimal, cluster)).toEqual(['auth.cloud.deployment.cluster.clusterId'])
    expect(fields(cluster, serverless)).toEqual(['auth.cloud.deployment'])
    expect(destinations(serverless, cluster)).toEqual(['auth.cloud.deployment.cluster.clusterId'])
    expect(destinations(minimal, { ...minimal, auth: { basic: { username: 'u' } } })).toEqual([])
  })

  test('fields of a destination group are destinations, also when the group comes or goes', () => {
    expect(destinations({ ...minimal, proxy }, { ...minimal, proxy: { ...proxy, port: 1 } })).toEqual(['proxy.port'])
    expect(destinations(minimal, { ...minimal, proxy })).toEqual(['proxy.host', 'proxy.port'])
    expect(destinations({ ...minimal, proxy }, minimal)).toEqual(['proxy.host', 'proxy.port'])
  })

  test('items are compared by position; another number of items is a change of the list', () => {
    const hosts = [
      { host: 'a', port: 1 },
      { host: 'b', port: 1 },
    ]
    expect(fields({ ...minimal, hosts }, { ...minimal, hosts: [hosts[0] ?? {}, { host: 'c', port: 1 }] })).toEqual([
      'hosts.1.host',
    ])
    expect(fields({ ...minimal, hosts }, { ...minimal, hosts: hosts.slice(1) })).toEqual(['hosts'])
    expect(destinations({ ...minimal, hosts }, { ...minimal, hosts: hosts.slice(1) })).toContain('hosts')
  })
})
