import type { Socket } from 'node:net'
import { endpointName } from '../blocks/ssh-tunnel.ts'
import type { StepReport } from '../connection-test.ts'
import { type Endpoint, failed, type NetworkSettings, passed, type StepContext } from '../define.ts'
import type { Evidence } from '../evidence.ts'
import { extraAuthorities } from '../network/authorities.ts'
import { dial } from '../network/dial.ts'
import { clientCertificateRequired, handshakeProblem } from '../network/handshake-problem.ts'
import { canonicalHost } from '../network/host-name.ts'
import { NetworkSteps } from '../network/network-steps.ts'
import { secureReport } from '../network/secure-report.ts'
import { type EncryptedOutcome, encrypt, isClientCertificateRefusal, type TlsOptions } from '../network/tls.ts'
import { cleanText, problem, type Remedy } from '../problem.ts'
import type { MongodbConfig } from './form.ts'
import { handshakeOrAnswer, speaksTls } from './handshake-or-answer.ts'
import { kindWords, readHello, type ServerFacts } from './hello.ts'
import { classifyRefusal } from './problems.ts'
import { askHello, type Reply } from './wire.ts'

type Context = Pick<StepContext, 'signal' | 'budgetMs'>

/** Form paths to mark when a server is at fault. */
export interface ServerFields {
  readonly host: string
  readonly port: string
}

/**
 * One server, looked at without credentials on a connection of its own: the driver takes no socket. Its steps rely on
 * the ones before having passed.
 */
export class ServerProbe {
  /** `host:port`. */
  readonly name: string
  readonly endpoint: Endpoint
  readonly fields: ServerFields
  readonly #config: MongodbConfig
  readonly #network: NetworkSteps
  #socket: Socket | null = null
  #facts: ServerFacts | null = null
  #roundTripMs = Number.POSITIVE_INFINITY

  constructor(endpoint: Endpoint, fields: ServerFields, config: MongodbConfig, network: NetworkSettings) {
    this.endpoint = endpoint
    this.name = endpointName(endpoint)
    this.fields = fields
    this.#config = config
    this.#network = new NetworkSteps(endpoint, network, { fields, purpose: 'DATA_SOURCE' })
  }

  /** What it says about itself; null before GREET has passed. */
  get facts(): ServerFacts | null {
    return this.#facts
  }

  get roundTripMs(): number {
    return this.#roundTripMs
  }

  /** The address that answered. Throws before CONNECT has passed. */
  get address(): string {
    return this.#network.connection.address.address
  }

