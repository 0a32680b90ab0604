import { describe, expect, it } from 'vitest'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { proves } from '../../proofs/proves.ts'
import { RecordingServer } from '../../servers/recording-server.ts'
import { samplePassword, withUser } from '../../servers/snowflake-account.ts'
import { OauthIssuer, SnowflakeOauth, type SnowflakeOauthOptions } from '../../servers/snowflake-oauth.ts'
import type { Reports } from '../../servers/type-run.ts'
import { expectationsOf, hintsOf } from '../type-expectations.ts'
import {
  byKeyPair,
  byOauth,
  byPassword,
  byToken,
  certificate,
  evidenceOf,
  expectFailure,
  expectPass,
  host,
  passphrase,
  privateKeys,
  queryAt,
  resultOf,
  signInStep,
  sql,
  startSnowflake,
  stepIds,
  testAt,
  testSnowflake,
} from './snowflake-run.ts'

describe('a sign-in to Snowflake', () => {
  it.each<[string, object]>([
    ['as it is', { privateKey: privateKeys.plain }],
    ['encrypted', { privateKey: privateKeys.encrypted, passphrase }],
    ['as OpenSSL has written it', { privateKey: privateKeys.ofOpenssl }],
    ['with escaped newlines', { privateKey: privateKeys.plain.replaceAll('\n', '\\n') }],
    ['on one line', { privateKey: privateKeys.plain.replaceAll('\n', ' ') }],
    ['encrypted and on one line', { privateKey: privateKeys.encrypted.replaceAll('\n', ' '), passphrase }],
  ])('is signed with a private key %s', async (_, keyPair) => {
    const { reports, double } = await testSnowflake({}, byKeyPair(keyPair))
    expect(expectPass(reports)).toEqual({})
    const [attempt, ...others] = double.signIns
    expect(others).toEqual([])
    expect(attempt).toMatchObject({ authenticator: 'SNOWFLAKE_JWT', succeeded: true })
    expect(JSON.stringify(attempt?.request)).not.toContain('PRIVATE KEY')
    expect(JSON.stringify(reports[signInStep])).toContain('SHA256:')
  })

  it('is a password, exactly as typed', async () => {
    const odd = ' pä"ss\\word% '
    const own = withUser({ password: odd })
    const { reports, double } = await testSnowflake(
      { account: own },
      byPassword({ auth: { password: { password: odd } } }),
    )
    expect(expectPass(reports)).toEqual({})
    expect(double.signIns).toMatchObject([
      { authenticator: 'SNOWFLAKE', accountName: 'myorg-patchbay', succeeded: true },
    ])
  })

  it('is a programmatic access token', async () => {
    const { reports, double } = await testSnowflake({}, byToken())
    expect(expectPass(reports)).toEqual({})
    expect(double.signIns).toMatchObject([{ authenticator: 'PROGRAMMATIC_ACCESS_TOKEN', succeeded: true }])
    expect(double.signIns[0]?.request.PASSWORD).toBeUndefined()
  })

  it.each(['MYORG-PATCHBAY', 'xy12345', 'xy12345.eu-west-1', 'XY12345.eu-west-1.aws'])(
    'knows the account by any of its names: %s',
    async name => {
      await using scene = await startSnowflake()
      for (const input of [byPassword({ account: name }), byKeyPair(undefined, { account: name })]) {
        resultOf(await queryAt(scene, sql('select 1'), { input }))
      }
      expect(scene.double.signIns.every(({ succeeded }) => succeeded)).toBe(true)
    },
  )

  it('asks for no warehouse, database or schema of which it has not been told, and for the role of the form', async () => {
    const { double } = await testSnowflake({}, byPassword())
    expect(double.signIns[0]?.query.get('roleName')).toBe('READER')
  })

  it.each([302, 303, 307, 308])('is not sent elsewhere by a redirect (HTTP %d)', async status => {
    await using elsewhere = await RecordingServer.start(certificate)
    const location = `${elsewhere.url}/session/v1/login-request`
    for (const input of [byPassword(), byToken(), byKeyPair()]) {
      await using scene = await startSnowflake({ at: { signIn: { status, headers: { location } } } })
      const found = expectFailure(await testAt(scene, input), signInStep, 'WRONG_PROTOCOL')
      expect(found.fields).toEqual(['account'])
      expect(scene.double.count('signIn')).toBe(1)
    }
    expect(elsewhere.connections).toBe(0)
  })

  it('is one attempt, for a query too, and no lock follows', async () => {
    await using scene = await startSnowflake()
    const input = byPassword({ auth: { password: { password: 'wrong' } } })
    await queryAt(scene, sql('select 1'), { input })
    await testAt(scene, input)
    expect(scene.double.signIns).toHaveLength(2)
    expect(expectPass(await testAt(scene))).toEqual({})
  })

  it('that nobody waits for any more leaves no session', async () => {
    await using scene = await startSnowflake({ changes: { signIn: late } })
    const { double } = scene
    const cancel = new AbortController()
    // In Snowflake the session is there; its answer is on the way.
    function late(answer: object) {
      cancel.abort(new Error('enough'))
      return answer
    }
    await expect(queryAt(scene, sql('select 1'), { signal: cancel.signal })).rejects.toThrow('enough')
    expect(double.signIns).toMatchObject([{ succeeded: true }])
    expect(double.openSessions).toBe(0)
    await expect.poll(() => double.openConnections).toBe(0)
  })

  it('keeps its secrets and tokens out of every word of the server that is shown', async () => {
    const echo = { error: '390100', message: `You have said ${samplePassword}, ${encodeURIComponent(samplePassword)}.` }
    const refused = await testSnowflake({ at: { signIn: echo } })
    expect(JSON.stringify(refused.reports)).toContain('You have said')
    expect(JSON.stringify(refused.reports)).not.toContain(samplePassword)
    await using scene = await startSnowflake({
      at: {
        query: ({ headers }) => ({
          error: '001003',
          message: `You have said ${headers.authorization}`,
          sqlState: '42000',
        }),
      },
    })
    const reports = await testAt(scene)
    const outcome = await queryAt(scene, sql('select n from numbers'))
    for (const said of [reports, outcome].map(each => JSON.stringify(each))) {
      expect(said).toContain('You have said')
      expect(said).not.toMatch(/hint:(?:session|master)-/)
    }
  })
})

