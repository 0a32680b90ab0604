import { readdirSync } from 'node:fs'
import type { PlannedStep, StepKey } from '../../../src/connectors/connection-test.ts'
import type { QueryOutcome } from '../../../src/connectors/define.ts'
import { type ConnectorHostOptions, createConnectorHost } from '../../../src/connectors/host/child-pool.ts'
import type { ConnectorHost, TestOutcome } from '../../../src/connectors/host/connector-host.ts'
import { connectorHostReadRoots } from '../../../src/connectors/host/read-roots.ts'
import { postgres } from '../../../src/connectors/postgres/index.ts'
import { sourcePaths } from '../../harness.ts'
import { environmentFor, parseConfig, type Reports } from '../../servers/postgres-run.ts'
import { childPids } from '../host/made-up-host.ts'

const childEntry = new URL('../../../src/connectors/host/child.ts', import.meta.url)
const deadlineGraceMs = 2_000

/** A host with the children that the program itself has, one unless said otherwise. */
export const realHost = (options: Partial<ConnectorHostOptions> = {}): ConnectorHost =>
  createConnectorHost({
    childEntry,
    readRoots: connectorHostReadRoots(sourcePaths.codeFolders),
    queueWaitMs: 20_000,
    maxChildren: 1,
    ...options,
  })

/** Ids of the processes that run drivers for this one. */
export const driverPids = (entry = 'src/connectors/host/child.ts'): readonly number[] => childPids(entry)

/** Open files and sockets of a process. */
export const openFiles = (pid: number | 'self'): number => readdirSync(`/proc/${pid}/fd`).length

const hostOptions = (deadlineMs: number) => ({
  workspaceId: 'a',
  signal: new AbortController().signal,
  deadlineMs,
})

export interface HostedTest {
  readonly outcome: TestOutcome
  readonly reports: Reports
}

/** Runs a test in a child. The deadline is that of the program: the budgets of all steps together, and a little. */
export async function hostTest(
  host: ConnectorHost,
  input: unknown,
  budgetsMs: { readonly [K in StepKey]?: number } = {},
): Promise<HostedTest> {
  const config = parseConfig(input)
  const plan = postgres
    .plan(config as never)
    .map((step): PlannedStep => ({ ...step, budgetMs: budgetsMs[step.key] ?? step.budgetMs }))
  const reports: Record<string, unknown> = {}
  const deadlineMs = plan.reduce((sum, step) => sum + step.budgetMs, 0) + deadlineGraceMs
  const outcome = await host.test(
    { kind: 'TEST', typeName: 'POSTGRES', config, plan, environment: await environmentFor() },
    message => {
      if (message.kind === 'STEP_FINISHED')
        reports[message.stepId] = { ...message.report, durationMs: message.durationMs }
    },
    hostOptions(deadlineMs),
  )
  return { outcome, reports: reports as Reports }
}

/** Runs a preview in a child. */
export async function hostQuery(
  host: ConnectorHost,
  input: unknown,
  text = 'select n from numbers',
): Promise<QueryOutcome> {
  return host.query(
    {
      kind: 'QUERY',
      typeName: 'POSTGRES',
      config: parseConfig(input),
      query: postgres.queryForm.schema.parse({ sql: { text } }),
      limits: { maxRows: 100, maxBytes: 1_048_576 },
      environment: await environmentFor(),
    },
    hostOptions(20_000),
  )
}
