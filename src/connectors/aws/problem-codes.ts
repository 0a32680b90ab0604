import type { ProblemCode } from '../problem-table.ts'

/** What calls to AWS may come to, for the lists of the types that make them. */
export const awsProblems = [
  'WRONG_PROTOCOL',
  'PROTOCOL_VIOLATION',
  'OPERATOR_IDENTITY_MISSING',
  'CLOUD_ROLE_REFUSED',
  'CLOUD_CREDENTIALS_REJECTED',
  'CLOUD_CREDENTIALS_EXPIRED',
  'CLOUD_CLOCK_SKEWED',
  'CLOUD_ACCESS_DENIED',
  'CLOUD_ACCOUNT_NOT_READY',
  'CLOUD_REGION_MISMATCH',
  'CLOUD_RESOURCE_NOT_FOUND',
  'CLOUD_REQUEST_INVALID',
  'CLOUD_THROTTLED',
  'CLOUD_UNAVAILABLE',
  'CLOUD_TIMED_OUT',
] as const satisfies readonly ProblemCode[]
