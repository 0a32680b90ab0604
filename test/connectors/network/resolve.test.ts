import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { NetworkSteps } from '../../../src/connectors/network/network-steps.ts'
import { resolveHost } from '../../../src/connectors/network/resolve.ts'
import { parseHosts, readNetworkSettings } from '../../../src/connectors/network/settings.ts'
import { DnsDouble } from '../../servers/dns-double.ts'
import { networkSettings } from '../../servers/network-settings.ts'

interface Lookup {
  readonly hosts?: Record<string, string[]>
  readonly nameServers?: readonly string[]
  readonly searchDomains?: readonly string[]
  readonly dotsBeforeSearch?: number
  readonly signal?: AbortSignal
  readonly deadlineMs?: number
}

const resolve = (host: string, dns: DnsDouble | null, { signal, deadlineMs = 300, ...network }: Lookup = {}) =>
  resolveHost(host, {
    network: networkSettings({ nameServers: [dns?.address ?? '127.0.0.1:1'], ...network }),
    signal: signal ?? new AbortController().signal,
    deadlineMs,
  })

const found = async (resolution: ReturnType<typeof resolve>) => {
  const outcome = await resolution
  return outcome.kind === 'ADDRESSES' ? outcome.addresses.map(({ address }) => address) : outcome
}

describe('resolveHost', () => {
  it('finds every address of both families', async () => {
    await using dns = await DnsDouble.start({ 'both.test': ['127.0.0.2', '127.0.0.3', '::1'], 'six.test': ['fd00::5'] })
    expect(await resolve('Both.TEST.', dns)).toEqual({
      kind: 'ADDRESSES',
      source: 'DNS',
      foundAs: null,
      addresses: [
        { address: '127.0.0.2', family: 'IPV4' },
        { address: '127.0.0.3', family: 'IPV4' },
        { address: '::1', family: 'IPV6' },
      ],
    })
    expect(await resolve('six.test', dns)).toMatchObject({ addresses: [{ address: 'fd00::5', family: 'IPV6' }] })
    expect(new Set(dns.questions)).toEqual(new Set(['A both.test', 'AAAA both.test', 'A six.test', 'AAAA six.test']))
  })

  it('asks nobody about addresses and names of the hosts file', async () => {
    await using dns = await DnsDouble.start({})
    expect(await resolve('192.0.2.7', dns)).toMatchObject({ source: 'LITERAL', addresses: [{ address: '192.0.2.7' }] })
    const hosts = parseHosts('127.0.1.1  Here here.local # me\n::1 here\n')
    expect(await resolve('HERE', dns, { hosts: hosts as Record<string, string[]> })).toEqual({
      kind: 'ADDRESSES',
      source: 'HOSTS_FILE',
      foundAs: null,
      addresses: [
        { address: '127.0.1.1', family: 'IPV4' },
        { address: '::1', family: 'IPV6' },
      ],
    })
    // A name that every object has is not in the file.
    expect(await resolve('constructor', dns, { hosts: hosts as Record<string, string[]> })).toEqual({
      kind: 'NOT_FOUND',
    })
    expect(dns.questions).toEqual(expect.not.arrayContaining([expect.stringContaining('here')]))
  })

  it('leaves out what is no address in the hosts file, and addresses of a single link', () => {
    const hosts = parseHosts(
      'fe80::1%lo0 localhost\nnonsense typo.test\n127.0.0.1 mixed.test\nfe80::1%lo0 mixed.test\n',
    )
    expect(hosts).toEqual({ localhost: ['127.0.0.1', '::1'], 'mixed.test': ['127.0.0.1'] })
  })

  it('bounds the list that a hostile zone gives', async () => {
    await using dns = await DnsDouble.start({
      'many.test': Array.from({ length: 25 }, (_, n) => `127.0.1.${n}`).concat(
        Array.from({ length: 15 }, (_, n) => `fd00::${n + 1}`),
      ),
    })
    const resolution = await resolve('many.test', dns)
    expect(resolution.kind === 'ADDRESSES' && resolution.addresses.length).toBe(32)
  })

  it('stops asking as soon as it is told to', async () => {
    await using dns = await DnsDouble.start({ 'silent.test': 'SILENT' })
    const stop = new AbortController()
    const resolution = resolve('silent.test', dns, { signal: stop.signal })
    const outcome = expect(resolution).rejects.toThrow('enough')
    await vi.waitFor(() => expect(dns.questions.length).toBeGreaterThan(0))
    stop.abort(new Error('enough'))
    await outcome
  })

  it('does not let one family wait for the other once it has an answer', async () => {
    await using dns = await DnsDouble.start({ 'half.test': { addresses: ['127.0.0.2'], silentAbout: 'AAAA' } })
    // The deadline would fail the suite: the other family is given up long before.
    expect(await found(resolve('half.test', dns, { deadlineMs: 60_000 }))).toEqual(['127.0.0.2'])
  })
})

