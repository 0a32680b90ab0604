import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { QueryOutcome } from '../../../src/connectors/define.ts'
import { DnsDouble } from '../../servers/dns-double.ts'
import { HttpApiDouble } from '../../servers/http-api-double.ts'
import { answer, inTurn, raw, redirect } from '../../servers/http-api-faults.ts'
import { RecordingServer } from '../../servers/recording-server.ts'
import type { EnvironmentOptions } from '../../servers/type-run.ts'
import { WatchedListeners } from '../../servers/watched-listeners.ts'
import { corpus, corpusHosts, corpusNames, loopbackTargets } from '../../ssrf/corpus.ts'
import {
  certificate,
  expectQueryProblem,
  inputFor,
  queryApi,
  recordsOf,
  testApi,
  trusting,
  valuesOf,
} from './http-api-run.ts'

/** Every way to say who asks, with words that nobody else says. */
const secret = 'canary-6Yt'
const credentials: readonly { readonly name: string; readonly change: object }[] = [
  { name: 'a password', change: { auth: { basic: { username: secret, password: secret } } } },
  { name: 'a bearer token', change: { auth: { bearer: { token: secret } } } },
  { name: 'a key in a header', change: { auth: { apiKey: { name: 'X-Key', in: 'HEADER', value: secret } } } },
  { name: 'a key in the URL', change: { auth: { apiKey: { name: 'key', in: 'QUERY', value: secret } } } },
  { name: 'a secret header', change: { headers: [{ name: 'X-Second', value: secret, secret: true }] } },
  { name: 'an open header', change: { headers: [{ name: 'X-Tenant', value: secret, secret: false }] } },
  { name: 'a header of cookies', change: { headers: [{ name: 'Cookie', value: `a=${secret}`, secret: true }] } },
]
const base64 = Buffer.from(`${secret}:${secret}`).toString('base64')

const anywhere = { redirects: 'ANYWHERE' }

/** An API whose `/orders` leads to another server. */
async function twoServers<T>(
  locationOf: (other: RecordingServer) => string,
  use: (api: HttpApiDouble, other: RecordingServer) => Promise<T>,
  { status = 302, encrypted = false } = {},
): Promise<T> {
  await using other = await RecordingServer.start()
  await using api = await HttpApiDouble.start({
    ...(encrypted && { certificate }),
    at: { '/moved': redirect(locationOf(other), status) },
  })
  return await use(api, other)
}

const moved = { path: '/moved?x=1' }

