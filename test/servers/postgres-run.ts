import type { PlannedStep, StepKey, StepReport } from '../../src/connectors/connection-test.ts'
import type { EgressSettings, QueryContext, QueryOutcome, RunEnvironment } from '../../src/connectors/define.ts'
import type { StepMessage } from '../../src/connectors/host/protocol.ts'
import { runTest } from '../../src/connectors/host/run-test.ts'
import { readNetworkSettings } from '../../src/connectors/network/settings.ts'
import { postgres } from '../../src/connectors/postgres/index.ts'

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
  return { network: await readNetworkSettings(settings, { nameServers }), mayStartCompute: false }
}

/** A form's input as a driver gets it: parsed, defaults filled in. */
export const parseConfig = (input: unknown): unknown => postgres.form.schema.parse(input)

/** Runs a whole test of the type and answers what each step reported. */
export async function testPostgres(input: unknown, options: RunOptions = {}): Promise<Reports> {
  const config = parseConfig(input)
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
  return reports as Reports
}

/** Runs one dataset query of the type. */
export async function queryPostgres(
  input: unknown,
  query: unknown,
  {
    limits = { maxRows: 100, maxBytes: 1_048_576 },
    signal = new AbortController().signal,
  }: Partial<Pick<QueryContext, 'limits' | 'signal'>> = {},
): Promise<QueryOutcome> {
  const { runQuery } = await postgres.loadQuery()
  const environment = await environmentFor()
  const parsed = postgres.queryForm.schema.parse(query)
  return runQuery(parseConfig(input) as never, parsed as never, { signal, limits, environment })
}
