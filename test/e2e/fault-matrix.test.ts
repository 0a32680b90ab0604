import { getServers, setServers } from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canarySecret } from '../canary/secrets.ts'
import {
  type ConnectorConfigInput,
  PreviewDocument,
  type ProblemDetailsFragment,
  RunTestDocument,
  SaveNewConnectorDocument,
  type TestDetailsFragment,
  WatchTestDocument,
} from '../generated/graphql.ts'
import { issueCertificate } from '../servers/certificates.ts'
import { DnsDouble } from '../servers/dns-double.ts'
import {
  BlackHole,
  httpServer,
  mysqlServer,
  refusingServer,
  type ScriptedServer,
  silentServer,
} from '../servers/hostile-servers.ts'
import { freePort, PostgresServer, uniqueName } from '../servers/postgres.ts'
import { RecordedApp } from './recorded-app.ts'
import { createSource, type Source, signInAttempts } from './source.ts'
import { asType } from './typed-result.ts'

const authority = issueCertificate({ commonName: 'Matrix Root', authority: true })
const certificate = issueCertificate({ commonName: 'db', issuer: authority, names: ['127.0.0.1'], usage: 'server' })
const nameServersBefore = getServers()

/** Makes this process, and so the server in it, ask these and nobody else. */
function askOnly(nameServers: readonly string[]): void {
  setServers(nameServers)
  // `node:dns` has other functions from now on.
  syncBuiltinESMExports()
}

let names: DnsDouble
let postgres: PostgresServer
let app: RecordedApp
let source: Source