  /** The name that its certificate must be for. */
  get tlsName(): string {
    return canonicalHost(this.#config.tls.serverName ?? this.endpoint.host)
  }

  readonly steps = {
    RESOLVE: (context: Context) => this.#network.resolve(context),
    EGRESS: (context: Context) => this.#network.checkEgress(context),
    CONNECT: (context: Context) => this.#connect(context),
    SECURE: (context: Context) => this.#secure(context),
    GREET: (context: Context) => this.#greet(context),
  } as const satisfies Record<string, (context: Context) => Promise<StepReport>>

  /** The problem of a step that used up its time. */
  timedOut(key: keyof ServerProbe['steps'], seconds: number) {
    if (key === 'RESOLVE' || key === 'CONNECT') return this.#network.timedOut(key, seconds)
    const params = { ...this.endpoint, seconds }
    const code = key === 'SECURE' ? 'TLS_TIMED_OUT' : 'NO_GREETING'
    return problem(code, { params, fields: this.#marked })
  }

  close(): void {
    this.#socket?.destroy()
    this.#network.close()
  }

  /** A further connection to the address that answered, encrypted and judged like the first. Rejects when there is none. */
  async dialAgain(signal: AbortSignal): Promise<Socket> {
    const plain = await this.#redial(signal)
    if (this.#config.tls.mode === 'DISABLE') return plain
    const outcome = await encrypt(plain, this.#tlsOptions(signal))
    if (outcome.kind === 'FAILED') throw outcome.error
    if (this.#judge(outcome).status !== 'FAILED') return outcome.socket
    outcome.socket.destroy()
    throw new Error('The server on the second connection is not the one that was verified.')
  }

  readonly #redial = (signal: AbortSignal): Promise<Socket> => dial(this.address, this.endpoint.port, signal)

  get #marked(): string[] {
    return [...new Set([this.fields.host, this.fields.port])]
  }

  async #connect(context: Context): Promise<StepReport> {
    const report = await this.#network.connect(context)
    if (report.status !== 'FAILED') this.#socket = this.#network.connection.socket
    const onProbe = (item: Evidence): Evidence => ({ ...item, measuredOn: 'PROBE' })
    return { ...report, evidence: report.evidence.map(onProbe) }
  }

  async #secure({ signal }: Context): Promise<StepReport> {
    const { host } = this.endpoint
    const options = this.#tlsOptions(signal)
    const outcome = await handshakeOrAnswer(this.#openSocket, this.#redial, options)
    switch (outcome.kind) {
      case 'DOCUMENT':
        return failed(problem('TLS_NOT_OFFERED', { params: { host }, fields: ['tls.mode', ...this.#marked] }))
      case 'WRONG_PROTOCOL':
        return this.#wrongProtocol(outcome.found)
      case 'FAILED':
        return this.#located(failed(handshakeProblem(outcome.error, host, options.client !== null)))
      case 'ENCRYPTED': {
        const report = this.#judge(outcome)
        if (report.status === 'FAILED') outcome.socket.destroy()
        this.#socket = outcome.socket
        return this.#located(report)
      }
    }
  }

  async #greet({ signal }: Context): Promise<StepReport> {
    const startedAt = performance.now()
    const reply = await askHello(this.#openSocket, signal)
    this.#roundTripMs = performance.now() - startedAt
    switch (reply.kind) {
      case 'DOCUMENT':
        return this.#greeted(reply.document)
      case 'WRONG_PROTOCOL':
        return this.#wrongProtocol(reply.found)
      case 'FAULT':
        return this.#violation(reply.fault)
      case 'CLOSED':
        return failed(await this.#closedProblem(reply, signal))
    }
  }

  #greeted(answer: Readonly<Record<string, unknown>>): StepReport {
    if (Number(answer['ok']) !== 1) {
      const circumstances = {
        phase: 'GREET',
        config: this.#config,
        server: this.endpoint,
        fields: this.#marked,
      } as const
      return failed(classifyRefusal(answer, circumstances))
    }
    const facts = readHello(answer)
    if (!facts) return this.#violation('its greeting does not say what it is')
    this.#facts = facts
    const named = facts.setName === null ? '' : ` of the replica set "${facts.setName}"`
    return passed([
      probed('Server', `${kindWords[facts.kind]}${named}`),
      probed('Wire version', `${facts.minWireVersion} to ${facts.maxWireVersion}`),
    ])
  }

  async #closedProblem({ detail, error }: Extract<Reply, { kind: 'CLOSED' }>, signal: AbortSignal) {
    if (error && isClientCertificateRefusal(error)) return clientCertificateRequired(detail)
    const { host } = this.endpoint
    const remedies: Remedy[] = [
      { kind: 'SET_FIELD', title: 'Encrypt the connection', field: 'tls.mode', value: 'VERIFY_FULL' },
    ]
    return this.#config.tls.mode === 'DISABLE' && (await speaksTls(this.#redial, this.#tlsOptions(signal)))
      ? problem('TLS_REQUIRED_BY_SERVER', { params: { host }, detail, fields: ['tls.mode'], remedies })
      : problem('CONNECTION_RESET', { params: { host }, detail, fields: this.#marked })
  }

  #wrongProtocol(found: string): StepReport {
    const params = { ...this.endpoint, expected: 'MongoDB', found }
    return failed(problem('WRONG_PROTOCOL', { params, fields: this.#marked }))
  }

  #violation(fault: string): StepReport {
    const params = { ...this.endpoint, expected: 'MongoDB', fault }
    return failed(problem('PROTOCOL_VIOLATION', { params, fields: this.#marked }))
  }

  /** Shared parts name their fields `host` and `port`: here every server has its own. */
  #located(report: StepReport): StepReport {
    if (!report.problem) return report
    const own: Readonly<Record<string, string>> = { host: this.fields.host, port: this.fields.port }
    const fields = [...new Set(report.problem.fields.map(field => own[field] ?? field))]
    return { ...report, problem: { ...report.problem, fields } }
  }

  #judge(outcome: EncryptedOutcome): StepReport {
    const { tls } = this.#config
    return secureReport(outcome, {
      tls,
      name: this.tlsName,
      extraAuthorities: extraAuthorities(tls),
      measuredOn: 'PROBE',
    })
  }

  get #openSocket(): Socket {
    if (!this.#socket) throw new Error('CONNECT has not passed.')
    return this.#socket
  }

  #tlsOptions(signal: AbortSignal): TlsOptions {
    return { ...clientTls(this.#config), name: this.tlsName, signal }
  }
}

/** Trust and client certificate of every connection of a configuration. */
export function clientTls({ tls }: MongodbConfig): Pick<TlsOptions, 'extraAuthorities' | 'client'> {
  const { clientCertificate, clientKey, clientKeyPassphrase } = tls
  return {
    extraAuthorities: extraAuthorities(tls),
    client:
      clientCertificate === undefined || clientKey === undefined
        ? null
        : { certificate: clientCertificate, key: clientKey, passphrase: clientKeyPassphrase },
  }
}

/** A text that was measured on a connection without credentials. */
export const probed = (label: string, value: string): Evidence => ({
  kind: 'TEXT',
  label,
  measuredOn: 'PROBE',
  value: cleanText(value, 500),
})
