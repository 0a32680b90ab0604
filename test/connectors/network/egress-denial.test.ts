import { describe, expect, test } from 'vitest'
import { type EndpointRole, NetworkSteps } from '../../../src/connectors/network/network-steps.ts'
import { tunnelFields } from '../../../src/connectors/network/ssh-problems.ts'
import { DnsDouble } from '../../servers/dns-double.ts'
import { networkSettings } from '../../servers/network-settings.ts'
import { largestDistance, separationThreshold } from './sample-distance.ts'

const context = { signal: new AbortController().signal, budgetMs: 3_000 }
const manyAddresses = Array.from({ length: 1_000 }, (_, index) => `10.9.${index >> 8}.${index & 255}`)

interface Target {
  readonly host: string
  readonly port?: number
  /** By default that of a data source. */
  readonly role?: EndpointRole
}

const role: EndpointRole = { fields: tunnelFields, purpose: 'TUNNEL' }

/** Every kind of denied target: how it is written, how many addresses it has, who knows them, and what it is for. */
const targets = {
  literal: { host: '127.0.0.1' },
  privateLiteral: { host: '10.0.0.5' },
  ipv6Literal: { host: 'fd00:ec2::254' },
  hostsFile: { host: 'gateway.test' },
  name: { host: 'inside.test' },
  ipv6Name: { host: 'six.test' },
  mixedName: { host: 'mixed.test' },
  manyAddresses: { host: 'many.test' },
  // Public addresses: it is their port that may not be dialled.
  guardedPort: { host: '1.1.1.1', port: 6379 },
  guardedPortOfName: { host: 'public.test', port: 25 },
  tunnelLiteral: { host: '127.0.0.1', port: 22, role },
  tunnelName: { host: 'inside.test', port: 22, role },
  tunnelGuardedPort: { host: 'public.test', port: 6379, role },
} as const satisfies Record<string, Target>

const startDns = () =>
  DnsDouble.start({
    'inside.test': ['10.1.2.3'],
    'six.test': ['fd12:0:0:0:0:0:0:1'],
    'mixed.test': ['1.1.1.1', '169.254.169.254'],
    'many.test': manyAddresses,
    'public.test': ['1.1.1.1'],
  })

function stepsOf({ host, port = 5432, role }: Target, dns: DnsDouble): NetworkSteps {
  const network = networkSettings({ hosts: { 'gateway.test': ['192.168.1.1'] }, nameServers: [dns.address] })
  return new NetworkSteps({ host, port }, network, role)
}

describe('a denied target', () => {
  test.each(Object.entries<Target>(targets))(
    'is answered alike and without its addresses: %s',
    async (_kind, target) => {
      await using dns = await startDns()
      const steps = stepsOf(target, dns)
      const { host, port } = target.role?.fields ?? { host: 'host', port: 'port' }
      expect(await steps.resolve(context)).toEqual({ status: 'PASSED', evidence: [], problem: null, note: null })
      expect(await steps.checkEgress(context)).toEqual({
        status: 'FAILED',
        evidence: [],
        problem: {
          code: 'EGRESS_DENIED',
          origin: 'POLICY',
          message: "Patchbay's operator does not allow connections to this host and port.",
          params: {},
          detail: null,
          retryable: false,
          fields: [host, port],
          remedies: [],
          docsPath: 'problems.md#egress-denied',
        },
      })
    },
  )

  // 60 rounds in which all targets are tried side by side, in an order that changes: what disturbs one disturbs all.
  test('is answered after the same time as every other, which a shift of 5 ms would show', {
    timeout: 60_000,
  }, async () => {
    await using dns = await startDns()
    const kinds = Object.keys(targets) as (keyof typeof targets)[]
    const resolveMs = Object.fromEntries(kinds.map(kind => [kind, [] as number[]]))
    const egressMs = Object.fromEntries(kinds.map(kind => [kind, [] as number[]]))
    const shifted: number[] = []
    const measure = async (kind: keyof typeof targets) => {
      const steps = stepsOf(targets[kind], dns)
      const startedAt = performance.now()
      await steps.resolve(context)
      const resolvedAt = performance.now()
      await steps.checkEgress(context)
      const deniedAt = performance.now()
      resolveMs[kind]?.push(resolvedAt - startedAt)
      egressMs[kind]?.push(deniedAt - resolvedAt)
      if (kind === 'literal') shifted.push(deniedAt - resolvedAt + 5)
    }
    for (let round = 0; round < 60; round += 1) await Promise.all(shuffled(kinds).map(measure))

    // Nothing is told before its time: not even as much as a timer is early, which would tell when it was set.
    expect(Math.min(...Object.values(resolveMs).flat())).toBeGreaterThanOrEqual(100)
    expect(Math.min(...Object.values(egressMs).flat())).toBeGreaterThanOrEqual(50)
    // One false alarm in a million runs, over all comparisons of this test.
    const threshold = separationThreshold({
      samples: 60,
      others: 60 * (kinds.length - 1),
      comparisons: 2 * kinds.length,
      falseAlarms: 1e-6,
    })
    expect(largestDistance(egressMs)).toBeLessThan(threshold)
    expect(largestDistance(resolveMs)).toBeLessThan(threshold)
    expect(largestDistance({ ...egressMs, literal: shifted })).toBeGreaterThan(threshold)
  })
})

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map(item => ({ item, key: Math.random() }))
    .sort((one, other) => one.key - other.key)
    .map(({ item }) => item)
}
