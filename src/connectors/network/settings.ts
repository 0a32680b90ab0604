import { getServers } from 'node:dns'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import type { EgressSettings, NetworkSettings } from '../define.ts'
import { parseResolverFile } from './search-names.ts'

export interface NetworkFiles {
  readonly hostsFile?: string
  readonly resolverFile?: string
  readonly nameServers?: readonly string[]
}

/** Reads what the sandbox cannot: the machine's hosts file, name servers and search domains. For the parent process. */
export async function readNetworkSettings(
  egress: EgressSettings,
  options: NetworkFiles = {},
): Promise<NetworkSettings> {
  const hostsFile =
    options.hostsFile ?? (process.platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts' : '/etc/hosts')
  // A machine without a file simply has nothing in it. Windows keeps its search domains elsewhere: none are used there.
  const read = (path: string) => readFile(path, 'utf8').catch(() => '')
  const [text, resolver] = await Promise.all([read(hostsFile), read(options.resolverFile ?? '/etc/resolv.conf')])
  return {
    egress,
    hosts: parseHosts(text),
    nameServers: options.nameServers ?? getServers(),
    ...parseResolverFile(resolver, hostname()),
    infrastructure: [],
  }
}

/** The entries of a hosts file: lower-case name -> its addresses in the file's order. `localhost` always has some. */
export function parseHosts(text: string): NetworkSettings['hosts'] {
  const hosts = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [address = '', ...names] = (line.split('#')[0] ?? '').trim().split(/\s+/)
    // With a zone (`fe80::1%lo0 localhost` on macOS) an address is one of this machine's links: never a data source.
    if (!isIP(address) || address.includes('%')) continue
    for (const name of names) {
      const key = name.toLowerCase()
      const addresses = hosts.get(key) ?? []
      if (!addresses.includes(address)) addresses.push(address)
      hosts.set(key, addresses)
    }
  }
  if (!hosts.has('localhost')) hosts.set('localhost', ['127.0.0.1', '::1'])
  return Object.fromEntries(hosts)
}
