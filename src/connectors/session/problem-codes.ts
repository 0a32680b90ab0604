import type { ProblemCode } from '../problem-table.ts'

/** What signing in to a database, and working with it, may end with whatever the product. */
export const databaseProblems = [
  'NO_GREETING',
  'SERVER_SHUTTING_DOWN',
  'TLS_REQUIRED_BY_SERVER',
  'CREDENTIALS_REJECTED',
  'SIGN_IN_TIMED_OUT',
  'NOTHING_READABLE',
  'PERMISSION_DENIED',
  'STATEMENT_TIMED_OUT',
  'STATEMENT_CANCELLED',
  'STEP_TIMED_OUT',
  'ACCOUNT_CAN_WRITE',
  'PRIVILEGES_UNKNOWN',
  'QUERY_INVALID',
  'QUERY_NOT_READ_ONLY',
  'OBJECT_NOT_FOUND',
  'RESULT_TOO_LARGE',
  'UNCLASSIFIED',
] as const satisfies readonly ProblemCode[]
