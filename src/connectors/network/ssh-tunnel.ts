import type { Socket } from 'node:net'
import type { ServerHostKeyAlgorithm } from 'ssh2'
import { endpointName, type SshTunnelConfig } from '../blocks/ssh-tunnel.ts'
import type { StepReport } from '../connection-test.ts'
import { type Endpoint, failed, passed, type StepContext, warning } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import type { Problem } from '../problem.ts'
import { dial } from './dial.ts'
import { canonicalHost } from './host-name.ts'
import type { NetworkSteps } from './network-steps.ts'
import { acceptedHostKeys, hostKeyKind } from './ssh-algorithms.ts'
import type { SshConnection, SshOutcome, SshSession } from './ssh-connection.ts'
import { ChannelRefusedError, type HostKey, TunnelClosedError } from './ssh-failure.ts'
import {
  channelProblem,
  hostKeyUnknown,
  keyUnreadable,
  sshProblem,
  tunnelClosed,
  tunnelTimedOut,
} from './ssh-problems.ts'
import type { SshCredential } from './ssh-sign-in.ts'
import { SshTransport } from './ssh-transport.ts'

type Context = Pick<StepContext, 'signal'>

/** The TUNNEL step and the connections that go through it. `ssh2` is loaded when the step runs, so only where it is needed. */
export class SshTunnel {
  readonly #config: SshTunnelConfig
  #transport: SshTransport | null = null
  #connection: SshConnection | null = null
  /** What the server has shown, once that is the key that it may have. */
  #hostKey: HostKey | null = null

  constructor(config: SshTunnelConfig) {
    this.#config = config
  }

  /** Whether TUNNEL has passed. */
  get isOpen(): boolean {
    return this.#connection !== null
  }

