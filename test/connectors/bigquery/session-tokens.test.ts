import { describe, expect, it } from 'vitest'
import type { BigQueryProjects } from '../../servers/bigquery-data.ts'
import type { GoogleDouble, GoogleRequest } from '../../servers/google-double.ts'
import { bigQueryRefusal, invalidCredentials, tokenRefusal } from '../../servers/google-refusals.ts'
import { googleScopes } from '../../servers/google-scopes.ts'
import {
  byImpersonation,
  byKey,
  byToken,
  expectFailure,
  expectProblem,
  expectQueryProblem,
  helper,
  project,
  queryAt,
  queryBigquery,
  reader,
  readerGrants,
  resultOf,
  type StartOptions,
  sql,
  startGoogle,
  table,
  testBigquery,
} from './bigquery-run.ts'

const large: BigQueryProjects = {
  [project]: {
    datasets: {
      sales: {
        tables: {
          large: { schema: [{ name: 'n', type: 'INTEGER' }], rows: { length: 30, at: index => [String(index)] } },
        },
      },
    },
  },
}

const tokenOf = (double: GoogleDouble, { headers }: GoogleRequest) =>
  double.tokens.find(String(headers.authorization).replace('Bearer ', ''))

const claimsOf = (assertion: string) =>
  JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>

describe('tokens', () => {
  it.each([
    ['a key', byKey()],
    ['impersonation', byImpersonation()],
  ])('are got with no more scopes than they are used for, by %s', async (_, input) => {
    const { double } = await testBigquery({}, input)
    const { bigquery, bigqueryReadonly, cloudPlatformReadOnly, iam } = googleScopes
    for (const request of double.requests) {
      const { method } = request
      if (method === 'token') continue
      const expected =
        method === 'generateAccessToken'
          ? iam
          : method === 'jobs.insert'
            ? bigquery
            : method === 'projects.testIamPermissions'
              ? cloudPlatformReadOnly
              : bigqueryReadonly
      expect(tokenOf(double, request)?.scopes, method).toEqual([expected])
    }
  })

  it('are claimed by the account alone, of the token endpoint alone, and for a short time', async () => {
    const { double } = await testBigquery()
    expect(double.signIn.assertions.length).toBeGreaterThan(0)
    for (const assertion of double.signIn.assertions) {
      const { iss, aud, iat, exp, sub } = claimsOf(assertion)
      expect({ iss, aud, sub }).toEqual({
        iss: reader.email,
        aud: 'https://oauth2.googleapis.com/token',
        sub: undefined,
      })
      expect(Number(exp) - Number(iat)).toBeLessThanOrEqual(3_600)
      expect(Math.abs(Number(iat) * 1_000 - Date.now())).toBeLessThan(60_000)
    }
  })

  it.each([
    ['a key', byKey(), reader],
    ['impersonation', byImpersonation(), helper],
  ])('that end in mid-query are got again, by %s', async (_, input, signer) => {
    for (const [query, method] of [
      [sql('select n from sales.large'), 'jobs.getQueryResults'],
      [table('large'), 'tabledata.list'],
    ] as const) {
      const expired = ({ nth }: GoogleRequest) =>
        nth === 2 ? invalidCredentials('bigquery.googleapis.com', true) : undefined
      const google: StartOptions = { bigquery: { projects: large, pageSize: 10 }, at: { [method]: expired } }
      const { outcome, double } = await queryBigquery(query, google, { input })
      expect(resultOf(outcome).rows.map(([n]) => n)).toEqual(Array.from({ length: 30 }, (_, index) => index))
      for (const assertion of double.signIn.assertions) expect(claimsOf(assertion)['iss']).toBe(signer.email)
    }
  })

  it('that are refused whatever is done about it are asked for twice, and no more', async () => {
    const { reports, double } = await testBigquery({ at: { 'jobs.insert': invalidCredentials() } })
    expectFailure(reports, 'OPEN', 'CLOUD_CREDENTIALS_REJECTED')
    expect(double.asked('jobs.insert')).toHaveLength(2)
  })

  it('are not asked for where the form has one', async () => {
    const { double } = await queryBigquery(sql('select 1'), {}, { input: byToken() })
    expect(double.connectionsTo('oauth2')).toBe(0)
  })
})

