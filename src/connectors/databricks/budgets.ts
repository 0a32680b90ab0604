import type { DatabricksConfig } from './form.ts'

/** Steps that ask several questions. */
export const askMs = 20_000
/** A warehouse that is not serverless takes minutes to start, a cluster longer: what takes longer than this is told to be starting. */
export const startMs = 180_000
/** One question of the REST API. */
export const restMs = 10_000
/** One call of SQL's, none of which waits for a statement to end. */
export const thriftMs = 30_000
/** To open a session on compute that runs, and to be told what it is. */
export const sessionMs = 30_000

/** Milliseconds for CONNECT. */
export const connectBudgetMs = ({ limits }: DatabricksConfig): number => limits.connectTimeoutSeconds * 1_000

/** The way in, a start of the compute, a session, the statement, and the end of it. */
export const queryBudgetMs = (config: DatabricksConfig): number =>
  connectBudgetMs(config) + 30_000 + startMs + sessionMs + config.limits.statementTimeoutSeconds * 1_000 + 20_000
