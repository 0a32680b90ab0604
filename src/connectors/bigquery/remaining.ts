/** What is left for a step or a query. */
export interface Remaining {
  readonly signal: AbortSignal
  /** `performance.now()` at which it is over. */
  readonly until: number
}

/** One call takes no longer than this, whatever there is left. */
const callBudgetMs = 15_000

/** For one call. */
export const budgetOf = ({ signal, until }: Remaining, atMostMs = callBudgetMs) => ({
  signal,
  budgetMs: Math.min(atMostMs, Math.max(1, until - performance.now())),
})
