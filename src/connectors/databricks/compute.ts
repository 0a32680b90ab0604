import { setTimeout as delay } from 'node:timers/promises'
import { budgetOf, isOver, type Remaining } from '../cloud/remaining.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { isRecord } from '../form-tree-walk.ts'
import { cleanText } from '../problem.ts'
import { restMs } from './budgets.ts'
import { cannotStart, computeName, computeNotFound, computeNotUsable, meant } from './meanings.ts'
import type { Workspace } from './open.ts'
import { DatabricksError } from './problems.ts'
import type { JsonRecord } from './raw-answers.ts'
import { problemOf } from './work.ts'

type Phase = 'RUNNING' | 'STARTING' | 'STOPPED' | 'BROKEN' | 'GONE'

/** A warehouse or a cluster as the workspace tells of it. */
export interface ComputeState {
  readonly phase: Phase
  /** Whether it is just stopping: only afterwards can it be started. */
  readonly isEnding: boolean
  readonly name: string
  readonly evidence: readonly Evidence[]
  /** Why it does not run, where it did not end well. */
  readonly failure: Failure | null
  /** Whether it starts when a query comes. */
  readonly startsByItself: boolean
}

interface Failure {
  /** Completes "cannot start: ". */
  readonly reason: string
  readonly detail: string
}

const phases: Readonly<Record<string, Phase>> = {
  STARTING: 'STARTING',
  RUNNING: 'RUNNING',
  STOPPING: 'STOPPED',
  STOPPED: 'STOPPED',
  DELETING: 'GONE',
  DELETED: 'GONE',
  // Of clusters.
  PENDING: 'STARTING',
  RESTARTING: 'STARTING',
  RESIZING: 'RUNNING',
  TERMINATING: 'STOPPED',
  TERMINATED: 'STOPPED',
  ERROR: 'BROKEN',
}

const ending: readonly string[] = ['STOPPING', 'TERMINATING']

/** Asks how it is with the compute. That starts nothing. Throws as `rest`. */
export async function lookAtCompute(workspace: Workspace, remaining: Remaining): Promise<ComputeState> {
  const { compute, config } = workspace
  const path =
    compute.kind === 'WAREHOUSE'
      ? `/api/2.0/sql/warehouses/${compute.id}`
      : `/api/2.1/clusters/get?cluster_id=${compute.id}`
  const answer = await workspace.rest({
    path,
    about: {
      action: `to see ${compute.kind === 'WAREHOUSE' ? 'the warehouse' : 'the cluster'}`,
      denied: computeNotUsable(config),
      missing: computeNotFound(config),
    },
    ...budgetOf(remaining, restMs),
  })
  if (typeof answer['state'] !== 'string') throw workspace.violation('it does not say how it is with the compute')
  return compute.kind === 'WAREHOUSE'
    ? warehouseState(answer, computeName(config))
    : clusterState(answer, computeName(config))
}

const maxTextLength = 300
const textOf = (value: unknown): string => (typeof value === 'string' ? cleanText(value, maxTextLength) : '')

function warehouseState(answer: JsonRecord, id: string): ComputeState {
  const state = String(answer['state']).slice(0, 40)
  const name = textOf(answer['name']) || id
  const isServerless = answer['enable_serverless_compute'] === true
  const type = [textOf(answer['warehouse_type']).toLowerCase(), isServerless ? 'serverless' : ''].filter(Boolean)
  const channel = isRecord(answer['channel']) ? textOf(answer['channel']['name']) : ''
  return {
    phase: phases[state] ?? 'STOPPED',
    isEnding: ending.includes(state),
    name,
    startsByItself: answer['auto_resume'] !== false,
    failure: failureOf(answer['health']),
    evidence: [
      measuredText('Warehouse', name),
      measuredText('State', state),
      ...labelled('Size', textOf(answer['cluster_size']) || textOf(answer['size'])),
      ...labelled('Type', type.join(', ')),
      ...labelled('Channel', channel.replace(/^CHANNEL_NAME_/, '').toLowerCase()),
    ],
  }
}

/** What the health of a warehouse tells of its last start. */
function failureOf(health: unknown): Failure | null {
  if (!isRecord(health) || health['status'] !== 'FAILED') return null
  const { failure_reason: given, summary, message, details } = health
  const code = isRecord(given) ? textOf(given['code']) : ''
  const words = [textOf(summary), textOf(message) || textOf(details)].filter(Boolean).join(' ')
  return { reason: code || 'its last start has failed', detail: words || code }
}

function clusterState(answer: JsonRecord, id: string): ComputeState {
  const state = String(answer['state']).slice(0, 40)
  const name = textOf(answer['cluster_name']) || id
  const why = answer['termination_reason']
  const code = isRecord(why) ? textOf(why['code']) : ''
  // `SUCCESS`: somebody, or nobody for a while, wanted it to end.
  const hasFailed = state === 'ERROR' || (isRecord(why) && why['type'] !== 'SUCCESS' && code !== '')
  return {
    phase: phases[state] ?? 'STOPPED',
    isEnding: ending.includes(state),
    name,
    startsByItself: true,
    failure: hasFailed ? { reason: code || 'it has failed', detail: textOf(answer['state_message']) || code } : null,
    evidence: [
      measuredText('Cluster', name),
      measuredText('State', state),
      ...labelled('Runtime', textOf(answer['spark_version'])),
      ...labelled('Size', sizeOf(answer)),
    ],
  }
}

