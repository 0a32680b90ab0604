import { describe, expect, it } from 'vitest'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { proves } from '../../proofs/proves.ts'
import type { HttpApiAccess } from '../../servers/http-api-access.ts'
import { HttpApiDouble } from '../../servers/http-api-double.ts'
import type { HttpMisbehaviour } from '../../servers/http-misbehaviour.ts'
import { oauthPath, SnowflakeOauth, type SnowflakeOauthOptions } from '../../servers/snowflake-oauth.ts'
import { hintsOf } from '../type-expectations.ts'
import { certificate, inputFor, queryApi, testApi, trusting, valuesOf } from './http-api-run.ts'

/** What HTTP, URLs and forms each write in another way. */
const odd = ' p%20ä+ß&="/\\?#'
const token = 'tok.en-_~+/='

const modes: readonly {
  readonly name: string
  readonly auth: object
  readonly access: HttpApiAccess
  readonly secret: string
}[] = [
  { name: 'nothing', auth: { none: true }, access: { kind: 'ANYBODY' }, secret: 'none of this' },
  {
    name: 'a password, exactly as typed',
    auth: { basic: { username: ' ünn', password: odd } },
    access: { kind: 'BASIC', username: ' ünn', password: odd },
    secret: odd,
  },
  {
    name: 'a user name alone',
    auth: { basic: { username: 'sk_test_4eC39' } },
    access: { kind: 'BASIC', username: 'sk_test_4eC39', password: '' },
    secret: 'none of this',
  },
  {
    name: 'a bearer token',
    auth: { bearer: { token } },
    access: { kind: 'BEARER', isToken: given => given === token },
    secret: token,
  },
  {
    name: 'a key in a header',
    auth: { apiKey: { name: 'X-API-Key', in: 'HEADER', value: 'Token key 7Gd' } },
    access: { kind: 'HEADER', name: 'x-api-key', value: 'Token key 7Gd' },
    secret: 'Token key 7Gd',
  },
  {
    name: 'a key in Authorization',
    auth: { apiKey: { name: 'Authorization', in: 'HEADER', value: 'Token key 7Gd' } },
    access: { kind: 'HEADER', name: 'authorization', value: 'Token key 7Gd' },
    secret: 'Token key 7Gd',
  },
  {
    name: 'a key in the URL',
    auth: { apiKey: { name: 'api key&', in: 'QUERY', value: 'k&y=+%20ß#' } },
    access: { kind: 'PARAMETER', name: 'api key&', value: 'k&y=+%20ß#' },
    secret: 'k&y=+%20ß#',
  },
]

