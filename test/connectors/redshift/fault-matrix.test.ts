import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { DnsDouble } from '../../servers/dns-double.ts'
import { authentication, errorResponse } from '../../servers/hostile-postgres-messages.ts'
import { redshiftAnswerTo } from '../../servers/hostile-redshift-statements.ts'
import { BlackHole, cuttingServer, httpServer, mysqlServer, silentServer } from '../../servers/hostile-servers.ts'
import { freePort, PostgresServer, superuser } from '../../servers/postgres.ts'
import { RedshiftFacade } from '../../servers/redshift-facade.ts'
import { withoutIpv6 } from '../../servers/without-ipv6.ts'
import { hintsOf } from '../type-expectations.ts'
import { config, password, startDouble, testDouble } from './hostile-run.ts'
import {
  expectFailure,
  expectPass,
  expectProblem,
  expectQueryProblem,
  inputFor,
  queryRedshift,
  testRedshift,
} from './redshift-run.ts'

const reach = ['host', 'port']
const reenter = 'REENTER_SECRET auth.password.password'

describe('the test of a Redshift connector (on a PostgreSQL with the catalogue of Redshift)', () => {
  let facade: RedshiftFacade
  beforeAll(async () => {
    facade = await RedshiftFacade.start({
      settings: { max_connections: '8', superuser_reserved_connections: '3', max_wal_senders: '0' },
    })
    await facade.sql(`
      create table orders (id int); insert into orders values (1);
      create schema blank; create table blank.empty (id int); create view blank.broken as select 1 as n where 1 / (random() * 0)::int = 1;
      create role ann login password 'pw'; grant select on orders to ann;
      create role narrow login password 'pw'; create table parts (id int, secret text); insert into parts values (1, 'x');
      grant select (id) on parts to narrow;
      create role nobody login password 'pw';
      create role looker login password 'pw'; grant usage on schema blank to looker; grant select on all tables in schema blank to looker;
      create role limited login password 'pw' connection limit 0`)
    await facade.sql('create database closed allow_connections false')
    await facade.sql('create database private')
    await facade.sql('revoke connect on database private from public')
  })
  afterAll(async () => {
    await facade?.[Symbol.asyncDispose]()
  })
  const test = (username: string, change: Record<string, unknown> = {}, secret = 'pw') =>
    testRedshift(inputFor(facade, username, secret, change))

  it('passes every step for a right-sized account, and shows what it measured', async () => {
    const reports = await test('ann')
    expect(expectPass(reports)).toEqual({ SECURE: 'CONNECTION_NOT_ENCRYPTED' })
    expect(reports.OPEN?.evidence).toMatchObject([
      { label: 'Database', value: 'dev' },
      { label: 'Redshift version', value: '1.0.77467' },
    ])
    expect(reports.READ?.evidence).toMatchObject([{ label: 'Read one row of', value: 'public.orders' }])
    expect(reports.LEAST_PRIVILEGE?.status).toBe('PASSED')
  })

  it.each<
    [string, string, Record<string, unknown>, string, StepKey, ProblemCode, readonly string[], readonly string[]]
  >([
    [
      'a wrong password',
      'ann',
      {},
      'wrong',
      'SIGN_IN',
      'CREDENTIALS_REJECTED',
      ['auth.password.password', 'auth.password.username'],
      [reenter],
    ],
    [
      'an unknown user',
      'zoe',
      {},
      'pw',
      'SIGN_IN',
      'CREDENTIALS_REJECTED',
      ['auth.password.password', 'auth.password.username'],
      [reenter],
    ],
    [
      'a database that is not there',
      'ann',
      { database: 'nope' },
      'pw',
      'SIGN_IN',
      'DATABASE_NOT_FOUND',
      ['database'],
      [],
    ],
    [
      'a database without the right to connect',
      'ann',
      { database: 'private' },
      'pw',
      'SIGN_IN',
      'DATABASE_ACCESS_DENIED',
      ['database', 'auth.password.username'],
      [],
    ],
    ['a database that is closed', 'ann', { database: 'closed' }, 'pw', 'SIGN_IN', 'DATABASE_CLOSED', ['database'], []],
    ['as many connections as the user may have', 'limited', {}, 'pw', 'SIGN_IN', 'TOO_MANY_CONNECTIONS', [], []],
    ['no encryption at all', 'ann', { tls: {} }, 'pw', 'SECURE', 'TLS_NOT_OFFERED', ['tls.mode', ...reach], []],
  ])('names %s', async (_, username, change, secret, key, code, fields, remedies) => {
    const problem = expectFailure(await test(username, change, secret), key, code)
    expect(hintsOf(problem)).toEqual({ fields, remedies })
    expect(JSON.stringify(problem)).not.toContain('wrong')
  })

  it('refuses to go without encryption where the operator does not allow that', async () => {
    const reports = await testRedshift(inputFor(facade, 'ann'), { egress: { allowUnencrypted: false } })
    expectFailure(reports, 'SECURE', 'TLS_DISABLED_BY_POLICY')
  })

  it('warns of an account that can read nothing, with the SQL that lets it', async () => {
    const reports = await test('nobody')
    const problem = expectProblem(reports, 'READ', 'NOTHING_READABLE')
    expect(reports.READ?.status).toBe('WARNING')
    expect(hintsOf(problem)).toEqual({ fields: ['auth.password.username'], remedies: ['RUN_SQL'] })
    const [remedy] = problem.remedies
    await facade.sql(remedy?.kind === 'RUN_SQL' ? remedy.sql : '')
    expect((await test('nobody')).READ?.status).toBe('PASSED')
  })

  it('says which schemas are not there', async () => {
    const reports = await test('ann', { schemas: ['public', 'gone'] })
    expect(reports.READ).toMatchObject({
      status: 'PASSED',
      evidence: [{ label: 'Schema does not exist', value: 'gone' }, {}],
    })
    const nothing = await test('ann', { schemas: ['gone'] })
    expect(hintsOf(expectProblem(nothing, 'READ', 'NOTHING_READABLE'))).toEqual({
      fields: ['schemas', 'auth.password.username'],
      remedies: [],
    })
  })

  it('reads by columns where a table may not be read as a whole', async () => {
    const reports = await test('narrow', { schemas: ['public'] })
    expect(reports.READ).toMatchObject({ status: 'PASSED' })
    expect(facade.statementsOf('narrow').join('\n')).toContain('SELECT "id" FROM "public"."parts"')
  })

  it('does not take for readable what was granted to others, though it may see that', async () => {
    await facade.sql(`
      create role onlooker login password 'pw';
      insert into pg_facade.system_privileges values ('ACCESS SYSTEM TABLE', 'onlooker', 'user')`)
    expectProblem(await test('onlooker', { schemas: ['public'] }), 'READ', 'NOTHING_READABLE')
  })

  it('goes on to the next table when one cannot be read, and tells an empty one', async () => {
    const reports = await test('looker', { schemas: ['blank'] })
    expect(reports.READ).toMatchObject({
      status: 'PASSED',
      evidence: [
        { label: 'Could not be read', value: expect.stringContaining('blank.broken') },
        { label: 'Read, but empty', value: 'blank.empty' },
      ],
    })
  })
})

