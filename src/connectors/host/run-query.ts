import { setTimeout as delay } from 'node:timers/promises'
import type { ConnectorType, QueryEnd } from '../define.ts'
import type { Form, FormValue } from '../form.ts'
import { problem } from '../problem.ts'
import { describeError } from './describe-error.ts'
import { GuardWatch } from './guard-record.ts'
import type { QueryJob } from './protocol.ts'
import type { RowSender } from './row-sender.ts'

/** How long a type may take to end its query once nothing more of it is wanted. */
const endBudgetMs = 2_000

export interface QueryRun {
  readonly end: QueryEnd
  /** Whether something of it may still be going on. */
  readonly leftovers: boolean
}

/**
 * Runs a query in this process. A thrown error is the data source's failure until a type says otherwise: it becomes
 * UNCLASSIFIED. Once the reader has enough the type has two seconds to tidy up, and no error of that changes the end.
 * Rejects only when the type's module does not load.
 */
export async function runQuery(
  type: ConnectorType,
  job: QueryJob,
  sender: RowSender,
  signal: AbortSignal,
): Promise<QueryRun> {
  const module = await type.loadQuery()
  const guard = new GuardWatch()
  const run = async (): Promise<QueryEnd> => {
    try {
      const { environment, limits } = job
      // The parent sends what the type's own forms let through.
      const config = job.config as FormValue<Form>
      const query = job.query as FormValue<Form>
      const end = await module.runQuery(config, query, { signal, environment, limits }, sender)
      if (end.kind !== 'PROBLEM') return end
      return { kind: 'PROBLEM', problem: guard.explain(end.problem) ?? end.problem }
    } catch (error) {
      const unclassified = () => problem('UNCLASSIFIED', { detail: describeError(error) })
      return { kind: 'PROBLEM', problem: guard.explain(null) ?? unclassified() }
    }
  }
  const settled = new AbortController()
  const late = sender.stopped.then(() => delay(endBudgetMs, null, { signal: settled.signal })).catch(() => null)
  const end = await Promise.race([run(), late])
  settled.abort()
  const leftovers = end === null
  if (sender.problem) return { end: { kind: 'PROBLEM', problem: sender.problem }, leftovers }
  if (sender.truncated || end === null) return { end: { kind: 'COMPLETE', truncated: true }, leftovers }
  return { end, leftovers }
}
