import { describe, expect, it } from 'vitest'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { DnsDouble } from '../../servers/dns-double.ts'
import type { GoogleMisbehaviour } from '../../servers/google-double.ts'
import {
  bigQueryRefusal,
  billingDisabled,
  cloudRefusal,
  invalidCredentials,
  tokenRefusal,
} from '../../servers/google-refusals.ts'
import type { GoogleMethod } from '../../servers/google-routes.ts'
import { googleScopes } from '../../servers/google-scopes.ts'
import { BlackHole, cuttingServer, silentServer } from '../../servers/hostile-servers.ts'
import { RecordingServer } from '../../servers/recording-server.ts'
import type { RunOptions } from '../../servers/type-run.ts'
import { withoutIpv6 } from '../../servers/without-ipv6.ts'
import { hintsOf } from '../type-expectations.ts'
import {
  byImpersonation,
  byKey,
  byToken,
  certificate,
  evidenceOf,
  expectFailure,
  expectPass,
  expectProblem,
  helper,
  impersonated,
  impersonatedStepIds,
  project,
  reader,
  readerGrants,
  type StartOptions,
  type StepId,
  startGoogle,
  stepIds,
  testAt,
  testBigquery,
} from './bigquery-run.ts'

const keyField = 'auth.serviceAccountKey.json'
const tokenField = 'auth.accessToken.token'
const sourceField = 'auth.impersonate.json'
const targetField = 'auth.impersonate.targetServiceAccount'
const reenter = (field: string) => `REENTER_SECRET ${field}`
const json = { 'content-type': 'application/json; charset=UTF-8' }
const html = { 'content-type': 'text/html; charset=UTF-8' }
const page = '<!DOCTYPE html><html lang=en><title>Error 502 (Server Error)!!1</title>'

/** All that the dry run of OPEN may be asked by. */
const atOpen = (how: GoogleMisbehaviour): StartOptions => ({ at: { 'jobs.insert': how, 'jobs.query': how } })

