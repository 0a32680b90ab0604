import { readdirSync, readFileSync } from 'node:fs'
import type { RunEnvironment } from '../../../src/connectors/define.ts'
import { type ConnectorHostOptions, createConnectorHost } from '../../../src/connectors/host/child-pool.ts'
import type { ConnectorHost, JobOptions, TestOutcome } from '../../../src/connectors/host/connector-host.ts'
import type { ListingJob, QueryJob, StepMessage, TestJob } from '../../../src/connectors/host/protocol.ts'
import { connectorHostReadRoots } from '../../../src/connectors/host/read-roots.ts'
import { networkSettings } from '../../servers/network-settings.ts'
import { madeUpPlan } from './made-up-type.ts'

export const environment: RunEnvironment = {
  network: networkSettings(),
  mayStartCompute: false,
}

export const childEntry = new URL('./made-up-child.ts', import.meta.url)
export const readRoots = connectorHostReadRoots([
  new URL('.', import.meta.url),
  new URL('../../../src/', import.meta.url),
])

export const madeUpHost = (options: Partial<ConnectorHostOptions> = {}): ConnectorHost =>
  createConnectorHost({ childEntry, readRoots, queueWaitMs: 15_000, ...options })

export const testJob = (
  behaviour: string,
  options: { budgetMs?: number; target?: string; closes?: boolean } = {},
): TestJob => ({
  kind: 'TEST',
  typeName: 'MADE_UP',
  config: { behaviour, closes: options.closes ?? true },
  plan: madeUpPlan(options),
  environment,
})

export const queryJob = (name: string, limits = { maxRows: 1_000, maxBytes: 1_000_000 }): QueryJob => ({
  kind: 'QUERY',
  typeName: 'MADE_UP',
  config: {},
  query: { name },
  limits,
  environment,
})

/** A page of the catalog below a path of one name, or values for a field. */
export const listingJob = (
  asked: { readonly catalog: string } | { readonly options: string },
  { first = 10, budgetMs = 5_000 }: { readonly first?: number; readonly budgetMs?: number } = {},
): ListingJob => {
  const page = { search: null, first, after: null }
  return {
    kind: 'LIST',
    typeName: 'MADE_UP',
    config: {},
    request:
      'catalog' in asked
        ? { kind: 'CATALOG', path: [asked.catalog], page }
        : { kind: 'OPTIONS', field: asked.options, page },
    budgetMs,
    environment,
  }
}

export const jobOptions = (options: Partial<JobOptions> = {}): JobOptions => ({
  workspaceId: 'a',
  signal: new AbortController().signal,
  deadlineMs: 20_000,
  ...options,
})

export interface Played {
  readonly outcome: TestOutcome
  readonly messages: readonly StepMessage[]
}

/** Runs a test to its end. `onStep` sees every message as it comes. */
export async function play(
  host: ConnectorHost,
  job: TestJob,
  options: Partial<JobOptions> = {},
  onStep: (message: StepMessage) => void = () => {},
): Promise<Played> {
  const messages: StepMessage[] = []
  const tell = (message: StepMessage) => {
    messages.push(message)
    onStep(message)
  }
  return { outcome: await host.test(job, tell, jobOptions(options)), messages }
}

/** `RESOLVE PASSED` and so on, for every step that finished. */
export const statuses = (messages: readonly StepMessage[]): readonly string[] =>
  messages.flatMap(message => (message.kind === 'STEP_FINISHED' ? [`${message.stepId} ${message.report.status}`] : []))

/** The evidence of a step, by its labels. */
export function evidenceOf(messages: readonly StepMessage[], stepId: string): Readonly<Record<string, string>> {
  const step = messages.find(message => message.kind === 'STEP_FINISHED' && message.stepId === stepId)
  if (step?.kind !== 'STEP_FINISHED') throw new Error(`Step ${stepId} has not finished.`)
  return Object.fromEntries(
    step.report.evidence.map(item => [item.label, item.kind === 'TEXT' ? item.value : item.kind]),
  )
}

/** Ids of the living children of this process that run the made-up entry, or another one. */
export function childPids(entry = 'made-up-child'): readonly number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(name => {
      try {
        const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${name}/status`, 'latin1'))?.[1]
        return parent === String(process.pid) && readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(entry)
      } catch {
        return false
      }
    })
    .map(Number)
}