describe('resolveHost in search domains', () => {
  const pod = { searchDomains: ['data.svc.cluster.local', 'svc.cluster.local', 'cluster.local'], dotsBeforeSearch: 5 }

  it('finds the short name of a Kubernetes service, and says what it found', async () => {
    await using dns = await DnsDouble.start({ 'postgres.data.svc.cluster.local': ['10.96.0.5'] })
    expect(await resolve('Postgres.data', dns, pod)).toEqual({
      kind: 'ADDRESSES',
      source: 'DNS',
      foundAs: 'postgres.data.svc.cluster.local',
      addresses: [{ address: '10.96.0.5', family: 'IPV4' }],
    })
    expect(dns.questions.filter(question => question.startsWith('A '))).toEqual([
      'A postgres.data.data.svc.cluster.local',
      'A postgres.data.svc.cluster.local',
    ])
  })

  it('finds a whole name as it stands, before or after the search', async () => {
    await using dns = await DnsDouble.start({ 'db.example.com': ['127.0.0.9'] })
    expect(await resolve('db.example.com', dns, pod)).toMatchObject({ foundAs: null })
    expect(dns.questions.filter(question => question.startsWith('A '))).toHaveLength(4)
    expect(await resolve('db.example.com.', dns, pod)).toMatchObject({ foundAs: null })
    expect(dns.questions.filter(question => question.startsWith('A '))).toHaveLength(5)
  })

  it('goes on after a domain whose servers are broken, and remembers them', async () => {
    await using dns = await DnsDouble.start({
      'db.data.svc.cluster.local': 'SERVFAIL',
      'db.svc.cluster.local': ['127.0.0.9'],
      'gone.data.svc.cluster.local': 'SERVFAIL',
    })
    expect(await found(resolve('db', dns, pod))).toEqual(['127.0.0.9'])
    expect(await resolve('gone', dns, pod)).toEqual({ kind: 'FAILED', code: 'ESERVFAIL' })
    expect(await resolve('other', dns, pod)).toEqual({ kind: 'NOT_FOUND' })
  })

  it('ends at the deadline, however many domains are left', async () => {
    await using dns = await DnsDouble.start({ 'db.data.svc.cluster.local': 'SILENT' })
    expect(await resolve('db', dns, pod)).toEqual({ kind: 'TIMED_OUT' })
    expect(dns.questions.every(question => question.endsWith(' db.data.svc.cluster.local'))).toBe(true)
  })

  it('asks the hosts file only for the name as it was given', async () => {
    await using dns = await DnsDouble.start({ 'db.svc.cluster.local': ['127.0.0.9'] })
    const hosts = { db: ['127.0.0.7'] }
    expect(await resolve('db', dns, { ...pod, hosts })).toMatchObject({ source: 'HOSTS_FILE', foundAs: null })
    expect(dns.questions).toEqual([])
  })
})

