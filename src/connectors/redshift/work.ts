import type { StepReport } from '../connection-test.ts'
import { failed, type StepContext } from '../define.ts'
import type { Run, WorkTransaction } from '../postgres-protocol/work-transaction.ts'
import type { RedshiftConfig } from './form.ts'
import { classifyError } from './problems.ts'

/** What a step of a test may do on the session. */
export interface Work {
  readonly config: RedshiftConfig
  /** Whom the database knows the session as. */
  readonly username: string
  readonly signal: AbortSignal
  /** Whether the session has broken, so that nothing more can be asked. */
  readonly isBroken: boolean
  /** In a transaction of its own, always rolled back: Redshift has no savepoints. All of them share the step's time. */
  read<T>(ask: (run: Run) => Promise<T>): Promise<T>
}

/** `budgetMs`: after which the server gives up by itself. */
export function workOf(
  transaction: WorkTransaction<RedshiftConfig>,
  username: string,
  { signal, budgetMs }: Pick<StepContext, 'signal' | 'budgetMs'>,
): Work {
  const until = performance.now() + budgetMs
  return {
    config: transaction.config,
    username,
    signal,
    get isBroken() {
      return transaction.failure !== null
    },
    // No time at all would be no limit.
    read: ask => transaction.read({ signal, budgetMs: Math.max(1, until - performance.now()) }, ask),
  }
}

/** The step's report, or what its error comes to. Rejects only with the signal's reason. */
export async function reported(work: Work, step: (work: Work) => Promise<StepReport>): Promise<StepReport> {
  try {
    return await step(work)
  } catch (error) {
    if (work.signal.aborted) throw error
    return failed(classifyError(error, 'WORK', work.config, work.username))
  }
}