describe('the test of a BigQuery connector (Google is a double)', () => {
  it.each([
    ['a key', byKey(), stepIds],
    ['a token', byToken(), stepIds],
    ['impersonation', byImpersonation(), impersonatedStepIds],
  ] as const)(
    'passes every step for an account that may only read, by %s, and shows what it measured',
    async (_, input, ids) => {
      const { reports, double } = await testBigquery({}, input)
      const { expectPass: expectThese } = ids === stepIds ? { expectPass } : impersonated
      expect(expectThese(reports)).toEqual({})
      expect(Object.keys(reports)).toEqual(ids)
      expect(JSON.stringify(reports)).toContain(reader.email)
      expect(JSON.stringify([reports.OPEN, reports.READ])).toContain(project)
      // A test costs nothing.
      expect(double.bigquery.jobs).toEqual([])
      expect(double.bigquery.bytesBilled).toBe(0)
      expect(double.bigquery.dryRuns.length).toBeGreaterThan(0)
      // What tokens were got is no part of what is told.
      for (const { text } of double.tokens.issued) expect(JSON.stringify(reports)).not.toContain(text)
    },
  )

  it('shows whose key it is, and which', async () => {
    const { reports } = await testBigquery()
    const shown = Object.values(evidenceOf(reports['SIGN_IN:oauth2'])).join(' ')
    for (const fact of [reader.email, reader.key.id.slice(0, 6), project]) expect(shown).toContain(fact)
  })

  interface Fault {
    readonly google?: StartOptions
    readonly input?: unknown
    readonly options?: RunOptions
    readonly step: StepId
    readonly code: ProblemCode
    readonly fields?: readonly string[]
    readonly remedies?: readonly string[]
  }
  const faults: Readonly<Record<string, Fault>> = {
    'a key that was deleted': {
      google: { revokedKeys: [reader.key.id] },
      step: 'SIGN_IN:oauth2',
      code: 'CLOUD_CREDENTIALS_REJECTED',
      fields: [keyField],
      remedies: [reenter(keyField)],
    },
    'an account that is gone': {
      google: { accounts: [helper] },
      step: 'SIGN_IN:oauth2',
      code: 'CLOUD_CREDENTIALS_REJECTED',
      fields: [keyField],
      remedies: [reenter(keyField)],
    },
    'an account that was turned off': {
      google: { disabledAccounts: [reader.email] },
      step: 'SIGN_IN:oauth2',
      code: 'CLOUD_CREDENTIALS_REJECTED',
      fields: [keyField],
      remedies: [reenter(keyField)],
    },
    'a clock that is an hour behind': {
      google: { skewMs: 3_600_000 },
      step: 'SIGN_IN:oauth2',
      code: 'CLOUD_CLOCK_SKEWED',
    },
    'a clock that is an hour ahead': {
      google: { skewMs: -3_600_000 },
      step: 'SIGN_IN:oauth2',
      code: 'CLOUD_CLOCK_SKEWED',
    },
    'a token that has expired': {
      google: { tokenLifetimeMs: -1 },
      input: byToken(),
      step: 'SIGN_IN:oauth2',
      code: 'CLOUD_CREDENTIALS_EXPIRED',
      fields: [tokenField],
      remedies: [reenter(tokenField)],
    },
    'a token that may do nothing with BigQuery': {
      google: { tokenScopes: [googleScopes.email] },
      input: byToken(),
      step: 'OPEN',
      code: 'CLOUD_ACCESS_DENIED',
      fields: [tokenField],
    },
    'a token that is revoked after the sign-in': {
      google: atOpen(invalidCredentials()),
      input: byToken(),
      step: 'OPEN',
      code: 'CLOUD_CREDENTIALS_EXPIRED',
      fields: [tokenField],
      remedies: [reenter(tokenField)],
    },
    'an API that is turned off': {
      google: { disabledApis: ['bigquery'] },
      step: 'OPEN',
      code: 'CLOUD_API_DISABLED',
      fields: ['projectId'],
      remedies: ['RUN_SQL', 'READ_DOCS'],
    },
    'a project in which nothing may be run': {
      google: { grants: readerGrants.filter(({ role }) => role !== 'roles/bigquery.jobUser') },
      step: 'OPEN',
      code: 'CLOUD_ACCESS_DENIED',
      fields: ['projectId'],
    },
    'a project that is not there': {
      input: byKey({ projectId: 'acme-nowhere' }),
      step: 'OPEN',
      code: 'CLOUD_ACCESS_DENIED',
      fields: ['projectId'],
    },
    'a project without billing': {
      google: atOpen(billingDisabled(project)),
      step: 'OPEN',
      code: 'CLOUD_BILLING_DISABLED',
      fields: ['projectId'],
      remedies: ['READ_DOCS'],
    },
    'a quota that is used up': {
      google: atOpen(
        bigQueryRefusal('quotaExceeded', 'Quota exceeded: Your project exceeded quota for free query bytes scanned.'),
      ),
      step: 'OPEN',
      code: 'CLOUD_QUOTA_EXCEEDED',
    },
    'too many requests': {
      google: atOpen(
        bigQueryRefusal('rateLimitExceeded', 'Exceeded rate limits: too many api requests per user per method.'),
      ),
      step: 'OPEN',
      code: 'CLOUD_THROTTLED',
    },
    'a plain 429': {
      google: atOpen({ status: 429, headers: html, body: page }),
      step: 'OPEN',
      code: 'CLOUD_THROTTLED',
    },
    'a BigQuery that has broken down': {
      google: atOpen(bigQueryRefusal('backendError', 'The service is currently unavailable.')),
      step: 'OPEN',
      code: 'CLOUD_UNAVAILABLE',
    },
    'an error of its own': {
      google: atOpen(
        bigQueryRefusal('internalError', 'An internal error occurred and the request could not be completed.'),
      ),
      step: 'OPEN',
      code: 'CLOUD_UNAVAILABLE',
    },
    'a server in front that finds nothing behind it': {
      google: atOpen({ status: 502, headers: html, body: page }),
      step: 'OPEN',
      code: 'CLOUD_UNAVAILABLE',
    },
    'a token endpoint that has broken down': {
      google: { at: { token: { status: 503, headers: html, body: page } } },
      step: 'SIGN_IN:oauth2',
      code: 'CLOUD_UNAVAILABLE',
    },
    'a reason that nobody knows': {
      google: atOpen(cloudRefusal(418, 'I am a teapot.')),
      step: 'OPEN',
      code: 'UNCLASSIFIED',
    },
    'a location that is not that of the dataset': {
      input: byKey({ location: 'europe-west1' }),
      step: 'READ',
      code: 'CLOUD_REGION_MISMATCH',
      fields: ['location'],
      remedies: ['SET_FIELD location'],
    },
    'a location that there is not': {
      input: byKey({ location: 'mars-north1' }),
      step: 'OPEN',
      code: 'CLOUD_REGION_MISMATCH',
      fields: ['location'],
    },
    'a dataset that is not there': {
      input: byKey({ defaultDataset: 'nope' }),
      step: 'READ',
      code: 'CLOUD_RESOURCE_NOT_FOUND',
      fields: ['defaultDataset'],
    },
    'a request for a token that Google does not take': {
      google: { at: { token: tokenRefusal('invalid_scope', 'Invalid OAuth scope or ID token audience provided.') } },
      step: 'SIGN_IN:oauth2',
      code: 'CLOUD_REQUEST_INVALID',
      fields: [keyField],
    },
    'the page of a proxy in the place of a token': {
      google: { at: { token: { status: 200, headers: html, body: '<html>Sign in' } } },
      step: 'SIGN_IN:oauth2',
      code: 'WRONG_PROTOCOL',
    },
    'the page of a proxy in the place of BigQuery': {
      google: atOpen({ status: 200, headers: html, body: '<html>Sign in' }),
      step: 'OPEN',
      code: 'WRONG_PROTOCOL',
    },
    'JSON that ends too early': {
      google: atOpen({ status: 200, headers: json, body: '{"kind":' }),
      step: 'OPEN',
      code: 'WRONG_PROTOCOL',
    },
    'JSON that says nothing': {
      google: atOpen({ status: 200, headers: json, body: '{}' }),
      step: 'OPEN',
      code: 'PROTOCOL_VIOLATION',
    },
    'a token that is none': {
      google: { at: { token: { status: 200, headers: json, body: '{"token_type":"Bearer"}' } } },
      step: 'SIGN_IN:oauth2',
      code: 'PROTOCOL_VIOLATION',
    },
    'a token that would break a header': {
      google: {
        at: { token: { status: 200, headers: json, body: '{"access_token":"a\\r\\nHost: x","expires_in":1}' } },
      },
      step: 'SIGN_IN:oauth2',
      code: 'PROTOCOL_VIOLATION',
    },
    'an answer without an end': { google: atOpen('FLOOD'), step: 'OPEN', code: 'PROTOCOL_VIOLATION' },
    'an answer that is cut': { google: atOpen('CUT'), step: 'OPEN', code: 'CONNECTION_RESET' },
    'a connection that is cut': {
      google: { at: { token: 'CUT_AT_ONCE' } },
      step: 'SIGN_IN:oauth2',
      code: 'CONNECTION_RESET',
    },
    'a dry run that says that SELECT is something else': {
      google: { bigquery: { statements: () => ({ statementType: 'INSERT' }) } },
      step: 'OPEN',
      code: 'PROTOCOL_VIOLATION',
    },
  }
  it.each(Object.entries(faults))('says of %s where, what and what to do', async (_, fault) => {
    const { google, input, options, step, code, fields = [], remedies = [] } = fault
    await using double = await startGoogle(google)
    const reports = await testAt(double, input ?? byKey(), options)
    const found = expectFailure(reports, step, code)
    expect(hintsOf(found)).toEqual({ fields, remedies })
    expect(found.message).not.toMatch(/\?|undefined|null|NaN|[{}]|\[object/)
    expect(double.bigquery.jobs).toEqual([])
    await expect.poll(() => double.openConnections).toBe(0)
  })

  const impersonationFaults: Readonly<Record<string, Omit<Fault, 'input'>>> = {
    'an account that does not let itself be impersonated': {
      google: { grants: readerGrants },
      step: 'SIGN_IN:iamcredentials',
      code: 'IMPERSONATION_REFUSED',
      fields: [targetField, sourceField],
    },
    'an account that is not there': {
      google: { accounts: [helper] },
      step: 'SIGN_IN:iamcredentials',
      code: 'IMPERSONATION_REFUSED',
      fields: [targetField],
    },
    'an API that is turned off': {
      google: { disabledApis: ['iamcredentials'] },
      step: 'SIGN_IN:iamcredentials',
      code: 'CLOUD_API_DISABLED',
      fields: [sourceField],
    },
    'a key that was deleted': {
      google: { revokedKeys: [helper.key.id] },
      step: 'SIGN_IN:oauth2',
      code: 'CLOUD_CREDENTIALS_REJECTED',
      fields: [sourceField],
      remedies: [reenter(sourceField)],
    },
    'a service that has broken down': {
      google: { at: { generateAccessToken: cloudRefusal(503, 'The service is currently unavailable.') } },
      step: 'SIGN_IN:iamcredentials',
      code: 'CLOUD_UNAVAILABLE',
    },
    'too many requests': {
      google: { at: { generateAccessToken: cloudRefusal(429, 'Quota exceeded for quota metric') } },
      step: 'SIGN_IN:iamcredentials',
      code: 'CLOUD_THROTTLED',
    },
    'a token that is none': {
      google: { at: { generateAccessToken: { status: 200, headers: json, body: '{"accessToken":7}' } } },
      step: 'SIGN_IN:iamcredentials',
      code: 'PROTOCOL_VIOLATION',
    },
  }
  it.each(Object.entries(impersonationFaults))(
    'says of %s, by impersonation, where, what and what to do',
    async (_, fault) => {
      const { google, options, step, code, fields = [], remedies = [] } = fault
      await using double = await startGoogle(google)
      const reports = await testAt(double, byImpersonation(), options)
      const found = impersonated.expectFailure(reports, step, code)
      const hints = hintsOf(found)
      expect(hints.fields).toEqual(fields)
      expect(hints.remedies).toEqual(expect.arrayContaining([...remedies]))
      expect(found.message).not.toMatch(/\?|undefined|null|NaN|[{}]|\[object/)
    },
  )

  it('says of an account that may not be impersonated how to let it be', async () => {
    const { reports } = await testBigquery({ grants: readerGrants }, byImpersonation())
    const { remedies } = impersonated.expectFailure(reports, 'SIGN_IN:iamcredentials', 'IMPERSONATION_REFUSED')
    const script = remedies.find(({ kind }) => kind === 'RUN_SQL')
    const text = script?.kind === 'RUN_SQL' ? script.sql : ''
    for (const words of ['gcloud', 'roles/iam.serviceAccountTokenCreator', reader.email, helper.email]) {
      expect(text).toContain(words)
    }
  })
})

describe('a clock that differs', () => {
  it.each([
    [3_600_000, 'behind'],
    [-3_600_000, 'ahead'],
  ])('by %i ms is told as such, and by how much', async (skewMs, way) => {
    const { reports } = await testBigquery({ skewMs })
    const { detail } = expectFailure(reports, 'SIGN_IN:oauth2', 'CLOUD_CLOCK_SKEWED')
    expect(detail).toMatch(new RegExp(`(?:3599|3600|3601) s ${way}`))
  })

  it.each([-240_000, 240_000])('by as much as Google allows (%i ms) is none', async skewMs => {
    expect(expectPass((await testBigquery({ skewMs })).reports)).toEqual({})
    expect(impersonated.expectPass((await testBigquery({ skewMs }, byImpersonation())).reports)).toEqual({})
  })
})

describe('a redirect', () => {
  const places: readonly (readonly [GoogleMethod, StepId, unknown])[] = [
    ['token', 'SIGN_IN:oauth2', byKey()],
    ['tokeninfo', 'SIGN_IN:oauth2', byToken()],
    ['generateAccessToken', 'SIGN_IN:iamcredentials', byImpersonation()],
    ['jobs.insert', 'OPEN', byKey()],
    ['tables.list', 'READ', byKey()],
    ['tabledata.list', 'READ', byKey()],
    ['projects.testIamPermissions', 'LEAST_PRIVILEGE', byKey()],
  ]
  it.each(places.flatMap(place => [302, 307].map(status => [status, ...place] as const)))(
    '(%i) at %s is followed nowhere: neither an assertion nor a token goes there',
    async (status, method, step, input) => {
      await using recorder = await RecordingServer.start(certificate)
      const headers = { location: `${recorder.url}/elsewhere` }
      const { reports, double } = await testBigquery({ at: { [method]: { status, headers, body: '' } } }, input)
      expect(double.asked(method).length).toBeGreaterThan(0)
      if (step !== 'LEAST_PRIVILEGE') {
        const { expectFailure: expectThese } = method === 'generateAccessToken' ? impersonated : { expectFailure }
        expectThese(reports, step, 'WRONG_PROTOCOL')
      } else expectProblem(reports, step, 'PRIVILEGES_UNKNOWN')
      expect(recorder.requests).toEqual([])
      expect(recorder.connections).toBe(0)
    },
  )
})

describe('silence of Google', () => {
  const hangs: readonly (readonly [GoogleMethod, StepId, 'HANG' | 'DRIP', unknown])[] = [
    ['token', 'SIGN_IN:oauth2', 'HANG', byKey()],
    ['token', 'SIGN_IN:oauth2', 'DRIP', byKey()],
    ['tokeninfo', 'SIGN_IN:oauth2', 'HANG', byToken()],
    ['jobs.insert', 'OPEN', 'HANG', byKey()],
    ['jobs.insert', 'OPEN', 'DRIP', byKey()],
    ['tables.list', 'READ', 'HANG', byKey()],
    ['tabledata.list', 'READ', 'DRIP', byKey()],
  ]
  it.each(hangs)('at %s ends %s at its budget (%s)', async (method, step, how, input) => {
    await using double = await startGoogle({ at: { [method]: how } })
    const reports = await testAt(double, input, { budgetsMs: { [step]: 700 } })
    const code = step.startsWith('SIGN_IN') ? 'CLOUD_TIMED_OUT' : 'STEP_TIMED_OUT'
    expectFailure(reports, step, code)
    await expect.poll(() => double.openConnections).toBe(0)
  })

  it('at whose rights are asked for leaves them unknown', async () => {
    const at = { 'projects.testIamPermissions': 'HANG', 'tables.testIamPermissions': 'HANG' } as const
    await using double = await startGoogle({ at })
    const reports = await testAt(double, byKey(), { budgetsMs: { LEAST_PRIVILEGE: 2_000 } })
    expectProblem(reports, 'LEAST_PRIVILEGE', 'PRIVILEGES_UNKNOWN')
    expect(reports.LEAST_PRIVILEGE?.status).toBe('SKIPPED')
  })
})

describe('the way to Google', () => {
  const names = { oauth2: 'oauth2.googleapis.com', bigquery: 'bigquery.googleapis.com' } as const
  type Service = keyof typeof names
  const services = Object.keys(names) as Service[]

  /** The test with one service elsewhere than the others. */
  async function testWith(service: Service, url: string, options: RunOptions = {}) {
    await using double = await startGoogle()
    const cloudEndpoints = { ...double.endpoints, [names[service]]: url }
    return await testAt(double, byKey(), { ...options, network: { cloudEndpoints } })
  }

  it('does not exist where the name is not known', async () => {
    await using dns = await DnsDouble.start({})
    await using double = await startGoogle()
    const reports = await testAt(double, byKey(), { nameServers: [dns.address], network: { cloudEndpoints: {} } })
    expectFailure(reports, 'RESOLVE:oauth2', 'HOST_NOT_FOUND')
    expect(double.connections).toBe(0)
  })

  it('needs names that can be looked up', async () => {
    await using dns = await DnsDouble.start({ [names.oauth2]: 'SERVFAIL' })
    await using double = await startGoogle()
    const reports = await testAt(double, byKey(), { nameServers: [dns.address], network: { cloudEndpoints: {} } })
    expectFailure(reports, 'RESOLVE:oauth2', 'NAME_RESOLUTION_FAILED')
  })

  it('may lead nowhere', async () => {
    await using dns = await DnsDouble.start({ [names.oauth2]: ['fd00::1'] })
    await using double = await startGoogle()
    using _ = withoutIpv6()
    const options = { nameServers: [dns.address], egress: { allowPrivate: true }, network: { cloudEndpoints: {} } }
    expectFailure(await testAt(double, byKey(), options), 'CONNECT:oauth2', 'NETWORK_UNREACHABLE')
  })

  it.each(services)('is measured for each service: a port of %s that is closed', async service => {
    expectFailure(await testWith(service, 'https://127.0.0.1:1'), `CONNECT:${service}`, 'CONNECTION_REFUSED')
  })

  it.each(services)('is measured for each service: %s at an address that must not be dialled', async service => {
    expectFailure(await testWith(service, 'https://169.254.169.254'), `EGRESS:${service}`, 'EGRESS_DENIED')
  })

  it.each(services)('is measured for each service: %s behind a black hole', async service => {
    await using hole = await BlackHole.start()
    const step = `CONNECT:${service}` as const
    const reports = await testWith(service, `https://127.0.0.1:${hole.port}`, { budgetsMs: { [step]: 500 } })
    expectFailure(reports, step, 'CONNECTION_TIMED_OUT')
  })

  it('ends at a handshake that nobody answers', async () => {
    await using server = await silentServer()
    const reports = await testWith('bigquery', `https://127.0.0.1:${server.port}`, {
      budgetsMs: { 'SECURE:bigquery': 500 },
    })
    expectFailure(reports, 'SECURE:bigquery', 'TLS_TIMED_OUT')
  })

  it('is no way where connections are cut', async () => {
    await using server = await cuttingServer()
    const reports = await testWith('bigquery', `https://127.0.0.1:${server.port}`)
    const code = reports['SECURE:bigquery']?.problem?.code as ProblemCode
    expectFailure(reports, 'SECURE:bigquery', code)
    expect(code).not.toBe('UNCLASSIFIED')
  })

  it('ends before anything is sent where loopback may not be dialled', async () => {
    const { reports, double } = await testBigquery({}, byKey(), { egress: { allowLoopback: false } })
    expectFailure(reports, 'EGRESS:oauth2', 'EGRESS_DENIED')
    expect(double.connections).toBe(0)
  })

  it('is told by names of Google', async () => {
    const { reports } = await testBigquery(atOpen('FLOOD'))
    expect(JSON.stringify(reports.OPEN)).toContain(names.bigquery)
  })
})
