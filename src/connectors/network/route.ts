import type { Socket } from 'node:net'
import type { SshTunnelConfig } from '../blocks/ssh-tunnel.ts'
import type { StepKey, StepReport } from '../connection-test.ts'
import { type Endpoint, failed, type NetworkSettings, passed, type StepContext } from '../define.ts'
import { type Problem, problem } from '../problem.ts'
import { dial } from './dial.ts'
import { NetworkSteps } from './network-steps.ts'
import { targetTimedOut, tunnelFields } from './ssh-problems.ts'
import { SshTunnel, throughTunnel } from './ssh-tunnel.ts'

type Context = Pick<StepContext, 'signal' | 'budgetMs'>
type RouteStep = 'RESOLVE' | 'EGRESS' | 'CONNECT' | 'TUNNEL'

/** The way to a data source, step by step: straight to its address, or through an SSH server. */
export interface Route {
  /** In the order in which they run; a key that comes twice means the SSH server first and then the target. */
  readonly keys: readonly RouteStep[]
  readonly steps: { readonly [K in RouteStep]: (context: Context) => Promise<StepReport> }
  /** The connection to the data source. Throws before the last step has passed. */
  readonly socket: Socket
  /** A further connection the same way, such as for cancelling. Rejects when there is none to be had. */
  dial(signal: AbortSignal): Promise<Socket>
  /** The problem of the step that is running and used up its budget; null when the key is none of the route's. */
  timedOut(key: StepKey, seconds: number): Problem | null
  /** Why the way broke under a connection that goes it, if the way itself is to blame. */
  readonly broken: Problem | null
  /** Leaves nothing behind. Never rejects; bounded by 200 ms. */
  close(): Promise<void>
}

/** Prepares the way; nothing is dialled before its steps run. */
export function openRoute(target: Endpoint, tunnel: SshTunnelConfig | undefined, network: NetworkSettings): Route {
  return tunnel ? tunnelRoute(target, tunnel, network) : directRoute(target, network)
}

function directRoute(target: Endpoint, network: NetworkSettings): Route {
  const steps = new NetworkSteps(target, network)
  return {
    keys: ['RESOLVE', 'EGRESS', 'CONNECT'],
    steps: { ...networkSteps(steps), CONNECT: context => steps.connect(context), TUNNEL: noTunnel },
    get socket() {
      return steps.connection.socket
    },
    dial: signal => dial(steps.connection.address.address, target.port, signal),
    timedOut: (key, seconds) => (key === 'RESOLVE' || key === 'CONNECT' ? steps.timedOut(key, seconds) : null),
    broken: null,
    close: async () => steps.close(),
  }
}

/** RESOLVE and EGRESS are about the SSH server alone: only it looks up the target, and decides whether it may be reached. */
function tunnelRoute(target: Endpoint, config: SshTunnelConfig, network: NetworkSettings): Route {
  const steps = new NetworkSteps(config, network, { fields: tunnelFields, purpose: 'TUNNEL' })
  const tunnel = new SshTunnel(config)
  let connected: Socket | null = null
  return {
    keys: ['RESOLVE', 'EGRESS', 'CONNECT', 'TUNNEL', 'CONNECT'],
    steps: {
      ...networkSteps(steps),
      CONNECT: async context => {
        if (!tunnel.isOpen) return steps.connect(context)
        const outcome = await tunnel.connect(target, context.signal)
        if ('code' in outcome) return failed(outcome)
        connected = outcome
        return passed([throughTunnel(config, target)])
      },
      TUNNEL: context => tunnel.open(steps, context),
    },
    get socket() {
      if (!connected) throw new Error('CONNECT has not passed.')
      return connected
    },
    dial: async signal => {
      const outcome = await tunnel.connect(target, signal)
      if ('code' in outcome) throw new Error(outcome.message)
      return outcome
    },
    timedOut: (key, seconds) => {
      if (key === 'TUNNEL') return tunnel.timedOut(seconds)
      if (key === 'CONNECT' && tunnel.isOpen) return targetTimedOut(seconds, config, target)
      return key === 'RESOLVE' || key === 'CONNECT' ? steps.timedOut(key, seconds) : null
    },
    get broken() {
      return tunnel.broken
    },
    close: async () => {
      connected?.destroy()
      // The tunnel says goodbye on the same socket.
      await tunnel.close()
      steps.close()
    },
  }
}

const networkSteps = (steps: NetworkSteps) => ({
  RESOLVE: (context: Context) => steps.resolve(context),
  EGRESS: (context: Context) => steps.checkEgress(context),
})

const noTunnel = async (): Promise<StepReport> => failed(problem('UNCLASSIFIED', { detail: 'There is no tunnel.' }))
