import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { NetworkSettings } from '../define.ts'
import { canonicalHost } from './host-name.ts'
import { searchNames } from './search-names.ts'

export interface Address {
  readonly address: string
  readonly family: 'IPV4' | 'IPV6'
}

export type Resolution =
  | {
      readonly kind: 'ADDRESSES'
      readonly addresses: readonly Address[]
      readonly source: 'LITERAL' | 'HOSTS_FILE' | 'DNS'
      /** The whole name that a search domain made of the host; null when it was found as it stands. */
      readonly foundAs: string | null
    }
  /** The name does not exist, or has neither an IPv4 nor an IPv6 address. */
  | { readonly kind: 'NOT_FOUND' }
  /** Name servers answered with a failure, such as SERVFAIL; `code` is c-ares' own. */
  | { readonly kind: 'FAILED'; readonly code: string }
  | { readonly kind: 'TIMED_OUT' }

export interface ResolveOptions {
  readonly network: Pick<NetworkSettings, 'hosts' | 'nameServers' | 'searchDomains' | 'dotsBeforeSearch'>
  readonly signal: AbortSignal
  /** Milliseconds after which unanswered questions count as TIMED_OUT. */
  readonly deadlineMs: number
}

/** More addresses than any sane name has; a hostile zone must not decide how long the list is. */
const maxAddresses = 32

/** How long an answer for one family waits for the other, once it is there: RFC 8305 section 3, but more patient. */
const otherFamilyGraceMs = 500

export const toAddress = (address: string): Address => ({ address, family: isIP(address) === 6 ? 'IPV6' : 'IPV4' })

/**
 * Every address of a host: literals stand for themselves, then the hosts file, then DNS for both families at once, in
 * the search domains too. Never `dns.lookup`: it cannot be cancelled and shares a few threads with the rest of the
 * process. Rejects only with the signal's reason.
 */
export async function resolveHost(host: string, { network, signal, deadlineMs }: ResolveOptions): Promise<Resolution> {
  signal.throwIfAborted()
  const name = canonicalHost(host)
  const known = (addresses: readonly string[], source: 'LITERAL' | 'HOSTS_FILE'): Resolution => ({
    kind: 'ADDRESSES',
    addresses: addresses.map(toAddress),
    source,
    foundAs: null,
  })
  if (isIP(name)) return known([name], 'LITERAL')
  const entries = Object.hasOwn(network.hosts, name) ? network.hosts[name] : undefined
  if (entries) return known(entries, 'HOSTS_FILE')
  return searchNameServers(name, searchNames(host, network), network.nameServers, signal, deadlineMs)
}

/** Asks for one name after the other, all of them within the deadline. */
async function searchNameServers(
  host: string,
  names: readonly string[],
  servers: readonly string[],
  signal: AbortSignal,
  deadlineMs: number,
): Promise<Resolution> {
  // Two attempts fit into the deadline; c-ares counts loosely, so the timer below decides.
  const resolver = new Resolver({ timeout: Math.max(100, Math.floor(deadlineMs / 3)), tries: 2 })
  if (servers.length > 0) resolver.setServers([...servers])
  const deadline = performance.now() + deadlineMs
  const cancel = () => resolver.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  let serverFailure: Resolution | null = null
  try {
    for (const name of names) {
      const answer = await askFor(name, resolver, deadline)
      signal.throwIfAborted()
      if (answer.kind === 'ADDRESSES') return { ...answer, foundAs: name === host ? null : name }
      // As glibc: a zone that is broken does not end the search, but decides when nothing else is found.
      if (answer.kind === 'FAILED' && answer.code === 'ESERVFAIL') serverFailure ??= answer
      else if (answer.kind !== 'NOT_FOUND') return answer
    }
    return serverFailure ?? { kind: 'NOT_FOUND' }
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

/** Both families of one name. `deadline` is on the clock of `performance.now()`. */
async function askFor(name: string, resolver: Resolver, deadline: number): Promise<Resolution> {
  let timedOut = false
  const giveUp = () => {
    timedOut = true
    resolver.cancel()
  }
  const leftMs = () => Math.max(0, deadline - performance.now())
  let timer = setTimeout(giveUp, leftMs())
  // One family's addresses are enough to go on; the other one's server may be broken.
  const hurry = (addresses: string[]) => {
    if (addresses.length === 0) return
    clearTimeout(timer)
    timer = setTimeout(giveUp, Math.min(otherFamilyGraceMs, leftMs()))
  }
  try {
    // The root's dot keeps search domains out of it.
    const answers = await Promise.allSettled(
      [resolver.resolve4(`${name}.`), resolver.resolve6(`${name}.`)].map(async question => {
        const addresses = await question
        hurry(addresses)
        return addresses
      }),
    )
    const addresses = answers.flatMap(answer => (answer.status === 'fulfilled' ? answer.value : []))
    if (addresses.length > 0) {
      return {
        kind: 'ADDRESSES',
        addresses: [...new Set(addresses)].slice(0, maxAddresses).map(toAddress),
        source: 'DNS',
        foundAs: null,
      }
    }
    const codes = answers.flatMap(answer =>
      answer.status === 'rejected' ? [String((answer.reason as NodeJS.ErrnoException).code)] : [],
    )
    const failure = codes.find(code => code !== 'ENOTFOUND' && code !== 'ENODATA')
    if (failure === undefined) return { kind: 'NOT_FOUND' }
    return timedOut || failure === 'ETIMEOUT' ? { kind: 'TIMED_OUT' } : { kind: 'FAILED', code: failure }
  } finally {
    clearTimeout(timer)
  }
}
