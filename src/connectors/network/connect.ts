import type { Socket } from 'node:net'
import type { Evidence } from '../evidence.ts'
import { dialTcp } from './dial.ts'
import type { Address } from './resolve.ts'

/** Delay before the next address is tried beside the ones under way: RFC 8305's recommendation. */
const staggerMs = 250

export interface ConnectOptions {
  readonly port: number
  readonly signal: AbortSignal
  /** Milliseconds after which addresses that have not answered count as timed out. */
  readonly deadlineMs: number
  /** Begins one connection; replaced only where a network condition cannot be had on loopback. */
  readonly dial?: (address: string, port: number) => Socket
}

export type ConnectOutcome =
  | {
      readonly kind: 'CONNECTED'
      readonly socket: Socket
      readonly address: Address
      readonly evidence: readonly Evidence[]
    }
  /** `codes` per address in the order of `addresses`: ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH ... */
  | { readonly kind: 'FAILED'; readonly codes: readonly string[]; readonly evidence: readonly Evidence[] }

interface Candidate {
  readonly address: Address
  outcome: string
  code: string | null
  socket: Socket | null
}

/**
 * Connects to the first address that answers (happy eyeballs: families alternate, a new address joins every 250 ms or
 * as soon as one fails). Losers are destroyed before it returns. Rejects only with the signal's reason.
 */
export async function connectToAny(addresses: readonly Address[], options: ConnectOptions): Promise<ConnectOutcome> {
  const { port, signal, deadlineMs, dial = dialTcp } = options
  signal.throwIfAborted()
  const candidates = alternateFamilies(addresses).map(
    (address): Candidate => ({ address, outcome: 'not tried', code: null, socket: null }),
  )
  const { promise, resolve, reject } = Promise.withResolvers<Candidate | null>()
  const timers = new Set<NodeJS.Timeout>()
  let next = 0
  let open = candidates.length

  const begin = () => {
    const candidate = candidates[next++]
    if (!candidate) return
    const startedAt = performance.now()
    const elapsed = () => `${Math.round(performance.now() - startedAt)} ms`
    const follow = setTimeout(begin, staggerMs)
    timers.add(follow)
    const fail = (error: NodeJS.ErrnoException) => {
      candidate.code = error.code ?? 'UNKNOWN'
      candidate.outcome = `${describeCode(candidate.code)} after ${elapsed()}`
      clearTimeout(follow)
      open -= 1
      if (open === 0) resolve(null)
      else begin()
    }
    let socket: Socket
    try {
      socket = dial(candidate.address.address, port)
    } catch (error) {
      // A guard below may refuse by throwing; from a timer nobody would catch it.
      fail(error as NodeJS.ErrnoException)
      return
    }
    candidate.socket = socket
    candidate.outcome = 'no answer'
    socket.once('connect', () => {
      candidate.outcome = `connected in ${elapsed()}`
      resolve(candidate)
    })
    socket.once('error', fail)
  }

  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  timers.add(setTimeout(() => resolve(null), deadlineMs))
  let winner: Candidate | null = null
  try {
    begin()
    winner = await promise
  } finally {
    signal.removeEventListener('abort', abort)
    for (const timer of timers) clearTimeout(timer)
    next = candidates.length
    for (const { socket } of candidates) if (socket && socket !== winner?.socket) discard(socket)
  }
  const evidence = candidates.map(
    ({ address, outcome }): Evidence => ({ kind: 'ADDRESS', label: 'Address', ...address, outcome }),
  )
  if (winner?.socket) {
    return { kind: 'CONNECTED', socket: winner.socket, address: winner.address, evidence }
  }
  return { kind: 'FAILED', codes: candidates.map(candidate => candidate.code ?? 'ETIMEDOUT'), evidence }
}

/** Destroys a socket whose late error nobody wants to hear of. */
function discard(socket: Socket): void {
  socket.removeAllListeners('connect')
  socket.on('error', () => {})
  socket.destroy()
}

function alternateFamilies(addresses: readonly Address[]): Address[] {
  const v6 = addresses.filter(address => address.family === 'IPV6')
  const v4 = addresses.filter(address => address.family === 'IPV4')
  return Array.from({ length: Math.max(v4.length, v6.length) }, (_, index) => [v6[index], v4[index]])
    .flat()
    .filter(address => address !== undefined)
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  EADDRNOTAVAIL: 'network unreachable',
  EAFNOSUPPORT: 'address family not available',
  ECONNRESET: 'cut',
}

const describeCode = (code: string): string => words[code] ?? code

/** Codes that mean there is no way to an address at all. */
export const isUnreachable = (code: string): boolean =>
  ['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENETDOWN', 'EHOSTDOWN'].includes(code)