describe('a redirect to another server', () => {
  it.each(credentials)('is followed, where it may be, without $name', async ({ change }) => {
    await twoServers(
      other => `${other.url}/there?y=2`,
      async (api, other) => {
        const outcome = await queryApi(inputFor(api, { ...anywhere, ...change }), moved)
        expect(recordsOf(outcome)).toEqual([{ success: true, data: {} }])
        // It was there to be sent.
        expect(api.heard.includes(secret) || api.heard.includes(base64)).toBe(true)
        expect(other.requests).toHaveLength(1)
        const heard = JSON.stringify(other.requests)
        expect(heard).not.toContain(secret)
        expect(heard).not.toContain(base64)
        expect(other.requests[0]?.headers).not.toHaveProperty('authorization')
        expect(other.requests[0]?.headers).not.toHaveProperty('cookie')
        expect(other.requests[0]?.headers).not.toHaveProperty('referer')
        expect(other.requests[0]?.path).toBe('/there?y=2')
      },
    )
  })

  it('is warned of by a test that follows it: nobody can tell whether that is the API', async () => {
    await twoServers(
      other => `${other.url}/there`,
      async api => {
        const run = await testApi(inputFor(api, { ...anywhere, probe: { path: '/moved' } }))
        expect(run.passes()).toMatchObject({ READ: 'REDIRECT_OFF_ORIGIN' })
      },
    )
  })

  it.each(credentials)('is not followed otherwise, with $name or without', async ({ change }) => {
    await twoServers(
      other => `${other.url}/there`,
      async (api, other) => {
        const input = inputFor(api, change)
        expectQueryProblem(await queryApi(input, moved), { code: 'REDIRECT_OFF_ORIGIN' })
        const run = await testApi({ ...input, probe: { path: '/moved' } })
        run.failsAt('READ', 'REDIRECT_OFF_ORIGIN')
        expect(other.connections).toBe(0)
      },
    )
  })

  it('does not blame the credentials where it refuses: it has not seen them', async () => {
    await using other = await HttpApiDouble.start({ at: { '/there': answer('{"message":"Who?"}', {}, 401) } })
    await using api = await HttpApiDouble.start({ at: { '/moved': redirect(`${other.url}/there`) } })
    const input = inputFor(api, { ...anywhere, auth: { bearer: { token: secret } }, probe: { path: '/moved' } })
    const problem = (await testApi(input)).failsAt('READ', 'HTTP_UNAUTHORIZED')
    expect(problem.fields).toEqual(['redirects', 'baseUrl', 'probe.path'])
    expect(problem.detail).toContain(`${other.url}/there`)
    expect(problem.detail).toContain('Who?')
  })

  it('gives back nothing that was taken away: not even to where it came from', async () => {
    await using api = await HttpApiDouble.start()
    await using other = await HttpApiDouble.start({ at: { '/there': redirect(`${api.url}/me`) } })
    await using first = await HttpApiDouble.start({ at: { '/moved': redirect(`${other.url}/there`) } })
    const input = inputFor(first, { ...anywhere, auth: { bearer: { token: secret } } })
    expect(recordsOf(await queryApi(input, moved))).toMatchObject([{ name: 'patchbay' }])
    expect(other.heard + api.heard).not.toContain(secret)
  })

  it('keeps no credentials that its location has, and shows none', async () => {
    await twoServers(
      other => other.url.replace('http://', `http://user:${secret}@`),
      async (api, other) => {
        const outcome = await queryApi(inputFor(api, anywhere), moved)
        for (const { headers } of other.requests) expect(headers).not.toHaveProperty('authorization')
        const refused = await queryApi(inputFor(api), moved)
        expect(JSON.stringify([outcome, refused])).not.toContain(secret)
      },
    )
  })

  it.each([301, 302, 303, 307, 308])('takes no body of a POST with it (%s)', async status => {
    await twoServers(
      other => `${other.url}/there`,
      async (api, other) => {
        const query = { ...moved, method: 'POST', readOnlyPost: true, body: `{"q":"${secret}"}` }
        await queryApi(inputFor(api, anywhere), query)
        expect(api.requests).toHaveLength(1)
        expect(JSON.stringify(other.requests)).not.toContain(secret)
        expect(other.requests.filter(({ method }) => method !== 'GET')).toEqual([])
      },
      { status },
    )
  })

  it('never leads from an encrypted one to one that is not', async () => {
    await twoServers(
      other => `${other.url}/there`,
      async (api, other) => {
        const input = inputFor(api, { ...anywhere, ...trusting })
        expectQueryProblem(await queryApi(input, moved), { code: 'REDIRECT_REFUSED' })
        expectQueryProblem(await queryApi({ ...input, redirects: 'SAME_ORIGIN' }, moved), {
          code: 'REDIRECT_REFUSED',
        })
        expect(other.connections).toBe(0)
      },
      { encrypted: true },
    )
  })

  it('must show a certificate that is trusted, for its own name', async () => {
    await using other = await HttpApiDouble.start({ certificate })
    await using api = await HttpApiDouble.start({ at: { '/moved': redirect(`${other.url}/me`) } })
    const outcome = await queryApi(inputFor(api, anywhere), moved)
    expectQueryProblem(outcome, { code: 'TLS_CERTIFICATE_UNTRUSTED' })
    expect(other.requests).toEqual([])
  })
})

