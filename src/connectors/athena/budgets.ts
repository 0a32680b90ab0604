import type { AthenaConfig } from './form.ts'

export const connectBudgetMs = ({ limits }: AthenaConfig): number => limits.connectTimeoutSeconds * 1_000

/** A query waits for its turn, and then for its result to be written. */
export const queryStepMs = 30_000

/** The ways to STS and to Athena, the statement, and its result. */
export const queryBudgetMs = (config: AthenaConfig): number =>
  4 * connectBudgetMs(config) + config.limits.statementTimeoutSeconds * 1_000 + 60_000
