import type { Socket } from 'node:net'
import type { SshTunnelConfig } from '../blocks/ssh-tunnel.ts'
import type { TlsConfig } from '../blocks/tls.ts'
import type { StepReport } from '../connection-test.ts'
import type { Endpoint } from '../define.ts'
import type { Problem } from '../problem.ts'

/** What the forms of all types with one session on one server have in common. */
export interface ServerConfig extends Endpoint {
  readonly tls: TlsConfig
  readonly sshTunnel?: SshTunnelConfig | undefined
  readonly limits: { readonly connectTimeoutSeconds: number; readonly statementTimeoutSeconds: number }
}

/** A connection to the server that has been greeted, and encrypted if it is to be. */
export interface Line {
  readonly socket: Socket
  readonly encrypted: boolean
  /**
   * Whether the server has proved who it is, so that it may see a password itself. A checked authority alone is not
   * enough: any public authority's customer could pose as the server.
   */
  readonly serverVerified: boolean
}

export interface Greeted {
  /** The report of GREET. */
  readonly report: StepReport
  readonly offersTls: boolean
}

export interface GreetOptions {
  /** Whether the connection stays as it is: without encryption. */
  readonly inClear: boolean
  /** Whether it is a second connection, only for `cancel`. */
  readonly forCancel: boolean
  readonly signal: AbortSignal
}

export interface SignedIn<S> {
  readonly session: S
  /** The report of SIGN_IN. */
  readonly report: StepReport
}

export interface ServerSession {
  /** Whether there is a way to ask the server to stop what the session is doing. */
  readonly canCancel: boolean
  /** Says goodbye and makes sure that the socket is gone, within `graceMs`. Never rejects. */
  close(graceMs: number): Promise<void>
}

/** What a protocol adds to the way in that all of them share. Made anew for each opening: it may keep what it learns. */
export interface ServerProtocol<S extends ServerSession> {
  /** GREET. Rejects only with the signal's reason and with what no server can cause. */
  greet(socket: Socket, options: GreetOptions): Promise<Greeted>
  /** Sends what makes the server expect a handshake next; left out where greeting has done that. */
  startTls?(socket: Socket): void
  /** Signs in, with one attempt. Rejects with what `signInProblem` understands. */
  signIn(line: Line, signal: AbortSignal): Promise<SignedIn<S>>
  signInProblem(error: unknown): Problem
  /** Asks the server to stop what `session` is doing, on a connection of its own. May reject; the session then runs on. */
  cancel(session: S, line: Line, signal: AbortSignal): Promise<void>
}