describe('what answers in the place of Redshift', () => {
  it('is told from it when it is a PostgreSQL', async () => {
    await using postgres = await PostgresServer.start()
    const reports = await testRedshift(
      inputFor(postgres, superuser.username, superuser.password, { database: 'postgres' }),
    )
    const problem = expectFailure(reports, 'OPEN', 'WRONG_PROTOCOL', 'REAL_SERVER')
    expect(problem.message).toMatch(/does not speak the Redshift protocol; it looks like PostgreSQL \d+/)
    expect(problem.fields).toEqual(reach)
  })

  it.each([
    ['a web server', httpServer, 'WRONG_PROTOCOL'],
    ['MySQL', mysqlServer, 'WRONG_PROTOCOL'],
    ['nobody who says a word', silentServer, 'NO_GREETING'],
    ['somebody who hangs up', cuttingServer, 'CONNECTION_RESET'],
  ] as const)('is named when it is %s', async (_, start, code) => {
    await using server = await start()
    const reports = await testRedshift(config(server.port), { budgetsMs: { GREET: 500 } })
    expect(expectFailure(reports, 'GREET', code).fields).toEqual(reach)
    expect(server.received.includes(password)).toBe(false)
  })

  it('is nobody: refused, dropped, denied, unknown, unreachable', async () => {
    const port = await freePort()
    expectFailure(await testRedshift(config(port)), 'CONNECT', 'CONNECTION_REFUSED')
    await using hole = await BlackHole.start()
    expectFailure(
      await testRedshift(config(hole.port), { budgetsMs: { CONNECT: 400 } }),
      'CONNECT',
      'CONNECTION_TIMED_OUT',
    )
    expectFailure(await testRedshift(config(port), { egress: { allowLoopback: false } }), 'EGRESS', 'EGRESS_DENIED')
    await using dns = await DnsDouble.start({
      'broken.test': 'SERVFAIL',
      'silent.test': 'SILENT',
      'six.test': ['fd00::1'],
    })
    const named = (host: string) =>
      testRedshift(config(port, { host }), {
        nameServers: [dns.address],
        egress: { allowPrivate: true },
        budgetsMs: { RESOLVE: 400 },
      })
    expectFailure(await named('missing.test'), 'RESOLVE', 'HOST_NOT_FOUND')
    expectFailure(await named('broken.test'), 'RESOLVE', 'NAME_RESOLUTION_FAILED')
    expectFailure(await named('silent.test'), 'RESOLVE', 'NAME_RESOLUTION_TIMED_OUT')
    using _ = withoutIpv6()
    expectFailure(await named('six.test'), 'CONNECT', 'NETWORK_UNREACHABLE')
  })
})

