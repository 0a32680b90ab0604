import type { ConnectorType } from '../define.ts'
import type { Form, FormValue } from '../form.ts'
import { EgressPolicy } from '../network/egress.ts'
import { ByteBudget } from './byte-budget.ts'
import { forbidCalls } from './forbidden-calls.ts'
import { fenceNameServers } from './name-server-fence.ts'
import type { Job } from './protocol.ts'
import { fenceSockets } from './socket-fence.ts'

/** What the sockets of one job may do. */
export interface SocketRules {
  readonly allows: (address: string, port: number) => boolean
  /** `ip:port` of the name servers that may be asked. */
  readonly nameServers: readonly string[]
  /** What a server may send on one socket in the whole job. */
  readonly maxBytesPerSocket: number
}

/** The guard of this process. Until rules are set, and when they are taken away, it lets nothing through. */
export interface NetworkGuard {
  /** A job begins with its rules; with null it has ended, and sockets that it left open are closed. */
  enforce(rules: SocketRules | null): void
}

/**
 * Guards every way out of this process, below every driver: sockets by the rules of the running job; datagrams,
 * listening sockets, signals and name servers of one's own not at all. Called once, before anything else.
 * What remains is named in docs/security.md: the questions that `dns.lookup` and resolvers ask the name servers.
 */
export function installNetworkGuard(): NetworkGuard {
  let rules: SocketRules | null = null
  const budget = new ByteBudget()
  fenceSockets({
    allows: (address, port) => rules?.allows(address, port) ?? false,
    onConnect: socket => budget.watch(socket),
  })
  fenceNameServers(() => rules?.nameServers ?? [])
  forbidCalls()
  return {
    enforce(next) {
      rules = next
      if (next) budget.start(next.maxBytesPerSocket)
      else budget.stop()
    },
  }
}

/** A test reads a few rows of a catalogue, and a page of a list is not much more. */
const maxTestBytes = 64 * 2 ** 20
/** Generous: what the wire carries is larger than the rows' JSON, and a type's own limit comes first. */
const minQueryBytes = 256 * 2 ** 20
const wireBytesPerRowByte = 8

/** The rules for a job: the operator's policy, and the port of its SSH server if it goes through one. */
export function rulesOf(job: Job, type: ConnectorType): SocketRules {
  const { egress, infrastructure, nameServers } = job.environment.network
  const policy = new EgressPolicy(egress, infrastructure)
  // The parent sends what the type's own form let through.
  const tunnelPort = type.tunnel?.(job.config as FormValue<Form>)?.port
  return {
    allows: (address, port) => policy.allows(address, port, port === tunnelPort ? 'TUNNEL' : 'DATA_SOURCE'),
    nameServers,
    maxBytesPerSocket:
      job.kind !== 'QUERY'
        ? maxTestBytes
        : (type.maxQueryWireBytes ?? Math.max(minQueryBytes, wireBytesPerRowByte * job.limits.maxBytes)),
  }
}
