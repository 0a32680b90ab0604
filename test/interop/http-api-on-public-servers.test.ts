import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { QueryOutcome } from '../../src/connectors/define.ts'
import { httpApi } from '../../src/connectors/http-api/index.ts'
import type { ProblemCode } from '../../src/connectors/problem-table.ts'
import { plainSecret } from '../canary/secrets.ts'
import { proves } from '../proofs/proves.ts'
import { issueCertificate } from '../servers/certificates.ts'
import { makeOrders } from '../servers/http-api-data.ts'
import { type HostedReports, hostTypeQuery, hostTypeTest, realHost } from '../servers/type-host.ts'
import { installDatasette } from './datasette-install.ts'
import { DatasetteServer } from './datasette-server.ts'
import { installJsonServer, type JsonServerVersion, jsonServerHome } from './json-server-install.ts'
import { installOidcProvider, oidcProviderHome, tokenCheckerHome } from './oidc-provider-install.ts'
import { ServerChild } from './server-child.ts'

// What these servers cannot prove: that any other API, gateway or identity provider does as they do. None of them answers
// too fast for its own limits (429, Retry-After), redirects, breaks off, or gives out records behind a POST: of those the
// doubles of test/connectors/http-api speak alone.

const host = realHost()
afterAll(() => host.close())

const inputFor = (port: number, change: object = {}) => ({
  baseUrl: `http://127.0.0.1:${port}`,
  auth: { none: true },
  ...change,
})
const query = (input: object, given: object) =>
  hostTypeQuery(host, httpApi, input, given, {
    limits: { maxRows: 1_000, maxBytes: 8 * 1_048_576 },
    deadlineMs: 60_000,
  })
const testOf = async (input: object) => (await hostTypeTest(host, httpApi, input)).reports

function idsOf(outcome: QueryOutcome): readonly unknown[] {
  if (outcome.kind !== 'RESULT') throw new Error(JSON.stringify(outcome.problem))
  expect(outcome.result.truncated).toBe(false)
  const at = outcome.result.columns.findIndex(({ name }) => name === 'id')
  return outcome.result.rows.map(row => row[at])
}

function proved(problem: { readonly code: ProblemCode } | null | undefined, code: ProblemCode): void {
  expect(problem?.code, JSON.stringify(problem)).toBe(code)
  proves('HTTP_API', code, 'REAL_SERVER')
}

const statusesOf = (reports: HostedReports) =>
  Object.fromEntries(Object.entries(reports).map(([id, { status }]) => [id.split(':')[0], status]))
const numbersTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

// Some of them have nothing to page through but what fills whole pages; the other count leaves a part.
const counts = [60, 53]

interface JsonServerCase {
  readonly version: JsonServerVersion
  /** How its lists are given out page by page. */
  readonly ways: Readonly<Record<string, object>>
}

const jsonServers: readonly JsonServerCase[] = [
  {
    version: 'classic',
    ways: {
      'its Link header': { path: '/orders?_page=1&_limit=20', pagination: { linkHeader: {} } },
      'the number of the page': {
        path: '/orders',
        pagination: { page: { pageParameter: '_page', sizeParameter: '_limit', pageSize: 20 } },
      },
      offset: {
        path: '/orders',
        pagination: { offset: { offsetParameter: '_start', limitParameter: '_limit', pageSize: 20 } },
      },
      'no pages at all': { path: '/orders' },
    },
  },
  {
    version: 'next',
    ways: {
      'the number that it names for the next page': {
        path: '/orders?_page=1&_per_page=20',
        records: '$.data',
        pagination: { cursor: { cursorParameter: '_page', nextCursor: '$.next' } },
      },
      'no pages at all': { path: '/orders' },
    },
  },
]

for (const { version, ways } of jsonServers) {
  const installation = await installJsonServer(version)
  const name = `an HTTP API connector to json-server, ${version}`
  if (installation.installed) describe(name, () => onJsonServer(version, ways))
  else it(name, context => context.skip(installation.reason))
}