describe('a clock that is wrong', () => {
  it.each([
    [3_600_000, /3(?:599|600|601) s behind/],
    [-3_600_000, /3(?:599|600|601) s ahead/],
  ])('is told with how wrong it is (Google is %i ms ahead)', async (skewMs, words) => {
    const { reports } = await testBigquery({ skewMs })
    expect(expectFailure(reports, 'SIGN_IN:oauth2', 'CLOUD_CLOCK_SKEWED').detail).toMatch(words)
  })
})

describe('a job whose fate is not known', () => {
  const endless = { staysIn: () => 'RUNNING' as const }
  const abandoned = async (google: StartOptions, reached: (double: GoogleDouble) => boolean) => {
    const double = await startGoogle({ bigquery: endless, ...google })
    const cancel = new AbortController()
    const outcome = queryAt(double, byKey(), sql('select n from sales.numbers'), { signal: cancel.signal })
    outcome.catch(() => {})
    await expect.poll(() => reached(double), { interval: 5 }).toBe(true)
    cancel.abort(new Error('The reader has left.'))
    await expect(outcome).rejects.toThrow('The reader has left.')
    return double
  }

  it('is asked for once more, and then stopped: nothing is begun twice', async () => {
    const lost = ({ nth }: GoogleRequest) => (nth === 1 ? ('DO_AND_HANG' as const) : undefined)
    await using double = await abandoned({ at: { 'jobs.query': lost } }, ({ bigquery }) => bigquery.running > 0)
    expect(double.bigquery.jobs).toHaveLength(1)
    expect(double.bigquery.running).toBe(0)
    const ids = double.asked('jobs.query').map(({ json }) => json['requestId'])
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(1)
  })

  it('is stopped once more where nobody has said that it was', async () => {
    const silent = ({ nth }: GoogleRequest) => (nth === 1 ? ('HANG' as const) : undefined)
    await using double = await abandoned({ at: { 'jobs.cancel': silent } }, ({ bigquery }) => bigquery.running > 0)
    expect(double.bigquery.running).toBe(0)
    expect(double.asked('jobs.cancel')).toHaveLength(2)
  })
})

describe('what the account may not list', () => {
  it('is warned of, with the right that is missing', async () => {
    const grants = readerGrants.filter(({ role }) => role === 'roles/bigquery.jobUser')
    const { reports } = await testBigquery({ grants })
    // Without a table there is nothing that its rights could be asked of.
    expectProblem(reports, 'LEAST_PRIVILEGE', 'PRIVILEGES_UNKNOWN')
    const { params } = expectProblem(reports, 'READ', 'CATALOG_NOT_LISTABLE')
    expect(params).toMatchObject({ name: `${project}.sales`, action: expect.stringContaining('bigquery.tables.list') })
  })
})

describe('a dry run', () => {
  it('that has failed as a job is a failure, whatever else it says', async () => {
    const failed = (job: object) => ({
      ...job,
      status: { state: 'DONE', errorResult: { reason: 'invalidQuery', message: 'Unrecognized name: x at [1:8]' } },
    })
    const { outcome, double } = await queryBigquery(sql('select x'), { changes: { 'jobs.insert': failed } })
    expectQueryProblem(outcome, { code: 'OBJECT_NOT_FOUND', fields: ['sql.text'] })
    expect(double.bigquery.jobs).toEqual([])
  })
})

describe('what Google does not accept', () => {
  it.each<[string, StartOptions, 'SIGN_IN:oauth2' | 'READ', readonly string[]]>([
    [
      'of a claim',
      { at: { token: tokenRefusal('invalid_scope', 'Invalid OAuth scope or ID token audience provided.') } },
      'SIGN_IN:oauth2',
      ['auth.serviceAccountKey.json'],
    ],
    [
      'of a dataset',
      { at: { 'tables.list': bigQueryRefusal('invalid', 'Invalid dataset ID "sales".') } },
      'READ',
      ['defaultDataset'],
    ],
  ])('%s is told in its own words', async (_, google, step, fields) => {
    const { reports } = await testBigquery(google)
    const found = expectFailure(reports, step, 'CLOUD_REQUEST_INVALID')
    expect(found.fields).toEqual(fields)
    expect(found.detail).toMatch(/invalid/i)
  })
})
