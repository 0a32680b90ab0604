import { expect, test } from 'vitest'
import { problem } from '../../../src/connectors/problem.ts'

test('nothing is proved', () => {
  expect(problem('UNCLASSIFIED').retryable).toBe(false)
})
