import { awsProblems } from '../aws/problem-codes.ts'
import { listingProblems } from '../listing-problems.ts'
import { networkProblems, verifiedTlsProblems } from '../network/problem-codes.ts'
import type { ProblemCode } from '../problem-table.ts'
import { sqlProblems } from '../sql/problem-codes.ts'

/** What a test or a query of this type may report. Apart from `problems.ts`, which is loaded only with the driver. */
export const problemCodes = [
  ...networkProblems,
  ...verifiedTlsProblems,
  ...awsProblems,
  'WORKGROUP_DISABLED',
  'OUTPUT_LOCATION_MISSING',
  'OUTPUT_LOCATION_UNUSABLE',
  'CATALOG_NOT_LISTABLE',
  'COMPUTE_NOT_ALLOWED',
  'DATABASE_NOT_FOUND',
  'SCAN_LIMIT_REACHED',
  'QUERY_STILL_QUEUED',
  ...listingProblems,
  ...sqlProblems,
] as const satisfies readonly ProblemCode[]
