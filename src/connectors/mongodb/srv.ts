import { Resolver } from 'node:dns/promises'
import type { Endpoint, NetworkSettings } from '../define.ts'
import { canonicalHost, hostIssue } from '../network/host-name.ts'

/** What DNS says about a name that stands for several servers. */
export type SrvResolution =
  | {
      readonly kind: 'SERVERS'
      /** At least one; in the order of their priority. */
      readonly servers: readonly Endpoint[]
      /** The name's only TXT record in one piece; null when it has none. */
      readonly text: string | null
    }
  /** There is no such record, or it says that there is no such service. */
  | { readonly kind: 'NOT_FOUND' }
  /** A record leads out of the name's own domain: whoever can write it could send the credentials anywhere. */
  | { readonly kind: 'OUTSIDE'; readonly target: string; readonly domain: string }
  /** More than one TXT record: nobody could say which one counts. */
  | { readonly kind: 'AMBIGUOUS_TEXT' }
  | { readonly kind: 'FAILED'; readonly code: string }
  | { readonly kind: 'TIMED_OUT' }

export interface SrvOptions {
  readonly network: Pick<NetworkSettings, 'nameServers'>
  readonly signal: AbortSignal
  readonly deadlineMs: number
}

/** A hostile zone must not decide how many servers are dialled. */
const maxServers = 20

export const srvRecordName = (host: string): string => `_mongodb._tcp.${canonicalHost(host)}`

/**
 * The domain in which the servers of a name must be: its parent, or the name itself where that would be a whole
 * top-level domain (MongoDB's specification of initial DNS seed list discovery).
 */
export function srvDomain(host: string): string {
  const labels = canonicalHost(host).split('.')
  return labels.length < 3 ? labels.join('.') : labels.slice(1).join('.')
}

const isWithin = (target: string, domain: string): boolean => target.endsWith(`.${domain}`)

/** Asks for the SRV and TXT records of a name, as it is: no hosts file, no search domains. Rejects only with the signal's reason. */
export async function resolveSrv(host: string, options: SrvOptions): Promise<SrvResolution> {
  const { network, signal, deadlineMs } = options
  signal.throwIfAborted()
  const resolver = new Resolver({ timeout: Math.max(100, Math.floor(deadlineMs / 3)), tries: 2 })
  if (network.nameServers.length > 0) resolver.setServers([...network.nameServers])
  let timedOut = false
  const cancel = () => resolver.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  const timer = setTimeout(() => {
    timedOut = true
    cancel()
  }, deadlineMs)
  try {
    const [records, texts] = await Promise.allSettled([
      resolver.resolveSrv(`${srvRecordName(host)}.`),
      resolver.resolveTxt(`${canonicalHost(host)}.`),
    ])
    signal.throwIfAborted()
    if (records.status === 'rejected') return failureOf(records.reason, timedOut)
    // A name without text is the usual case; that nobody could say whether there is one is not.
    const found = texts.status === 'fulfilled' ? texts.value : []
    if (texts.status === 'rejected') {
      const failure = failureOf(texts.reason, timedOut)
      if (failure.kind !== 'NOT_FOUND') return failure
    }
    if (found.length > 1) return { kind: 'AMBIGUOUS_TEXT' }
    return serversOf(host, records.value, found[0]?.join('') ?? null)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', cancel)
  }
}

function failureOf(error: NodeJS.ErrnoException, timedOut: boolean): SrvResolution {
  const code = String(error.code)
  if (code === 'ENOTFOUND' || code === 'ENODATA') return { kind: 'NOT_FOUND' }
  return timedOut || code === 'ETIMEOUT' ? { kind: 'TIMED_OUT' } : { kind: 'FAILED', code }
}

interface SrvRecord {
  readonly name: string
  readonly port: number
  readonly priority: number
}

function serversOf(host: string, records: readonly SrvRecord[], text: string | null): SrvResolution {
  const domain = srvDomain(host)
  const servers = records
    .toSorted((a, b) => a.priority - b.priority)
    // RFC 2782: the root as a target means that the service is decidedly not there.
    .filter(({ name }) => name !== '' && name !== '.')
    .map(({ name, port }) => ({ host: name.toLowerCase().replace(/\.$/, ''), port }))
  const stray = servers.find(server => !isWithin(server.host, domain) || hostIssue(server.host) !== null)
  if (stray) return { kind: 'OUTSIDE', target: stray.host, domain }
  const usable = servers.filter(({ port }) => port > 0).slice(0, maxServers)
  return usable.length === 0 ? { kind: 'NOT_FOUND' } : { kind: 'SERVERS', servers: usable, text }
}
