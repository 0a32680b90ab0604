import { BigQuery } from '@google-cloud/bigquery'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createServiceAccount, type ServiceAccount } from '../../servers/google-accounts.ts'
import { GoogleDouble, type GoogleDoubleOptions } from '../../servers/google-double.ts'
import { googleScopes } from '../../servers/google-scopes.ts'

const project = 'acme-analytics'
const reader = createServiceAccount('reader', project)
const helper = createServiceAccount('helper', project)

const start = (options: Partial<GoogleDoubleOptions> = {}) =>
  GoogleDouble.start({
    accounts: [reader, helper],
    grants: [
      { member: reader.email, role: 'roles/bigquery.jobUser', on: `projects/${project}` },
      { member: reader.email, role: 'roles/bigquery.dataViewer', on: `projects/${project}` },
      { member: helper.email, role: 'roles/iam.serviceAccountTokenCreator', on: `serviceAccounts/${reader.email}` },
    ],
    // Google's client takes no authorities of ours.
    certificate: null,
    ...options,
  })

interface SignIn {
  readonly transporter: { request(options: { readonly url?: unknown }): unknown }
  /** Of impersonation: whose token is asked for first. */
  readonly sourceClient?: SignIn
  scopes?: string | readonly string[]
}

/** Google's own ways to sign in, which come with its client; they send to the double what is for Google. */
function signInOf(double: GoogleDouble, json: object) {
  const client = new BigQuery({ projectId: project }).authClient.fromJSON(json as never)
  const { sourceClient, ...own } = client as unknown as SignIn
  for (const each of sourceClient ? [own, sourceClient] : [own]) leadTo(double, each)
  if (sourceClient) sourceClient.scopes = [googleScopes.cloudPlatform]
  return client
}

function leadTo(double: GoogleDouble, { transporter }: SignIn): void {
  const request = transporter.request.bind(transporter)
  transporter.request = options =>
    request({
      ...options,
      url: String(options.url)
        .replace('https://oauth2.googleapis.com', double.urlOf('oauth2'))
        .replace('https://iamcredentials.googleapis.com', double.urlOf('iamcredentials')),
    })
}

const keyOf = ({ key }: ServiceAccount, change: object = {}) => ({ ...JSON.parse(key.json), ...change })

/** Google's own client, with a token of the double's. */
function clientOf(double: GoogleDouble, scopes: readonly string[] = [googleScopes.bigquery]): BigQuery {
  const authClient = signInOf(double, keyOf(reader))
  authClient.setCredentials({ access_token: double.tokens.issue(reader.email, scopes).text })
  return new BigQuery({ projectId: project, apiEndpoint: double.urlOf('bigquery'), authClient, autoRetry: false })
}

const errorOf = (promise: Promise<unknown>): Promise<{ code: number; errors: { reason: string; message: string }[] }> =>
  promise.then(
    () => {
      throw new Error('There was no error.')
    },
    (error: unknown) => error as never,
  )

// It says that it would rather be given its credentials in another way.
beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}))
afterEach(() => vi.restoreAllMocks())

