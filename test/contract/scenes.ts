import { endpointName } from '../../src/connectors/blocks/ssh-tunnel.ts'
import type { PlannedStep, StepKey } from '../../src/connectors/connection-test.ts'
import { formTree } from '../../src/connectors/form-tree.ts'
import type { ProblemCode } from '../../src/connectors/problem-table.ts'
import { DnsDouble } from '../servers/dns-double.ts'
import { BlackHole, silentServer } from '../servers/hostile-servers.ts'
import { fingerprintOf, makeHostKey, SshServer, type SshServerOptions } from '../servers/ssh-server.ts'
import type { EnvironmentOptions } from '../servers/type-run.ts'
import { registered } from './fixtures.ts'
import { parseInput } from './shared-blocks.ts'
import type { FixtureServer, Input, TypeFixture } from './type-fixture.ts'

/** A run that will wait for ever in one step, and how to see that it does, and what is left when it has ended. */
export interface Scene extends AsyncDisposable {
  readonly input: Input
  readonly surroundings: EnvironmentOptions
  /** Of the step that waits. */
  readonly stepId: string
  reached(): void | Promise<void>
  left(): Promise<Readonly<Record<string, number>>>
}

export interface SceneCase {
  readonly name: string
  readonly fixture: TypeFixture
  /** What waits, for the test's name. */
  readonly step: string
  /** What the step is called when its budget has run out. */
  readonly timeout: ProblemCode
  /** How it then ends. But for a failure the test goes on. */
  readonly ends: 'FAILED' | 'WARNING' | 'SKIPPED'
  start(): Promise<Scene>
}

/** What a step is called whose budget has run out, whatever the type. */
const timeouts: Record<StepKey, ProblemCode> = {
  RESOLVE: 'NAME_RESOLUTION_TIMED_OUT',
  EGRESS: 'STEP_TIMED_OUT',
  CONNECT: 'CONNECTION_TIMED_OUT',
  TUNNEL: 'TUNNEL_TIMED_OUT',
  GREET: 'NO_GREETING',
  SECURE: 'TLS_TIMED_OUT',
  TOPOLOGY: 'STEP_TIMED_OUT',
  SIGN_IN: 'SIGN_IN_TIMED_OUT',
  OPEN: 'STEP_TIMED_OUT',
  READ: 'STEP_TIMED_OUT',
  LEAST_PRIVILEGE: 'STEP_TIMED_OUT',
}

function timeoutOf({ timeouts: own = {} }: TypeFixture, key: StepKey): Pick<SceneCase, 'timeout' | 'ends'> {
  const timeout = own[key] ?? timeouts[key]
  if (typeof timeout === 'string') return { timeout, ends: 'FAILED' }
  return 'warns' in timeout ? { timeout: timeout.warns, ends: 'WARNING' } : { timeout: timeout.skips, ends: 'SKIPPED' }
}

export const planOf = ({ type }: TypeFixture, input: Input): readonly PlannedStep[] =>
  type.plan(parseInput(type, input))

const servedPlan = (fixture: TypeFixture): readonly PlannedStep[] =>
  planOf(fixture, fixture.inputs[fixture.served[0]] ?? {})

/** The keys of the steps that a test of a served input has, each once. */
export const stepsOf = (fixture: TypeFixture): readonly StepKey[] => [
  ...new Set(servedPlan(fixture).map(({ key }) => key)),
]

const stepWith = (plan: readonly PlannedStep[], key: StepKey): PlannedStep => {
  // The last: further endpoints that have the same steps, such as a tunnel's, come first.
  const step = plan.findLast(each => each.key === key)
  if (!step) throw new Error(`The plan has no step ${key}.`)
  return step
}

