import { cloudProblems } from '../cloud/problem-codes.ts'
import { listingProblems } from '../listing-problems.ts'
import { networkProblems, verifiedTlsProblems } from '../network/problem-codes.ts'
import type { ProblemCode } from '../problem-table.ts'
import { sqlProblems } from '../sql/problem-codes.ts'

/** What a test or a query of this type may report. Apart from `problems.ts`, which is loaded only with the steps. */
export const problemCodes = [
  ...networkProblems,
  ...verifiedTlsProblems,
  ...cloudProblems,
  'CLOUD_CLOCK_SKEWED',
  'CLOUD_API_DISABLED',
  'CLOUD_BILLING_DISABLED',
  'CLOUD_QUOTA_EXCEEDED',
  'CLOUD_REGION_MISMATCH',
  'IMPERSONATION_REFUSED',
  'CATALOG_NOT_LISTABLE',
  'SCAN_LIMIT_REACHED',
  'QUERY_STILL_QUEUED',
  'QUERY_MALFORMED',
  ...listingProblems,
  ...sqlProblems,
] as const satisfies readonly ProblemCode[]
