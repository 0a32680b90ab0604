import { describe, expect, it } from 'vitest'
import type { BigQueryProjects } from '../../servers/bigquery-data.ts'
import type { GoogleRequest } from '../../servers/google-double.ts'
import { bigQueryRefusal, invalidCredentials } from '../../servers/google-refusals.ts'
import {
  byImpersonation,
  byKey,
  byToken,
  expectFailure,
  expectPass,
  expectProblem,
  expectQueryProblem,
  helperGrants,
  impersonated,
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

const statement = sql('select n from sales.numbers')

describe('a job of which nothing is told but that it runs', () => {
  it('is not asked for all the time where BigQuery does not wait as it was asked to', async () => {
    const unfinished = ({ url }: GoogleRequest) => ({
      status: 200,
      body: JSON.stringify({
        jobComplete: false,
        jobReference: { projectId: project, jobId: /queries\/([^?]+)/.exec(url)?.[1], location: 'EU' },
      }),
    })
    const { outcome, double } = await queryBigquery(
      statement,
      { bigquery: { staysIn: () => 'RUNNING' }, at: { 'jobs.getQueryResults': unfinished } },
      { input: byKey({ limits: { statementTimeoutSeconds: 2 } }) },
    )
    expectQueryProblem(outcome, { code: 'STATEMENT_TIMED_OUT' })
    const { length } = double.asked('jobs.getQueryResults')
    expect(length).toBeGreaterThan(1)
    expect(length).toBeLessThan(10)
    expect(double.bigquery.running).toBe(0)
  })

  it('is asked for in the project in which it was begun, whichever the answer names', async () => {
    for (const projectId of ['..', 'somebody-elses']) {
      const elsewhere = (answer: { jobReference: object }) => ({
        ...answer,
        jobReference: { ...answer.jobReference, projectId },
      })
      const { outcome, double } = await queryBigquery(statement, {
        bigquery: { waits: ['PENDING', 'RUNNING'] },
        changes: { 'jobs.query': elsewhere as never },
      })
      expect(resultOf(outcome).rows).toHaveLength(2)
      for (const { url, service } of double.requests) {
        if (service === 'bigquery') expect(url).toMatch(/^\/bigquery\/v2\/projects\/acme-analytics\//)
      }
    }
  })
})

describe('a statement for which no token can be got any more', () => {
  /** The first is that of SIGN_IN, the second that of the dry run. None lasts until the next call. */
  const atTheThird = (what: 'HANG' | { readonly status: number; readonly body: string }): StartOptions => ({
    changes: { token: (answer: object) => ({ ...answer, expires_in: 5 }) },
    at: { token: ({ nth }) => (nth === 3 ? what : undefined) },
  })

  it('is not begun, then or when all is cleared away', async () => {
    const { outcome, double } = await queryBigquery(statement, atTheThird({ status: 503, body: '' }))
    expectQueryProblem(outcome, { code: 'CLOUD_UNAVAILABLE' })
    expect(double.bigquery.dryRuns).toHaveLength(1)
    expect(double.asked('jobs.query')).toEqual([])
  })

  it('is not sent once more where the one that it was sent with was refused', async () => {
    const { outcome, double } = await queryBigquery(statement, {
      at: {
        'jobs.query': ({ nth }) => (nth === 1 ? invalidCredentials() : undefined),
        token: ({ nth }) => (nth === 3 ? { status: 503, body: '' } : undefined),
      },
    })
    expectQueryProblem(outcome, { code: 'CLOUD_UNAVAILABLE' })
    expect(double.asked('jobs.query')).toHaveLength(1)
    expect(double.bigquery.jobs).toEqual([])
  })

  it('is not begun for a reader who goes while it is waited for', async () => {
    await using double = await startGoogle(atTheThird('HANG'))
    const cancel = new AbortController()
    const outcome = queryAt(double, byKey(), statement, { signal: cancel.signal })
    outcome.catch(() => {})
    await expect.poll(() => double.held, { interval: 5 }).toBe(1)
    cancel.abort(new Error('The reader has left.'))
    await expect(outcome).rejects.toThrow('The reader has left.')
    await expect.poll(() => double.openConnections).toBe(0)
    expect(double.asked('jobs.query')).toEqual([])
  })
})

describe('a service that is too busy', () => {
  const busy = { status: 503, body: '' }

  it('is asked a few times more by a test, but by nobody twice who signs in', async () => {
    const { reports, double } = await testBigquery({ at: { 'jobs.insert': busy } })
    expectFailure(reports, 'OPEN', 'CLOUD_UNAVAILABLE')
    expect(double.asked('jobs.insert')).toHaveLength(3)
    expect(double.asked('token')).toHaveLength(2)
    const signIn = await testBigquery({ at: { token: busy } })
    expectFailure(signIn.reports, 'SIGN_IN:oauth2', 'CLOUD_UNAVAILABLE')
    expect(signIn.double.asked('token')).toHaveLength(1)
  })

  it('is asked a few times more for rows, and for a statement once', async () => {
    const at: StartOptions['at'] = { 'tabledata.list': busy, 'jobs.query': busy }
    const rows = await queryBigquery(table('numbers'), { at })
    expectQueryProblem(rows.outcome, { code: 'CLOUD_UNAVAILABLE' })
    expect(rows.double.asked('tabledata.list')).toHaveLength(5)
    const run = await queryBigquery(statement, { at })
    expectQueryProblem(run.outcome, { code: 'CLOUD_UNAVAILABLE' })
    // Once more, to have stopped what may have been begun.
    expect(run.double.asked('jobs.query')).toHaveLength(2)
  })
})

describe('datasets without tables', () => {
  const t = { schema: [{ name: 'n', type: 'INTEGER' as const }], rows: [['1']] }
  const empty = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`a${index}`, { tables: {} }]))
  const input = byKey({ defaultDataset: undefined })

  it('do not keep others from being found', async () => {
    const projects: BigQueryProjects = { [project]: { datasets: { ...empty, sales: { tables: { t } } } } }
    const { reports } = await testBigquery({ bigquery: { projects } }, input)
    expect(expectPass(reports)).toEqual({})
    expect(reports.READ?.status).toBe('PASSED')
  })

  it('may be written into by somebody of whom that cannot be told: it is not said that he may not', async () => {
    const grants = [
      { member: reader.email, role: 'roles/bigquery.jobUser' as const, on: `projects/${project}` },
      { member: reader.email, role: 'roles/bigquery.dataOwner' as const, on: `projects/${project}/datasets/a0` },
    ]
    const google: StartOptions = { bigquery: { projects: { [project]: { datasets: empty } } }, grants }
    for (const each of [input, byKey({ defaultDataset: 'a0' })]) {
      const { reports } = await testBigquery(google, each)
      expectProblem(reports, 'READ', 'NOTHING_READABLE')
      expectProblem(reports, 'LEAST_PRIVILEGE', 'PRIVILEGES_UNKNOWN')
      expect(reports.LEAST_PRIVILEGE?.status).toBe('SKIPPED')
    }
  })
})

