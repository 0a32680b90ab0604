import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ConnectorHost } from '../../../src/connectors/host/connector-host.ts'
import { httpApi } from '../../../src/connectors/http-api/index.ts'
import { spellings } from '../../canary/secrets.ts'
import { PeakMemory } from '../../interop/peak-memory.ts'
import { HttpApiDouble, type HttpApiFault } from '../../servers/http-api-double.ts'
import { answer, packedBomb, redirect } from '../../servers/http-api-faults.ts'
import { RecordingServer } from '../../servers/recording-server.ts'
import { driverPids, hostTypeQuery, hostTypeTest, openSockets, realHost } from '../../servers/type-host.ts'
import { inputFor, recordsOf, rowsOf, valuesOf } from './http-api-run.ts'

let host: ConnectorHost
beforeAll(() => {
  host = realHost({ recycleAfterJobs: 1_000, maxChildRssMb: 2_000 })
})
afterAll(() => host?.close())

const query = (api: Pick<HttpApiDouble, 'baseUrl'>, given: object, change: object = {}) =>
  hostTypeQuery(host, httpApi, inputFor(api, change), given)

const awkward = 'canary-9Ks "ü%/\\&=+ #'
const withSecret: readonly { readonly name: string; readonly change: object }[] = [
  { name: 'a key in the URL', change: { auth: { apiKey: { name: 'key', in: 'QUERY', value: awkward } } } },
  { name: 'a key in a header', change: { auth: { apiKey: { name: 'X-Key', value: awkward } } } },
  { name: 'a password', change: { auth: { basic: { username: 'ann', password: awkward } } } },
  { name: 'a token', change: { auth: { bearer: { token: awkward } } } },
  { name: 'a secret header', change: { headers: [{ name: 'X-Second', value: awkward, secret: true }] } },
]

/** Repeats everything that it was sent, in as many ways as there are. */
const repeating =
  (status: number): HttpApiFault =>
  (request, response, nth) => {
    const { authorization = '' } = request.headers
    const decoded = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString()
    const said = Buffer.from(String(request.headers['x-key'] ?? request.headers['x-second'] ?? ''), 'latin1')
    const message = `You said ${request.path} ${authorization} ${decoded} ${said} ${said.toString('latin1')}`
    return answer(JSON.stringify({ error: message }), { 'www-authenticate': 'Basic' }, status)(request, response, nth)
  }

describe.each(withSecret)('nobody is told $name', ({ change }) => {
  const faults: readonly (readonly [string, HttpApiFault])[] = [
    ...[400, 401, 403, 404, 418, 429, 500].map(status => [`status ${status}`, repeating(status)] as const),
    ['no JSON', (request, response, nth) => answer(`not JSON: ${request.path}`)(request, response, nth)],
    [
      'a redirect',
      (request, response, nth) => redirect(`https://login.example.com${request.path}`)(request, response, nth),
    ],
    ['a redirect in a circle', (request, response, nth) => redirect(request.path)(request, response, nth)],
    ['a redirect with it in the path', redirect(`https://x.example/${encodeURIComponent(awkward)}`)],
    ['a hang-up', 'CUT_AT_ONCE'],
    ['a broken head', (request, response) => void response.socket?.end(`HTTP/1.1 ${request.path}\r\n\r\n`)],
  ]

  it.each(faults)('by %s', async (_, fault) => {
    await using api = await HttpApiDouble.start({ at: { '*': fault } })
    const { reports } = await hostTypeTest(host, httpApi, inputFor(api, change))
    const outcome = await query(api, { path: '/x?a=1' }, { ...change, retry: { attempts: 1 } })
    expect(outcome.kind).toBe('PROBLEM')
    expect(reports['READ']?.status).toBe('FAILED')
    const shown = JSON.stringify([reports, outcome])
    for (const spelling of spellings(awkward))
      expect(shown.includes(JSON.stringify(spelling).slice(1, -1)), shown).toBe(false)
  })
})

describe('in its sandbox', () => {
  it('runs tests and queries, packed ones too, and keeps nothing open', async () => {
    await using api = await HttpApiDouble.start()
    const { outcome, reports } = await hostTypeTest(host, httpApi, inputFor(api))
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expect(Object.values(reports).map(({ status }) => status)).not.toContain('FAILED')
    const [pid = 0] = driverPids()
    const before = openSockets(pid)
    const pagination = { linkHeader: {} }
    expect(valuesOf(await query(api, { path: '/link/orders', pagination }))).toEqual([1, 2, 3, 4, 5, 6, 7])
    // Nothing may make code out of text here.
    expect(valuesOf(await query(api, { path: '/orders', records: '$[?@.id > 5 && @.item == "lamp"]' }))).toEqual([6])
    expect(openSockets(pid)).toBeLessThanOrEqual(before)
    await vi.waitFor(() => expect(api.openConnections).toBe(0), { interval: 5 })
  })

  it('is guarded at the socket, too: a redirect reaches no address that is not allowed', async () => {
    await using other = await RecordingServer.start()
    await using api = await HttpApiDouble.start({ at: { '/moved': redirect(`${other.url}/x`) } })
    const outcome = await hostTypeQuery(
      host,
      httpApi,
      inputFor(api, { redirects: 'ANYWHERE' }),
      { path: '/moved' },
      { egress: { allowLoopback: false, allow: [`127.0.0.1/32:${api.port}`] } },
    )
    expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code: 'EGRESS_DENIED' } })
    expect(other.connections).toBe(0)
  })

  it('stays small under bombs', async () => {
    await using api = await HttpApiDouble.start({
      at: { '/small': answer('[{"id":1}]'), '/bomb': packedBomb('gzip', 256 * 1_048_576) },
    })
    await query(api, { path: '/small' })
    using memory = new PeakMemory()
    const before = memory.mebibytes
    for (let round = 0; round < 5; round++) {
      const outcome = await query(api, { path: '/bomb' }, { limits: { maxAnswerMegabytes: 8 } })
      expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code: 'ANSWER_TOO_LARGE' } })
    }
    expect(memory.mebibytes).toBeLessThan(before + 150)
  })

  it('gives exact numbers, and texts of any kind', async () => {
    const text = 'ü€😀\u0000\u202e"\\'
    await using api = await HttpApiDouble.start({
      at: { '/text': answer(JSON.stringify([{ text }, { text: text.repeat(500) }])) },
    })
    expect(rowsOf(await query(api, { path: '/text' }))).toEqual([[text], [text.repeat(500)]])
    expect(recordsOf(await query(api, { path: '/numbers' }))[0]).toMatchObject({ id: '9007199254740993' })
  })
})
