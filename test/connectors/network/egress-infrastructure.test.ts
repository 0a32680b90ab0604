import { describe, expect, test, vi } from 'vitest'
import { Infrastructure } from '../../../src/connectors/network/infrastructure.ts'
import { infrastructureHosts } from '../../../src/infrastructure-hosts.ts'

const lookup = vi.hoisted(() => vi.fn<(host: string, options: object) => Promise<{ address: string }[]>>())
vi.mock('node:dns/promises', async original => ({ ...(await original<object>()), lookup }))

describe('infrastructureHosts', () => {
  test.each([
    ['postgres://ann:pw@db.internal:5432/patchbay', ['db.internal']],
    ['postgresql://db.internal/patchbay', ['db.internal']],
    ['postgres://ann:pw@[fd12::9]:5432/patchbay', ['fd12::9']],
    ['postgres://10.0.0.9/patchbay', ['10.0.0.9']],
    ['postgres://ann@localhost/patchbay?host=real.internal', ['real.internal']],
    ['postgres://ann@%2Fvar%2Frun%2Fpostgresql/patchbay', []],
    ['postgres:///patchbay?host=/var/run/postgresql', []],
    ['file:./patchbay.db', []],
    ['not a url', []],
  ])('of %s are %j', (url, hosts) => expect(infrastructureHosts(url, null)).toEqual(hosts))

  test('are the default one where the URL names none', () => {
    expect(infrastructureHosts('postgres:///patchbay', null, 'db.internal')).toEqual(['db.internal'])
    expect(infrastructureHosts('postgres:///patchbay', null, '/var/run/postgresql')).toEqual([])
    expect(infrastructureHosts('postgres://10.0.0.9/patchbay', null, 'db.internal')).toEqual(['10.0.0.9'])
    expect(infrastructureHosts('file:./patchbay.db', null, 'db.internal')).toEqual([])
  })

  test('include the API of the cluster', () => {
    expect(infrastructureHosts(null, '10.96.0.1')).toEqual(['10.96.0.1'])
    expect(infrastructureHosts(null, '')).toEqual([])
  })
})

describe('Infrastructure', () => {
  test('follows the addresses of its hosts, and keeps the last known ones while they cannot be resolved', async () => {
    const infrastructure = new Infrastructure(['db.internal', '10.96.0.1'])
    lookup.mockResolvedValueOnce([{ address: '10.0.0.9' }, { address: 'fd12::9' }])
    expect(await infrastructure.addresses()).toEqual(['10.96.0.1', '10.0.0.9', 'fd12::9'])
    lookup.mockRejectedValueOnce(new Error('EAI_AGAIN'))
    expect(await infrastructure.addresses()).toEqual(['10.96.0.1', '10.0.0.9', 'fd12::9'])
    lookup.mockResolvedValueOnce([{ address: '10.0.0.10' }])
    expect(await infrastructure.addresses()).toEqual(['10.96.0.1', '10.0.0.10'])
  })

  test('does not wait for an answer that never comes', async () => {
    lookup.mockReturnValueOnce(new Promise(() => {}))
    expect(await new Infrastructure(['slow.internal'], 10).addresses()).toEqual([])
  })
})
