import type { ProblemCode } from './problem-table.ts'

/** What a test or a query may report whatever its type: found by Patchbay itself, not by a driver. */
export const problemsOfAnyType = [
  // The guard on every socket of a connector host, whatever a driver wanted with it.
  'EGRESS_DENIED',
  'RESULT_TOO_LARGE',
  'SECRET_STORE_UNAVAILABLE',
  'SECRET_UNREADABLE',
  'CONNECTOR_HOST_FAILED',
  'MEMORY_EXCEEDED',
  'DEADLINE_EXCEEDED',
  'TEST_INTERRUPTED',
  'INTERNAL_FAULT',
  'CAPACITY_EXCEEDED',
] as const satisfies readonly ProblemCode[]
