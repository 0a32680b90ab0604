import { describe, expect, it } from 'vitest'
import type { BigQueryProjects } from '../../servers/bigquery-data.ts'
import { changedKey } from '../../servers/google-accounts.ts'
import type { GoogleDoubleOptions } from '../../servers/google-double.ts'
import { bigQueryRefusal, tokenRefusal } from '../../servers/google-refusals.ts'
import type { GoogleMethod } from '../../servers/google-routes.ts'
import { RecordingServer } from '../../servers/recording-server.ts'
import { altered, isOurFault, placesIn, strangeValues } from '../altered-answers.ts'
import {
  byImpersonation,
  byKey,
  byToken,
  expectFailure,
  expectPass,
  givenToken,
  helperGrants,
  project,
  queryAt,
  queryBigquery,
  reader,
  readerGrants,
  sql,
  startGoogle,
  table,
  testAt,
  testBigquery,
} from './bigquery-run.ts'

/** Two of them, and not always the same. */
const othersAt = (index: number): readonly unknown[] =>
  [0, 3].map(step => strangeValues[(index + step) % strangeValues.length])

/** As small as it can be: each place of it is replaced. */
const projects: BigQueryProjects = {
  [project]: {
    datasets: { sales: { tables: { numbers: { schema: [{ name: 'n', type: 'INTEGER' }], rows: [['1'], ['2']] } } } },
  },
}

const asked: readonly (readonly [GoogleMethod, unknown])[] = [
  ['token', byKey()],
  ['tokeninfo', byToken()],
  ['generateAccessToken', byImpersonation()],
  ['jobs.insert', byToken()],
  ['jobs.query', byToken()],
  ['jobs.getQueryResults', byToken()],
  ['datasets.list', byToken({ defaultDataset: undefined })],
  ['datasets.get', byToken()],
  ['tables.list', byToken()],
  ['tables.get', byToken()],
  ['tabledata.list', byToken()],
  ['tables.testIamPermissions', byToken()],
  ['projects.testIamPermissions', byToken()],
]

const queries = [sql('select n from sales.numbers'), table('numbers', { dataset: 'sales' })]
const bigquery = { projects, pageSize: 1 }

