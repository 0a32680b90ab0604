import type { PlannedStep, StepKey, StepReport } from '../../src/connectors/connection-test.ts'
import type {
  ConnectorType,
  EgressSettings,
  NetworkSettings,
  QueryContext,
  QueryOutcome,
  RunEnvironment,
} from '../../src/connectors/define.ts'
import type { StepMessage } from '../../src/connectors/host/protocol.ts'
import { runTest } from '../../src/connectors/host/run-test.ts'
import { readNetworkSettings } from '../../src/connectors/network/settings.ts'
import { sourceAt } from '../proofs/known-servers.ts'
import type { ProofSource } from '../proofs/proves.ts'
import { collectQuery } from './collect-query.ts'

export interface EnvironmentOptions {
  readonly egress?: Partial<EgressSettings>
  readonly nameServers?: readonly string[]
  /** In place of what is read from this machine. */
  readonly network?: Partial<NetworkSettings>
  readonly operatorAws?: RunEnvironment['operatorAws']
  readonly mayStartCompute?: boolean
}

export interface RunOptions extends EnvironmentOptions {
  /** Shorter budgets than the plan's, so that suites do not wait: by step id, or by key for all of it. */
  readonly budgetsMs?: { readonly [idOrKey: string]: number }
  readonly signal?: AbortSignal
  readonly onStep?: (message: StepMessage) => void
}

export type QueryOptions = Partial<Pick<QueryContext, 'limits' | 'signal'>> & EnvironmentOptions

/** By step id: the key alone, but for steps that repeat. */
export type Reports = { readonly [K in StepKey]?: StepReport & { readonly durationMs: number | null } }

/** Surroundings in which loopback may be dialled, without encryption too, and no name is known. */
export async function environmentFor({
  egress = {},
  nameServers = ['127.0.0.1:1'],
  network: given,
  operatorAws,
  mayStartCompute = false,
}: EnvironmentOptions = {}): Promise<RunEnvironment> {
  const settings = { allow: [], allowLoopback: true, allowPrivate: false, allowUnencrypted: true, ...egress }
  // The domains that the suite's own machine searches must not decide what is found.
  const network = {
    ...(await readNetworkSettings(settings, { nameServers })),
    searchDomains: [],
    customEndpoints: true,
    ...given,
  }
  return { network, mayStartCompute, ...(operatorAws && { operatorAws }) }
}

/** A type's plan for a configuration, with other budgets where they are given. */
export const planFor = (type: ConnectorType, config: unknown, budgetsMs: RunOptions['budgetsMs'] = {}): PlannedStep[] =>
  type
    .plan(config as never)
    .map(step => ({ ...step, budgetMs: budgetsMs[step.id] ?? budgetsMs[step.key] ?? step.budgetMs }))

/** Runs a whole test of a type in this process, as a child would, and answers what each step reported. */
export const runTypeTest = (type: ConnectorType, input: unknown, options: RunOptions = {}): Promise<Reports> =>
  runParsedTest(type, type.form.schema.parse(input), options)

/** As `runTypeTest`, of a configuration that the form has let through, or that has aged since. */
export async function runParsedTest(type: ConnectorType, config: unknown, options: RunOptions = {}): Promise<Reports> {
  const environment = await environmentFor(options)
  const plan = planFor(type, config, options.budgetsMs)
  const reports: Record<string, StepReport & { durationMs: number | null }> = {}
  const signal = options.signal ?? new AbortController().signal
  await runTest(
    type,
    { kind: 'TEST', typeName: type.name, config, plan, environment },
    message => {
      options.onStep?.(message)
      if (message.kind === 'STEP_FINISHED')
        reports[message.stepId] = { ...message.report, durationMs: message.durationMs }
    },
    signal,
  )
  sources.set(reports, sourceOfConfig(config))
  return reports as Reports
}

/** Runs one dataset query of a type in this process, as a child would. */
export async function runTypeQuery(
  type: ConnectorType,
  input: unknown,
  query: unknown,
  {
    limits = { maxRows: 100, maxBytes: 1_048_576 },
    signal = new AbortController().signal,
    ...surroundings
  }: QueryOptions = {},
): Promise<QueryOutcome> {
  const environment = await environmentFor(surroundings)
  const config = type.form.schema.parse(input)
  const parsed = type.queryForm.schema.parse(query)
  const outcome = await collectQuery(type, { config, query: parsed, limits, environment }, signal)
  sources.set(outcome, sourceOfConfig(config))
  return outcome
}

const sources = new WeakMap<object, ProofSource>()

/** What the reported test, or the query with this outcome, ran against. */
export const sourceOf = (run: Reports | QueryOutcome): ProofSource => sources.get(run) ?? 'DOUBLE'

/** A server that is no double is known by its port, wherever the form has it: `port`, or lists of `host:port`. */
function sourceOfConfig(config: unknown): ProofSource {
  const { port, hosts } = config as { readonly port?: number; readonly hosts?: unknown }
  const listed = [...JSON.stringify(hosts ?? []).matchAll(/(?<=:)\d+/g)].map(([digits]) => Number(digits))
  const known = [port ?? 0, ...listed].map(sourceAt)
  return known.find(source => source !== 'DOUBLE') ?? 'DOUBLE'
}