function onJsonServer(version: JsonServerVersion, ways: Readonly<Record<string, object>>): void {
  let servers: readonly ServerChild[] = []
  beforeAll(async () => {
    servers = await Promise.all(
      counts.map(count =>
        ServerChild.start(`json-server-${version}-process.ts`, jsonServerHome(version), {
          data: { orders: makeOrders(count), profile: { name: 'typicode', visits: 12 } },
        }),
      ),
    )
  })
  afterAll(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]()
  })
  const portOf = (index: number) => servers[index]?.port ?? 0

  it('passes its test', async () => {
    const reports = await testOf(inputFor(portOf(0), { probe: { path: '/profile' } }))
    expect(statusesOf(reports)).toEqual({
      ...{ RESOLVE: 'PASSED', EGRESS: 'PASSED', CONNECT: 'PASSED', READ: 'PASSED' },
      SECURE: 'WARNING',
    })
    proves('HTTP_API', 'CONNECTION_NOT_ENCRYPTED', 'REAL_SERVER')
  })

  describe.each(Object.entries(ways))('by %s', (_, given) => {
    it.each(counts)('reads all of %i orders', async count => {
      expect(idsOf(await query(inputFor(portOf(counts.indexOf(count))), given))).toEqual(numbersTo(count))
    })
  })

  it('reads one record, and says what is not there', async () => {
    const outcome = await query(inputFor(portOf(0)), { path: '/profile' })
    expect(outcome).toMatchObject({ kind: 'RESULT', result: { rows: [['typicode', 12]] } })
    const reports = await testOf(inputFor(portOf(0), { probe: { path: '/nowhere' } }))
    proved(reports['READ']?.problem, 'HTTP_NOT_FOUND')
    const none = await query(inputFor(portOf(0)), { path: '/profile', records: '$.data[*]' })
    proved(none.kind === 'PROBLEM' ? none.problem : null, 'RECORDS_NOT_FOUND')
  })

  if (version === 'next') {
    it('is a web page where people look at it', async () => {
      const { READ } = await testOf(inputFor(portOf(0)))
      proved(READ?.problem, 'ANSWER_IS_WEB_PAGE')
    })

    it('gives its last page for every later one, which is told', async () => {
      const pagination = { page: { pageParameter: '_page', sizeParameter: '_per_page', pageSize: 20 } }
      const outcome = await query(inputFor(portOf(0)), { path: '/orders', records: '$.data', pagination })
      proved(outcome.kind === 'PROBLEM' ? outcome.problem : null, 'PAGES_REPEAT')
    })
  }
}

const root = issueCertificate({ commonName: 'Interop Root', authority: true })
const certificate = issueCertificate({ commonName: 'login', issuer: root, names: ['127.0.0.1'], usage: 'server' })
const audience = 'https://orders.example.com'

const classic = await installJsonServer('classic')
const oidc = await installOidcProvider()
const oauthName = 'an HTTP API connector with tokens of oidc-provider, a certified one'
if (!classic.installed) it(oauthName, context => context.skip(classic.reason))
else if (!oidc.installed) it(oauthName, context => context.skip(oidc.reason))
else describe(oauthName, onOauth)

