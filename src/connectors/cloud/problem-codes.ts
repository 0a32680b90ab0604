import type { ProblemCode } from '../problem-table.ts'

/** What requests to any cloud may come to, for the lists of the types that make them. */
export const cloudProblems = [
  'WRONG_PROTOCOL',
  'PROTOCOL_VIOLATION',
  'CLOUD_CREDENTIALS_REJECTED',
  'CLOUD_CREDENTIALS_EXPIRED',
  'CLOUD_ACCESS_DENIED',
  'CLOUD_RESOURCE_NOT_FOUND',
  'CLOUD_REQUEST_INVALID',
  'CLOUD_THROTTLED',
  'CLOUD_UNAVAILABLE',
  'CLOUD_TIMED_OUT',
] as const satisfies readonly ProblemCode[]