describe('an answer with something else in it than Google has there', () => {
  it.each(asked)(
    'is a problem of a step or none, and never a fault of ours: %s',
    async (method, input) => {
      let answer: unknown = {}
      let change = (given: unknown): unknown => {
        answer = given
        return given
      }
      // Without encryption, which has no part in it and takes longer than all the rest.
      await using double = await startGoogle({
        bigquery,
        certificate: null,
        grants: [
          ...readerGrants,
          ...helperGrants,
          { member: reader.email, role: 'roles/bigquery.dataEditor', on: `projects/${project}` },
        ],
        changes: { [method]: (given: never) => change(given) },
      })
      const run = async () => {
        const reports = await testAt(double, input, { budgetsMs: { OPEN: 400, READ: 400, LEAST_PRIVILEGE: 400 } })
        const told = [JSON.stringify(Object.values(reports).map(report => report?.problem))]
        for (const query of queries) {
          const limits = { maxRows: 20, maxBytes: 100_000 }
          const outcome = await queryAt(double, input, query, { limits }).catch(String)
          told.push(JSON.stringify(outcome))
        }
        return told
      }
      await run()
      const places = placesIn(answer, 5)
      expect(places.length).toBeGreaterThan(0)
      const strange: string[] = []
      for (const [index, place] of places.entries()) {
        for (const other of othersAt(index)) {
          change = () => altered(answer, place, other)
          for (const text of await run())
            if (isOurFault(text) || text.startsWith('"'))
              strange.push(`${place.join('.')} = ${JSON.stringify(other)}: ${text}`)
        }
      }
      expect(strange).toEqual([])
    },
    240_000,
  )

  it('without an end to its pages is read as far as anybody wants to wait', async () => {
    for (const [method, input] of [
      ['datasets.list', byKey({ defaultDataset: undefined })],
      ['tables.list', byToken()],
    ] as const) {
      const changes: GoogleDoubleOptions['changes'] = {
        [method]: (page: object, { nth }: { nth: number }) => ({ ...page, nextPageToken: `page-${nth % 2}` }),
      }
      const at: GoogleDoubleOptions['at'] = {}
      const { reports, double } = await testBigquery({ bigquery: { projects }, changes, at }, input)
      expect(['PASSED', 'WARNING', 'FAILED']).toContain(reports.READ?.status)
      expect(double.asked(method).length).toBeLessThan(20)
    }
  })

  it.each([
    ['rows without an end', (answer: object) => ({ ...answer, pageToken: 'again' })],
    ['pages without rows', (answer: object) => ({ ...answer, rows: undefined, pageToken: 'again' })],
    [
      'more rows than it was asked for',
      (answer: Readonly<Record<string, unknown>>) => ({ ...answer, rows: Array(5_000).fill({ f: [{ v: '1' }] }) }),
    ],
  ])('with %s is given as far as it is wanted, or refused', async (_, change) => {
    const limits = { maxRows: 50, maxBytes: 100_000 }
    for (const [query, method] of [
      [queries[0], 'jobs.query'],
      [queries[0], 'jobs.getQueryResults'],
      [queries[1], 'tabledata.list'],
    ] as const) {
      // The token of the pages is ours, which the double would not take.
      const page = {
        rows: [{ f: [{ v: '1' }] }],
        jobComplete: true,
        schema: { fields: [{ name: 'n', type: 'INTEGER' }] },
      }
      const repeats = () => ({
        status: 200,
        body: JSON.stringify(
          change({ ...page, jobReference: { projectId: project, jobId: 'j', location: 'EU' }, totalRows: '2' }),
        ),
      })
      await using double = await startGoogle({
        bigquery,
        ...(method === 'jobs.query' ? { changes: { 'jobs.query': change as never } } : {}),
        at: method === 'jobs.query' ? { 'jobs.getQueryResults': repeats } : { [method]: repeats },
      })
      const input = byKey({ limits: { statementTimeoutSeconds: 5 } })
      const outcome = await queryAt(double, input, query, { limits })
      if (outcome.kind === 'RESULT') expect(outcome.result.rows.length).toBeLessThanOrEqual(50)
      else expect(outcome.problem.code).toMatch(/PROTOCOL_VIOLATION|STATEMENT_TIMED_OUT/)
      expect(double.requests.length).toBeLessThan(500)
    }
  })

  it.each([
    { projectId: 'somebody-elses' },
    { jobId: '../../x' },
    { jobId: 'x?location=US', location: 'EU/../US' },
    { projectId: 'somebody-elses', jobId: '.' },
  ])('leads to no other project than the one that was asked: %j', async lie => {
    const elsewhere = (answer: { jobReference: object }) => ({
      ...answer,
      jobReference: { ...answer.jobReference, ...lie },
    })
    const { double } = await queryBigquery(sql('select n from sales.numbers'), {
      bigquery: { projects, waits: ['RUNNING', 'RUNNING'] },
      changes: { 'jobs.query': elsewhere as never },
    })
    for (const { url, service } of double.requests) {
      if (service === 'bigquery')
        expect(url).toMatch(
          /^\/bigquery\/v2\/projects\/acme-analytics\/(?:jobs|queries)(?:\/[\w-]+)?(?:\/cancel)?(?:\?|$)/,
        )
    }
  })

  it('with rows of another shape than its columns is refused, and not shown shifted', async () => {
    for (const cells of [[], [{ v: '1' }, { v: '2' }], [{ v: { f: [] } }], [7]]) {
      const changes: GoogleDoubleOptions['changes'] = {
        'tabledata.list': (answer: object) => ({ ...answer, rows: [{ f: cells }] }),
        'jobs.query': (answer: object) => ({ ...answer, rows: [{ f: cells }] }),
      }
      for (const query of queries) {
        const { outcome } = await queryBigquery(query, { bigquery: { projects }, changes })
        expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code: 'PROTOCOL_VIOLATION' } })
      }
    }
  })
})

