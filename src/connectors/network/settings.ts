import { getServers } from 'node:dns'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { EgressSettings, NetworkSettings } from '../define.ts'

/** Reads what the sandbox cannot: the machine's hosts file and its name servers. For the parent process. */
export async function readNetworkSettings(
  egress: EgressSettings,
  options: { readonly hostsFile?: string; readonly nameServers?: readonly string[] } = {},
): Promise<NetworkSettings> {
  const hostsFile =
    options.hostsFile ?? (process.platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts' : '/etc/hosts')
  // A machine without the file simply has no entries.
  const text = await readFile(hostsFile, 'utf8').catch(() => '')
  return {
    egress,
    hosts: parseHosts(text),
    nameServers: options.nameServers ?? getServers(),
    searchDomains: [],
    dotsBeforeSearch: 1,
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
