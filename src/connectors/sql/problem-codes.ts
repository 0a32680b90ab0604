import type { ProblemCode } from '../problem-table.ts'

/** What looking at a source that speaks SQL, and querying it, may end with whatever the product. */
export const sqlProblems = [
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
