import type { Socket } from 'node:net'
import { Client, type ClientChannel, type NegotiatedAlgorithms, type ServerHostKeyAlgorithm } from 'ssh2'
import { cleanText } from '../problem.ts'
import { acceptedCiphers, acceptedKeyExchanges, acceptedMacs } from './ssh-algorithms.ts'
import { ChannelSocket } from './ssh-channel-socket.ts'
import { ChannelRefusedError, type HostKey, type SshFailure, TunnelClosedError } from './ssh-failure.ts'
import { sshFingerprint } from './ssh-fingerprint.ts'
import { openingFailure, wordsOf } from './ssh-opening-failure.ts'
import { type SshCredential, SshSignIn, type SshSignInMethod } from './ssh-sign-in.ts'
import type { SshTransport } from './ssh-transport.ts'
import { SshReader } from './ssh-wire.ts'

export interface SshConnectionOptions {
  readonly username: string
  readonly credential: SshCredential
  /** In the order of preference. */
  readonly hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[]
  /** Decides before anything about the account is sent. */
  readonly acceptsHostKey: (key: HostKey) => boolean
  readonly signal: AbortSignal
}

/** What was agreed on, measured on the connection itself. */
export interface SshSession {
  readonly algorithms: NegotiatedAlgorithms
  readonly hostKey: HostKey
  readonly signInMethod: SshSignInMethod
}

export type SshOutcome =
  | { readonly kind: 'CONNECTED'; readonly connection: SshConnection; readonly session: SshSession }
  | { readonly kind: 'FAILED'; readonly failure: SshFailure }

const keepAliveMs = 15_000
const closeGraceMs = 200
/** A server may want new keys for each gigabyte or hour, not all the time: each exchange costs us more than it. */
const maxKeyExchanges = 50
/** Smaller packets than any server asks for; `ssh2` loops for ever on 0. */
const minPacketSize = 256
/** A server may send 2 MB more than has been read; `ssh2` would keep whatever comes beyond that. */
const maxUnread = 4 * 1_048_576

/** One SSH connection on a socket that the caller opened, and the connections that the server makes for it. */
export class SshConnection {
  readonly #client = new Client()
  readonly #transport: SshTransport
  readonly #sockets = new Set<ChannelSocket>()
  #keyExchanges = 0
  #broken: string | null = null
  #isClosing = false

  private constructor(transport: SshTransport) {
    this.#transport = transport
  }

  /** Signs in, with one attempt. The transport is destroyed unless it answers CONNECTED. Rejects only with the signal's reason. */
  static async open(transport: SshTransport, options: SshConnectionOptions): Promise<SshOutcome> {
    if (options.signal.aborted) transport.destroy()
    options.signal.throwIfAborted()
    const connection = new SshConnection(transport)
    const outcome = connection.#signIn(options)
    const abort = () => transport.destroy()
    options.signal.addEventListener('abort', abort, { once: true })
    try {
      const answer = await outcome
      options.signal.throwIfAborted()
      if (answer.kind === 'FAILED') await connection.close()
      return answer
    } catch (error) {
      transport.destroy()
      throw error
    } finally {
      options.signal.removeEventListener('abort', abort)
    }
  }

  /** Why the connection broke after the sign-in; null while it holds, and when it was closed by us. */
  get broken(): string | null {
    return this.#broken
  }

