import type { ProblemCode } from '../problem-table.ts'
import { sqlProblems } from '../sql/problem-codes.ts'

/** What signing in to a database, and working with it, may end with whatever the product. */
export const databaseProblems = [
  'NO_GREETING',
  'SERVER_SHUTTING_DOWN',
  'TLS_REQUIRED_BY_SERVER',
  'CREDENTIALS_REJECTED',
  'SIGN_IN_TIMED_OUT',
  ...sqlProblems,
] as const satisfies readonly ProblemCode[]
