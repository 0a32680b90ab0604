import { AwsCallError } from '../aws/service.ts'
import type { CallTime } from './bucket.ts'

/**
 * Asks once more where the connection was lost before there was an answer, within the same time: servers hang up
 * connections that are kept, also while a question is on its way. Only for questions that change nothing.
 */
export async function askAgain<T>({ signal, budgetMs }: CallTime, ask: (time: CallTime) => Promise<T>): Promise<T> {
  const until = performance.now() + budgetMs
  try {
    return await ask({ signal, budgetMs })
  } catch (error) {
    if (!(error instanceof AwsCallError) || error.problem.code !== 'CONNECTION_RESET') throw error
    return await ask({ signal, budgetMs: Math.max(1, until - performance.now()) })
  }
}
