import type { StepReport } from '../connection-test.ts'
import { failed, passed, warning } from '../define.ts'
import { measuredText } from '../evidence.ts'
import type { Remedy } from '../problem.ts'
import { askMs, sessionMs } from './budgets.ts'
import { awaitCompute, type ComputeState, lookAtCompute } from './compute.ts'
import { computeName, computeNotFound, meant } from './meanings.ts'
import type { Workspace } from './open.ts'
import { openPatiently } from './open-patiently.ts'
import { DatabricksError } from './problems.ts'
import { SqlSession } from './sql-session.ts'
import { answerOf } from './sql-work.ts'
import { problemOf, type Work } from './work.ts'

/** What OPEN has found: a session where the compute runs. */
export interface Opened {
  readonly session: SqlSession | null
  /** Where names without a path are looked for; null where nobody was asked. */
  readonly catalog: string | null
}

/** Asks how it is with the compute, and opens a session where it runs, or may be started. */
export async function openStep(work: Work, onOpened: (opened: Opened) => void): Promise<StepReport> {
  const { workspace, evidence } = work
  const elsewhere = otherWorkspace(workspace)
  if (elsewhere) return failed(elsewhere, evidence)
  const { mayStartCompute: mayStart } = workspace.environment
  const first = await seen(work)
  evidence.push(...(first?.evidence ?? []))
  const state = first && (await awaitCompute(workspace, first, { ...work, mayStart }))
  // What it was before is of no interest once it runs.
  if (state) evidence.splice(0, evidence.length, ...state.evidence)
  if (state && state.phase !== 'RUNNING') {
    return warning(standsStill(work, state), evidence)
  }
  if (!state && !mayStart) {
    const words = 'How it is with the compute may not be asked with this token, and a session might start it.'
    return warning(meant(workspace, { code: 'COMPUTE_NOT_ALLOWED' }, words), evidence)
  }
  const session = new SqlSession(workspace)
  onOpened({ session, catalog: null })
  const catalog = await introduce(work, session, state !== null)
  onOpened({ session, catalog })
  return passed(evidence, state ? null : 'How it is with the compute may not be looked at, but it runs statements.')
}

/** The state; null where it may not be seen, but SQL may be tried. */
async function seen(work: Work): Promise<ComputeState | null> {
  const { workspace } = work
  try {
    return await lookAtCompute(workspace, work)
  } catch (error) {
    work.signal.throwIfAborted()
    // Whoever may use a warehouse may see it; but a token may be fenced in more than whom it belongs to.
    if (!(error instanceof DatabricksError) || error.problem.code !== 'WAREHOUSE_NOT_USABLE') throw error
    const isFenced = /\bscopes?\b/i.test(error.problem.detail ?? '')
    if (!isFenced && !workspace.environment.mayStartCompute) throw error
    return null
  }
}

/** Clusters are named with the number of their workspace, which must be that of the host. */
function otherWorkspace(workspace: Workspace) {
  const { compute, config, id } = workspace
  if (compute.kind !== 'CLUSTER' || id === null || ['0', id].includes(compute.workspace)) return null
  const remedies: Remedy[] = [
    {
      kind: 'SET_FIELD',
      title: 'Name the cluster in this workspace',
      field: 'httpPath',
      value: `sql/protocolv1/o/${id}/${compute.id}`,
    },
  ]
  const words = `The path leads to workspace ${compute.workspace}; ${config.host} is workspace ${id}.`
  return meant(workspace, { ...computeNotFound(config, remedies), fields: ['httpPath', 'host'] }, words)
}

function standsStill({ workspace }: Work, { name, failure, startsByItself }: ComputeState) {
  if (!startsByItself) return meant(workspace, { code: 'WAREHOUSE_SUSPENDED', params: { warehouse: name } })
  const last = failure === null ? '' : ` Its last start has failed: ${failure.detail || failure.reason}`
  const words = `"${name}" stands still and starts when a query comes. No session was opened, and no statement run.${last}`
  return meant(workspace, { code: 'COMPUTE_NOT_ALLOWED' }, words)
}

/** What a session is, and whether it is as it has been asked for. Versions are told by one of two functions. */
const introductions = [
  'SELECT current_catalog(), current_schema(), current_user(), current_timezone(), current_version().dbsql_version, current_version().dbr_version',
  'SELECT current_catalog(), current_schema(), current_user(), current_timezone()',
] as const

/** Opens the session and has a statement run that reads no data. Answers the session's own catalog. */
async function introduce(work: Work, session: SqlSession, isSeen: boolean): Promise<string | null> {
  const { workspace, evidence, signal, seconds } = work
  const { limits, catalog: named, schema: inSchema } = workspace.config
  work.note('The session is being opened.')
  const until = isSeen ? Math.min(work.until, performance.now() + sessionMs) : work.until
  // As queries do: what the form names must be there.
  const statementSeconds = limits.statementTimeoutSeconds
  await openPatiently(work, session, { signal, until, statementSeconds, catalog: named, schema: inSchema }, isSeen)
  const within = () => ({ signal, until: Math.min(work.until, performance.now() + askMs), rows: 1, seconds })
  const [asked, simpler] = introductions
  const answer = await answerOf(workspace, session, asked, within()).catch(error => {
    // Older runtimes do not know the function.
    const code = problemOf(error)?.code ?? ''
    if (code === 'RESULT_TOO_LARGE') throw workspace.violation('its answer has no end')
    if (!['OBJECT_NOT_FOUND', 'QUERY_INVALID'].includes(code)) throw error
    return answerOf(workspace, session, simpler, within())
  })
  const [catalog = null, schema = null, user = null, zone = null, dbsql = null, dbr = null] = answer.rows[0] ?? []
  const told = (label: string, value: string | null) =>
    value === null || value === '' || value === 'null' ? [] : [measuredText(label, value)]
  evidence.push(
    ...told('Session of', user),
    ...told('Default catalog', catalog),
    ...told('Default schema', schema),
    ...told('Time zone', zone),
    ...told('Databricks SQL', dbsql),
    ...told('Databricks Runtime', dbr),
    ...told('Statement', answer.id),
  )
  if (answer.rows.length !== 1)
    throw workspace.violation(`${computeName(workspace.config)} answers a scalar with no row`)
  return catalog
}
