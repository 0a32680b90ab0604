import type { StepKey } from '../../../src/connectors/connection-test.ts'
import { expectationsOf } from '../type-expectations.ts'

/** The whole plan of a test that signs in. Encryption begins with the first byte: SECURE is before GREET. */
export const plannedKeys: readonly StepKey[] = [
  'RESOLVE',
  'EGRESS',
  'CONNECT',
  'SECURE',
  'GREET',
  'TOPOLOGY',
  'SIGN_IN',
  'OPEN',
  'READ',
  'LEAST_PRIVILEGE',
]

export const { expectFailure, expectPass, expectProblem, expectQueryProblem } = expectationsOf('MONGODB', plannedKeys)