const sizeOf = ({ num_workers: workers, node_type_id: node }: JsonRecord): string =>
  [typeof workers === 'number' ? `${workers} workers` : '', textOf(node)].filter(Boolean).join(', ')

const labelled = (label: string, value: string): Evidence[] => (value === '' ? [] : [measuredText(label, value)])

export interface WaitOptions extends Remaining {
  readonly mayStart: boolean
  /** How long there was to wait, for the words in which it is told that it was too short. */
  readonly seconds: number
  note(text: string): void
}

const firstPauseMs = 250
const maxPauseMs = 5_000
/** A start that has been asked for may not show at once. */
const settleMs = 10_000
const maxMisses = 5

/**
 * Waits until compute that is starting runs, and starts it where it stands still and may be started. Answers the state
 * that it then has: not running only where it may not be started. Throws `DatabricksError` where it does not come up.
 */
export async function awaitCompute(
  workspace: Workspace,
  first: ComputeState,
  wait: WaitOptions,
): Promise<ComputeState> {
  const began = performance.now()
  let state = first
  let wasStarting = false
  let startedAt: number | null = null
  let refused: DatabricksError | null = null
  let refusals = 0
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(maxPauseMs, pauseMs * 1.5)) {
    if (state.phase === 'GONE') throw new DatabricksError(meant(workspace, computeNotFound(workspace.config)))
    if (state.phase === 'BROKEN') throw hasNotStarted(workspace, state)
    if (state.phase === 'RUNNING') return state
    if (state.phase === 'STARTING') {
      wasStarting = true
      refused = null
    } else if (startedAt !== null || (wasStarting && state.failure !== null)) {
      const isNew = wasStarting || (state.failure !== null && state.failure.detail !== first.failure?.detail)
      if (isNew || performance.now() - (startedAt ?? began) > settleMs) throw hasNotStarted(workspace, state)
    } else if (!wait.mayStart) return state
    else {
      wait.note(`"${state.name}" stands still; it is being started.`)
      refused = await start(workspace, state, wait)
      if (!refused) startedAt = performance.now()
      // It may have begun to stop, or to run, since it was looked at.
      else if (!state.isEnding) refusals += 1
      if (refused && refusals >= maxMisses) throw refused
    }
    if (state.phase === 'STARTING') {
      wait.note(`"${state.name}" is starting: ${Math.round((performance.now() - began) / 1_000)} s so far.`)
    }
    if (isOver(wait)) throw refused ?? stillStarting(workspace, state, wait.seconds)
    await delay(Math.min(pauseMs, Math.max(1, wait.until - performance.now())), undefined, {
      signal: wait.signal,
    }).catch(() => wait.signal.throwIfAborted())
    state = await lookPatiently(workspace, state, wait)
  }
}

/** Looks again; what is only busy for a moment is looked at once more. */
async function lookPatiently(workspace: Workspace, state: ComputeState, wait: WaitOptions): Promise<ComputeState> {
  for (let misses = 1; ; misses += 1) {
    try {
      return await lookAtCompute(workspace, wait)
    } catch (error) {
      wait.signal.throwIfAborted()
      if (isOver(wait)) throw stillStarting(workspace, state, wait.seconds)
      if (misses >= maxMisses || problemOf(error)?.retryable !== true) throw error
      await delay(misses * firstPauseMs, undefined, { signal: wait.signal }).catch(() => wait.signal.throwIfAborted())
    }
  }
}

/** Has it started. Answers why that is not taken on, where another time it may be. */
async function start(workspace: Workspace, { name }: ComputeState, wait: WaitOptions): Promise<DatabricksError | null> {
  const { compute, config } = workspace
  const isWarehouse = compute.kind === 'WAREHOUSE'
  try {
    await workspace.rest({
      method: 'POST',
      path: isWarehouse ? `/api/2.0/sql/warehouses/${compute.id}/start` : '/api/2.1/clusters/start',
      json: isWarehouse ? {} : { cluster_id: compute.id },
      about: {
        action: 'to start it',
        denied: { code: 'WAREHOUSE_SUSPENDED', params: { warehouse: name }, fields: ['httpPath'] },
        missing: computeNotFound(config),
      },
      ...budgetOf(wait, restMs),
    })
    return null
  } catch (error) {
    const known = problemOf(error)
    if (known?.code !== 'CLOUD_REQUEST_INVALID') throw error
    return new DatabricksError(meant(workspace, cannotStart(name, 'Databricks does not take it on'), known.detail))
  }
}

const stillStarting = (workspace: Workspace, { name }: ComputeState, seconds: number): DatabricksError =>
  new DatabricksError(meant(workspace, { code: 'WAREHOUSE_STILL_STARTING', params: { warehouse: name, seconds } }))

const hasNotStarted = (workspace: Workspace, { name, failure }: ComputeState): DatabricksError =>
  new DatabricksError(
    meant(workspace, cannotStart(name, failure?.reason ?? 'it has stopped again'), failure?.detail ?? null),
  )