describe('secrets of a run', () => {
  const line = reader.key.privateKey.split('\n')[3] ?? ''

  it('are hidden where a server repeats them: a token', async () => {
    const refusal = tokenRefusal('invalid_token', `You have said ${givenToken}.`)
    const { reports } = await testBigquery({ at: { tokeninfo: refusal } }, byToken())
    expect(JSON.stringify(reports)).toContain('You have said')
    expect(JSON.stringify(reports)).not.toContain(givenToken)
  })

  it('are hidden where a server repeats them: what was signed with a key', async () => {
    const at: GoogleDoubleOptions['at'] = {
      token: ({ body }) => tokenRefusal('invalid_grant', `You have said ${new URLSearchParams(body).get('assertion')}`),
    }
    const { reports, double } = await testBigquery({ at })
    const [sent] = double.asked('token')
    const assertion = new URLSearchParams(sent?.body).get('assertion') ?? ''
    expect(assertion.length).toBeGreaterThan(300)
    const text = JSON.stringify(reports)
    expect(text).toContain('You have said')
    for (const length of [assertion.length, 100, 40]) expect(text).not.toContain(assertion.slice(0, length))
  })

  it('are hidden where a server repeats the decisive part of them alone', async () => {
    const at: GoogleDoubleOptions['at'] = {
      token: ({ body }) =>
        tokenRefusal('invalid_grant', `You have signed: ${new URLSearchParams(body).get('assertion')?.split('.')[2]}`),
    }
    const { reports, double } = await testBigquery({ at })
    const signature = new URLSearchParams(double.asked('token')[0]?.body).get('assertion')?.split('.')[2] ?? ''
    expect(signature.length).toBeGreaterThan(300)
    expect(JSON.stringify(reports)).toContain('You have signed')
    expect(JSON.stringify(reports)).not.toContain(signature.slice(0, 40))
  })

  it('that it was given on its way are hidden too', async () => {
    for (const input of [byKey(), byImpersonation()]) {
      const at: GoogleDoubleOptions['at'] = {
        'jobs.insert': ({ headers }) =>
          bigQueryRefusal('invalid', `You have said ${String(headers.authorization)} to us.`),
        'jobs.query': ({ headers }) =>
          bigQueryRefusal('invalid', `You have said ${String(headers.authorization)} to us.`),
        'tabledata.list': ({ headers }) =>
          bigQueryRefusal('invalid', `You have said ${String(headers.authorization)} to us.`),
      }
      await using double = await startGoogle({ at })
      const reports = await testAt(double, input)
      const outcomes = [await queryAt(double, input, queries[0]), await queryAt(double, input, queries[1])]
      const text = JSON.stringify([reports, outcomes])
      expect(text).toContain('You have said')
      expect(double.tokens.issued.length).toBeGreaterThan(1)
      for (const { text: secret } of double.tokens.issued) expect(text).not.toContain(secret)
      for (const assertion of double.signIn.assertions) expect(text).not.toContain(assertion)
    }
  })

  it('go to whom they are for, and to nobody else', async () => {
    const { double } = await testBigquery({}, byImpersonation())
    for (const { service, body, url, headers } of double.requests) {
      const sent = `${url} ${JSON.stringify(headers)} ${body}`
      // A private key is sent nowhere, an assertion to the token endpoint alone, and tokens in no address.
      expect(sent).not.toContain(line)
      for (const assertion of double.signIn.assertions) if (service !== 'oauth2') expect(sent).not.toContain(assertion)
      for (const { text, email } of double.tokens.issued) {
        expect(url).not.toContain(text)
        if (service === 'bigquery' && email !== reader.email) expect(sent).not.toContain(text)
        if (service === 'oauth2') expect(sent).not.toContain(text)
      }
    }
  })

  it('are asked for nowhere but at Google, whatever the key file says', async () => {
    await using recorder = await RecordingServer.start()
    const json = changedKey(reader, {
      token_uri: `${recorder.url}/token`,
      auth_uri: recorder.url,
      auth_provider_x509_cert_url: recorder.url,
      client_x509_cert_url: recorder.url,
      quota_project_id: 'somebody-elses',
    })
    const input = byKey({ auth: { serviceAccountKey: { json } } })
    await using double = await startGoogle()
    expect(expectPass(await testAt(double, input))).toEqual({})
    await queryAt(double, input, queries[0])
    expect(recorder.connections).toBe(0)
    for (const { headers } of double.requests) expect(headers['x-goog-user-project']).toBeUndefined()
    const { reports } = await testBigquery({ revokedKeys: [reader.key.id] }, input)
    expectFailure(reports, 'SIGN_IN:oauth2', 'CLOUD_CREDENTIALS_REJECTED')
    expect(recorder.connections).toBe(0)
  })
})
