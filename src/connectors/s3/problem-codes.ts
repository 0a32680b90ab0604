import { awsProblems } from '../aws/problem-codes.ts'
import { listingProblems } from '../listing-problems.ts'
import { networkProblems, verifiedTlsProblems } from '../network/problem-codes.ts'
import type { ProblemCode } from '../problem-table.ts'

/** What a test or a query of this type may report. Apart from `problems.ts`, which is loaded only with the driver. */
export const problemCodes = [
  ...networkProblems,
  ...verifiedTlsProblems,
  ...awsProblems,
  'CUSTOM_ENDPOINT_REFUSED',
  'NO_OBJECT_MATCHES',
  'OBJECT_OUTSIDE_PREFIX',
  'OBJECT_ARCHIVED',
  'OBJECT_CHANGED',
  'OBJECT_NOT_DECRYPTABLE',
  'FILE_FORMAT_UNKNOWN',
  'FILE_MALFORMED',
  'FILES_DIFFER',
  'QUERY_INVALID',
  'STATEMENT_TIMED_OUT',
  'STEP_TIMED_OUT',
  'ACCOUNT_CAN_WRITE',
  'PRIVILEGES_UNKNOWN',
  'RESULT_TOO_LARGE',
  ...listingProblems,
  'UNCLASSIFIED',
] as const satisfies readonly ProblemCode[]