beforeAll(async () => {
  names = await DnsDouble.start({ 'broken.test': 'SERVFAIL' })
  askOnly([names.address])
  postgres = await PostgresServer.start({
    hba: ['hostssl all encrypted 127.0.0.1/32 scram-sha-256', 'host all "/^(?!encrypted)" 127.0.0.1/32 scram-sha-256'],
    settings: { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' },
    files: { 'server.crt': certificate.certificate, 'server.key': certificate.key },
  })
  ;[app, source] = await Promise.all([RecordedApp.start('SQLite'), createSource(postgres)])
})
afterAll(async () => {
  askOnly(nameServersBefore)
  await app?.[Symbol.asyncDispose]()
  await postgres?.[Symbol.asyncDispose]()
  await names?.[Symbol.asyncDispose]()
})

async function runTest(draft: ConnectorConfigInput): Promise<TestDetailsFragment> {
  const { testConnection } = await app.client.request(RunTestDocument, { input: { target: { draft } } })
  return asType(testConnection, 'TestConnectionSuccess').test
}

/** Asserts that the test failed first at the step, with everything after it skipped, and answers the problem. */
function failureAt({ status, steps }: TestDetailsFragment, key: string, code: string): ProblemDetailsFragment {
  const at = steps.findIndex(step => step.key === key)
  const outcome = steps.map(step => [step.key, step.status, step.blockedBy])
  expect(status, JSON.stringify(outcome)).toBe('FAILED')
  const reached = steps.slice(0, at).map(step => step.status)
  expect(
    reached.filter(each => each !== 'PASSED' && each !== 'WARNING'),
    JSON.stringify(outcome),
  ).toEqual([])
  expect(outcome[at]).toEqual([key, 'FAILED', null])
  expect(outcome.slice(at + 1)).toEqual(steps.slice(at + 1).map(step => [step.key, 'SKIPPED', steps[at]?.id]))
  expect(steps.slice(at + 1).map(step => [step.problem, step.evidence])).toEqual(
    steps.slice(at + 1).map(() => [null, []]),
  )
  const problem = steps[at]?.problem
  expect(problem?.code).toBe(code)
  if (!problem) throw new Error('The failed step has no problem.')
  return problem
}

const warnings = ({ steps }: TestDetailsFragment) =>
  steps.flatMap(step => (step.status === 'WARNING' ? [`${step.key} ${step.problem?.code}`] : []))

const remediesOf = (problem: ProblemDetailsFragment) =>
  problem.remedies.map(remedy => ('field' in remedy ? `${remedy.__typename} ${remedy.field}` : remedy.__typename))

/** Statements of the problem's remedy, run as the administrator who reads it would. */
async function runRemedy(problem: ProblemDetailsFragment): Promise<void> {
  const remedy = problem.remedies.find(each => each.__typename === 'RunSqlRemedy')
  if (remedy?.__typename !== 'RunSqlRemedy') throw new Error('There is no statement to run.')
  await postgres.sql(remedy.sql, source.database)
}

const signIn = (username: string, password = canarySecret()) => ({ auth: { password: { username, password } } })

describe('a connection test names what is wrong', () => {
  test('with the password, after trying it once', async () => {
    const { username } = await createSource(postgres)
    const problem = failureAt(await runTest(source.config(signIn(username))), 'SIGN_IN', 'CREDENTIALS_REJECTED')
    expect(problem).toMatchObject({ origin: 'SOURCE', fields: ['auth.password.password', 'auth.password.username'] })
    expect(remediesOf(problem)).toEqual(['ReenterSecretRemedy auth.password.password'])
    expect(signInAttempts(postgres, username)).toBe(1)
  })

  test('with the database', async () => {
    const { username, config } = await createSource(postgres)
    const problem = failureAt(await runTest(config({ database: 'nowhere' })), 'SIGN_IN', 'DATABASE_NOT_FOUND')
    expect(problem).toMatchObject({ origin: 'SOURCE', fields: ['database'] })
    expect(signInAttempts(postgres, username)).toBe(1)
  })

  test('with the rights on the database, and how to grant them', async () => {
    const stranger = await createSource(postgres)
    const draft = stranger.config({ database: source.database })
    const problem = failureAt(await runTest(draft), 'SIGN_IN', 'DATABASE_ACCESS_DENIED')
    expect(problem.fields).toEqual(['database', 'auth.password.username'])
    await runRemedy(problem)
    const mended = await runTest(draft)
    expect(mended.steps.find(step => step.key === 'SIGN_IN')?.status).toBe('PASSED')
  })

  test('with the port, when nothing listens on it', async () => {
    const draft = source.config({ port: await freePort() })
    const problem = failureAt(await runTest(draft), 'CONNECT', 'CONNECTION_REFUSED')
    expect(problem).toMatchObject({ origin: 'NETWORK', fields: ['host', 'port'] })
  })

  test.each([
    ['missing.test', 'HOST_NOT_FOUND', ['host']],
    ['broken.test', 'NAME_RESOLUTION_FAILED', ['host']],
  ])('with the host name %s', async (host, code, fields) => {
    const problem = failureAt(await runTest(source.config({ host })), 'RESOLVE', code)
    expect(problem).toMatchObject({ origin: 'NETWORK', fields })
    expect(names.questions).toContain(`A ${host}`)
  })

  const strangers: readonly [string, () => Promise<ScriptedServer>, string][] = [
    ['a host that accepts and never answers', silentServer, 'NO_GREETING'],
    ['a web server', httpServer, 'WRONG_PROTOCOL'],
    ['a MySQL server', mysqlServer, 'WRONG_PROTOCOL'],
  ]
  test.each(strangers)('with %s', async (_name, start, code) => {
    await using peer = await start()
    const problem = failureAt(await runTest(source.config({ port: peer.port })), 'GREET', code)
    expect(problem.fields).toEqual(['host', 'port'])
    expect(peer.connections).toBe(1)
    expect(peer.received.includes(source.password)).toBe(false)
  })

  test('with the trust in the server, which was told neither user nor password', async () => {
    const { username, config } = await createSource(postgres)
    const problem = failureAt(await runTest(config({ tls: {} })), 'SECURE', 'TLS_CERTIFICATE_UNTRUSTED')
    expect(problem.fields).toEqual(['tls.caCertificates'])
    expect(signInAttempts(postgres, username)).toBe(0)
    const trusting = await runTest(config({ tls: { caCertificates: authority.certificate } }))
    expect([trusting.status, warnings(trusting)]).toEqual(['PASSED', []])
  })

  test('with the encryption that the server demands, and how to turn it on', async () => {
    const password = canarySecret()
    await postgres.sql(`create role encrypted login password '${password}'`)
    const problem = failureAt(
      await runTest(source.config(signIn('encrypted', password))),
      'SIGN_IN',
      'TLS_REQUIRED_BY_SERVER',
    )
    expect(problem.fields).toEqual(['tls.mode'])
    expect(problem.remedies).toMatchObject([{ __typename: 'SetFieldRemedy', field: 'tls.mode', value: 'VERIFY_FULL' }])
  })

  test('with an account that may do everything; what its remedy makes passes without that warning', async () => {
    const username = uniqueName('boss')
    const password = canarySecret()
    await postgres.sql(`create role ${username} superuser login password '${password}'`)
    const warned = await runTest(source.config(signIn(username, password)))
    expect(warned.status).toBe('PASSED_WITH_WARNINGS')
    expect(warnings(warned)).toEqual(['SECURE CONNECTION_NOT_ENCRYPTED', 'LEAST_PRIVILEGE ACCOUNT_CAN_WRITE'])
    const problem = warned.steps.at(-1)?.problem
    if (!problem) throw new Error('The warning has no problem.')
    expect(problem.fields).toEqual(['auth.password.username'])
    expect(remediesOf(problem)).toEqual([
      'RunSqlRemedy',
      'SetFieldRemedy auth.password.username',
      'ReenterSecretRemedy auth.password.password',
    ])
    await runRemedy(problem)
    const use = problem.remedies[1]
    const reader = use?.__typename === 'SetFieldRemedy' ? String(use.value) : ''
    // The administrator chooses another one than the remedy's example.
    const chosen = canarySecret()
    await postgres.sql(`alter role "${reader}" password '${chosen}'`)
    const mended = await runTest(source.config(signIn(reader, chosen)))
    expect([mended.status, warnings(mended)]).toEqual(['PASSED_WITH_WARNINGS', ['SECURE CONNECTION_NOT_ENCRYPTED']])
  })

  test('with a port that drops everything, within the budget that the form gives', async () => {
    await using hole = await BlackHole.start()
    const draft = source.config({ port: hole.port, limits: { connectTimeoutSeconds: 1 } })
    const events = await app.client.subscribe('SSE', WatchTestDocument, { input: { target: { draft } } }).all()
    const last = events.at(-1)
    if (last?.__typename !== 'ConnectionTestFinished') throw new Error(`The last event is ${last?.__typename}.`)
    const problem = failureAt(last.test, 'CONNECT', 'CONNECTION_TIMED_OUT')
    expect(problem).toMatchObject({ origin: 'NETWORK', retryable: true, fields: ['host', 'port'] })
    const connect = last.test.steps.find(step => step.key === 'CONNECT')
    expect(connect).toMatchObject({ budgetMs: 1_000, evidence: [{ address: '127.0.0.1', outcome: 'no answer' }] })
    expect(connect?.durationMs).toBeLessThanOrEqual(1_000)
  })
})

describe('a preview names what is wrong', () => {
  const preview = async (config: ConnectorConfigInput, text: string) => {
    const input = { name: uniqueName('Previewed'), config }
    const { createConnector } = await app.client.request(SaveNewConnectorDocument, { input })
    const { connector } = asType(createConnector, 'CreateConnectorSuccess')
    const target = { draft: { connector: { id: connector.id }, query: { postgres: { sql: { text } } } } }
    const { previewDataset } = await app.client.request(PreviewDocument, { input: { target } })
    return asType(previewDataset, 'PreviewFailedError')
  }

  test('with the connection', async () => {
    const refused = await preview(source.config({ port: await freePort() }), 'select 1')
    expect(refused).toMatchObject({
      code: 'PREVIEW_FAILED',
      problem: { code: 'CONNECTION_REFUSED', fields: ['host', 'port'] },
    })
    const { username } = await createSource(postgres)
    expect(await preview(source.config(signIn(username)), 'select 1')).toMatchObject({
      problem: { code: 'CREDENTIALS_REJECTED' },
    })
    expect(signInAttempts(postgres, username)).toBe(1)
  })

  test('with the statement', async () => {
    expect(await preview(source.config(), 'select * from nowhere')).toMatchObject({
      problem: { code: 'OBJECT_NOT_FOUND' },
    })
    expect(await preview(source.config(), 'delete from orders')).toMatchObject({
      problem: { code: 'QUERY_NOT_READ_ONLY' },
    })
    expect(await postgres.sql('select count(*)::int as left from orders', source.database)).toEqual([{ left: 2 }])
  })

  test('without the secrets that the data source quotes', async () => {
    const quoted = source.password.replaceAll('"', '""')
    const { problem } = await preview(source.config(), `select * from "${quoted}"`)
    expect(problem).toMatchObject({ code: 'OBJECT_NOT_FOUND', detail: expect.stringMatching(/^relation "•••" does/) })
  })
})

test('a server that tells secrets back is quoted without them', async () => {
  const password = canarySecret()
  const basic = Buffer.from(`ann:${password}`).toString('base64')
  const echo = `wrong: ${password}, ${encodeURIComponent(password)}, ${JSON.stringify(password)}, Basic ${basic}; bye`
  await using peer = await refusingServer('58000', echo)
  const draft = source.config({ port: peer.port, ...signIn('ann', password) })
  const test = await runTest(draft)
  const quoted = test.steps.find(step => step.status === 'FAILED')?.problem?.detail ?? ''
  expect(quoted).toMatch(/wrong: .*bye/)
  // In any other form the search after the run finds it.
  expect(quoted).not.toContain(password)
  const events = await app.client.subscribe('WebSocket', WatchTestDocument, { input: { target: { draft } } }).all()
  expect(JSON.stringify(events)).toContain('bye')
})