  /** The problem of a tunnel that broke after it was open, else null. */
  get broken(): Problem | null {
    const detail = this.#connection?.broken ?? null
    return detail === null ? null : tunnelClosed(detail, this.#config)
  }

  /** The problem of a TUNNEL that used up its budget. */
  timedOut(seconds: number): Problem {
    return tunnelTimedOut(this.#transport !== null && this.#transport.software !== null, seconds, this.#config)
  }

  /** Signs in to the server at the other end of `network`'s connection, after its host key has been looked at. */
  async open({ connection }: Pick<NetworkSteps, 'connection'>, { signal }: Context): Promise<StepReport> {
    const credential = await this.#credential()
    if (typeof credential === 'string') return failed(keyUnreadable(credential, this.#config))
    const shown: HostKey[] = []
    let kinds: readonly ServerHostKeyAlgorithm[] = acceptedHostKeys
    let socket: Socket | null = connection.socket
    while (socket && kinds.length > 0 && shown.length < maxHostKeys) {
      const outcome = await this.#attempt(socket, credential, kinds, signal)
      if (outcome.kind === 'CONNECTED') {
        this.#connection = outcome.connection
        return this.#report(outcome.session)
      }
      const { failure } = outcome
      if (failure.kind !== 'HOST_KEY_REFUSED') {
        // Where another key was shown before, what came of asking for a further one is not the fault to report.
        if (!this.#hostKey && shown.length > 0) break
        // Anybody can show a key; only who got as far as the sign-in has signed with it.
        const isProved = failure.kind === 'CREDENTIALS_REJECTED' || failure.kind === 'METHOD_UNSUPPORTED'
        const proved = isProved && this.#hostKey ? [this.#hostKey] : []
        return failed(sshProblem(failure, this.#config), this.#evidence(proved))
      }
      shown.push(failure.hostKey)
      // A server may have a key of each kind, and the fingerprint does not say of which it is. Nothing has been sent
      // about the account, so the others may be asked for too.
      const offered = this.#transport?.offer?.hostKeys ?? []
      kinds = acceptedHostKeys.filter(
        name => offered.includes(name) && !shown.some(({ type }) => type === hostKeyKind(name)),
      )
      if (kinds.length > 0) socket = await this.#dialAgain(connection.address.address, signal)
    }
    const [hostKey = unknownKey] = shown
    return failed(sshProblem({ kind: 'HOST_KEY_REFUSED', hostKey }, this.#config), this.#evidence(shown))
  }

  /** A connection to the target as the SSH server sees it, or why there is none. Rejects only with the signal's reason. */
  async connect(target: Endpoint, signal: AbortSignal): Promise<Socket | Problem> {
    if (!this.#connection) throw new Error('TUNNEL has not passed.')
    const startedAt = performance.now()
    try {
      return await this.#connection.connect(canonicalHost(target.host), target.port, signal)
    } catch (error) {
      const seconds = Math.round((performance.now() - startedAt) / 100) / 10
      if (error instanceof ChannelRefusedError) return channelProblem(error, this.#config, target, seconds)
      if (error instanceof TunnelClosedError) return tunnelClosed(error.detail, this.#config)
      throw error
    }
  }

  /** Frees the connection and everything that goes through it. Never rejects; bounded by 200 ms. */
  async close(): Promise<void> {
    if (this.#connection) await this.#connection.close()
    else this.#transport?.destroy()
  }

  async #credential(): Promise<SshCredential | string> {
    const { password, privateKey } = this.#config.auth
    if (password) return { kind: 'PASSWORD', password: password.password }
    const { readSigningKey } = await import('./ssh-private-key.ts')
    const key = readSigningKey(privateKey?.privateKey ?? '', privateKey?.passphrase)
    return typeof key === 'string' ? key : { kind: 'KEY', key }
  }

  async #dialAgain(address: string, signal: AbortSignal): Promise<Socket | null> {
    try {
      return await dial(address, this.#config.port, signal)
    } catch {
      signal.throwIfAborted()
      return null
    }
  }

  async #attempt(
    socket: Socket,
    credential: SshCredential,
    hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[],
    signal: AbortSignal,
  ): Promise<SshOutcome> {
    const { SshConnection } = await import('./ssh-connection.ts')
    this.#transport = new SshTransport(socket)
    const expected = this.#config.hostKeyFingerprint
    return SshConnection.open(this.#transport, {
      username: this.#config.username,
      credential,
      hostKeyAlgorithms,
      acceptsHostKey: key => {
        this.#hostKey = expected === undefined || key.fingerprint === expected ? key : null
        return this.#hostKey !== null
      },
      signal,
    })
  }

  #report(session: SshSession): StepReport {
    const { algorithms, hostKey, signInMethod } = session
    const evidence = [
      ...this.#evidence([hostKey]),
      measuredText('Key exchange', algorithms.kex),
      measuredText('Cipher', [algorithms.sc.cipher, algorithms.sc.mac].filter(Boolean).join(', ')),
      measuredText('Signed in as', this.#config.username),
      measuredText('Sign-in method', signInMethod === 'none' ? 'nothing was asked for' : signInMethod),
    ]
    if (this.#config.hostKeyFingerprint === undefined) return warning(hostKeyUnknown(hostKey, this.#config), evidence)
    return passed(evidence, signInMethod === 'none' ? 'The SSH server did not ask for the credentials.' : null)
  }

  #evidence(hostKeys: readonly HostKey[]): Evidence[] {
    const software = this.#transport?.software ?? null
    return [
      ...(software === null ? [] : [measuredText('SSH server', software)]),
      ...hostKeys.map(({ type, fingerprint }) => measuredText('Host key', `${type} ${fingerprint}`)),
    ]
  }
}

/** As many kinds as there are. */
const maxHostKeys = 5
const unknownKey: HostKey = { type: 'unknown', fingerprint: 'unknown' }

/** In words, where a connection through the tunnel comes from: its evidence. */
export const throughTunnel = (tunnel: Endpoint, target: Endpoint): Evidence =>
  measuredText(
    'Connected by',
    `the SSH server ${endpointName(tunnel)}, which found ${endpointName(target)} from where it stands`,
  )
