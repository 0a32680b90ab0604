import type { PlannedStep, StepKey, StepReport } from '../../src/connectors/connection-test.ts'
import type { EgressSettings, QueryContext, QueryOutcome, RunEnvironment } from '../../src/connectors/define.ts'
import type { StepMessage } from '../../src/connectors/host/protocol.ts'
import { runTest } from '../../src/connectors/host/run-test.ts'
import { readNetworkSettings } from '../../src/connectors/network/settings.ts'
import { postgres } from '../../src/connectors/postgres/index.ts'
import { sourceAt } from '../proofs/known-servers.ts'
import type { ProofSource } from '../proofs/proves.ts'
import { collectQuery } from './collect-query.ts'

export interface RunOptions {
  readonly egress?: Partial<EgressSettings>
  readonly nameServers?: readonly string[]
  /** Shorter budgets than the plan's, so that suites do not wait. */
  readonly budgetsMs?: { readonly [K in StepKey]?: number }
  readonly signal?: AbortSignal
  readonly onStep?: (message: StepMessage) => void
}

export type Reports = { readonly [K in StepKey]?: StepReport & { readonly durationMs: number | null } }

export async function environmentFor({
  egress = {},
  nameServers = ['127.0.0.1:1'],
}: RunOptions = {}): Promise<RunEnvironment> {
  const settings = { allow: [], allowLoopback: true, allowPrivate: false, allowUnencrypted: true, ...egress }
  // The domains that the suite's own machine searches must not decide what is found.
  const network = { ...(await readNetworkSettings(settings, { nameServers })), searchDomains: [] }
  return { network, mayStartCompute: false }
}

/** A form's input as a driver gets it: parsed, defaults filled in. */
export const parseConfig = (input: unknown): unknown => postgres.form.schema.parse(input)

/** Runs a whole test of the type and answers what each step reported. */
export const testPostgres = (input: unknown, options: RunOptions = {}): Promise<Reports> =>
  testParsed(parseConfig(input), options)

/** As `testPostgres`, of a configuration that the form has let through, or that has aged since. */
export async function testParsed(config: unknown, options: RunOptions = {}): Promise<Reports> {
  const environment = await environmentFor(options)
  const plan = postgres
    .plan(config as never)
    .map((step): PlannedStep => ({ ...step, budgetMs: options.budgetsMs?.[step.key] ?? step.budgetMs }))
  const reports: Record<string, StepReport & { durationMs: number | null }> = {}
  const signal = options.signal ?? new AbortController().signal
  await runTest(
    postgres,
    { kind: 'TEST', typeName: 'POSTGRES', config, plan, environment },
    message => {
      options.onStep?.(message)
      if (message.kind === 'STEP_FINISHED')
        reports[message.stepId] = { ...message.report, durationMs: message.durationMs }
    },
    signal,
  )
  sources.set(reports, sourceAt((config as { readonly port: number }).port))
  return reports as Reports
}

const sources = new WeakMap<object, ProofSource>()

/** What the reported test, or the query with this outcome, ran against. */
export const sourceOf = (run: Reports | QueryOutcome): ProofSource => sources.get(run) ?? 'DOUBLE'

/** Runs one dataset query of the type. */
export async function queryPostgres(
  input: unknown,
  query: unknown,
  {
    limits = { maxRows: 100, maxBytes: 1_048_576 },
    signal = new AbortController().signal,
  }: Partial<Pick<QueryContext, 'limits' | 'signal'>> = {},
): Promise<QueryOutcome> {
  const environment = await environmentFor()
  const parsed = postgres.queryForm.schema.parse(query)
  const config = parseConfig(input)
  const outcome = await collectQuery(postgres, { config, query: parsed, limits, environment }, signal)
  sources.set(outcome, sourceAt((config as { readonly port: number }).port))
  return outcome
}
