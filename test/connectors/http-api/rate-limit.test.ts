import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { RateLimit } from '../../../src/connectors/http-api/rate-limit.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const never = new AbortController().signal

it('lets as many through as it may, and the next one when the oldest is old enough', async () => {
  const limit = new RateLimit({ requests: 2, perSeconds: 10 })
  await limit.take(never)
  vi.advanceTimersByTime(4_000)
  await limit.take(never)
  expect(limit.waitMs()).toBe(6_000)
  vi.advanceTimersByTime(6_000)
  expect(limit.waitMs()).toBe(0)
  await limit.take(never)
  expect(limit.waitMs()).toBe(4_000)
})

it('ends its waiting with the signal', async () => {
  vi.useRealTimers()
  const limit = new RateLimit({ requests: 1, perSeconds: 3_600 })
  const stop = new AbortController()
  await limit.take(stop.signal)
  const waiting = limit.take(stop.signal)
  stop.abort(new Error('Enough.'))
  await expect(waiting).rejects.toThrow('Enough.')
})
