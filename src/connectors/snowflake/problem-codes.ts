import { cloudProblems } from '../cloud/problem-codes.ts'
import { listingProblems } from '../listing-problems.ts'
import { networkProblems, verifiedTlsProblems } from '../network/problem-codes.ts'
import type { ProblemCode } from '../problem-table.ts'
import { sqlProblems } from '../sql/problem-codes.ts'

/** What a test or a query of this type may report. Apart from `problems.ts`, which is loaded only with the driver. */
export const problemCodes = [
  ...networkProblems,
  ...verifiedTlsProblems,
  ...cloudProblems,
  'CLOUD_ACCOUNT_NOT_FOUND',
  'CLOUD_CLOCK_SKEWED',
  'SIGN_IN_TIMED_OUT',
  'CREDENTIALS_REJECTED',
  'LOGIN_NOT_PERMITTED',
  'ACCOUNT_LOCKED',
  'PASSWORD_EXPIRED',
  'MULTI_FACTOR_REQUIRED',
  'NETWORK_POLICY_REQUIRED',
  'CLIENT_ADDRESS_NOT_ALLOWED',
  'SESSION_ENDED_BY_SERVER',
  'ROLE_NOT_GRANTED',
  'WAREHOUSE_NOT_FOUND',
  'WAREHOUSE_NOT_USABLE',
  'WAREHOUSE_SUSPENDED',
  'WAREHOUSE_CANNOT_START',
  'WAREHOUSE_STILL_STARTING',
  'CLOUD_QUOTA_EXCEEDED',
  'DATABASE_NOT_FOUND',
  'SCHEMA_NOT_FOUND',
  'RESULT_STORAGE_UNREACHABLE',
  'COMPUTE_NOT_ALLOWED',
  'QUERY_STILL_QUEUED',
  ...listingProblems,
  ...sqlProblems,
] as const satisfies readonly ProblemCode[]
