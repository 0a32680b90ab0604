import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { StepReport } from '../../src/connectors/connection-test.ts'
import type { RunEnvironment } from '../../src/connectors/define.ts'
import { validateForm } from '../../src/connectors/form-validation.ts'
import { runTest } from '../../src/connectors/host/run-test.ts'
import type { PostgresConfig } from '../../src/connectors/postgres/form.ts'
import { postgres } from '../../src/connectors/postgres/index.ts'
import { proves } from '../proofs/proves.ts'
import { collectQuery } from '../servers/collect-query.ts'
import { listCatalog, listOptions } from '../servers/listing-run.ts'
import { networkSettings } from '../servers/network-settings.ts'
import { PostgresServer, superuser, uniqueName } from '../servers/postgres.ts'
import { install } from './install.ts'
import { PgBouncer, pgBouncerProgram } from './pgbouncer-server.ts'
import { selfSignedCertificate } from './self-signed.ts'

const installation = await install('pgbouncer', pgBouncerProgram)
const account = { username: 'reader', password: 'reader-password' } as const
const environment: RunEnvironment = {
  network: networkSettings({ egress: { allowLoopback: true, allowUnencrypted: true } }),
  mayStartCompute: false,
}

interface Input {
  readonly port: number
  readonly database?: string
  readonly password?: string
  readonly username?: string
  readonly tls?: object
}

function configOf({ port, database = 'shop', tls = { mode: 'DISABLE' }, ...credentials }: Input): PostgresConfig {
  const form = { host: '127.0.0.1', port, database, auth: { password: { ...account, ...credentials } }, tls }
  const parsed = validateForm(postgres.form, form)
  if (!parsed.ok) throw new Error(parsed.issues.map(issue => `${issue.path}: ${issue.message}`).join('\n'))
  return parsed.value as PostgresConfig
}

/** Runs the whole plan and answers what became of each step, in order. */
async function testConnection(input: Input): Promise<ReadonlyMap<string, StepReport>> {
  const config = configOf(input)
  const reports = new Map<string, StepReport>()
  const job = { kind: 'TEST', typeName: postgres.name, config, plan: postgres.plan(config), environment } as const
  await runTest(
    postgres,
    job,
    message => {
      if (message.kind === 'STEP_FINISHED') reports.set(message.stepId, message.report)
    },
    AbortSignal.timeout(60_000),
  )
  return reports
}

/** What PgBouncer says in its own name; other problems it passes on from the server behind it. */
const ownProblems = ['POOLER_TIMED_OUT', 'TOO_MANY_CONNECTIONS', 'TLS_NOT_OFFERED', 'TLS_REQUIRED_BY_SERVER']

/** The one step that failed, after checking that all before it ran and all after it did not. */
function failureOf(reports: ReadonlyMap<string, StepReport>) {
  const steps = [...reports]
  const index = steps.findIndex(([, report]) => report.status === 'FAILED')
  const [step, report] = steps[index] ?? []
  expect(step, `some step of ${JSON.stringify(steps)} failed`).toBeDefined()
  expect(steps.slice(0, index).map(([, before]) => before.status)).not.toContain('SKIPPED')
  for (const [, after] of steps.slice(index + 1)) expect(after).toMatchObject({ status: 'SKIPPED', blockedBy: step })
  const { code, fields, retryable, remedies = [] } = report?.problem ?? {}
  if (code) proves(postgres.name, code, ownProblems.includes(code) ? 'REAL_SERVER' : 'PUBLIC_IMPLEMENTATION')
  return { step, code, fields, retryable, remedies: remedies.map(({ kind }) => kind) }
}

const rejected = {
  step: 'SIGN_IN',
  code: 'CREDENTIALS_REJECTED',
  fields: ['auth.password.password', 'auth.password.username'],
  remedies: ['REENTER_SECRET'],
}

if (installation.installed) describe('through PgBouncer', throughPgBouncer)
else test('through PgBouncer', context => context.skip(installation.reason))