describe('who asks', () => {
  it.each(modes)('is said by $name', async ({ auth, access, secret }) => {
    await using api = await HttpApiDouble.start({ access, certificate })
    const input = inputFor(api, { auth, probe: { path: '/me?x=1' }, ...trusting })
    const run = await testApi(input)
    expect(run.passes()).toEqual({})
    expect(valuesOf(await queryApi(input, { path: '/orders' }))).toHaveLength(7)
    expect(valuesOf(await queryApi(input, { path: '/orders', parameters: [{ name: 'a', value: 'b' }] }))).toHaveLength(
      7,
    )
    // Evidence is for everybody's eyes.
    const shown = JSON.stringify(run.reports)
    for (const form of [secret, encodeURIComponent(secret), new URLSearchParams({ s: secret }).toString().slice(2)]) {
      expect(shown).not.toContain(JSON.stringify(form).slice(1, -1))
    }
  })

  it.each(modes.filter(({ access }) => access.kind !== 'ANYBODY'))(
    'is not said by anything else than $name',
    async ({ access, auth }) => {
      await using api = await HttpApiDouble.start({ access })
      const others = modes.filter(each => each.auth !== auth)
      for (const other of others) {
        const run = await testApi(inputFor(api, { auth: other.auth }))
        run.failsAt('READ', 'HTTP_UNAUTHORIZED')
      }
      expect(api.requests).toHaveLength(others.length)
    },
  )

  it('is said to the API alone, with the headers and parameters of the connector', async () => {
    await using api = await HttpApiDouble.start()
    const input = inputFor(api, {
      headers: [
        { name: 'X-Tenant', value: 'acme', secret: false },
        { name: 'X-Second', value: 'second-3Jf', secret: true },
      ],
      queryParameters: [
        { name: 'lang', value: 'en & de' },
        { name: 'lang', value: 'fr' },
      ],
    })
    const run = await testApi(input)
    run.passes()
    await queryApi(input, {
      path: '/orders?x=%20y',
      parameters: [{ name: 'z', value: 'ä' }],
      headers: [{ name: 'Accept-Language', value: 'de' }],
    })
    const [probe, query] = api.requests
    expect(api.requests).toHaveLength(2)
    expect(probe?.headers).toMatchObject({ 'x-tenant': 'acme', 'x-second': 'second-3Jf', accept: expect.any(String) })
    expect(query?.headers).toMatchObject({ 'x-tenant': 'acme', 'x-second': 'second-3Jf', 'accept-language': 'de' })
    expect([...new URL(probe?.path ?? '', 'http://api').searchParams]).toEqual([
      ['lang', 'en & de'],
      ['lang', 'fr'],
    ])
    const parameters = [...new URL(query?.path ?? '', 'http://api').searchParams]
    expect(parameters.toSorted()).toEqual([
      ['lang', 'en & de'],
      ['lang', 'fr'],
      ['x', ' y'],
      ['z', 'ä'],
    ])
    expect(JSON.stringify(run.reports)).not.toContain('second-3Jf')
    for (const { headers } of api.requests) {
      expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['cookie', 'referer', 'x-forwarded-for', 'via']))
    }
  })

  it('lets no header of a dataset take the place of one of the connector', async () => {
    const access: HttpApiAccess = { kind: 'HEADER', name: 'X-Key', value: 'key-2Wq' }
    await using api = await HttpApiDouble.start({ access })
    const auth = { apiKey: { name: 'X-Key', in: 'HEADER', value: 'key-2Wq' } }
    const headers = [{ name: 'X-Tenant', value: 'acme', secret: false }]
    const query = {
      path: '/orders',
      headers: [
        { name: 'x-tenant', value: 'evil' },
        { name: 'x-KEY', value: 'evil' },
      ],
    }
    const outcome = await queryApi(inputFor(api, { auth, headers }), query)
    expect(valuesOf(outcome)).toHaveLength(7)
    expect(api.requests[0]?.headers).toMatchObject({ 'x-tenant': 'acme', 'x-key': 'key-2Wq' })
    expect(api.heard).not.toContain('evil')
  })

  it('lets no parameter of a dataset take the place of the key', async () => {
    const access: HttpApiAccess = { kind: 'PARAMETER', name: 'key', value: 'key-2Wq' }
    await using api = await HttpApiDouble.start({ access })
    const input = inputFor(api, { auth: { apiKey: { name: 'key', in: 'QUERY', value: 'key-2Wq' } } })
    for (const query of [
      { path: '/orders', parameters: [{ name: 'key', value: 'evil' }] },
      { path: '/orders?key=evil' },
    ]) {
      expect(valuesOf(await queryApi(input, query))).toHaveLength(7)
    }
  })
})

const client = { clientId: 'patch:bay ü', clientSecret: 'client secret-8Zr%+:ß' }

interface OauthWorld {
  readonly oauth?: SnowflakeOauthOptions
  readonly change?: object
}

async function withOauth<T>({ oauth: options, change }: OauthWorld, use: (world: World) => Promise<T>): Promise<T> {
  const clients = { [client.clientId]: { secret: client.clientSecret, user: 'PATCHBAY', scopes: ['orders.read'] } }
  await using oauth = await SnowflakeOauth.start({ certificate, clients, ...options })
  await using api = await HttpApiDouble.start({
    certificate,
    access: { kind: 'BEARER', isToken: given => oauth.issuer.tokens.has(given) },
  })
  const auth = { oauthClientCredentials: { ...client, tokenUrl: oauth.tokenUrl, scopes: 'orders.read', ...change } }
  return await use({ oauth, api, input: inputFor(api, { auth, ...trusting }) })
}
interface World {
  readonly oauth: SnowflakeOauth
  readonly api: HttpApiDouble
  readonly input: object
}