describe('the words of a server that stands for Redshift', () => {
  it.each<[string, string, string, ProblemCode, boolean]>([
    ['is starting', '57P03', 'the database system is starting up', 'SERVER_STARTING', true],
    ['is a standby', '57P03', 'the database system is not accepting connections', 'STANDBY_CLOSED', false],
    ['is shutting down', '57P01', 'terminating connection due to administrator command', 'SERVER_SHUTTING_DOWN', true],
    ['has no room', '53300', 'too many connections', 'TOO_MANY_CONNECTIONS', true],
    [
      'has reached the limit of a database',
      '55006',
      'connection limit "10" exceeded for database "dev"',
      'TOO_MANY_CONNECTIONS',
      true,
    ],
    [
      'has no rule for this address',
      '28000',
      'no pg_hba.conf entry for host "::ffff:10.0.0.1", user "ann"',
      'HOST_RULE_REJECTED',
      false,
    ],
    [
      'wants encryption',
      '28000',
      'no pg_hba.conf entry for host "10.0.0.1", user "ann", database "dev", SSL off',
      'TLS_REQUIRED_BY_SERVER',
      false,
    ],
    ['has locked the user out', '28000', 'role "ann" is not permitted to log in', 'LOGIN_NOT_PERMITTED', false],
    [
      'rejects the password in its own words',
      '28000',
      'password authentication failed for user "ann"',
      'CREDENTIALS_REJECTED',
      false,
    ],
    ['is behind a pooler that waits', '08P01', 'server_login_retry', 'POOLER_TIMED_OUT', true],
    ['has an error of its own', '99999', 'Out of cheese', 'UNCLASSIFIED', false],
  ])('are read when it %s, at SIGN_IN', async (_, state, words, code, mayRetry) => {
    const { reports } = await testDouble({
      at: {
        STARTUP: async peer => {
          await peer.send(errorResponse(state, words, 'FATAL'))
          peer.socket.end()
        },
      },
    })
    const problem = expectFailure(reports, 'SIGN_IN', code)
    expect(problem.retryable === mayRetry || code === 'STANDBY_CLOSED').toBe(true)
    expect(problem.detail).toContain(words.slice(0, 20))
  })

  it('are not needed to see that it asks for what cannot be given', async () => {
    // Redshift's own drivers are asked for a digest of SHA-256, number 13, which PostgreSQL's protocol does not have.
    const digest = await testDouble({ at: { STARTUP: () => authentication(13, 'salt') } })
    expectFailure(digest.reports, 'SIGN_IN', 'AUTH_METHOD_UNSUPPORTED')
    const unproved = await testDouble({ at: { SASL_FINAL: () => Buffer.concat([authentication(0)]) } })
    expectFailure(unproved.reports, 'SIGN_IN', 'SERVER_PROOF_MISSING')
    const clear = await testDouble(
      { certificate: [], at: { STARTUP: () => authentication(3) } },
      { tls: { mode: 'DISABLE' } },
    )
    expectFailure(clear.reports, 'SIGN_IN', 'CLEARTEXT_PASSWORD_REFUSED')
    expect(clear.server.received.includes(password)).toBe(false)
  })

  it('may be none, at each step that waits for them', async () => {
    for (const [stage, key, code] of [
      ['STARTUP', 'SIGN_IN', 'SIGN_IN_TIMED_OUT'],
      ['OPEN', 'OPEN', 'STEP_TIMED_OUT'],
      ['HANDSHAKE', 'SECURE', 'TLS_TIMED_OUT'],
    ] as const) {
      const { reports, server } = await testDouble({ at: { [stage]: () => {} } }, {}, { budgetsMs: { [key]: 400 } })
      expectFailure(reports, key, code)
      await expect.poll(() => server.openConnections).toBe(0)
    }
  })

  it('end a session in the middle of a test', async () => {
    const { reports } = await testDouble(
      {
        at: { OPEN: async peer => peer.send(errorResponse('57P01', 'terminated by an administrator', 'FATAL')) },
      },
      {},
      { budgetsMs: { OPEN: 2_000 } },
    )
    expectFailure(reports, 'OPEN', 'SESSION_ENDED_BY_SERVER')
  })

  it('may all be in upper case, as far as they name columns', async () => {
    const { reports } = await testDouble({
      answerTo: text => {
        const answer = redshiftAnswerTo(text)
        const columns = answer.columns?.map(column => ({ ...column, name: column.name.toUpperCase() })) ?? null
        return { ...answer, columns }
      },
    })
    expect(expectPass(reports)).toEqual({})
  })

  it('are refused as answers where they are none', async () => {
    const { reports } = await testDouble(
      { at: { FACTS: (_peer, answer) => Buffer.concat([answer.subarray(0, 20), answer]) } },
      {},
      { budgetsMs: { LEAST_PRIVILEGE: 2_000 } },
    )
    expect(reports.LEAST_PRIVILEGE?.status).toBe('FAILED')
    expectProblem(reports, 'LEAST_PRIVILEGE', 'PROTOCOL_VIOLATION')
  })

  it('stop a statement, or are more than a preview takes', async () => {
    await using cancelling = await startDouble({
      at: { QUERY: async peer => peer.send(errorResponse('57014', 'canceling statement due to user request')) },
    })
    const sql = { sql: { text: 'select n from numbers' } }
    expectQueryProblem(await queryRedshift(config(cancelling.port), sql), { code: 'STATEMENT_CANCELLED' })
    const columns = Array.from({ length: 1_665 }, () => ({ name: 'n' }))
    await using wide = await startDouble({
      answerTo: text =>
        text.startsWith('select n') ? { stage: 'QUERY', tag: 'SELECT 0', columns, rows: [] } : redshiftAnswerTo(text),
    })
    expectQueryProblem(await queryRedshift(config(wide.port), sql), { code: 'RESULT_TOO_LARGE' })
  })
})