const login = 'login.example.com'
const client = { clientId: 'patchbay', clientSecret: 'client secret: ü%' }
const path = 'auth.oauthClientCredentials'
const tokenSteps = ['RESOLVE', 'EGRESS', 'CONNECT', 'SECURE', 'SIGN_IN'].map(key => `${key}:${login}`)
const oauthStep = `SIGN_IN:${login}`
const byIdp = expectationsOf<string>('SNOWFLAKE', [...tokenSteps, ...stepIds])

/** A test in which the token comes from an identity provider. */
async function testByIdp(options: SnowflakeOauthOptions = {}, more: object = {}) {
  const clients = { [client.clientId]: { secret: client.clientSecret, user: 'PATCHBAY' } }
  await using oauth = await SnowflakeOauth.start({ certificate, clients, ...options })
  await using scene = await startSnowflake({ oauth: oauth.issuer })
  const cloudEndpoints = { ...scene.double.endpoints, [login]: oauth.url }
  const input = byOauth({ ...client, tokenUrl: `https://${login}/oauth2/token`, ...more })
  const reports = (await testAt(scene, input, { network: { cloudEndpoints } })) as Reports
  return { reports: reports as Readonly<Record<string, Reports['OPEN']>>, double: scene.double, oauth }
}

describe('a sign-in to Snowflake by a token of an identity provider', () => {
  it('passes the provider first, step by step, and then Snowflake', async () => {
    const { reports, double, oauth } = await testByIdp()
    expect(byIdp.expectPass(reports)).toEqual({})
    expect(Object.keys(reports)).toEqual([...tokenSteps, ...stepIds])
    expect(double.signIns).toMatchObject([{ authenticator: 'OAUTH', succeeded: true }])
    expect(oauth.requests).toHaveLength(1)
    expect(JSON.stringify(reports)).not.toMatch(/oauth-[0-9a-f]{10}/)
    expect(evidenceOf(reports[oauthStep])['Token valid for']).toBe('600 s')
  })

  it.each([
    [{}, 'session:role:READER'],
    [{ scope: 'session:role-any offline' }, 'session:role-any offline'],
  ])('asks for the scope of the form, or for that of its role: %j', async (more, scope) => {
    const { oauth } = await testByIdp({}, more)
    expect(new URLSearchParams(oauth.requests[0]?.body).get('scope')).toBe(scope)
  })

  it('gets it from Snowflake itself where the form names nobody', async () => {
    const issuer = new OauthIssuer({ [client.clientId]: { secret: client.clientSecret, user: 'PATCHBAY' } })
    const { reports, double } = await testSnowflake({ oauth: issuer }, byOauth(client))
    expect(expectPass(reports)).toEqual({})
    expect(double.requests.slice(0, 2).map(({ call }) => call)).toEqual(['token', 'signIn'])
  })

  it.each<[string, SnowflakeOauthOptions, object, ProblemCode, readonly string[]]>([
    [
      'a wrong secret',
      {},
      { clientSecret: 'wrong' },
      'CLOUD_CREDENTIALS_REJECTED',
      [`${path}.clientSecret`, `${path}.clientId`],
    ],
    [
      'an unknown client',
      {},
      { clientId: 'nobody' },
      'CLOUD_CREDENTIALS_REJECTED',
      [`${path}.clientSecret`, `${path}.clientId`],
    ],
    [
      'a scope that nobody knows',
      { clients: { [client.clientId]: { secret: client.clientSecret, user: 'PATCHBAY', scopes: ['a'] } } },
      { scope: 'b' },
      'CLOUD_REQUEST_INVALID',
      [`${path}.scope`],
    ],
    [
      'a path that is not there',
      {},
      { tokenUrl: `https://${login}/wrong` },
      'CLOUD_RESOURCE_NOT_FOUND',
      [`${path}.tokenUrl`],
    ],
    [
      'a client that may have none',
      { at: { status: 403, headers: { 'content-type': 'application/json' }, body: '{"error":"access_denied"}' } },
      {},
      'CLOUD_ACCESS_DENIED',
      [`${path}.clientId`],
    ],
    ['too many questions', { at: { status: 429 } }, {}, 'CLOUD_THROTTLED', []],
    ['a provider that has broken down', { at: { status: 502, body: '<html>' } }, {}, 'CLOUD_UNAVAILABLE', []],
    [
      'a redirect',
      { at: { status: 307, headers: { location: 'https://example.com/' } } },
      {},
      'WRONG_PROTOCOL',
      [`${path}.tokenUrl`],
    ],
    ['a page', { at: { status: 200, body: '<html>' } }, {}, 'WRONG_PROTOCOL', [`${path}.tokenUrl`]],
    ['an answer without a token', { answer: { token_type: 'Bearer' } }, {}, 'PROTOCOL_VIOLATION', [`${path}.tokenUrl`]],
    ['an answer without an end', { at: 'FLOOD' }, {}, 'PROTOCOL_VIOLATION', [`${path}.tokenUrl`]],
  ])('says of %s that the provider has said it', async (_, options, more, code, fields) => {
    const { reports, double, oauth } = await testByIdp(options, more)
    expect(hintsOf(byIdp.expectFailure(reports, oauthStep, code)).fields).toEqual(fields)
    expect(oauth.requests).toHaveLength(1)
    expect(double.connections).toBe(0)
  })

  it('says that Snowflake does not take it, where the provider gives one', async () => {
    const { reports, double } = await testByIdp({
      answer: { access_token: 'not-of-this-provider', token_type: 'bearer' },
    })
    byIdp.expectFailure(reports, signInStep, 'CLOUD_CREDENTIALS_REJECTED')
    expect(double.signIns).toHaveLength(1)
    expect(JSON.stringify(reports)).not.toContain('not-of-this-provider')
  })

  it('says that it has expired, where it has', async () => {
    const clients = { [client.clientId]: { secret: client.clientSecret, user: 'PATCHBAY', seconds: -1 } }
    const { reports } = await testByIdp({ clients })
    byIdp.expectFailure(reports, signInStep, 'CLOUD_CREDENTIALS_EXPIRED')
  })

  it('ends in time at a provider that says nothing', async () => {
    await using oauth = await SnowflakeOauth.start({ certificate, at: 'HANG' })
    await using scene = await startSnowflake()
    const cloudEndpoints = { ...scene.double.endpoints, [login]: oauth.url }
    const input = byOauth({ ...client, tokenUrl: `https://${login}/oauth2/token` })
    const reports = await testAt(scene, input, { network: { cloudEndpoints }, budgetsMs: { SIGN_IN: 600 } })
    expect((reports as Readonly<Record<string, Reports['OPEN']>>)[oauthStep]?.problem?.code).toBe('CLOUD_TIMED_OUT')
    proves('SNOWFLAKE', 'CLOUD_TIMED_OUT', 'DOUBLE')
    expect(scene.double.connections).toBe(0)
  })

  it('is got over the network of its own port, where the form names one', async () => {
    const clients = { [client.clientId]: { secret: client.clientSecret, user: 'PATCHBAY' } }
    await using oauth = await SnowflakeOauth.start({ certificate, clients })
    await using scene = await startSnowflake({ oauth: oauth.issuer })
    const input = byOauth({ ...client, tokenUrl: oauth.tokenUrl })
    const reports = (await testAt(scene, input)) as Readonly<Record<string, Reports['OPEN']>>
    expect(reports[`SIGN_IN:127.0.0.1:${oauth.port}`]?.status).toBe('PASSED')
    expect(reports[`SIGN_IN:${host}`]?.status).toBe('PASSED')
  })
})
