import { describe, expect, it } from 'vitest'
import { ApiError } from '../../../src/connectors/http-api/api-error.ts'
import { type Attempt, pauseBeforeRetry } from '../../../src/connectors/http-api/retries.ts'
import { problem } from '../../../src/connectors/problem.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'

const first: Attempt = { made: 1, method: 'GET', retry: { attempts: 3, maxWaitSeconds: 20 }, jitter: 1 }
const error = (code: ProblemCode, status?: number, retryAfterMs: number | null = null) =>
  new ApiError(problem(code, status === undefined ? {} : { params: { status } }), { retryAfterMs })
const busy = error('HTTP_TOO_MANY_REQUESTS', 429)

describe('a request', () => {
  it.each([
    busy,
    error('HTTP_SERVER_ERROR', 502),
    error('HTTP_SERVER_ERROR', 503),
    error('HTTP_SERVER_ERROR', 504),
    error('CONNECTION_RESET'),
    error('CONNECTION_REFUSED'),
  ])('is made once more after $message', failure => {
    expect(pauseBeforeRetry(failure, first)).toBe(500)
  })

  it.each([
    error('HTTP_SERVER_ERROR', 500),
    error('HTTP_SERVER_ERROR', 501),
    error('HTTP_UNAUTHORIZED', 401),
    error('HTTP_FORBIDDEN', 403),
    error('HTTP_NOT_FOUND', 404),
    error('HTTP_STATUS_UNEXPECTED', 408),
    error('HTTP_TIMED_OUT'),
    error('ANSWER_NOT_JSON'),
    error('ANSWER_TOO_LARGE'),
    error('REDIRECT_OFF_ORIGIN'),
    error('EGRESS_DENIED'),
    error('TLS_CERTIFICATE_UNTRUSTED'),
  ])('is not made again after $message', failure => {
    expect(pauseBeforeRetry(failure, first)).toBeNull()
  })

  it('is made as often as the connector says, and a POST once', () => {
    expect([1, 2, 3].map(made => pauseBeforeRetry(busy, { ...first, made }) !== null)).toEqual([true, true, false])
    expect(pauseBeforeRetry(busy, { ...first, method: 'POST' })).toBeNull()
  })

  it('waits as long as the API says, or not at all when that is too long', () => {
    const told = (ms: number) => error('HTTP_TOO_MANY_REQUESTS', 429, ms)
    expect(pauseBeforeRetry(told(0), first)).toBe(0)
    expect(pauseBeforeRetry(told(20_000), first)).toBe(20_000)
    expect(pauseBeforeRetry(told(20_001), first)).toBeNull()
  })

  it('waits longer each time, never for longer than it may', () => {
    const retry = { attempts: 5, maxWaitSeconds: 3 }
    const pauses = [1, 2, 3, 4].map(made => pauseBeforeRetry(busy, { ...first, retry, made }))
    expect(pauses).toEqual([500, 1_000, 2_000, 3_000])
    expect(pauseBeforeRetry(busy, { ...first, jitter: 0 })).toBe(250)
  })
})
