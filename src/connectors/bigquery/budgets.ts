import type { BigqueryConfig } from './form.ts'

/** Steps that ask several questions. */
export const askMs = 20_000

/** Milliseconds for CONNECT. */
export const connectBudgetMs = ({ limits }: BigqueryConfig): number => limits.connectTimeoutSeconds * 1_000

/** Up to three endpoints, the dry run, the statement, and the end of it. */
export const queryBudgetMs = (config: BigqueryConfig): number =>
  3 * (connectBudgetMs(config) + 20_000) + askMs + config.limits.statementTimeoutSeconds * 1_000 + 20_000
