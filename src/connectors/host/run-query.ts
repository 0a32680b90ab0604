import type { ConnectorType, QueryOutcome } from '../define.ts'
import type { Form, FormValue } from '../form.ts'
import { problem } from '../problem.ts'
import { capResult } from './cap-result.ts'
import { describeError } from './describe-error.ts'
import type { QueryJob } from './protocol.ts'

/**
 * Runs a query in this process. A thrown error is the data source's failure until a type says otherwise: it becomes
 * UNCLASSIFIED. Rejects only when the type's module does not load.
 */
export async function runQuery(type: ConnectorType, job: QueryJob, signal: AbortSignal): Promise<QueryOutcome> {
  const module = await type.loadQuery()
  try {
    const { environment, limits } = job
    // The parent sends what the type's own forms let through.
    const config = job.config as FormValue<Form>
    const query = job.query as FormValue<Form>
    const outcome = await module.runQuery(config, query, { signal, environment, limits })
    return outcome.kind === 'RESULT' ? { kind: 'RESULT', result: capResult(outcome.result, limits) } : outcome
  } catch (error) {
    return { kind: 'PROBLEM', problem: problem('UNCLASSIFIED', { detail: describeError(error) }) }
  }
}