describe('resolveHost with name servers that misbehave', () => {
  it('waits for a slow one, within its deadline', async () => {
    await using dns = await DnsDouble.start({ 'slow.test': { addresses: ['127.0.0.2'], delayMs: 400 } })
    expect(await found(resolve('slow.test', dns, { deadlineMs: 30_000 }))).toEqual(['127.0.0.2'])
    expect(await resolve('slow.test', dns, { deadlineMs: 150 })).toEqual({ kind: 'TIMED_OUT' })
  })

  it.each(['WRONG_ID', 'WRONG_QUESTION'] as const)('believes no answer with a %s', async lie => {
    await using dns = await DnsDouble.start({
      'lied.test': { addresses: ['127.0.0.2'], lie },
      'only.test': { lie, onlyLie: true },
    })
    expect(await found(resolve('lied.test', dns))).toEqual(['127.0.0.2'])
    expect(await resolve('only.test', dns)).toEqual({ kind: 'TIMED_OUT' })
  })

  it('asks again over TCP when an answer was cut off, and keeps 32 of a thousand addresses', async () => {
    const addresses = Array.from({ length: 1_000 }, (_, index) => `127.1.${index >> 8}.${index & 255}`)
    await using dns = await DnsDouble.start({ 'thousand.test': { addresses, truncated: true } })
    const listed = await found(resolve('thousand.test', dns, { deadlineMs: 10_000 }))
    expect(listed).toEqual(addresses.slice(0, 32))
    expect(dns.questions).toContain('A thousand.test (TCP)')
  })

  it('follows aliases, and comes back from those that go round in circles', async () => {
    const aliases = Array.from({ length: 12 }, (_, index) => `alias${index}.test`)
    await using dns = await DnsDouble.start({
      'alias.test': { aliases, addresses: ['127.0.0.2'] },
      'round.test': { aliases: ['about.test', 'round.test', 'about.test'] },
    })
    expect(await found(resolve('alias.test', dns))).toEqual(['127.0.0.2'])
    expect(await resolve('round.test', dns)).toEqual({ kind: 'NOT_FOUND' })
  })

  it('asks the next one when one is silent', async () => {
    await using mute = await DnsDouble.start({ 'db.test': 'SILENT' })
    await using dns = await DnsDouble.start({ 'db.test': ['127.0.0.2'] })
    const nameServers = [mute.address, dns.address]
    expect(await found(resolve('db.test', null, { nameServers, deadlineMs: 3_000 }))).toEqual(['127.0.0.2'])
  })

  it('says that they refuse to answer', async () => {
    await using dns = await DnsDouble.start({ 'private.test': 'REFUSED' })
    expect(await resolve('private.test', dns)).toEqual({ kind: 'FAILED', code: 'EREFUSED' })
  })
})

describe('readNetworkSettings', () => {
  it('reads the hosts file and the search domains, and always knows localhost', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'patchbay-hosts-'))
    try {
      const hostsFile = join(folder, 'hosts')
      await writeFile(hostsFile, '# comment\n10.0.0.5 db db.internal\n10.0.0.6\tDB\n')
      const egress = { allow: [], allowLoopback: false, allowPrivate: false, allowUnencrypted: false }
      const resolverFile = join(folder, 'resolv.conf')
      await writeFile(resolverFile, 'nameserver 10.0.0.1\nsearch corp.example\noptions ndots:2\n')
      const settings = await readNetworkSettings(egress, { hostsFile, resolverFile })
      expect(settings).toMatchObject({ searchDomains: ['corp.example'], dotsBeforeSearch: 2 })
      expect(settings.hosts).toEqual({
        db: ['10.0.0.5', '10.0.0.6'],
        'db.internal': ['10.0.0.5'],
        localhost: ['127.0.0.1', '::1'],
      })
      expect(settings.nameServers.length).toBeGreaterThan(0)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('the steps of a host that a search domain completes', () => {
  it('say what was found only once the addresses are allowed', async () => {
    await using dns = await DnsDouble.start({ 'db.corp.example': ['127.0.0.9'] })
    const context = { signal: new AbortController().signal, budgetMs: 3_000 }
    const reports = async (allowLoopback: boolean) => {
      const network = { nameServers: [dns.address], searchDomains: ['corp.example'], egress: { allowLoopback } }
      const steps = new NetworkSteps({ host: 'db', port: 5432 }, networkSettings(network))
      return [await steps.resolve(context), await steps.checkEgress(context)]
    }
    const [resolved, allowed] = await reports(true)
    expect(resolved).toMatchObject({ status: 'PASSED', evidence: [] })
    expect(allowed?.evidence).toContainEqual({ kind: 'TEXT', label: 'Found as', value: 'db.corp.example' })
    const [, denied] = await reports(false)
    expect(denied?.problem?.code).toBe('EGRESS_DENIED')
    expect(JSON.stringify(denied)).not.toContain('corp.example')
  })
})
