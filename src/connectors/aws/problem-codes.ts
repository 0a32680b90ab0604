import { cloudProblems } from '../cloud/problem-codes.ts'
import type { ProblemCode } from '../problem-table.ts'

/** What calls to AWS may come to, for the lists of the types that make them. */
export const awsProblems = [
  ...cloudProblems,
  'OPERATOR_IDENTITY_MISSING',
  'CLOUD_ROLE_REFUSED',
  'CLOUD_CLOCK_SKEWED',
  'CLOUD_ACCOUNT_NOT_READY',
  'CLOUD_REGION_MISMATCH',
] as const satisfies readonly ProblemCode[]