function onOauth(): void {
  // All that RFC 6749 lets them be made of: printable ASCII, which a header, a form and a URL each write in another way.
  const awkward = () => `${plainSecret()} "%2F/\\+:&=`
  const clients = {
    HEADER: { client_id: 'reader: a+b%', client_secret: awkward(), token_endpoint_auth_method: 'client_secret_basic' },
    BODY: { client_id: 'in the body', client_secret: awkward(), token_endpoint_auth_method: 'client_secret_post' },
  }
  let directory: string
  let login: ServerChild
  let api: ServerChild

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'patchbay-oidc-'))
    const trusted = join(directory, 'root.pem')
    await writeFile(trusted, root.certificate)
    const grants = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [], scope: 'orders.read' }
    login = await ServerChild.start('oidc-provider-process.ts', oidcProviderHome, {
      key: certificate.key,
      certificate: certificate.certificate,
      clients: Object.values(clients).map(client => ({ ...client, ...grants })),
      resource: audience,
      scope: 'orders.read orders.write',
    })
    api = await ServerChild.start(
      'json-server-classic-process.ts',
      jsonServerHome('classic'),
      {
        data: { orders: makeOrders(25) },
        issuer: `https://127.0.0.1:${login.port}`,
        audience,
        checker: tokenCheckerHome,
        scope: 'orders.read',
      },
      { NODE_EXTRA_CA_CERTS: trusted },
    )
  })
  afterAll(async () => {
    await api?.[Symbol.asyncDispose]()
    await login?.[Symbol.asyncDispose]()
    await rm(directory, { recursive: true, force: true })
  })

  const inputOf = (how: keyof typeof clients, change: object = {}) =>
    inputFor(api.port, {
      probe: { path: '/orders/1' },
      tls: { caCertificates: root.certificate },
      auth: {
        oauthClientCredentials: {
          tokenUrl: `https://127.0.0.1:${login.port}/token`,
          clientId: clients[how].client_id,
          clientSecret: clients[how].client_secret,
          clientAuthentication: how,
          scopes: 'orders.read',
          ...change,
        },
      },
    })
  const signIn = (reports: HostedReports) => reports[`SIGN_IN:127.0.0.1:${login.port}`]

  it.each(['HEADER', 'BODY'] as const)('is let in, its client in the %s, page after page', async how => {
    const reports = await testOf(inputOf(how))
    expect(Object.values(reports).map(({ status }) => status)).not.toContain('FAILED')
    expect(JSON.stringify(reports)).not.toContain(clients[how].client_secret)
    const given = { path: '/orders?_page=1&_limit=10', pagination: { linkHeader: {} } }
    expect(idsOf(await query(inputOf(how), given))).toEqual(numbersTo(25))
  })

  it('is told why it gets no token', async () => {
    const wrong = await testOf(inputOf('HEADER', { clientSecret: plainSecret() }))
    proved(signIn(wrong)?.problem, 'CLOUD_CREDENTIALS_REJECTED')
    const nobody = await testOf(inputOf('BODY', { clientId: 'nobody' }))
    proved(signIn(nobody)?.problem, 'CLOUD_CREDENTIALS_REJECTED')
    const scope = await testOf(inputOf('HEADER', { scopes: 'orders.write' }))
    proved(signIn(scope)?.problem, 'CLOUD_REQUEST_INVALID')
    expect(signIn(scope)?.problem?.fields).toEqual(['auth.oauthClientCredentials.scopes'])
    const other = await testOf(inputOf('HEADER', { tokenUrl: `https://127.0.0.1:${login.port}/elsewhere` }))
    proved(signIn(other)?.problem, 'CLOUD_RESOURCE_NOT_FOUND')
  })

  it('is told by the API when it brings no token, another one, or one that is good for nothing', async () => {
    const useless = await testOf(inputOf('HEADER', { scopes: undefined }))
    proved(useless['READ']?.problem, 'HTTP_FORBIDDEN')
    const none = await testOf({ ...inputOf('HEADER'), auth: { none: true } })
    proved(none['READ']?.problem, 'HTTP_UNAUTHORIZED')
    const token = plainSecret()
    const other = await testOf({ ...inputOf('HEADER'), auth: { bearer: { token } } })
    proved(other['READ']?.problem, 'HTTP_UNAUTHORIZED')
    expect(other['READ']?.problem?.fields).toEqual(['auth.bearer.token'])
    expect(JSON.stringify(other)).not.toContain(token)
  })
}

const datasette = await installDatasette()
const datasetteName = 'an HTTP API connector to Datasette'
if (datasette.installed) describe(datasetteName, onDatasette)
else it(datasetteName, context => context.skip(datasette.reason))

function onDatasette(): void {
  const token = plainSecret()
  let server: DatasetteServer
  beforeAll(async () => {
    server = await DatasetteServer.start(257, token)
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  const input = (change: object = {}) => ({
    baseUrl: `${server.url}/shop`,
    auth: { bearer: { token } },
    probe: { path: '/orders.json?_size=1' },
    ...change,
  })

  it('passes its test with its token, and with no other', async () => {
    expect(statusesOf(await testOf(input()))).toMatchObject({ SECURE: 'WARNING', READ: 'PASSED' })
    const refused = await testOf(input({ auth: { bearer: { token: plainSecret() } } }))
    proved(refused['READ']?.problem, 'HTTP_FORBIDDEN')
  })

  it.each<[string, object]>([
    [
      'the cursor in its answers',
      {
        path: '/orders.json?_size=50&_shape=objects',
        records: '$.rows',
        pagination: { cursor: { cursorParameter: '_next', nextCursor: '$.next' } },
      },
    ],
    ['its Link header', { path: '/orders.json?_size=50&_shape=array', pagination: { linkHeader: {} } }],
  ])('reads all rows by %s', async (_, given) => {
    expect(idsOf(await query(input(), given))).toEqual(numbersTo(257))
  })

  it('keeps numbers that no double holds', async () => {
    const outcome = await query(input(), { path: '/orders.json?_size=1&_shape=array' })
    expect(outcome).toMatchObject({ kind: 'RESULT', result: { rows: [[1, 'lamp 1', '9007199254740993']] } })
  })

  it('ends at the most pages, and says so', async () => {
    const outcome = await query(input(), {
      path: '/orders.json?_size=50&_shape=array',
      pagination: { linkHeader: {} },
      caps: { maxPages: 2 },
    })
    if (outcome.kind !== 'RESULT') throw new Error(JSON.stringify(outcome.problem))
    expect(outcome.result.truncated).toBe(true)
    expect(outcome.result.rows).toHaveLength(100)
  })

  it('says what is not there', async () => {
    const reports = await testOf(input({ probe: { path: '/nowhere.json' } }))
    proved(reports['READ']?.problem, 'HTTP_NOT_FOUND')
  })
}
