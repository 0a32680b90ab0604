import { getEventListeners } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { HttpApiDouble, type HttpApiFault } from '../../servers/http-api-double.ts'
import { answer, halfAnswer, inTurn, raw } from '../../servers/http-api-faults.ts'
import { expectQueryProblem, inputFor, queryApi, testApi, valuesOf } from './http-api-run.ts'

const refusing = (status: number, headers: Readonly<Record<string, string>> = {}) => answer('{}', headers, status)
const sound = answer('[{"id":1}]')
const cut = raw('')

async function queryOf(fault: HttpApiFault, change: object = {}, query: object = {}) {
  await using api = await HttpApiDouble.start({ at: { '/x': fault } })
  const outcome = await queryApi(inputFor(api, change), { path: '/x', ...query })
  return { outcome, asked: api.requests.length }
}

describe('a GET that comes to nothing', () => {
  it.each([
    ['429 and says when', refusing(429, { 'retry-after': '0' })],
    ['429', refusing(429)],
    ['503 and says when', refusing(503, { 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' })],
    ['502', refusing(502)],
    ['504', refusing(504)],
    ['a hang-up', cut],
  ])('is made again after %s', async (_, fault) => {
    const { outcome, asked } = await queryOf(inTurn(fault, sound))
    expect(valuesOf(outcome)).toEqual([1])
    expect(asked).toBe(2)
  })

  it.each([
    ['400', refusing(400), 'HTTP_STATUS_UNEXPECTED'],
    ['401', refusing(401), 'HTTP_UNAUTHORIZED'],
    ['403', refusing(403), 'HTTP_FORBIDDEN'],
    ['404', refusing(404), 'HTTP_NOT_FOUND'],
    ['500', refusing(500), 'HTTP_SERVER_ERROR'],
    ['no JSON', answer('ok'), 'ANSWER_NOT_JSON'],
  ] as const)('is not made again after %s', async (_, fault, code) => {
    const { outcome, asked } = await queryOf(fault)
    expectQueryProblem(outcome, { code })
    expect(asked).toBe(1)
  })

  it('is made as often as the form says, and no more', async () => {
    const { outcome, asked } = await queryOf(refusing(503, { 'retry-after': '0' }), { retry: { attempts: 4 } })
    expectQueryProblem(outcome, { code: 'HTTP_SERVER_ERROR' })
    expect(asked).toBe(4)
    expect((await queryOf(refusing(503), { retry: { attempts: 1 } })).asked).toBe(1)
  })

  it.each([
    ['seconds', '3600'],
    ['a date', new Date(Date.now() + 86_400_000).toUTCString()],
    ['an absurd number', '9'.repeat(400)],
    ['a distant date', 'Fri, 31 Dec 9999 23:59:59 GMT'],
  ])('is not waited for longer than the form says: %s', async (_, retryAfter) => {
    const { outcome, asked } = await queryOf(refusing(429, { 'retry-after': retryAfter }))
    const problem = expectQueryProblem(outcome, { code: 'HTTP_TOO_MANY_REQUESTS', retryable: true })
    expect(`${problem.message} ${problem.detail}`).toMatch(/\d s/)
    expect(asked).toBe(1)
  })

  it.each(['-1', 'soon', '1e3', '', '0x10', 'NaN', '2099', ' 1 , 2'])(
    'is made again by its own measure where the API says %j, or refused',
    async retryAfter => {
      const { outcome, asked } = await queryOf(inTurn(refusing(429, { 'retry-after': retryAfter }), sound))
      if (outcome.kind === 'RESULT') expect(asked).toBe(2)
      else expect({ code: outcome.problem.code, asked }).toEqual({ code: 'HTTP_TOO_MANY_REQUESTS', asked: 1 })
    },
  )

  it('waits as long as the API says', async () => {
    const times: number[] = []
    const timed: HttpApiFault = (request, response, nth) => {
      times.push(performance.now())
      return (nth === 1 ? refusing(429, { 'retry-after': '1' }) : sound)(request, response, nth)
    }
    expect(valuesOf((await queryOf(timed)).outcome)).toEqual([1])
    const [first = 0, second = 0] = times
    expect(second - first).toBeGreaterThanOrEqual(990)
  })

  it('is given up at the longest time of the query', async () => {
    const { outcome, asked } = await queryOf(refusing(429, { 'retry-after': '10' }), {}, { caps: { maxSeconds: 1 } })
    expect(outcome.kind).toBe('PROBLEM')
    expect(asked).toBe(1)
  })
})

describe('a test', () => {
  it.each([refusing(429, { 'retry-after': '0' }), refusing(503), cut])('tries once', async fault => {
    await using api = await HttpApiDouble.start({ at: { '/': fault } })
    const { reports } = await testApi(inputFor(api))
    expect(reports.READ?.status).toBe('FAILED')
    expect(api.requests).toHaveLength(1)
  })

  it('asks with HEAD where it should, and reads no answer', async () => {
    await using api = await HttpApiDouble.start({ at: { '/long': answer('no JSON'.repeat(10), {}, 206) } })
    const run = await testApi(inputFor(api, { probe: { path: '/long', method: 'HEAD', expectStatus: 206 } }))
    expect(run.passes()).toEqual({ SECURE: 'CONNECTION_NOT_ENCRYPTED' })
    expect(api.requests).toMatchObject([{ method: 'HEAD', path: '/long', body: '' }])
  })

  it('takes any answer where it should', async () => {
    await using api = await HttpApiDouble.start({ at: { '/health': answer('ok', { 'content-type': 'text/plain' }) } })
    const run = await testApi(inputFor(api, { probe: { path: '/health', expectBody: 'ANY' } }))
    expect(run.passes()).toEqual({ SECURE: 'CONNECTION_NOT_ENCRYPTED' })
  })

  it('looks below the base URL', async () => {
    await using api = await HttpApiDouble.start({ prefix: '/v1/api' })
    for (const baseUrl of [api.baseUrl, `${api.baseUrl}/`]) {
      const run = await testApi({ ...inputFor(api), baseUrl })
      expect(run.passes()).toEqual({ SECURE: 'CONNECTION_NOT_ENCRYPTED' })
    }
    for (const path of api.paths) expect(path).toMatch(/^\/v1\/api\/?$/)
  })
})

describe('how fast a run asks', () => {
  it('is what the form says', async () => {
    const times: number[] = []
    await using api = await HttpApiDouble.start({
      at: {
        '/x': (request, response, nth) => {
          times.push(performance.now())
          return answer(JSON.stringify({ d: [{ id: nth }], next: nth < 6 ? `c${nth}` : null }))(request, response, nth)
        },
      },
    })
    const pagination = { cursor: { cursorParameter: 'c', nextCursor: '$.next' } }
    const input = inputFor(api, { rateLimit: { requests: 2, perSeconds: 1 } })
    expect(valuesOf(await queryApi(input, { path: '/x', records: '$.d', pagination }))).toHaveLength(6)
    // Of any three one after the other the last is a second behind the first.
    for (const [index, time] of times.entries()) {
      const later = times[index + 2]
      if (later !== undefined) expect(later - time).toBeGreaterThan(900)
    }
  })
})

describe('whoever goes away', () => {
  const waiting: readonly (readonly [string, HttpApiFault])[] = [
    ['before an answer', () => {}],
    ['within an answer', halfAnswer],
    ['while the API wants to be left alone', refusing(429, { 'retry-after': '20' })],
    ['between two redirects', inTurn(answer('', { location: '/x' }, 302), () => {})],
  ]

  it.each(waiting)('%s leaves nothing', async (_, fault) => {
    await using api = await HttpApiDouble.start({ at: { '/x': fault } })
    const cancel = new AbortController()
    const reason = new Error('Gone.')
    const run = queryApi(inputFor(api), { path: '/x' }, { signal: cancel.signal })
    run.catch(() => {})
    await vi.waitFor(() => expect(api.requests.length).toBeGreaterThan(0), { interval: 5 })
    cancel.abort(reason)
    await expect(run).rejects.toBe(reason)
    await vi.waitFor(() => expect([api.openConnections, api.transfers]).toEqual([0, 0]), { interval: 5 })
    expect(getEventListeners(cancel.signal, 'abort')).toEqual([])
    const asked = api.requests.length
    expect(asked).toBeLessThanOrEqual(2)
  })
})
