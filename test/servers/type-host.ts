import { readdirSync, readlinkSync } from 'node:fs'
import type { Listing, ListingRequest } from '../../src/connectors/browse.ts'
import type { StepReport } from '../../src/connectors/connection-test.ts'
import type { ConnectorType, QueryOutcome } from '../../src/connectors/define.ts'
import { type ConnectorHostOptions, createConnectorHost } from '../../src/connectors/host/child-pool.ts'
import type { ConnectorHost, TestOutcome } from '../../src/connectors/host/connector-host.ts'
import { connectorHostReadRoots } from '../../src/connectors/host/read-roots.ts'
import { childPids } from '../connectors/host/made-up-host.ts'
import { sourcePaths } from '../harness.ts'
import { type ListingOptions, listingJob } from './listing-run.ts'
import { environmentFor, planFor, type QueryOptions, type RunOptions } from './type-run.ts'

const { childEntry, codeFolders } = sourcePaths

/** A host with the children that the program itself has, one unless said otherwise. */
export const realHost = (options: Partial<ConnectorHostOptions> = {}): ConnectorHost =>
  createConnectorHost({
    childEntry,
    readRoots: connectorHostReadRoots(codeFolders),
    queueWaitMs: 20_000,
    maxChildren: 1,
    ...options,
  })

/** Ids of the processes that run drivers for this one. */
export const driverPids = (entry = 'src/connectors/host/child.ts'): readonly number[] => childPids(entry)

/** Open files and sockets of a process. */
export const openFiles = (pid: number | 'self'): number => readdirSync(`/proc/${pid}/fd`).length

/** Open sockets of a process, of every kind. */
export function openSockets(pid: number | 'self'): number {
  const targets = readdirSync(`/proc/${pid}/fd`).map(name => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${name}`)
    } catch {
      // Closed meanwhile.
      return ''
    }
  })
  return targets.filter(target => target.startsWith('socket:')).length
}

/** What the program adds to the budgets of all steps together before it ends a test by force. */
const deadlineGraceMs = 2_000
const queryDeadlineMs = 20_000

const hostOptions = (signal = new AbortController().signal, deadlineMs = queryDeadlineMs) => ({
  workspaceId: 'a',
  signal,
  deadlineMs,
})

/** By step id, in the order of the plan. */
export type HostedReports = Readonly<Record<string, StepReport & { readonly durationMs: number | null }>>

export interface HostedRun {
  readonly outcome: TestOutcome
  readonly reports: HostedReports
}

/** Runs a test of a type in a child, with the deadline that the program would give it. */
export async function hostTypeTest(
  host: ConnectorHost,
  type: ConnectorType,
  input: unknown,
  options: RunOptions = {},
): Promise<HostedRun> {
  const config = type.form.schema.parse(input)
  const plan = planFor(type, config, options.budgetsMs)
  const reports: Record<string, StepReport & { durationMs: number | null }> = {}
  const deadlineMs = plan.reduce((sum, step) => sum + step.budgetMs, 0) + deadlineGraceMs
  const outcome = await host.test(
    { kind: 'TEST', typeName: type.name, config, plan, environment: await environmentFor(options) },
    message => {
      options.onStep?.(message)
      if (message.kind === 'STEP_FINISHED')
        reports[message.stepId] = { ...message.report, durationMs: message.durationMs }
    },
    hostOptions(options.signal, deadlineMs),
  )
  return { outcome, reports }
}

export interface HostedQueryOptions extends QueryOptions {
  /** Of the whole query; 20 seconds when it is not given. */
  readonly deadlineMs?: number
}

/** Runs a preview of a type in a child. */
export async function hostTypeQuery(
  host: ConnectorHost,
  type: ConnectorType,
  input: unknown,
  query: unknown,
  { limits = { maxRows: 100, maxBytes: 1_048_576 }, signal, deadlineMs, ...surroundings }: HostedQueryOptions = {},
): Promise<QueryOutcome> {
  return host.query(
    {
      kind: 'QUERY',
      typeName: type.name,
      config: type.form.schema.parse(input),
      query: type.queryForm.schema.parse(query),
      limits,
      environment: await environmentFor(surroundings),
    },
    hostOptions(signal, deadlineMs),
  )
}

/** Lists what a source of a type holds, or what its form can choose from, in a child. */
export async function hostTypeListing(
  host: ConnectorHost,
  type: ConnectorType,
  input: unknown,
  request: ListingRequest,
  { signal, ...options }: ListingOptions = {},
): Promise<Listing> {
  const job = await listingJob(type, input, request, options)
  return host.list(job, hostOptions(signal, job.budgetMs + deadlineGraceMs))
}