function throughPgBouncer(): void {
  let server: PostgresServer
  let bouncer: PgBouncer

  beforeAll(async () => {
    server = await PostgresServer.start()
    await server.sql('create database shop')
    await server.sql(
      `create role ${account.username} login password '${account.password}';
       revoke create on schema public from public; create table orders (id int); insert into orders values (1);
       grant select on orders to ${account.username}`,
      'shop',
    )
    const behind = `host=127.0.0.1 port=${server.port}`
    bouncer = await PgBouncer.start({
      databases: [`shop = ${behind}`, `moved = ${behind} dbname=gone`, 'down = host=127.0.0.1 port=1'],
      users: { [account.username]: account.password, stranger: 'stranger-password' },
      settings: { query_wait_timeout: '1', server_login_retry: '1', default_pool_size: '2', max_client_conn: '3' },
    })
  })

  afterAll(async () => {
    await bouncer?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
  })

  test('a good connector passes every step, with a warning for the missing encryption', async () => {
    const reports = await testConnection({ port: bouncer.port })
    const statuses = Object.fromEntries([...reports].map(([step, report]) => [step, report.status]))
    expect(statuses).toEqual({
      RESOLVE: 'PASSED',
      EGRESS: 'PASSED',
      CONNECT: 'PASSED',
      GREET: 'PASSED',
      SECURE: 'WARNING',
      SIGN_IN: 'PASSED',
      OPEN: 'PASSED',
      READ: 'PASSED',
      LEAST_PRIVILEGE: 'PASSED',
    })
    expect(reports.get('SECURE')?.problem?.code).toBe('CONNECTION_NOT_ENCRYPTED')
    proves(postgres.name, 'CONNECTION_NOT_ENCRYPTED', 'PUBLIC_IMPLEMENTATION')
  })

  test('a preview reads rows in a read-only transaction of a pooled session', async () => {
    const limits = { maxRows: 10, maxBytes: 100_000 }
    const text = "select id, current_setting('transaction_read_only') as read_only from orders"
    const query = postgres.queryForm.schema.parse({ sql: { text } })
    const job = { config: configOf({ port: bouncer.port }), query, limits, environment }
    const preview = () => collectQuery(postgres, job, AbortSignal.timeout(30_000))
    // Twice, because the second one may get the first one's server session.
    for (const outcome of [await preview(), await preview()]) {
      expect(outcome).toMatchObject({ kind: 'RESULT', result: { rows: [[1, 'on']], truncated: false } })
    }
  })

  const formOf = (change: Partial<Input> = {}) => configOf({ port: bouncer.port, ...change })

  test('the catalog is listed through a pooled session, and ends when its time is over', async () => {
    const listed = async (path: readonly string[]) => (await listCatalog(postgres, formOf(), path)).items
    // As often as there are server sessions, and once more.
    for (const _ of Array(3)) expect((await listed([])).map(({ name }) => name)).toEqual(['public'])
    const [orders] = await listed(['public'])
    expect(orders).toMatchObject({ name: 'orders', query: { table: { schema: 'public', name: 'orders' } } })
    expect((await listed(['public', 'orders'])).map(({ name, column }) => [name, column?.type])).toEqual([
      ['id', 'INTEGER'],
    ])
    const { username: user, password } = superuser
    const holder = new pg.Client({ host: '127.0.0.1', port: server.port, user, password, database: 'shop', ssl: false })
    await holder.connect()
    try {
      await holder.query('begin; lock table pg_catalog.pg_description in access exclusive mode')
      const { items, problem } = await listCatalog(postgres, formOf(), ['public'], { budgetMs: 1_500 })
      expect([items, problem?.code]).toEqual([[], 'LISTING_TIMED_OUT'])
      // PgBouncer passes the request to cancel on to the session that is at work.
      await vi.waitFor(async () => {
        const waiting = "select 1 from pg_stat_get_activity(null) a where a.wait_event_type = 'Lock'"
        expect(await server.sql(waiting, 'postgres')).toEqual([])
      })
      proves(postgres.name, 'LISTING_TIMED_OUT', 'PUBLIC_IMPLEMENTATION')
    } finally {
      await holder.end()
    }
  })

  test('databases are those of the server behind, told from one that the pooler knows', async () => {
    const values = (await listOptions(postgres, formOf(), 'database')).items.map(({ value }) => value)
    expect(values).toEqual(['postgres', 'shop'])
    const { items, problem } = await listOptions(postgres, formOf({ database: 'postgres' }), 'database')
    expect([items, problem?.code, problem?.fields]).toEqual([[], 'DATABASE_NOT_FOUND', ['database']])
    proves(postgres.name, 'DATABASE_NOT_FOUND', 'PUBLIC_IMPLEMENTATION')
  })

  test('a wrong password', async () => {
    const reports = await testConnection({ port: bouncer.port, password: 'wrong-password' })
    expect(failureOf(reports)).toMatchObject(rejected)
  })

  test('an account that PgBouncer does not know', async () => {
    const reports = await testConnection({ port: bouncer.port, username: 'nobody_here' })
    expect(failureOf(reports)).toMatchObject(rejected)
  })

  test('an account that PgBouncer knows but the server behind does not', async () => {
    const reports = await testConnection({ port: bouncer.port, username: 'stranger', password: 'stranger-password' })
    expect(failureOf(reports)).toMatchObject(rejected)
  })

  test.each(['unheard_of', 'moved'])(
    'the database "%s", unknown to PgBouncer or to the server behind',
    async database => {
      const failure = failureOf(await testConnection({ port: bouncer.port, database }))
      expect(failure).toMatchObject({ code: 'DATABASE_NOT_FOUND', fields: ['database'], remedies: [] })
      expect(['SIGN_IN', 'OPEN']).toContain(failure.step)
    },
  )

  test('the server behind is down', async () => {
    const failure = failureOf(await testConnection({ port: bouncer.port, database: 'down' }))
    expect(failure).toMatchObject({ code: 'POOLER_TIMED_OUT', fields: [], remedies: [], retryable: true })
  })

  test('all server sessions of the pool are taken', async () => {
    await using _first = await transaction()
    await using _second = await transaction()
    const failure = failureOf(await testConnection({ port: bouncer.port }))
    expect(failure).toMatchObject({ code: 'POOLER_TIMED_OUT', fields: [], remedies: [], retryable: true })
  })

  test('no client connection is left', async () => {
    await using _first = await session()
    await using _second = await session()
    await using _third = await session()
    const failure = failureOf(await testConnection({ port: bouncer.port }))
    expect(failure).toMatchObject({ code: 'TOO_MANY_CONNECTIONS', fields: [], remedies: [], retryable: true })
  })

  test('encryption is asked for and not offered', async () => {
    const reports = await testConnection({ port: bouncer.port, tls: {} })
    expect(failureOf(reports)).toMatchObject({
      step: 'SECURE',
      code: 'TLS_NOT_OFFERED',
      fields: ['tls.mode', 'host', 'port'],
      remedies: [],
    })
  })

  test('encryption is demanded and not asked for', async () => {
    const { certificate, key } = await selfSignedCertificate()
    await using strict = await PgBouncer.start({
      databases: [`shop = host=127.0.0.1 port=${server.port}`],
      users: { [account.username]: account.password },
      files: { 'server.crt': certificate, 'server.key': key },
      settings: {
        client_tls_sslmode: 'require',
        client_tls_key_file: '{directory}/server.key',
        client_tls_cert_file: '{directory}/server.crt',
      },
    })
    expect(failureOf(await testConnection({ port: strict.port }))).toMatchObject({
      code: 'TLS_REQUIRED_BY_SERVER',
      fields: ['tls.mode'],
      remedies: ['SET_FIELD'],
    })
    const encrypted = await testConnection({ port: strict.port, tls: { caCertificates: certificate } })
    expect([...encrypted.values()].map(report => report.status)).toEqual(Array(9).fill('PASSED'))
  })

  async function session() {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: bouncer.port,
      user: account.username,
      password: account.password,
      database: 'shop',
      ssl: false,
      application_name: uniqueName('holder'),
    })
    await client.connect()
    return { query: (text: string) => client.query(text), [Symbol.asyncDispose]: () => client.end() }
  }

  /** A client that keeps a server session for itself. */
  async function transaction() {
    const client = await session()
    await client.query('begin')
    return client
  }
}
