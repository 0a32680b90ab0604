import { listingProblems } from '../listing-problems.ts'
import { networkProblems, tlsProblems } from '../network/problem-codes.ts'
import type { ProblemCode } from '../problem-table.ts'
import { databaseProblems } from '../session/problem-codes.ts'

/** What a test or a query of this type may report. Apart from `problems.ts`, which is loaded only with the driver. */
export const problemCodes = [
  ...networkProblems,
  'SRV_NOT_FOUND',
  'SRV_OUTSIDE_DOMAIN',
  'SRV_OPTIONS_REFUSED',
  ...tlsProblems,
  ...databaseProblems,
  'WRONG_PROTOCOL',
  'PROTOCOL_VIOLATION',
  'SERVER_STARTING',
  'REPLICA_SET_MISMATCH',
  'NO_SUITABLE_MEMBER',
  'SERVER_TOO_OLD',
  'SERVER_TOO_NEW',
  'AUTHENTICATION_REQUIRED',
  'AUTH_METHOD_UNSUPPORTED',
  'SERVER_PROOF_MISSING',
  'QUERY_MALFORMED',
  ...listingProblems,
] as const satisfies readonly ProblemCode[]
