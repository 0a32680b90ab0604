import type { Socket } from 'node:net'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { StepReport } from '../connection-test.ts'
import { type Endpoint, failed, type NetworkSettings, passed, type StepContext } from '../define.ts'
import type { Evidence } from '../evidence.ts'
import { type Problem, problem } from '../problem.ts'
import { connectToAny, isUnreachable } from './connect.ts'
import { EgressPolicy, type EgressPurpose } from './egress.ts'
import { type Address, resolveHost } from './resolve.ts'

type Context = Pick<StepContext, 'signal' | 'budgetMs'>

/** Where an endpoint comes from in the form, and what it is for. */
export interface EndpointRole {
  /** Form paths to mark when the endpoint is at fault. */
  readonly fields: { readonly host: string; readonly port: string }
  /** Decides which ports may be dialled. */
  readonly purpose: EgressPurpose
}

const dataSource: EndpointRole = { fields: { host: 'host', port: 'port' }, purpose: 'DATA_SOURCE' }

/** A step ends by itself a little before its budget, so that it can show what became of every address. */
const ownDeadline = (budgetMs: number): number => budgetMs - Math.min(100, budgetMs / 10)

/**
 * When a denial is told, counted from the step's beginning: a time that does not depend on which address it was, on how
 * many there were and on where they came from. A name that takes longer to resolve is told at a multiple of it.
 */
const denialTold = { resolveMs: 100, egressMs: 50 } as const

/** Timers count whole milliseconds: how early or late one is would tell when it was set. */
const timerErrorMs = 2

/** Waits until `performance.now()` has just passed the next multiple of `intervalMs` since `startedAt`. */
async function untilMultiple(startedAt: number, intervalMs: number, signal: AbortSignal): Promise<void> {
  const elapsedMs = performance.now() - startedAt
  const end = startedAt + Math.ceil(elapsedMs / intervalMs) * intervalMs
  const timedMs = end - performance.now() - timerErrorMs
  if (timedMs >= 1) await delay(timedMs, undefined, { signal })
  while (performance.now() < end) await nextTurn(undefined, { signal })
}

/** RESOLVE, EGRESS and CONNECT for one endpoint: identical for every type that connects to a host and port. */
export class NetworkSteps {
  readonly #host: string
  readonly #port: number
  readonly #network: NetworkSettings
  readonly #role: EndpointRole
  #policy: EgressPolicy | null = null
  #resolved: readonly Address[] = []
  #source = 'DNS'
  #foundAs: string | null = null
  #allowed: readonly Address[] = []
  #connected: { readonly socket: Socket; readonly address: Address } | null = null

  constructor(endpoint: Endpoint, network: NetworkSettings, role: EndpointRole = dataSource) {
    this.#host = endpoint.host
    this.#port = endpoint.port
    this.#network = network
    this.#role = role
  }

