import type { StageContext } from '../cloud/stages.ts'
import type { CallTime } from './bucket.ts'

/** What is left of a step's time for each of its calls. */
export function timeOf({ signal, budgetMs }: StageContext): () => CallTime {
  const until = performance.now() + budgetMs
  return () => ({ signal, budgetMs: Math.max(1, until - performance.now()) })
}
