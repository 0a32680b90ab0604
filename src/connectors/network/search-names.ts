import { isIP } from 'node:net'
import type { NetworkSettings } from '../define.ts'
import { canonicalHost } from './host-name.ts'

/**
 * The names to ask for, in order, as resolv.conf(5) has it: a host with enough dots first as it stands, any other first
 * in the search domains. A dot at its end keeps the search domains out. Names that are too long for DNS are left out.
 */
export function searchNames(
  host: string,
  { searchDomains, dotsBeforeSearch }: Pick<NetworkSettings, 'searchDomains' | 'dotsBeforeSearch'>,
): string[] {
  const name = canonicalHost(host)
  if (host.endsWith('.')) return [name]
  const searched = searchDomains.map(domain => `${name}.${domain}`).filter(longer => longer.length <= 253)
  const dots = name.split('.').length - 1
  return dots >= dotsBeforeSearch ? [name, ...searched] : [...searched, name]
}

export type SearchSettings = Pick<NetworkSettings, 'searchDomains' | 'dotsBeforeSearch'>

/** glibc's limits. */
const maxDomains = 6
const maxDomainCharacters = 256
const maxDots = 15

/**
 * The search settings of a resolver's configuration file. Of several `search` and `domain` lines the last one counts;
 * without any, the machine's own domain is searched.
 */
export function parseResolverFile(text: string, machineName: string): SearchSettings {
  let domains = machineName.includes('.') ? [machineName.replace(/^[^.]*\./, '')] : []
  let dotsBeforeSearch = 1
  for (const line of text.split('\n')) {
    // Comments begin in the first column.
    if (/^[#;]/.test(line)) continue
    const [keyword = '', ...values] = line.trim().split(/\s+/)
    if (keyword === 'search') domains = values
    else if (keyword === 'domain') domains = values.slice(0, 1)
    else if (keyword === 'options') {
      const dots = values.map(value => /^ndots:(\d{1,9})$/.exec(value)?.[1]).findLast(found => found !== undefined)
      if (dots !== undefined) dotsBeforeSearch = Math.min(Number(dots), maxDots)
    }
  }
  return { searchDomains: withinLimits(domains), dotsBeforeSearch }
}

const domainName = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*$/

/** What is no domain, such as the root (`search .`), is left out: the name as it stands is tried anyway. */
function withinLimits(domains: readonly string[]): string[] {
  const names = domains.map(domain => domain.toLowerCase().replace(/\.$/, ''))
  const kept: string[] = []
  let characters = 0
  for (const name of names.filter(each => domainName.test(each) && !isIP(each)).slice(0, maxDomains)) {
    characters += name.length + 1
    if (characters > maxDomainCharacters) break
    if (!kept.includes(name)) kept.push(name)
  }
  return kept
}
