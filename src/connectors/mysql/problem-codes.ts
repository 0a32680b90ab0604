import { listingProblems } from '../listing-problems.ts'
import { networkProblems, tlsProblems, tunnelProblems } from '../network/problem-codes.ts'
import type { ProblemCode } from '../problem-table.ts'
import { databaseProblems } from '../session/problem-codes.ts'

/** What a test or a query of this type may report. Apart from `problems.ts`, which is loaded only with the driver. */
export const problemCodes = [
  ...networkProblems,
  ...tunnelProblems,
  ...tlsProblems,
  ...databaseProblems,
  'WRONG_PROTOCOL',
  'PROTOCOL_VIOLATION',
  'TOO_MANY_CONNECTIONS',
  'CLIENT_ADDRESS_BLOCKED',
  'CLIENT_ADDRESS_NOT_ALLOWED',
  'PASSWORD_EXPIRED',
  'ACCOUNT_LOCKED',
  'ACCOUNT_LIMIT_REACHED',
  'AUTH_PLUGIN_UNSUPPORTED',
  'CLEARTEXT_PASSWORD_REFUSED',
  'SESSION_ENDED_BY_SERVER',
  'DATABASE_NOT_FOUND',
  'DATABASE_ACCESS_DENIED',
  'VIEW_UNUSABLE',
  ...listingProblems,
] as const satisfies readonly ProblemCode[]
