import { HttpCallError } from '../cloud/http-caller.ts'
import type { StepReport } from '../connection-test.ts'
import { passed, skipped, warning } from '../define.ts'
import { measuredText } from '../evidence.ts'
import { isRecord } from '../form-tree-walk.ts'
import { hostIssue } from '../network/host-name.ts'
import { type Problem, problem } from '../problem.ts'
import { AnswerFaultError } from './answers.ts'
import { statementProblem } from './problems.ts'
import { isRefusal } from './refusal.ts'
import type { Work } from './work.ts'

/** Accounts have one or two. */
const maxHosts = 3

interface StageHost {
  readonly host: string
  readonly port: number
}

/** Whether the hosts can be reached that large results are fetched from, which Snowflake names. */
export async function topologyStep(work: Work): Promise<StepReport> {
  const { evidence } = work
  const hosts = await stageHosts(work)
  if (!Array.isArray(hosts)) return skipped(hosts as Problem)
  const listed = hosts as readonly StageHost[]
  if (listed.length === 0) return passed([measuredText('Storage of large results', 'none is named')])
  const blocked = await Promise.all(listed.slice(0, maxHosts).map(place => whyBlocked(work, place)))
  for (const [index, found] of blocked.entries()) {
    const words = found ? `${found.message} ${found.detail ?? ''}`.trim() : 'can be reached'
    evidence.push(measuredText('Storage of large results', `${listed[index]?.host}: ${words}`))
  }
  const first = blocked.find(found => found !== null)
  return first ? warning(first, evidence) : passed(evidence)
}

/** The step's own time is up before that of a connection may be. */
async function whyBlocked({ session, signal, until }: Work, { host, port }: StageHost): Promise<Problem | null> {
  const leftMs = Math.max(1, Math.ceil(until - performance.now()))
  const budget = AbortSignal.timeout(leftMs)
  try {
    return await session.storage.blocked(host, port, AbortSignal.any([signal, budget]))
  } catch (error) {
    signal.throwIfAborted()
    if (!budget.aborted) throw error
    const detail = `It was not reached within ${Math.round(leftMs / 1_000)} s.`
    return problem('RESULT_STORAGE_UNREACHABLE', { params: { host }, detail })
  }
}

/** The hosts, or why they are not known. */
async function stageHosts(work: Work): Promise<readonly StageHost[] | Problem> {
  const { config, service } = work.session
  try {
    const [text] = await work.ask('SELECT SYSTEM$ALLOWLIST()')
    return readAllowlist(text ?? '')
  } catch (error) {
    if (isRefusal(error)) return statementProblem(error, { config, service })
    work.signal.throwIfAborted()
    if (error instanceof HttpCallError && error.problem.code === 'CLOUD_TIMED_OUT') return error.problem
    throw error
  }
}

function readAllowlist(text: string): StageHost[] {
  const list = parsed(text)
  if (!Array.isArray(list)) throw new AnswerFaultError('its list of hosts is none')
  const hosts = list.flatMap((entry): StageHost[] => {
    const { type, host, port = 443 } = isRecord(entry) ? entry : {}
    const isHost = type === 'STAGE' && typeof host === 'string' && hostIssue(host) === null
    return isHost && Number.isInteger(port) ? [{ host, port: Number(port) }] : []
  })
  return [...new Map(hosts.map(entry => [`${entry.host}:${entry.port}`, entry])).values()]
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