  /**
   * Lets the server connect to a host and port as it sees them.
   *
   * @throws ChannelRefusedError, TunnelClosedError, or the signal's reason.
   */
  async connect(host: string, port: number, signal: AbortSignal): Promise<Socket> {
    signal.throwIfAborted()
    if (this.#broken !== null) throw new TunnelClosedError(this.#broken)
    const { promise, resolve, reject } = Promise.withResolvers<ClientChannel>()
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    try {
      this.#forward(host, port, (error, channel) => {
        if (error) reject(this.#channelError(error))
        else if (signal.aborted) channel.close()
        else resolve(channel)
      })
      const channel = await promise
      // The types leave out what the server has chosen for us.
      const { packetSize } = (channel as unknown as { outgoing: { packetSize: number } }).outgoing
      if (packetSize < minPacketSize) {
        channel.close()
        throw new ChannelRefusedError(0, `The SSH server takes packets of ${packetSize} bytes only.`)
      }
      return this.#adopt(channel)
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** Says goodbye and makes sure that the socket is gone, within 200 ms. Never rejects. */
  async close(): Promise<void> {
    this.#isClosing = true
    for (const socket of this.#sockets) socket.destroy()
    if (this.#transport.closed) return
    try {
      this.#client.end()
    } catch {
      // It could not be said; what follows ends the connection all the same.
    }
    // What has been written leaves first: an abrupt end would look like a fault in the server's log.
    const timer = setTimeout(() => this.#transport.destroy(), closeGraceMs)
    await new Promise(resolve => this.#transport.once('close', resolve))
    clearTimeout(timer)
  }

  #forward(host: string, port: number, done: Parameters<Client['forwardOut']>[4] & {}): void {
    try {
      this.#client.forwardOut('127.0.0.1', 0, host, port, done)
    } catch {
      throw new TunnelClosedError(this.#broken ?? 'The connection was closed.')
    }
  }

  #adopt(channel: ClientChannel): Socket {
    const socket = new ChannelSocket(channel)
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    socket.on('error', () => {})
    return socket.asSocket
  }

  #channelError(error: Error & { reason?: unknown }): Error {
    if (this.#broken !== null || this.#transport.destroyed) {
      return new TunnelClosedError(this.#broken ?? 'The connection was closed.')
    }
    const description = error.message.replace(/^\(SSH\) Channel open failure: /, '')
    return new ChannelRefusedError(typeof error.reason === 'number' ? error.reason : 0, cleanText(description, 300))
  }

  async #signIn(options: SshConnectionOptions): Promise<SshOutcome> {
    const { promise, resolve } = Promise.withResolvers<SshOutcome>()
    const transport = this.#transport
    let isOpen = false
    let hostKey: HostKey | null = null
    let algorithms: NegotiatedAlgorithms | null = null
    const fail = (failure: SshFailure) => resolve({ kind: 'FAILED', failure })
    const breakOff = (detail: string) => {
      if (!isOpen) {
        fail({ kind: 'CLOSED', detail })
        return
      }
      if (this.#isClosing) return
      this.#broken ??= detail
      for (const socket of this.#sockets) socket.abandon(new TunnelClosedError(this.#broken))
      transport.destroy()
    }
    const signIn = new SshSignIn(options.username, options.credential, fail)
    // Before ssh2's own listeners: nothing may touch a channel once they have run.
    transport.once('end', () => breakOff('The SSH server closed the connection.'))
    transport.once('close', () => breakOff('The connection was closed.'))
    this.#client
      .on('error', (error: Error) => {
        if (isOpen) breakOff(wordsOf(error))
        else fail(openingFailure(error, signIn, transport))
      })
      .on('handshake', negotiated => {
        algorithms ??= negotiated
        this.#keyExchanges += 1
        if (this.#keyExchanges > maxKeyExchanges) breakOff('The SSH server keeps asking for new keys.')
      })
      .on('change password', () => {
        fail({ kind: 'CREDENTIALS_REJECTED', detail: 'The password has expired and has to be changed.' })
      })
      .once('ready', () => {
        if (!hostKey || !algorithms) {
          fail({ kind: 'HANDSHAKE', detail: 'The key exchange was left out.' })
          return
        }
        isOpen = true
        transport.signedIn(() => [...this.#sockets].every(({ unread }) => unread <= maxUnread))
        const session = { algorithms, hostKey, signInMethod: signIn.method }
        resolve({ kind: 'CONNECTED', connection: this, session })
      })
    try {
      this.#client.connect({
        // Any Duplex will do: it neither dials nor looks up names.
        sock: transport,
        ident: 'patchbay',
        username: options.username,
        authHandler: signIn.next,
        hostVerifier: (bytes: Buffer) => {
          const shown = { type: new SshReader(bytes).text() ?? 'unknown', fingerprint: sshFingerprint(bytes) }
          // New keys in the middle of a session come from the same server.
          if (hostKey) return hostKey.fingerprint === shown.fingerprint
          if (!options.acceptsHostKey(shown)) {
            fail({ kind: 'HOST_KEY_REFUSED', hostKey: shown })
            return false
          }
          hostKey = shown
          return true
        },
        algorithms: {
          kex: [...acceptedKeyExchanges],
          serverHostKey: [...options.hostKeyAlgorithms],
          cipher: [...acceptedCiphers],
          hmac: [...acceptedMacs],
          compress: ['none'],
        },
        // The step's own budget is the limit.
        readyTimeout: 0,
        keepaliveInterval: keepAliveMs,
        keepaliveCountMax: 3,
      })
    } catch (error) {
      fail({ kind: 'HANDSHAKE', detail: wordsOf(error as Error) })
    }
    return promise
  }
}
