import { awsProblems } from '../aws/problem-codes.ts'
import { listingProblems } from '../listing-problems.ts'
import { networkProblems, tlsProblems, tunnelProblems } from '../network/problem-codes.ts'
import type { ProblemCode } from '../problem-table.ts'
import { databaseProblems } from '../session/problem-codes.ts'

/** What a test, a query or a listing of this type may report. Apart from `problems.ts`, which is loaded only with the driver. */
export const problemCodes = [
  ...networkProblems,
  ...tunnelProblems,
  ...tlsProblems,
  ...databaseProblems,
  ...listingProblems,
  ...awsProblems,
  'SERVER_STARTING',
  'STANDBY_CLOSED',
  'POOLER_TIMED_OUT',
  'TOO_MANY_CONNECTIONS',
  'LOGIN_NOT_PERMITTED',
  'HOST_RULE_REJECTED',
  'AUTH_METHOD_UNSUPPORTED',
  'CLEARTEXT_PASSWORD_REFUSED',
  'SERVER_PROOF_MISSING',
  'SESSION_ENDED_BY_SERVER',
  'DATABASE_NOT_FOUND',
  'DATABASE_ACCESS_DENIED',
  'DATABASE_CLOSED',
  'COMPUTE_NOT_ALLOWED',
] as const satisfies readonly ProblemCode[]
