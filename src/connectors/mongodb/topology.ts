import type { StepReport } from '../connection-test.ts'
import { failed, type NetworkSettings, passed, type StepContext, warning } from '../define.ts'
import type { Evidence } from '../evidence.ts'
import { type Problem, problem } from '../problem.ts'
import { type Outcome, survivors } from './across-servers.ts'
import { chooseServer, isFirstChoice, namedMembers, wantedWords } from './choose-server.ts'
import { belongsTo, type Deployment, deploymentOf, mismatchProblem } from './deployment.ts'
import type { MongodbConfig } from './form.ts'
import { kindWords } from './hello.ts'
import { probed, ServerProbe } from './server-probe.ts'
import { serverVersions, wireVersions } from './wire-versions.ts'

type Context = Pick<StepContext, 'signal' | 'budgetMs'>

export interface TopologyOptions {
  readonly config: MongodbConfig
  readonly network: NetworkSettings
  /** The name that the replica set must have; null when any will do. */
  readonly replicaSet: string | null
  /** Whether to look at every member that is named, also when one that will do has been found. */
  readonly thorough: boolean
  /** Told of each further server before it is looked at, for closing. */
  readonly opened: (probe: ServerProbe) => void
}

export interface Topology {
  readonly report: StepReport
  /** The server to sign in to; null when there is none. */
  readonly chosen: ServerProbe | null
}

/**
 * Finds the server to read from. Members that servers name are resolved, judged by the egress policy, connected to,
 * verified and greeted as those of the form are. The driver is then told of one address and follows nobody's word.
 */
export async function findServer(
  seeds: readonly ServerProbe[],
  options: TopologyOptions,
  context: Context,
): Promise<Topology> {
  const { config, thorough } = options
  const expected = deploymentOf(seeds, options.replicaSet)
  const fitting = seeds.filter(seed => belongsTo(expected, seed))
  const strangers = seeds.filter(seed => !fitting.includes(seed))
  if (fitting.length === 0) return ended(mismatch(strangers, expected))
  const known = new Set([...seeds.map(({ name }) => name), ...seeds.flatMap(({ facts }) => facts?.me ?? [])])
  const { endpoints, unusable } = namedMembers(
    fitting.flatMap(({ facts }) => facts ?? []),
    known,
  )
  const settled = !thorough && fitting.some(seed => isFirstChoice(seed, config.readPreference))
  const field = config.srvHost === undefined ? 'hosts' : 'srvHost'
  const members = settled
    ? []
    : endpoints.map(endpoint => new ServerProbe(endpoint, { host: field, port: field }, config, options.network))
  for (const member of members) options.opened(member)
  const outcomes = await lookAt(members, { config, expected }, context)
  const candidates = [...fitting, ...survivors(outcomes)]
  const evidence = [
    ...candidates.map(serverEvidence),
    ...outcomes.flatMap(({ probe, report }) =>
      report.status === 'FAILED' && report.problem ? [probed(`Member ${probe.name}`, report.problem.message)] : [],
    ),
    ...strangers.map(stranger => probed(`Server ${stranger.name}`, 'belongs to another deployment and is not used')),
    ...unusable.map(name => probed('Member that is no host and port', name)),
  ]
  const chosen = chooseServer(candidates, config.readPreference)
  if (!chosen) return ended(noneSuitable(outcomes, config, evidence))
  const [stranger] = strangers
  const fault =
    outcomes.find(({ report }) => report.status === 'FAILED')?.report.problem ??
    (stranger ? mismatchProblem(expected, stranger) : null)
  return judged(chosen, fault, evidence)
}

const ended = (report: StepReport): Topology => ({ report, chosen: null })

/** Takes each member as far as it gets, all at once. A denied one keeps none of the others back, and is never dialled. */
async function lookAt(
  members: readonly ServerProbe[],
  { config, expected }: { readonly config: MongodbConfig; readonly expected: Deployment },
  { signal, budgetMs }: Context,
): Promise<Outcome[]> {
  const keys = memberSteps.filter(key => key !== 'SECURE' || config.tls.mode !== 'DISABLE')
  // A member that says nothing must leave time for the step to say so.
  const patience = AbortSignal.timeout(budgetMs * 0.8)
  const context = { signal: AbortSignal.any([signal, patience]), budgetMs: budgetMs * 0.3 }
  return Promise.all(
    members.map(async (probe): Promise<Outcome> => {
      let report: StepReport = passed()
      for (const key of keys) {
        try {
          report = await probe.steps[key](context)
        } catch (error) {
          signal.throwIfAborted()
          if (!patience.aborted) throw error
          report = failed(probe.timedOut(key, Math.round(budgetMs / 1_000)))
        }
        if (report.status === 'FAILED') return { probe, report }
      }
      return { probe, report: belongsTo(expected, probe) ? report : failed(mismatchProblem(expected, probe)) }
    }),
  )
}

const memberSteps = ['RESOLVE', 'EGRESS', 'CONNECT', 'SECURE', 'GREET'] as const

function serverEvidence(probe: ServerProbe): Evidence {
  const { facts, name } = probe
  return probed(`Server ${name}`, facts ? kindWords[facts.kind] : 'has not answered')
}

function mismatch(strangers: readonly ServerProbe[], expected: Deployment): StepReport {
  const [first] = strangers
  if (!first) throw new Error('GREET has not passed.')
  return failed(mismatchProblem(expected, first), strangers.map(serverEvidence))
}

/** A server that policy keeps away, or that cannot be looked up, is a better answer than that there is none. */
function noneSuitable(outcomes: readonly Outcome[], config: MongodbConfig, evidence: readonly Evidence[]): StepReport {
  const denied = outcomes.find(({ report }) => report.problem?.code === 'EGRESS_DENIED')?.report.problem
  if (denied) return failed(denied, evidence)
  const params = { wanted: wantedWords[config.readPreference] }
  const field = config.srvHost === undefined ? 'hosts' : 'srvHost'
  return failed(problem('NO_SUITABLE_MEMBER', { params, fields: [field, 'readPreference'] }), evidence)
}

function judged(chosen: ServerProbe, fault: Problem | null, found: readonly Evidence[]): Topology {
  const evidence = [probed('Read from', chosen.name), ...found]
  const misfit = misfitProblem(chosen)
  if (misfit) return ended(failed(misfit, evidence))
  return { report: fault ? warning(fault, evidence) : passed(evidence), chosen }
}

/** Of a server to which the driver has no version of the protocol in common. */
function misfitProblem({ facts, endpoint, fields }: ServerProbe): Problem | null {
  const { least, most } = serverVersions
  const marked = [...new Set([fields.host, fields.port])]
  if ((facts?.maxWireVersion ?? 0) < wireVersions.least) {
    return problem('SERVER_TOO_OLD', { params: { ...endpoint, required: least }, fields: marked })
  }
  return (facts?.minWireVersion ?? 0) > wireVersions.most
    ? problem('SERVER_TOO_NEW', { params: { ...endpoint, supported: most }, fields: marked })
    : null
}