describe("the double of BigQuery and Google's own client", () => {
  it('answers a query that the client runs by jobs.query, page by page', async () => {
    const rows = Array.from({ length: 25 }, (_, index) => [String(index)])
    const schema = [{ name: 'n', type: 'INTEGER' }]
    const projects = { [project]: { datasets: { d: { tables: { t: { schema, rows } } } } } }
    await using double = await start({ bigquery: { projects, pageSize: 10 } })
    const [found] = await clientOf(double).query({ query: 'select n from d.t', maxResults: 10 })
    expect(found.map(({ n }: { n: number }) => n)).toEqual(rows.map(([n]) => Number(n)))
    expect(double.methods).toEqual(['jobs.query', 'jobs.getQueryResults', 'jobs.getQueryResults'])
  })

  it('answers a job that waits, and its results', async () => {
    await using double = await start({ bigquery: { waits: ['PENDING', 'RUNNING', 'RUNNING'] } })
    const [job] = await clientOf(double).createQueryJob({ query: 'select n, name from sales.numbers', location: 'EU' })
    const [rows] = await job.getQueryResults({ wrapIntegers: true })
    expect(rows.map(({ n, name }: { n: { value: string }; name: string }) => [n.value, name])).toEqual([
      ['1', 'one'],
      ['9223372036854775807', 'two'],
    ])
    expect(job.metadata.jobReference.location).toBe('EU')
    expect(double.bigquery.bytesBilled).toBe(10_485_760)
  })

  it('says of a dry run what a statement is, and runs nothing', async () => {
    await using double = await start()
    const dryRun = async (query: string) => {
      const [job] = await clientOf(double).createQueryJob({ query, dryRun: true })
      return job.metadata.statistics
    }
    expect(await dryRun('select n from sales.recent')).toMatchObject({
      totalBytesProcessed: '200',
      query: {
        statementType: 'SELECT',
        totalBytesBilled: '0',
        referencedTables: [{ tableId: 'recent' }, { projectId: project, datasetId: 'sales', tableId: 'numbers' }],
        schema: { fields: [{ name: 'n', type: 'INTEGER' }] },
      },
    })
    expect((await dryRun('select 1; select 2')).query.statementType).toBe('SCRIPT')
    expect(double.bigquery.dryRuns).toHaveLength(2)
    expect(double.bigquery.jobs).toEqual([])
  })

  it('stops a job, and says so of it', async () => {
    await using double = await start({ bigquery: { staysIn: () => 'RUNNING' } })
    const [job] = await clientOf(double).createQueryJob('select 1')
    expect(double.bigquery.running).toBe(1)
    await job.cancel()
    const [metadata] = await job.getMetadata()
    expect(metadata.status).toMatchObject({ state: 'DONE', errorResult: { reason: 'stopped' } })
    expect(double.bigquery.cancelled).toEqual(['select 1'])
    expect(double.bigquery.running).toBe(0)
    expect((await errorOf(job.getQueryResults())).code).toBe(499)
  })

  it('lists projects, datasets and tables, and reads tables but no views', async () => {
    await using double = await start()
    const client = clientOf(double, [googleScopes.bigqueryReadonly])
    const [datasets] = await client.getDatasets()
    expect(datasets.map(({ id, location }) => [id, location])).toEqual([
      ['sales', 'EU'],
      ['archive', 'US'],
    ])
    const [tables] = await client.dataset('sales').getTables()
    expect(tables.map(({ id, metadata }) => [id, metadata.type])).toEqual([
      ['numbers', 'TABLE'],
      ['everything', 'TABLE'],
      ['recent', 'VIEW'],
    ])
    const [rows] = await client.dataset('sales').table('numbers').getRows({ selectedFields: 'name', maxResults: 1 })
    expect(rows).toEqual([{ name: 'one' }])
    const [held] = await client
      .dataset('sales')
      .table('numbers')
      .testIamPermissions(['bigquery.tables.getData', 'bigquery.tables.updateData'])
    expect(held).toEqual({ permissions: ['bigquery.tables.getData'] })
    const { code, errors } = await errorOf(client.dataset('sales').table('recent').getRows())
    expect([code, errors[0]]).toEqual([
      400,
      { domain: 'global', reason: 'invalid', message: 'Cannot list a table of type VIEW.' },
    ])
    expect(double.bigquery.jobs).toEqual([])
  })

  it('has values of every type that the client reads as what they are', async () => {
    await using double = await start()
    const [rows] = await clientOf(double).query({ query: 'select * from sales.everything' }, { wrapIntegers: true })
    const [row] = rows
    const text = (value: { value: string }) => value.value
    expect(text(row.i)).toBe('9007199254740993')
    expect([row.f, row.b, row.s]).toEqual([0.1, true, 'Zoë "x"'])
    expect(row.y).toEqual(Buffer.from('AP/+', 'base64'))
    expect(row.n.toFixed(2)).toBe('1.10')
    expect(row.bn.toFixed()).toBe('-5789604461865809771178549250434395.25')
    expect([row.d, row.dt, row.t, row.ts].map(text)).toEqual([
      '2026-11-22',
      '2026-11-22T10:11:12.123456',
      '10:11:12.000001',
      '2026-05-28T20:26:40.123456000Z',
    ])
    expect(text(row.g)).toBe('POINT(2.35 48.85)')
    expect(row.r.value).toEqual({ start: '2026-01-01', end: 'UNBOUNDED' })
    expect(row.rt.value.start).toMatch(/^2026-05-28T20:26:40/)
    expect(row.l.map(text)).toEqual(['1', '9007199254740993'])
    expect(row.o.street).toBe('Rue de Rivoli')
    expect(row.o.tags.map(({ k }: { k: string }) => k)).toEqual(['a', 'b'])
    expect(rows[1].s).toBe('')
    expect(rows[1].o).toBeNull()
  })

  it("refuses in the words of the documentation, which the client's errors carry", async () => {
    await using double = await start()
    const client = clientOf(double)
    const reasonOf = async (query: string, more: object = {}) => {
      const { code, errors } = await errorOf(client.query({ query, ...more }))
      return `${code} ${errors[0]?.reason}: ${errors[0]?.message}`
    }
    expect(await reasonOf('selec 1')).toBe('400 invalidQuery: Syntax error: Unexpected identifier "selec" at [1:1]')
    expect(await reasonOf('select * from sales.nope')).toBe(
      `404 notFound: Not found: Table ${project}:sales.nope was not found in location EU`,
    )
    expect(await reasonOf('select * from sales.numbers', { location: 'US' })).toBe(
      `404 notFound: Not found: Dataset ${project}:sales was not found in location US`,
    )
    expect(await reasonOf('select * from `acme-lake.events.clicks`')).toMatch(/^403 accessDenied: Access Denied: Table/)
    expect(await reasonOf('insert into sales.numbers values (1)')).toMatch(/^403 accessDenied: .*updateData denied/)
    expect(await reasonOf('select * from numbers')).toMatch(/^400 invalid: Table "numbers" must be qualified/)
    expect(await reasonOf('select * from sales.numbers', { maximumBytesBilled: '1000' })).toMatch(
      /^400 bytesBilledLimitExceeded: .*1000\. 10485760 or higher required/,
    )
  })

  it('lets no token begin a job that may only read, though it may query', async () => {
    await using double = await start()
    const client = clientOf(double, [googleScopes.bigqueryReadonly])
    const [rows] = await client.query('select 1 as one')
    expect(rows).toEqual([{ one: 1 }])
    const { code, errors } = await errorOf(client.createQueryJob('select 1 as one'))
    expect([code, errors[0]?.reason]).toEqual([403, 'insufficientPermissions'])
  })

  it("exchanges an assertion that Google's library has signed, and lets it act for another account", async () => {
    await using double = await start()
    const json = keyOf(helper)
    const own = signInOf(double, json)
    Object.assign(own, { scopes: [googleScopes.cloudPlatform] })
    const { token } = await own.getAccessToken()
    expect(double.tokens.find(token ?? '')).toMatchObject({ email: helper.email, scopes: [googleScopes.cloudPlatform] })
    const other = signInOf(double, {
      type: 'impersonated_service_account',
      service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${reader.email}:generateAccessToken`,
      source_credentials: json,
    })
    const found = double.tokens.find((await other.getAccessToken()).token ?? '')
    expect(found).toMatchObject({ email: reader.email })
    const stranger = signInOf(double, keyOf(helper, { private_key: reader.key.privateKey }))
    Object.assign(stranger, { scopes: [googleScopes.cloudPlatform] })
    await expect(stranger.getAccessToken()).rejects.toThrow('Invalid JWT Signature')
  })
})
