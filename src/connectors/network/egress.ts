import { BlockList, isIP, SocketAddress } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { EgressSettings } from '../define.ts'

/**
 * Never dialled, whatever the operator opens: link-local, multicast and reserved ranges (the registries of RFC 6890),
 * ranges in which an address stands for another one (translation and tunnels), and the metadata services of clouds.
 */
const alwaysDenied = [
  '0.0.0.0/8',
  '169.254.0.0/16',
  '168.63.129.16/32',
  '100.100.100.200/32',
  '192.0.0.0/24',
  '192.88.99.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  // IPv4-translated (RFC 7915).
  '::ffff:0:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2002::/16',
  '2001::/23',
  '100::/64',
  '100:0:0:1::/64',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
  '5f00::/16',
  'fd00:ec2::/32',
  'fd20:ce::/32',
  'fd00:42::42/128',
]

const loopback = ['127.0.0.0/8', '::1/128']

/** IPv4-compatible IPv6 (`::7f00:1`): obsolete, and another way to write any IPv4 address. `::1` is among them. */
const ipv4Compatible = '::/96'

const privateRanges = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '198.18.0.0/15',
  '192.0.2.0/24',
  '198.51.100.0/24',
  '203.0.113.0/24',
  'fc00::/7',
  '2001:db8::/32',
  '3fff::/20',
]

/** Services that speak text or hold infrastructure's secrets: no database listens there, attackers aim there. */
const guardedPorts = new Set([22, 25, 465, 587, 2375, 2376, 2377, 2378, 2379, 2380, 6379, 6443, 8200, 10250, 11211])

/** What a connection is for: an SSH server that a tunnel goes through is the one thing that may be spoken to on port 22. */
export type EgressPurpose = 'DATA_SOURCE' | 'TUNNEL'

const sshPort = 22

/** `CIDR` or `CIDR:port`; IPv6 with a port as `[2001:db8::]/32:5432`. */
export interface EgressRule {
  readonly cidr: string
  /** Null opens every port. */
  readonly port: number | null
}

/** Throws a `TypeError` that quotes the text when it is not such a rule. */
export function parseEgressRule(text: string): EgressRule {
  const match = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)|([0-9a-f:.]+(?=\/)))(?:\/(\d{1,3}))?(?::(\d{1,5}))?$/i.exec(
    text.trim(),
  )
  const address = match?.[1] ?? match?.[2] ?? match?.[3] ?? ''
  const family = isIP(address)
  const bits = Number(match?.[4] ?? (family === 4 ? 32 : 128))
  const port = match?.[5] === undefined ? null : Number(match[5])
  if (!family || bits > (family === 4 ? 32 : 128) || (port !== null && (port < 1 || port > 65_535))) {
    throw new TypeError(
      `"${text}" is not an address range such as 10.20.0.0/16, 10.20.0.0/16:5432 or [2001:db8::]/32:5432.`,
    )
  }
  return { cidr: `${address}/${bits}`, port }
}

function blockList(cidrs: readonly string[]): BlockList {
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [address = '', bits] = cidr.split('/')
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}

/** Whether a rule opens nothing, because every address of its range is among those that no rule decides about. */
export function opensNothing({ cidr }: EgressRule): boolean {
  const [address = '', bits] = cidr.split('/')
  return [...alwaysDenied, ipv4Compatible, ...loopback].some(range => {
    const [start = '', rangeBits] = range.split('/')
    return isIP(start) === isIP(address) && Number(bits) >= Number(rangeBits) && has(blockList([range]), address)
  })
}

/**
 * The one spelling by which an address is judged: IPv4 for IPv4-mapped IPv6 (`::ffff:10.0.0.1`). Null for what is no
 * address, and for one with a zone (`fe80::1%eth0`), which means one of this machine's own links.
 */
function canonicalAddress(address: string): string | null {
  const family = isIP(address)
  if (family !== 6) return family === 4 ? address : null
  if (address.includes('%')) return null
  const spelled = new SocketAddress({ address, family: 'ipv6' }).address
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(spelled)?.[1] ?? spelled
}

const has = (list: BlockList, address: string): boolean => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

const fixed = {
  denied: blockList(alwaysDenied),
  loopback: blockList(loopback),
  private: blockList(privateRanges),
  compatible: blockList([ipv4Compatible]),
} as const

/** Decides which addresses may be dialled. Made once per run: it knows the machine's own addresses as of then. */
export class EgressPolicy {
  readonly #infrastructure: BlockList
  readonly #own: BlockList
  readonly #rules: readonly { readonly list: BlockList; readonly family: number; readonly port: number | null }[]
  readonly #settings: EgressSettings

  /** Throws for an `allow` entry that is no rule. */
  constructor(
    settings: EgressSettings,
    infrastructure: readonly string[],
    ownAddresses: readonly string[] = machineAddresses(),
  ) {
    this.#settings = settings
    this.#infrastructure = blockList(infrastructure.map(singleAddress))
    this.#own = blockList(ownAddresses.map(singleAddress))
    this.#rules = settings.allow
      .map(parseEgressRule)
      .map(({ cidr, port }) => ({ list: blockList([cidr]), family: isIP(cidr.split('/')[0] ?? ''), port }))
  }

  /** Whether a connection to this address and port may be made. */
  allows(given: string, port: number, purpose: EgressPurpose = 'DATA_SOURCE'): boolean {
    const address = canonicalAddress(given)
    if (address === null || has(fixed.denied, address)) return false
    const isLoopback = has(fixed.loopback, address)
    if (has(fixed.compatible, address) && !isLoopback) return false
    if (isLoopback) return this.#settings.allowLoopback
    if (has(this.#infrastructure, address)) return false
    // The machine's own services listen on its other addresses too: they are loopback by another name.
    if (has(this.#own, address)) return this.#settings.allowLoopback
    // Without the family an IPv6 range as wide as `::/0` would open IPv4 with it.
    const rules = this.#rules
      .filter(rule => rule.family === isIP(address) && has(rule.list, address))
      .filter(rule => rule.port === null || rule.port === port)
    const isGuarded = guardedPorts.has(port) && !(purpose === 'TUNNEL' && port === sshPort)
    if (isGuarded) return rules.some(rule => rule.port === port)
    return rules.length > 0 || this.#settings.allowPrivate || !has(fixed.private, address)
  }
}

const singleAddress = (address: string): string => `${address}/${isIP(address) === 6 ? 128 : 32}`

function machineAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap(entries => entries ?? [])
    .filter(entry => !entry.internal)
    .map(entry => entry.address.replace(/%.*$/, ''))
}
