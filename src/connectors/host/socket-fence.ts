import { subscribe } from 'node:diagnostics_channel'
import dns from 'node:dns'
import net, { isIP, Socket } from 'node:net'
import { recordRefusal } from './guard-record.ts'
import { EgressDeniedError } from './network-guard-errors.ts'

export interface SocketFenceOptions {
  /** Asked for every address at the moment at which it would be dialled. */
  readonly allows: (address: string, port: number) => boolean
  /** Called for every socket that begins to connect. */
  readonly onConnect: (socket: Socket) => void
}

type Callback = (() => void) | null
type Lookup = (host: string, options: object, callback: (...answer: unknown[]) => void) => void

/** What `connect` reads of its options; everything else is for the socket's constructor. */
interface ConnectOptions {
  readonly path?: unknown
  readonly port?: unknown
  readonly host?: unknown
  readonly lookup?: Lookup | null
}
const namedOptions = [
  'path',
  'port',
  'host',
  'family',
  'hints',
  'lookup',
  'localAddress',
  'localPort',
  'autoSelectFamily',
  'autoSelectFamilyAttemptTimeout',
]

/** What Node asks about every address that it is about to dial: the shape of a `net.BlockList`, for one socket. */
class SocketBlockList {
  readonly #allows: SocketFenceOptions['allows']
  /** Every port that the socket was told to connect to: an address has to be allowed on all of them. */
  readonly ports = new Set<number>()

  constructor(allows: SocketFenceOptions['allows']) {
    this.#allows = allows
  }

  /** Without a known port nothing passes: such a socket came by another way than the guarded one. */
  readonly check = (address: string): boolean => {
    const blocked = this.ports.size === 0 || ![...this.ports].every(port => this.#allows(address, port))
    if (blocked) recordRefusal()
    return blocked
  }
}

// Node's own way to read the arguments of `connect`, exported by the module but not by its types.
const { _normalizeArgs: normalizeArgs } = net as unknown as {
  _normalizeArgs(args: readonly unknown[]): [ConnectOptions, Callback]
}
/** Marks arguments that have been read before, as `net.connect` and `tls.connect` hand them on. */
const [normalizedMark] = Object.getOwnPropertySymbols(normalizeArgs([]))

/**
 * A refused socket is one whose name is not found: Node makes its handle, keeps what is written before it fails, and
 * fails it in the next tick. Without a handle HTTP/2 would take it for a stream that is connected.
 */
const nowhere = 'refused.invalid'
const refusingLookup = (_host: string, _options: object, callback: (error: Error) => void) =>
  callback(new EgressDeniedError())

/** `connect` as it was before it was guarded, for the guard's proof that Node asks a socket's block list. */
export const plainConnect = Socket.prototype.connect as (this: Socket, options: object) => Socket

/** Gives `socket` a block list that nothing can replace; the same one every time. */
export function giveBlockList(socket: Socket, allows: SocketFenceOptions['allows']): SocketBlockList {
  const { blockList: present } = socket as { blockList?: unknown }
  if (present instanceof SocketBlockList) return present
  const value = new SocketBlockList(allows)
  Object.defineProperty(socket, 'blockList', { value, writable: false, configurable: false })
  return value
}

/**
 * Puts a fence below every driver of this process. `Socket.prototype.connect` judges literals, the answers of a lookup
 * (one denied address denies the name) and socket files, so that a refusal is a typed error in the next tick. Node
 * itself then asks the socket's block list about every address that it dials, whoever came by it: that is the second fence.
 */
export function fenceSockets({ allows, onConnect }: SocketFenceOptions): void {
  const refuse = (socket: Socket): Socket => {
    recordRefusal()
    return plainConnect.call(socket, { host: nowhere, port: 0, lookup: refusingLookup, autoSelectFamily: false })
  }

  function connect(this: Socket, ...args: unknown[]): Socket {
    const [given, callback] = isNormalized(args[0]) ? args[0] : normalizeArgs(args)
    const options = readOnce(given)
    if (options.path) return refuse(this)
    const port = Number(options.port) | 0
    const host = options.host || 'localhost'
    if (typeof host === 'string' && isIP(host) && !allows(host, port)) return refuse(this)
    giveBlockList(this, allows).ports.add(port)
    onConnect(this)
    const lookup = guardedLookup(options.lookup ?? null, address => allows(address, port))
    const normalized = Object.assign([{ ...options, lookup }, callback], { [normalizedMark as symbol]: true })
    return plainConnect.call(this, normalized)
  }

  // The many overloads of the original are those of `normalizeArgs`.
  Socket.prototype.connect = connect as typeof Socket.prototype.connect
  // For whoever kept the original `connect`: such a socket has no port that the list knows, so nothing passes.
  subscribe('net.client.socket', message => {
    giveBlockList((message as { socket: Socket }).socket, allows)
  })
}

const isNormalized = (value: unknown): value is [ConnectOptions, Callback] =>
  Array.isArray(value) && normalizedMark !== undefined && normalizedMark in value

/** Plain values, so that nothing answers differently when Node asks again. */
function readOnce(given: ConnectOptions): ConnectOptions {
  const values: Record<string, unknown> = {}
  const source = given as Record<string, unknown>
  for (const name in source) values[name] = source[name]
  for (const name of namedOptions) values[name] = source[name]
  return values
}

/** A lookup whose answer fails as a whole when one of its addresses is not allowed. */
function guardedLookup(given: Lookup | null, allowsAddress: (address: string) => boolean): Lookup {
  return (host, options, callback) => {
    const lookup = given ?? (dns.lookup as Lookup)
    lookup(host, options, (error, answer, ...rest) => {
      const addresses = (Array.isArray(answer) ? answer : [{ address: answer }]) as readonly { address: unknown }[]
      const isDenied = ({ address }: { address: unknown }) =>
        typeof address === 'string' && isIP(address) !== 0 && !allowsAddress(address)
      if (!error && addresses.some(isDenied)) {
        recordRefusal()
        callback(new EgressDeniedError())
      } else {
        callback(error, answer, ...rest)
      }
    })
  }
}
