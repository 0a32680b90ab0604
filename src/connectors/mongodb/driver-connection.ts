import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import type { Document } from 'mongodb'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { driverHello, isHello } from './driver-hello.ts'
import { type AnswerLimits, guardMessages } from './message-guard.ts'
import { UnsupportedMethodError } from './sign-in-errors.ts'

/** As much of the driver's own connection as is used here. It is not exported, but can be replaced (`connectionType`). */
interface DriverConnection {
  readonly socket: Socket
  command(namespace: unknown, command: Document, options?: unknown, responseType?: unknown): Promise<unknown>
}
type DriverConnectionClass = new (socket: Socket, options: unknown) => DriverConnection

// The border to the driver's inside: the version is pinned, and the suites of signing in fail if it changes.
const { Connection } = createRequire(import.meta.url)('mongodb/lib/cmap/connection.js') as {
  readonly Connection: DriverConnectionClass
}

/** MongoDB itself asks for 15,000. Each costs the connector host time, and a server may ask for two thousand million. */
const maxIterations = 1_000_000
/** RFC 7677. Fewer make it cheap to guess a password from what was sent. */
const minIterations = 4_096

/** What is watched of the driver's connections to one server. */
export interface ConnectionWatch {
  readonly answerLimits: AnswerLimits
  /**
   * Asked before anything is sent on a connection. What it throws is what becomes of the connection; the socket is then
   * destroyed.
   */
  admit(socket: Socket): void
  /** Asked before a sign-in begins on a connection, once for each. What it throws is what becomes of the connection. */
  signingIn(socket: Socket): void
  /** The server has answered a sign-in, and nothing was wrong with its answer. */
  signedIn(method: string): void
}

/**
 * A class of connections for one client. A driver that is told to stop does not let go of a connection on which it waits
 * for the answer to a sign-in, so the sockets are known to `watch`.
 */
export function watchedConnection(watch: ConnectionWatch): DriverConnectionClass {
  return class WatchedConnection extends Connection {
    /** Of the sign-in that has begun. */
    #method = 'SCRAM'
    #hasBegun = false

    constructor(socket: Socket, options: unknown) {
      try {
        watch.admit(socket)
        guardMessages(socket, watch.answerLimits)
      } catch (error) {
        socket.on('error', () => {}).destroy()
        throw error
      }
      super(socket, options)
    }

    override async command(
      namespace: unknown,
      command: Document,
      options?: unknown,
      responseType?: unknown,
    ): Promise<unknown> {
      if (!this.#hasBegun && beginsSignIn(command)) {
        this.#hasBegun = true
        watch.signingIn(this.socket)
      }
      const answer = await super.command(namespace, command, options, responseType)
      this.#look(command, answer as Document)
      return isHello(command) ? driverHello(answer as Document) : answer
    }

    /** A sign-in comes by itself or along with a hello, which may leave it unanswered: the real one then follows. */
    #look(command: Document, answer: Document): void {
      const speculative = command['speculativeAuthenticate'] as Document | undefined
      const asked = speculative ?? command
      const said = (speculative ? answer['speculativeAuthenticate'] : answer) as Document | undefined
      if (said === undefined || said === null) return
      if (asked['saslStart']) {
        this.#method = String(asked['mechanism'])
        checkServerFirst(textOf(asked['payload']), textOf(said['payload']))
      } else if (asked['saslContinue']) watch.signedIn(this.#method)
      else if (asked['authenticate']) watch.signedIn(String(asked['mechanism']))
    }
  }
}

const beginsSignIn = (command: Document): boolean =>
  ['speculativeAuthenticate', 'saslStart', 'authenticate'].some(name => command[name] !== undefined)

/** Whole, so that nothing can be read in it in another way than the driver does: it takes the last of several. */
const serverFirstMessage = /^r=([^,]+),s=([A-Za-z0-9+/]+={0,2}),i=(\d{1,10})$/

/** RFC 5802: the server continues the client's nonce, and says with how much work the password is to be salted. */
function checkServerFirst(clientFirst: string, serverFirst: string): void {
  const [, nonce, , iterations] = serverFirstMessage.exec(serverFirst) ?? []
  const own = attribute(clientFirst.replace(/^n,,/, ''), 'r')
  if (nonce === undefined || own === null) throw new ProtocolFaultError('its half of the sign-in is not sound')
  if (!nonce.startsWith(own)) throw new ProtocolFaultError('its half of the sign-in does not continue ours')
  const count = Number(iterations)
  if (count < minIterations || count > maxIterations) {
    throw new UnsupportedMethodError(`SCRAM with ${count} iterations`)
  }
}

const attribute = (text: string, name: string): string | null =>
  text
    .split(',')
    .find(part => part.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? null

/** A payload comes as the driver's Binary, or as plain bytes. */
function textOf(payload: unknown): string {
  const { buffer } = (payload ?? {}) as { buffer?: unknown }
  const bytes = payload instanceof Uint8Array ? payload : buffer
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('latin1') : ''
}
