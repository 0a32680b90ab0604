import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { resolveHost } from '../../../src/connectors/network/resolve.ts'
import { parseHosts, readNetworkSettings } from '../../../src/connectors/network/settings.ts'
import { DnsDouble } from '../../servers/dns-double.ts'

const resolve = (
  host: string,
  dns: DnsDouble | null,
  options: { hosts?: Record<string, string[]>; signal?: AbortSignal } = {},
) =>
  resolveHost(host, {
    network: { hosts: options.hosts ?? {}, nameServers: [dns?.address ?? '127.0.0.1:1'] },
    signal: options.signal ?? new AbortController().signal,
    deadlineMs: 300,
  })

describe('resolveHost', () => {
  it('finds every address of both families', async () => {
    await using dns = await DnsDouble.start({ 'both.test': ['127.0.0.2', '127.0.0.3', '::1'], 'six.test': ['fd00::5'] })
    expect(await resolve('Both.TEST.', dns)).toEqual({
      kind: 'ADDRESSES',
      source: 'DNS',
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
})

describe('readNetworkSettings', () => {
  it('reads the hosts file, and always knows localhost', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'patchbay-hosts-'))
    try {
      const hostsFile = join(folder, 'hosts')
      await writeFile(hostsFile, '# comment\n10.0.0.5 db db.internal\n10.0.0.6\tDB\n')
      const egress = { allow: [], allowLoopback: false, allowPrivate: false, allowUnencrypted: false }
      const settings = await readNetworkSettings(egress, { hostsFile })
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