describe('a redirect within the API', () => {
  it.each([301, 302, 303, 307, 308])('is followed with everything that the API was sent (%s)', async status => {
    for (const { change } of credentials) {
      await using api = await HttpApiDouble.start({ at: { '/moved': redirect('/orders', status) } })
      expect(valuesOf(await queryApi(inputFor(api, change), moved))).toHaveLength(7)
      for (const { rawHeaders, path } of api.requests) {
        const said = JSON.stringify([rawHeaders, path])
        expect(said.includes(secret) || said.includes(base64), said).toBe(true)
      }
      expect(api.requests).toHaveLength(2)
    }
  })

  it.each([
    ['orders', '/moved/orders'],
    ['?page=2', '/moved/x?page=2'],
    ['../orders', '/orders'],
    ['/orders#part', '/orders'],
    ['./orders', '/moved/orders'],
  ])('may say its location as %s', async (location, path) => {
    await using api = await HttpApiDouble.start({
      at: { '/moved/x': inTurn(redirect(location), answer('[]')), '/moved/orders': answer('[]') },
    })
    await queryApi(inputFor(api), { path: '/moved/x' })
    expect(api.paths).toEqual(['/moved/x', path])
  })

  it('repeats a POST only where the status says so', async () => {
    const query = { path: '/moved', method: 'POST', readOnlyPost: true, body: '{"status":"open"}' }
    for (const status of [307, 308]) {
      await using api = await HttpApiDouble.start({ at: { '/moved': redirect('/search', status) } })
      const outcome = await queryApi(inputFor(api), { ...query, records: '$.hits[*]' })
      expect(valuesOf(outcome)).toEqual([1, 3, 5, 7])
      expect(api.requests.map(({ method, body }) => [method, body])).toEqual(
        Array(2).fill(['POST', '{"status":"open"}']),
      )
    }
    for (const status of [301, 302, 303]) {
      await using api = await HttpApiDouble.start({ at: { '/moved': redirect('/orders', status) } })
      await queryApi(inputFor(api), query)
      expect(api.requests.slice(1).filter(({ method }) => method !== 'GET')).toEqual([])
      expect(api.requests.slice(1).filter(({ body }) => body !== '')).toEqual([])
    }
  })

  it('sets no cookie', async () => {
    await using api = await HttpApiDouble.start({
      at: { '/moved': answer('', { location: '/orders', 'set-cookie': 'session=1; Path=/' }, 302) },
    })
    expect(valuesOf(await queryApi(inputFor(api), moved))).toHaveLength(7)
    for (const { headers } of api.requests) expect(headers).not.toHaveProperty('cookie')
  })

  it('ends in a circle', async () => {
    await using api = await HttpApiDouble.start({ at: { '/a': redirect('/b'), '/b': redirect('/a') } })
    expectQueryProblem(await queryApi(inputFor(api), { path: '/a' }), { code: 'TOO_MANY_REDIRECTS' })
    expect(api.requests.length).toBeLessThanOrEqual(21)
  })

  it('is told where none is followed', async () => {
    await using api = await HttpApiDouble.start({ at: { '/moved': redirect('/orders') } })
    expectQueryProblem(await queryApi(inputFor(api, { redirects: 'NONE' }), moved), { code: 'REDIRECT_REFUSED' })
    expect(api.requests).toHaveLength(1)
  })
})

/** Spellings that URL parsers, browsers and people read differently. `{}` is host and port of another server. */
const oddLocations = [
  '//{}/x',
  '\\\\{}/x',
  '/\\{}/x',
  '\t//{}/x',
  'http:\\\\{}\\x',
  'http://api@{}/x',
  'http://{}#@api/x',
  'http://{}?@api/x',
  'HTTP://{}/x',
  ' http://{}/x',
  'http:////{}/x',
  'ftp://{}/x',
  'file:///etc/passwd',
  'data:application/json,[]',
  'javascript:alert(1)',
  'blob:http://{}/x',
  'ws://{}/x',
  'http://[::ffff:127.0.0.1]/x',
  '/%0d%0aX-Evil:%201',
  '/%0d%0aHost:%20{}',
  '/x%00',
]

describe('an odd location', () => {
  it.each(oddLocations)('leads nowhere else: %j', async location => {
    await using other = await RecordingServer.start()
    const target = location.replaceAll('{}', `127.0.0.1:${other.port}`)
    await using api = await HttpApiDouble.start({ at: { '/moved': redirect(target) } })
    const outcome = await queryApi(inputFor(api, { auth: { bearer: { token: secret } } }), moved)
    expect(other.connections).toBe(0)
    expect(outcome.kind).toBe('PROBLEM')
    for (const { headers } of api.requests) expect(headers).not.toHaveProperty('x-evil')
    expect(JSON.stringify(outcome)).not.toContain(secret)
  })

  it.each([
    ['a line break in it', 'Location: /orders\r\n\tX: 1\r\n'],
    ['two of them', 'Location: /orders\r\nLocation: http://169.254.169.254/\r\n'],
    ['a split answer behind it', 'Location: /orders\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]'],
  ])('with %s leads nowhere else', async (_, lines) => {
    await using api = await HttpApiDouble.start({
      at: { '/moved': raw(`HTTP/1.1 302 Found\r\n${lines}Content-Length: 0\r\n\r\n`) },
    })
    const outcome = await queryApi(inputFor(api, anywhere), moved)
    for (const path of api.paths) expect(['/moved?x=1', '/orders']).toContain(path)
    if (outcome.kind === 'RESULT') expect(valuesOf(outcome)).toHaveLength(7)
  })
})

