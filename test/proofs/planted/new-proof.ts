import { expect, test } from 'vitest'
import { problem } from '../../../src/connectors/problem.ts'
import { proves } from '../proves.ts'

test('a problem is seen that nobody has recorded', () => {
  expect(problem('UNCLASSIFIED').code).toBe('UNCLASSIFIED')
  proves('PLANTED', 'UNCLASSIFIED', 'DOUBLE')
})
