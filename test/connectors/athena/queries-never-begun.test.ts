import { describe, expect, it } from 'vitest'
import type { AwsDouble, AwsDoubleOptions } from '../../servers/aws-double.ts'
import { byKey, expectQueryProblem, queryAt, sql, startAws } from './athena-run.ts'

describe('a query that Athena has refused to begin', () => {
  it.each([
    ['ThrottlingException', 'Rate exceeded'],
    ['TooManyRequestsException', 'Too many queries.'],
  ])('is not begun for its reader who has gone while it was to be asked again (%s)', async (error, message) => {
    const refuses: NonNullable<AwsDoubleOptions['at']> = {
      StartQueryExecution: ({ nth }) => (nth === 1 ? { error, message } : undefined),
    }
    await using double = await startAws({ at: refuses, athena: { staysIn: () => 'RUNNING' } })
    const cancel = new AbortController()
    const outcome = queryAt(double, byKey(), sql('select n from numbers'), { signal: cancel.signal })
    outcome.catch(() => {})
    const begins = () => double.requests.filter(({ action }) => action === 'StartQueryExecution').length
    await expect.poll(begins, { interval: 5 }).toBe(1)
    cancel.abort(new Error('The reader has left.'))
    await expect(outcome).rejects.toThrow('The reader has left.')
    await expect.poll(() => double.openConnections).toBe(0)
    expect(begins()).toBe(1)
    expect(double.athena.queries).toEqual([])
  })
})

describe('a query of which Athena has once not said whether it began', () => {
  it('is stopped, though Athena is too busy when it is asked again', async () => {
    const began: { double?: AwsDouble } = {}
    const at: NonNullable<AwsDoubleOptions['at']> = {
      StartQueryExecution: ({ nth, parameters }) => {
        if (nth > 3) return undefined
        if (nth > 1) return { error: 'ThrottlingException', message: 'Rate exceeded' }
        began.double?.athena.answer('StartQueryExecution', parameters, { arn: 'arn', allows: () => true })
        return { status: 503, body: '{}', headers: { 'content-type': 'application/x-amz-json-1.1' } }
      },
    }
    await using double = await startAws({ at, athena: { staysIn: () => 'RUNNING' } })
    began.double = double
    const outcome = await queryAt(double, byKey(), sql('select n from numbers'))
    expectQueryProblem(outcome, { code: 'CLOUD_THROTTLED' })
    expect(double.athena.queries).toHaveLength(1)
    expect(double.athena.running).toBe(0)
  })
})