describe('where a redirect leads', () => {
  let names: DnsDouble
  let listeners: WatchedListeners
  beforeAll(async () => {
    names = await DnsDouble.start(corpusNames)
    listeners = await WatchedListeners.start(loopbackTargets)
  })
  afterAll(async () => {
    await listeners?.[Symbol.asyncDispose]()
    await names?.[Symbol.asyncDispose]()
  })

  /** Surroundings in which nothing of this machine may be dialled but one port. */
  const onlyPort = (port: number): EnvironmentOptions => ({
    egress: { allowLoopback: false, allow: [`127.0.0.1/32:${port}`] },
    network: { nameServers: [names.address], hosts: corpusHosts },
  })

  it('is checked as the first server was: by every route of the corpus', async () => {
    let location = ''
    await using api = await HttpApiDouble.start({
      at: { '/moved': (...args) => redirect(location)(...args) },
    })
    const outcomes: (readonly [string, QueryOutcome])[] = []
    for (const { host } of corpus) {
      location = `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${listeners.port}/x`
      // What no header can carry no server can say.
      if (!/^[\t\x20-\x7e]*$/.test(location)) location = encodeURI(location.replaceAll(/[\r\n\0]/g, ''))
      outcomes.push([host, await queryApi(inputFor(api, anywhere), moved, onlyPort(api.port))])
    }
    expect(listeners.connections).toEqual([])
    const codes = outcomes.map(([host, outcome]) => [host, outcome.kind === 'PROBLEM' ? outcome.problem.code : 'ROWS'])
    const refusals = ['EGRESS_DENIED', 'REDIRECT_REFUSED']
    const spelledAsApi = codes.filter(([, code]) => !refusals.includes(code ?? ''))
    expect(spelledAsApi).toEqual([])
    const denied = outcomes.flatMap(([, outcome]) =>
      outcome.kind === 'PROBLEM' && outcome.problem.code === 'EGRESS_DENIED' ? [outcome.problem] : [],
    )
    expect(denied.length).toBeGreaterThan(80)
    // Whoever may not dial an address must not learn by it which one a name has.
    for (const { message, detail } of denied) expect(`${message} ${detail}`).not.toMatch(/\b10\.0\.0\.5|169\.254/)
  }, 120_000)

  it('is dialled at the address that was checked', async () => {
    await using other = await RecordingServer.start()
    let asked = 0
    await using rebinding = await DnsDouble.start({
      'rebinding.test': type => (type === 'AAAA' ? [] : asked++ === 0 ? ['127.0.0.1'] : ['127.0.0.2']),
    })
    await using api = await HttpApiDouble.start({
      at: { '/moved': redirect(`http://rebinding.test:${other.port}/x`) },
    })
    const outcome = await queryApi(inputFor(api, anywhere), moved, { nameServers: [rebinding.address] })
    expect(recordsOf(outcome)).toHaveLength(1)
    expect(other.requests[0]?.headers.host).toBe(`rebinding.test:${other.port}`)
    expect(asked).toBe(1)
  })

  it('must be encrypted where the operator wants that of everything', async () => {
    await using other = await RecordingServer.start()
    await using api = await HttpApiDouble.start({ certificate, at: { '/moved': redirect(`${other.url}/x`) } })
    const input = inputFor(api, { ...anywhere, ...trusting })
    const outcome = await queryApi(input, moved, { egress: { allowUnencrypted: false } })
    expect(outcome.kind).toBe('PROBLEM')
    expect(other.connections).toBe(0)
  })
})
