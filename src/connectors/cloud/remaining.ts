import { type Problem, problem } from '../problem.ts'

/** What is left for a step or a query. */
export interface Remaining {
  readonly signal: AbortSignal
  /** `performance.now()` at which it is over. */
  readonly until: number
}

/** One call takes no longer than this unless it is told, whatever there is left. */
const callBudgetMs = 15_000

/** For one call: no more than `mostMs`, and no more than there is left. */
export const budgetOf = ({ signal, until }: Remaining, mostMs = callBudgetMs) => ({
  signal,
  budgetMs: Math.max(1, Math.min(mostMs, until - performance.now())),
})

/** Timers count whole milliseconds. */
const timerErrorMs = 2

export const isOver = ({ until }: Remaining): boolean => performance.now() >= until - timerErrorMs

/** The problem of a call that had the rest of a step's time: who waited has waited for all of it. */
export const inAll = (found: Problem, remaining: Remaining, seconds: number): Problem =>
  found.code === 'CLOUD_TIMED_OUT' && isOver(remaining)
    ? problem(found.code, { ...found, params: { ...found.params, seconds } })
    : found
