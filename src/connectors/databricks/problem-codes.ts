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
  'CUSTOM_ENDPOINT_REFUSED',
  'CLIENT_ADDRESS_NOT_ALLOWED',
  'WAREHOUSE_NOT_FOUND',
  'WAREHOUSE_NOT_USABLE',
  'WAREHOUSE_SUSPENDED',
  'WAREHOUSE_CANNOT_START',
  'WAREHOUSE_STILL_STARTING',
  'CATALOG_NOT_FOUND',
  'SCHEMA_NOT_FOUND',
  'CATALOG_NOT_LISTABLE',
  'COMPUTE_NOT_ALLOWED',
  ...listingProblems,
  ...sqlProblems,
] as const satisfies readonly ProblemCode[]
