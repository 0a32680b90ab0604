import type { ApiError } from './api-error.ts'
import type { HttpApiConfig } from './form.ts'

const firstPauseMs = 500

/** What may be over in a moment. Answers of other kinds come again, however often they are asked for. */
const passing: readonly string[] = ['HTTP_TOO_MANY_REQUESTS', 'CONNECTION_RESET', 'CONNECTION_REFUSED']
/** Statuses of HTTP_SERVER_ERROR that say so of themselves: an overloaded gateway. */
const passingStatuses: readonly unknown[] = [502, 503, 504]

export interface Attempt {
  /** How many have been made. */
  readonly made: number
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly retry: HttpApiConfig['retry']
  /** 0 to 1: so that not everybody comes back at once. */
  readonly jitter: number
}

/**
 * How many milliseconds to wait before a request is made once more; null: it is not. Only what does the same however often
 * it is done is repeated, and only while nothing of an answer has been used.
 */
export function pauseBeforeRetry(error: ApiError, { made, method, retry, jitter }: Attempt): number | null {
  if (method === 'POST' || made >= retry.attempts) return null
  const { code, params } = error.problem
  const isPassing =
    passing.includes(code) || (code === 'HTTP_SERVER_ERROR' && passingStatuses.includes(params['status']))
  if (!isPassing) return null
  const mostMs = retry.maxWaitSeconds * 1_000
  if (error.retryAfterMs !== null) return error.retryAfterMs > mostMs ? null : error.retryAfterMs
  // Between half and all of a pause that doubles.
  return Math.min(mostMs, firstPauseMs * 2 ** (made - 1) * (0.5 + jitter / 2))
}
