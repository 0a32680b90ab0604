import { cloudProblems } from '../cloud/problem-codes.ts'
import { networkProblems, tlsProblems } from '../network/problem-codes.ts'
import type { ProblemCode } from '../problem-table.ts'

/** What a test or a query of this type may report. Apart from `problems.ts`, which is loaded only with the client. */
export const problemCodes = [
  ...networkProblems,
  ...tlsProblems,
  ...cloudProblems,
  'HTTP_UNAUTHORIZED',
  'HTTP_FORBIDDEN',
  'HTTP_NOT_FOUND',
  'HTTP_TOO_MANY_REQUESTS',
  'HTTP_SERVER_ERROR',
  'HTTP_STATUS_UNEXPECTED',
  'HTTP_TIMED_OUT',
  'ANSWER_IS_WEB_PAGE',
  'ANSWER_NOT_JSON',
  'ANSWER_TOO_LARGE',
  'ANSWER_NOT_UNPACKABLE',
  'REDIRECT_REFUSED',
  'REDIRECT_OFF_ORIGIN',
  'TOO_MANY_REDIRECTS',
  'RECORDS_NOT_FOUND',
  'PAGES_REPEAT',
  'STEP_TIMED_OUT',
  'RESULT_TOO_LARGE',
  'UNCLASSIFIED',
] as const satisfies readonly ProblemCode[]
