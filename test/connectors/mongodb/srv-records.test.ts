import { describe, expect, it } from 'vitest'
import { resolveSrv, type SrvResolution, srvDomain } from '../../../src/connectors/mongodb/srv.ts'
import { DnsDouble, type DnsNames } from '../../servers/dns-double.ts'

const host = 'cluster.example.test'
const record = `_mongodb._tcp.${host}`
const forever = new AbortController().signal

async function resolve(names: DnsNames, name = host, deadlineMs = 2_000): Promise<SrvResolution> {
  await using dns = await DnsDouble.start(names)
  return await resolveSrv(name, { network: { nameServers: [dns.address] }, signal: forever, deadlineMs })
}
const naming = (...hosts: readonly string[]) => ({
  services: hosts.map((each, port) => ({ host: each, port: port + 1 })),
})

describe('an SRV name', () => {
  it('stands for its servers by priority, with the one text that it has in one piece', async () => {
    const services = [
      { host: 'b.example.test', port: 2, priority: 20 },
      { host: 'A.example.test', port: 1, priority: 10 },
    ]
    const texts = [['authSource=ad', 'min']]
    expect(await resolve({ [record]: { services }, [host]: { texts } })).toEqual({
      kind: 'SERVERS',
      servers: [
        { host: 'a.example.test', port: 1 },
        { host: 'b.example.test', port: 2 },
      ],
      text: 'authSource=admin',
    })
    expect(await resolve({ [record]: { services } })).toMatchObject({ kind: 'SERVERS', text: null })
  })

  it.each([
    ['example.org', 'another domain'],
    ['evilexample.test', 'a name that only ends alike'],
    ['example.test', 'the domain itself'],
    ['a.example.test.evil.org', 'a name that only begins alike'],
    ['127.0.0.1', 'an address'],
  ])('whose server is %s (%s) leads nowhere', async target => {
    expect(await resolve({ [record]: naming('a.example.test', target) })).toMatchObject({ kind: 'OUTSIDE', target })
  })

  it('of two labels has its servers below itself', async () => {
    const name = 'example.test'
    const at = (target: string) => resolve({ [`_mongodb._tcp.${name}`]: naming(target) }, name)
    expect(await at('a.example.test')).toMatchObject({ kind: 'SERVERS' })
    expect(await at('example.test')).toMatchObject({ kind: 'OUTSIDE' })
    expect(await at('other.test')).toMatchObject({ kind: 'OUTSIDE' })
    expect([srvDomain('a.b.c'), srvDomain('b.c'), srvDomain('A.B.C.')]).toEqual(['b.c', 'b.c', 'b.c'])
  })

  it('has no more servers than anybody needs', async () => {
    const hosts = Array.from({ length: 30 }, (_, index) => `m${index}.example.test`)
    const found = await resolve({ [record]: naming(...hosts) })
    expect(found.kind === 'SERVERS' && found.servers.length).toBe(20)
  })

  it('that is not there, has nothing, fails or has several texts is told as that', async () => {
    expect(await resolve({})).toEqual({ kind: 'NOT_FOUND' })
    expect(await resolve({ [record]: { services: [] } })).toEqual({ kind: 'NOT_FOUND' })
    expect(await resolve({ [record]: 'SERVFAIL' })).toEqual({ kind: 'FAILED', code: 'ESERVFAIL' })
    expect(await resolve({ [record]: naming('a.example.test'), [host]: 'SERVFAIL' })).toMatchObject({ kind: 'FAILED' })
    const texts = [['authSource=admin'], ['replicaSet=rs0']]
    expect(await resolve({ [record]: naming('a.example.test'), [host]: { texts } })).toEqual({ kind: 'AMBIGUOUS_TEXT' })
  })

  it('that nobody answers for is left at the deadline, and at once when it is cancelled', async () => {
    expect(await resolve({ [record]: 'SILENT', [host]: 'SILENT' }, host, 200)).toEqual({ kind: 'TIMED_OUT' })
    await using dns = await DnsDouble.start({ [record]: 'SILENT', [host]: 'SILENT' })
    const stop = new AbortController()
    const asked = resolveSrv(host, { network: { nameServers: [dns.address] }, signal: stop.signal, deadlineMs: 60_000 })
    stop.abort(new Error('enough'))
    await expect(asked).rejects.toThrow('enough')
  })
})