describe('columns of a table', () => {
  it('that are too many for an address are chosen here', async () => {
    const names = Array.from(
      { length: 400 },
      (_, index) => `column_with_quite_a_long_name_such_as_people_give_${index}`,
    )
    const projects: BigQueryProjects = {
      [project]: {
        datasets: {
          sales: {
            tables: {
              wide: {
                schema: [...names, 'other'].map(name => ({ name, type: 'INTEGER' })),
                rows: [[...names.keys(), -1].map(String)],
              },
            },
          },
        },
      },
    }
    const columns = names.toReversed()
    const { outcome } = await queryBigquery(table('wide', { columns }), { bigquery: { projects } })
    const result = resultOf(outcome)
    expect(result.columns.map(({ name }) => name)).toEqual(columns)
    expect(result.rows).toEqual([[...names.keys()].reverse()])
  })
})

describe('what is said of', () => {
  it('a token by something that is not what knows tokens is not that it has ended', async () => {
    const at: StartOptions['at'] = {
      tokeninfo: { status: 404, body: '{"error":{"code":404,"message":"No such page"}}' },
    }
    const { reports } = await testBigquery({ at }, byToken())
    expect(expectFailure(reports, 'SIGN_IN:oauth2', 'UNCLASSIFIED').detail).toContain('No such page')
  })

  it('a perimeter is not that a right is missing', async () => {
    const message =
      "VPC Service Controls: Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: x1."
    for (const refusal of [
      {
        status: 403,
        body: JSON.stringify({ error: { code: 403, message, errors: [{ reason: 'policyViolation', message }] } }),
      },
      bigQueryRefusal('accessDenied', message),
    ]) {
      const { reports } = await testBigquery({ at: { 'jobs.insert': refusal } })
      const found = expectFailure(reports, 'OPEN', 'CLOUD_ACCESS_DENIED')
      expect(found.message).toContain('VPC Service Controls')
      expect(found.message).not.toContain('bigquery.jobs.create')
      expect(found.fields).toEqual([])
    }
  })

  it('a perimeter is not that an account may not be impersonated', async () => {
    const body = JSON.stringify({
      error: {
        code: 403,
        message: "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: x1",
        status: 'PERMISSION_DENIED',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.PreconditionFailure',
            violations: [{ type: 'VPC_SERVICE_CONTROLS' }],
          },
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            reason: 'SECURITY_POLICY_VIOLATED',
            domain: 'googleapis.com',
          },
        ],
      },
    })
    const { reports } = await testBigquery({ at: { generateAccessToken: { status: 403, body } } }, byImpersonation())
    const { message, remedies } = impersonated.expectFailure(reports, 'SIGN_IN:iamcredentials', 'CLOUD_ACCESS_DENIED')
    expect(message).toContain('VPC Service Controls')
    expect(remedies).toEqual([])
  })

  it('another kind of server is a sentence', async () => {
    const { reports } = await testBigquery({
      at: { 'jobs.insert': { status: 302, headers: { location: '/x' }, body: '' } },
    })
    const { message } = expectFailure(reports, 'OPEN', 'WRONG_PROTOCOL')
    expect(message).toMatch(/does not speak the Google API protocol; it looks like a redirect/)
  })

  it('a place that has no name is a refusal as any other', async () => {
    const refusal = bigQueryRefusal('notFound', 'Not found: Dataset ..:x was not found in location EU')
    const { outcome } = await queryBigquery(statement, { at: { 'jobs.insert': refusal } })
    expectQueryProblem(outcome, { code: 'OBJECT_NOT_FOUND', fields: ['sql.text'] })
  })

  it('an account to be made where only the number of its project is known leaves the id open', async () => {
    const number = '123456789012'
    const projects: BigQueryProjects = {
      [number]: {
        datasets: { sales: { tables: { t: { schema: [{ name: 'n', type: 'INTEGER' }], rows: [['1']] } } } },
      },
    }
    const grants = [
      ...readerGrants,
      ...helperGrants,
      { member: reader.email, role: 'roles/owner' as const, on: `projects/${number}` },
    ]
    const google: StartOptions = { bigquery: { projects }, grants }
    for (const [input, expectations] of [
      [byKey({ projectId: number }), { expectPass }],
      [byImpersonation({ projectId: number }), impersonated],
    ] as const) {
      const { reports } = await testBigquery(google, input)
      expect(expectations.expectPass(reports)).toEqual({ LEAST_PRIVILEGE: 'ACCOUNT_CAN_WRITE' })
      const said = JSON.stringify(reports.LEAST_PRIVILEGE?.problem?.remedies)
      expect(said).toContain(`gcloud projects describe ${number}`)
      expect(said).not.toContain(`@${number}`)
      expect(said).not.toContain('SET_FIELD')
    }
  })
})