describe('a token of OAuth', () => {
  it.each(['HEADER', 'BODY'])(
    'is asked for with the client in the %s, once in a run, and given to the API alone',
    how =>
      withOauth({ change: { clientAuthentication: how, audience: 'https://api.example.com/' } }, async world => {
        const { oauth, api, input } = world
        const run = await testApi(input)
        expect(run.passes()).toEqual({})
        expect(run.ids.map(id => id.split(':')[0])).toEqual([
          ...['RESOLVE', 'EGRESS', 'CONNECT', 'SECURE', 'SIGN_IN'],
          ...['RESOLVE', 'EGRESS', 'CONNECT', 'SECURE', 'READ'],
        ])
        expect(oauth.requests).toHaveLength(1)
        const [{ body = '', authorization } = {}] = oauth.requests
        const form = Object.fromEntries(new URLSearchParams(body))
        const asked = { grant_type: 'client_credentials', scope: 'orders.read', audience: 'https://api.example.com/' }
        const inBody = how === 'BODY' ? { client_id: client.clientId, client_secret: client.clientSecret } : {}
        expect(form).toEqual({ ...asked, ...inBody })
        expect(authorization === undefined).toBe(how === 'BODY')
        const [issued = ''] = oauth.issuer.tokens.keys()
        expect(JSON.stringify(run.reports)).not.toContain(issued)
        expect(api.heard).not.toContain(client.clientSecret)
        const outcome = await queryApi(input, { path: '/link/orders', pagination: { linkHeader: {} } })
        expect(valuesOf(outcome)).toEqual([1, 2, 3, 4, 5, 6, 7])
        expect(oauth.requests).toHaveLength(2)
      }),
  )

  const wrong = (body: object, status = 401): HttpMisbehaviour => ({
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const prefix = 'auth.oauthClientCredentials'
  const cases: readonly (readonly [string, OauthWorld, ProblemCode, readonly string[]])[] = [
    [
      'a wrong secret',
      { change: { clientSecret: 'wrong-8Zr' } },
      'CLOUD_CREDENTIALS_REJECTED',
      [`${prefix}.clientSecret`, `${prefix}.clientId`],
    ],
    [
      'an unknown client',
      { change: { clientId: 'nobody' } },
      'CLOUD_CREDENTIALS_REJECTED',
      [`${prefix}.clientSecret`, `${prefix}.clientId`],
    ],
    ['an unknown scope', { change: { scopes: 'all' } }, 'CLOUD_REQUEST_INVALID', [`${prefix}.scopes`]],
    [
      'a client that may not',
      { oauth: { at: wrong({ error: 'unauthorized_client' }, 400) } },
      'CLOUD_ACCESS_DENIED',
      [`${prefix}.clientId`],
    ],
    ['too many', { oauth: { at: wrong({ error: 'slow_down' }, 429) } }, 'CLOUD_THROTTLED', []],
    ['a fault', { oauth: { at: wrong({}, 503) } }, 'CLOUD_UNAVAILABLE', []],
    ['nothing there', { oauth: { at: wrong({}, 404) } }, 'CLOUD_RESOURCE_NOT_FOUND', [`${prefix}.tokenUrl`]],
    [
      'nothing there, told in words of a web server',
      { oauth: { at: { status: 404, headers: { 'content-type': 'text/plain' }, body: 'Not Found' } } },
      'CLOUD_RESOURCE_NOT_FOUND',
      [`${prefix}.tokenUrl`],
    ],
    [
      'a web page',
      { oauth: { at: { status: 200, headers: { 'content-type': 'text/html' }, body: '<html></html>' } } },
      'WRONG_PROTOCOL',
      [`${prefix}.tokenUrl`],
    ],
    [
      'a redirect, which no secret follows',
      { oauth: { at: { status: 307, headers: { location: 'https://127.0.0.1:1/token' } } } },
      'WRONG_PROTOCOL',
      [`${prefix}.tokenUrl`],
    ],
    ['no token', { oauth: { answer: { token_type: 'Bearer' } } }, 'PROTOCOL_VIOLATION', [`${prefix}.tokenUrl`]],
    [
      'a token with a line break',
      { oauth: { answer: { access_token: 'a\r\nX-Evil: 1', token_type: 'Bearer' } } },
      'PROTOCOL_VIOLATION',
      [`${prefix}.tokenUrl`],
    ],
    [
      'a token of another kind',
      { oauth: { answer: { access_token: 'abc', token_type: 'mac' } } },
      'PROTOCOL_VIOLATION',
      [`${prefix}.tokenUrl`],
    ],
    ['a hang-up', { oauth: { at: 'CUT_AT_ONCE' } }, 'CONNECTION_RESET', [`${prefix}.tokenUrl`]],
    ['no end', { oauth: { at: 'FLOOD' } }, 'PROTOCOL_VIOLATION', [`${prefix}.tokenUrl`]],
  ]

  it.each(cases)('is not to be had: %s', async (_, world, code, fields) => {
    await withOauth(world, async ({ input, api }) => {
      const run = await testApi(input)
      const problem = run.failsAt('SIGN_IN', code)
      expect(hintsOf(problem).fields).toEqual(fields)
      expect(JSON.stringify(problem)).not.toContain('8Zr')
      expect(problem.message).not.toMatch(/\?|undefined|null|NaN|[{}]|\[object/)
      expect(api.requests).toEqual([])
      // A dataset comes to the same.
      const outcome = await queryApi(input, { path: '/orders' })
      expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code, fields } })
    })
  })

  it('is not to be had of one who says nothing', () =>
    withOauth({ oauth: { at: 'HANG' } }, async ({ input, oauth }) => {
      const run = await testApi(input, { budgetsMs: { [`SIGN_IN:${new URL(oauth.url).host}`]: 300 } })
      run.failsAt('SIGN_IN', 'CLOUD_TIMED_OUT')
    }))

  it('that the API does not take is told at the API', () =>
    withOauth({ oauth: { answer: { access_token: 'of-nobody-8Zr', token_type: 'Bearer' } } }, async ({ input }) => {
      const problem = (await testApi(input)).failsAt('READ', 'HTTP_UNAUTHORIZED')
      expect(problem.fields).toContain(`${prefix}.scopes`)
      expect(JSON.stringify(problem)).not.toContain('8Zr')
    }))

  it('goes to a server only that shows a certificate which is trusted', () =>
    withOauth({}, async ({ input, oauth }) => {
      const run = await testApi({ ...input, tls: {} })
      const ours = run.ids.findIndex(id => id.startsWith('SECURE'))
      expect(run.reports).toMatchObject({
        [run.ids[ours] ?? '']: { status: 'FAILED', problem: { code: 'TLS_CERTIFICATE_UNTRUSTED' } },
      })
      proves('HTTP_API', 'TLS_CERTIFICATE_UNTRUSTED', 'DOUBLE')
      expect(oauth.requests).toEqual([])
    }))

  it('can come from the API itself', async () => {
    await using api = await HttpApiDouble.start({
      certificate,
      access: { kind: 'BEARER', isToken: given => given === 'own-token' },
      at: {
        [oauthPath]: (_, response) => {
          response
            .writeHead(200, { 'content-type': 'application/json' })
            .end('{"access_token":"own-token","token_type":"bearer","expires_in":60}')
        },
      },
    })
    const auth = { oauthClientCredentials: { ...client, tokenUrl: `${api.url}${oauthPath}` } }
    const run = await testApi(inputFor(api, { auth, ...trusting }))
    expect(run.passes()).toEqual({})
    expect(new Set(run.ids).size).toBe(10)
  })
})
