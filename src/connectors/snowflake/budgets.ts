import type { SnowflakeConfig } from './form.ts'

/** A sign-in by a token of Snowflake's own asks for that first. */
export const signInMs = 15_000
/** Steps that ask several questions, or wait for a warehouse to resume. */
export const queryStepMs = 30_000
/** To make role, warehouse, database and schema the session's for a query, or to see why that fails. */
export const openMs = 20_000

/** Milliseconds for CONNECT. */
export const connectBudgetMs = ({ limits }: SnowflakeConfig): number => limits.connectTimeoutSeconds * 1_000

/** The way in, the session, the statement twice, since it is compiled first, its rows, and the end of it. */
export const queryBudgetMs = (config: SnowflakeConfig): number =>
  2 * connectBudgetMs(config) +
  2 * signInMs +
  openMs +
  queryStepMs +
  config.limits.statementTimeoutSeconds * 1_000 +
  20_000