export const direct = (server: FixtureServer): Omit<Scene, 'stepId'> => ({
  input: server.input,
  surroundings: server.surroundings ?? {},
  reached: () => server.reached(),
  left: async () => server.left(),
  [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
})

const directCases = (name: string, fixture: TypeFixture): readonly SceneCase[] =>
  stepsOf(fixture)
    .filter(key => fixture.neverSilent[key] === undefined)
    .map(key => ({
      name,
      fixture,
      step: key,
      ...timeoutOf(fixture, key),
      async start() {
        const server = await fixture.start({ silentAt: key })
        return { ...direct(server), stepId: stepWith(planOf(fixture, server.input), key).id }
      },
    }))

/** At the endpoints that come before the data source. */
const endpointCases = (name: string, fixture: TypeFixture): readonly SceneCase[] =>
  Object.entries(fixture.endpoints?.timeouts ?? {}).map(([stepId, timeout]) => ({
    name,
    fixture,
    step: stepId,
    timeout,
    ends: 'FAILED',
    async start() {
      const server = await fixture.start({ input: fixture.endpoints?.input ?? '', silentEndpoint: stepId })
      const step = planOf(fixture, server.input).find(({ id, key }) => id === stepId || key === stepId)
      return { ...direct(server), stepId: step?.id ?? stepId }
    },
  }))

/** Anything that may be the SSH server of a tunnel. */
interface Bastion extends AsyncDisposable {
  readonly host?: string
  readonly port: number
  readonly openConnections: number
  readonly nameServer?: string
  reached(): void
}

const hostKey = makeHostKey()

async function sshServer(options: SshServerOptions, reached: (server: SshServer) => boolean): Promise<Bastion> {
  const server = await SshServer.start({ hostKeys: [hostKey], password: tunnelPassword, ...options })
  return {
    port: server.port,
    get openConnections() {
      return server.openConnections
    },
    reached: () => {
      if (!reached(server)) throw new Error('The SSH server has not been asked.')
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

const tunnelPassword = 'password-of-the-tunnel'

interface SilentBastion {
  readonly key: StepKey
  readonly timeout: ProblemCode
  start(): Promise<Bastion>
}

const silentBastions: { readonly [step: string]: SilentBastion } = {
  RESOLVE: {
    key: 'RESOLVE',
    timeout: 'NAME_RESOLUTION_TIMED_OUT',
    start: async () => {
      const dns = await DnsDouble.start({ 'silent.test': 'SILENT' })
      return {
        host: 'silent.test',
        port: 22,
        openConnections: 0,
        nameServer: dns.address,
        reached: () => {
          if (dns.questions.length === 0) throw new Error('Nobody has asked for the name.')
        },
        [Symbol.asyncDispose]: () => dns[Symbol.asyncDispose](),
      }
    },
  },
  CONNECT: {
    key: 'CONNECT',
    timeout: 'CONNECTION_TIMED_OUT',
    start: async () => {
      const hole = await BlackHole.start()
      return {
        port: hole.port,
        openConnections: 0,
        reached: () => {},
        [Symbol.asyncDispose]: () => hole[Symbol.asyncDispose](),
      }
    },
  },
  TUNNEL: {
    key: 'TUNNEL',
    timeout: 'NO_GREETING',
    start: async () => {
      const server = await silentServer()
      return {
        port: server.port,
        get openConnections() {
          return server.openConnections
        },
        reached: () => {
          if (server.received.length === 0) throw new Error('The client has not spoken.')
        },
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      }
    },
  },
  'TUNNEL, signing in,': {
    key: 'TUNNEL',
    timeout: 'TUNNEL_TIMED_OUT',
    start: () => sshServer({ signIn: 'SAY_NOTHING' }, ssh => ssh.usernames.length > 0),
  },
}

const inputThrough = (server: FixtureServer, { host = '127.0.0.1', port }: Bastion): Input => ({
  ...server.input,
  sshTunnel: {
    host,
    port,
    username: 'tunnel',
    auth: { password: { password: tunnelPassword } },
    hostKeyFingerprint: fingerprintOf(hostKey),
  },
})

async function through(
  fixture: TypeFixture,
  bastion: Bastion,
  server: FixtureServer,
  key: StepKey,
  waitsAt: 'TUNNEL' | 'BEHIND',
): Promise<Scene> {
  const input = inputThrough(server, bastion)
  const steps = planOf(fixture, input).filter(step => step.key === key)
  const isTunnels = ({ target }: PlannedStep) => target === endpointName({ host: '127.0.0.1', ...bastion })
  const step = steps.find(each => isTunnels(each) === (waitsAt === 'TUNNEL'))
  if (!step) throw new Error(`The plan has no step ${key} there.`)
  const { nameServer } = bastion
  return {
    input,
    surroundings: { ...server.surroundings, ...(nameServer !== undefined && { nameServers: [nameServer] }) },
    stepId: step.id,
    // Behind the tunnel it is the server that knows, unless nobody gets there.
    reached: () => (waitsAt === 'TUNNEL' || key === 'CONNECT' ? bastion.reached() : server.reached()),
    left: async () => ({ ...(await server.left()), 'connections of the tunnel': bastion.openConnections }),
    [Symbol.asyncDispose]: async () => {
      await bastion[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** An SSH server that forwards, and the input with which a type's server is reached through it. */
export async function throughTunnel(server: FixtureServer): Promise<Omit<Scene, 'stepId'>> {
  const bastion = await sshServer({}, () => true)
  return {
    input: inputThrough(server, bastion),
    surroundings: server.surroundings ?? {},
    reached: () => server.reached(),
    left: async () => ({ ...(await server.left()), 'connections of the tunnel': bastion.openConnections }),
    [Symbol.asyncDispose]: async () => {
      await bastion[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** Whether connectors of the type can go through an SSH server. */
export const hasTunnel = ({ type }: TypeFixture): boolean => {
  const { root } = formTree(type.form)
  return root.kind === 'group' && root.fields.has('sshTunnel')
}

/** The SSH server is silent, or does not connect to where it is told. */
function tunnelCases(name: string, fixture: TypeFixture): readonly SceneCase[] {
  if (!hasTunnel(fixture)) return []
  const atTunnel = Object.entries(silentBastions).map(
    ([step, { key, timeout, start }]): SceneCase => ({
      name,
      fixture,
      step: `${step} of the tunnel`,
      timeout,
      ends: 'FAILED',
      start: async () => through(fixture, await start(), await fixture.start(), key, 'TUNNEL'),
    }),
  )
  const noAnswer: SceneCase = {
    name,
    fixture,
    step: 'CONNECT behind the tunnel',
    timeout: 'TUNNEL_TARGET_TIMED_OUT',
    ends: 'FAILED',
    async start() {
      const bastion = await sshServer({ forward: () => 'NEVER' }, ssh => ssh.targets.length > 0)
      return through(fixture, bastion, await fixture.start(), 'CONNECT', 'BEHIND')
    },
  }
  return [...atTunnel, noAnswer]
}

function casesBehindTunnel(name: string, fixture: TypeFixture): readonly SceneCase[] {
  if (!hasTunnel(fixture)) return []
  return stepsOf(fixture)
    .filter(key => !['RESOLVE', 'EGRESS', 'CONNECT'].includes(key) && fixture.neverSilent[key] === undefined)
    .map(key => ({
      name,
      fixture,
      step: `${key} behind the tunnel`,
      ...timeoutOf(fixture, key),
      start: async () =>
        through(fixture, await sshServer({}, () => true), await fixture.start({ silentAt: key }), key, 'BEHIND'),
    }))
}

/** Every step of every registered type at which a server can be silent, with and without a tunnel. */
export const sceneCases: readonly SceneCase[] = registered.flatMap(({ name, fixture }) => [
  ...directCases(name, fixture),
  ...endpointCases(name, fixture),
  ...tunnelCases(name, fixture),
  ...casesBehindTunnel(name, fixture),
])

/** Those that differ in what ends the step: behind a tunnel, once it is open, it is what it is without one. */
export const distinctCases: readonly SceneCase[] = registered.flatMap(({ name, fixture }) => [
  ...directCases(name, fixture),
  ...endpointCases(name, fixture),
  ...tunnelCases(name, fixture),
])