  /** The socket of the last CONNECT that passed. Throws when there is none. */
  get connection(): { readonly socket: Socket; readonly address: Address } {
    if (!this.#connected) throw new Error('CONNECT has not passed.')
    return this.#connected
  }

  /** Says nothing about the addresses: whether the reader may know them is decided by `checkEgress`. */
  async resolve({ signal, budgetMs }: Context): Promise<StepReport> {
    const startedAt = performance.now()
    const host = this.#host
    const fields = [this.#role.fields.host]
    const resolution = await resolveHost(host, { network: this.#network, signal, deadlineMs: ownDeadline(budgetMs) })
    switch (resolution.kind) {
      case 'NOT_FOUND':
        return failed(problem('HOST_NOT_FOUND', { params: { host }, fields }))
      case 'FAILED':
        return failed(problem('NAME_RESOLUTION_FAILED', { params: { host }, detail: resolution.code, fields }))
      case 'TIMED_OUT':
        return failed(this.timedOut('RESOLVE', budgetMs / 1_000))
      case 'ADDRESSES':
        this.#resolved = resolution.addresses
        this.#foundAs = resolution.foundAs
        this.#source = { LITERAL: 'given as an address', HOSTS_FILE: 'hosts file', DNS: 'name servers' }[
          resolution.source
        ]
        // How long it took would say whether the name is this machine's own, a literal, or known to its name servers.
        if (!this.#isAllowed()) await untilMultiple(startedAt, denialTold.resolveMs, signal)
        return passed()
    }
  }

  /** One denied address denies the host: it must not depend on which one answers first. */
  async checkEgress({ signal }: Context): Promise<StepReport> {
    const startedAt = performance.now()
    if (!this.#isAllowed()) {
      await untilMultiple(startedAt, denialTold.egressMs, signal)
      return failed(problem('EGRESS_DENIED', { fields: this.#fields }))
    }
    this.#allowed = this.#resolved
    return passed([
      ...this.#allowed.map(
        (address): Evidence => ({ kind: 'ADDRESS', label: 'Address', ...address, outcome: 'allowed' }),
      ),
      { kind: 'TEXT', label: 'Found by', value: this.#source },
      ...(this.#foundAs === null ? [] : [{ kind: 'TEXT', label: 'Found as', value: this.#foundAs } as const]),
    ])
  }

  async connect({ signal, budgetMs }: Context): Promise<StepReport> {
    const outcome = await connectToAny(this.#allowed, { port: this.#port, signal, deadlineMs: ownDeadline(budgetMs) })
    const evidence = outcome.evidence.map(entry => ({ ...entry, measuredOn: 'SAME_SOCKET' as const }))
    if (outcome.kind === 'CONNECTED') {
      const { socket, address } = outcome
      // Whoever reads adds listeners; between readers an error must not be uncaught.
      socket.on('error', () => {})
      this.#connected = { socket, address }
      return passed(evidence)
    }
    return failed(
      connectProblem(
        outcome.codes,
        this.#allowed,
        { host: this.#host, port: this.#port, seconds: budgetMs / 1_000 },
        this.#fields,
      ),
      evidence,
    )
  }

  #isAllowed(): boolean {
    this.#policy ??= new EgressPolicy(this.#network.egress, this.#network.infrastructure)
    const policy = this.#policy
    return (
      this.#resolved.length > 0 &&
      this.#resolved.every(({ address }) => policy.allows(address, this.#port, this.#role.purpose))
    )
  }

  /** Frees the socket, whoever has it by now. */
  close(): void {
    this.#connected?.socket.destroy()
  }

  /** The problem of a network step that used up its budget. */
  timedOut(key: 'RESOLVE' | 'CONNECT', seconds: number): Problem {
    const params = { host: this.#host, port: this.#port, seconds }
    return key === 'RESOLVE'
      ? problem('NAME_RESOLUTION_TIMED_OUT', { params, fields: [this.#role.fields.host] })
      : problem('CONNECTION_TIMED_OUT', { params, fields: this.#fields })
  }

  get #fields(): string[] {
    return [this.#role.fields.host, this.#role.fields.port]
  }
}

/** The one problem that sums up what became of every address. An answer, even a refusal, says more than silence. */
export function connectProblem(
  codes: readonly string[],
  addresses: readonly Address[],
  params: { readonly host: string; readonly port: number; readonly seconds: number },
  fields: readonly string[] = ['host', 'port'],
): Problem {
  const outcomes = [...new Set(codes)].join(', ')
  if (codes.includes('ECONNREFUSED')) return problem('CONNECTION_REFUSED', { params, fields, detail: outcomes })
  if (codes.every(isUnreachable)) {
    const detail = addresses.every(({ family }) => family === 'IPV6')
      ? `${params.host} has only IPv6 addresses, and Patchbay's machine has no IPv6 route to them (${outcomes}).`
      : outcomes
    return problem('NETWORK_UNREACHABLE', { params, fields: fields.slice(0, 1), detail })
  }
  if (codes.includes('ETIMEDOUT')) return problem('CONNECTION_TIMED_OUT', { params, fields, detail: outcomes })
  if (codes.includes('ECONNRESET')) return problem('CONNECTION_RESET', { params, fields, detail: outcomes })
  return problem('UNCLASSIFIED', { fields, detail: `CONNECT: ${outcomes}` })
}
