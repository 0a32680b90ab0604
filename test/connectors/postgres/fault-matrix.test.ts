import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { DnsDouble } from '../../servers/dns-double.ts'
import {
  BlackHole,
  cuttingServer,
  errorResponse,
  httpServer,
  mysqlServer,
  refusingServer,
  ScriptedServer,
  silentServer,
} from '../../servers/hostile-servers.ts'
import { freePort, PostgresServer, superuser, uniqueName } from '../../servers/postgres.ts'
import { testPostgres } from '../../servers/postgres-run.ts'
import { withoutIpv6 } from '../../servers/without-ipv6.ts'
import { expectFailure, expectPass, hintsOf, signInAttempts } from './expectations.ts'

const hba = [
  'host all admin 127.0.0.1/32 scram-sha-256',
  'host all rejected 127.0.0.1/32 reject',
  'hostssl all tls_only 127.0.0.1/32 scram-sha-256',
  'host all cleartext 127.0.0.1/32 password',
  'host all md5_user 127.0.0.1/32 md5',
  'host all "/^(?!tls_only)" 127.0.0.1/32 scram-sha-256',
]

describe('the test of a PostgreSQL connector, in clear text', () => {
  let server: PostgresServer

  beforeAll(async () => {
    server = await PostgresServer.start({
      hba,
      settings: { max_connections: '8', superuser_reserved_connections: '3', max_wal_senders: '0' },
    })
    await server.sql(`
      create table readings (id int primary key, value text);
      insert into readings values (1, 'row-content');
      create role rejected login password 'pw';
      create role tls_only login password 'pw';
      create role cleartext login password 'pw';
      set password_encryption = 'md5';
      create role md5_user login password 'pw';
      set password_encryption = 'scram-sha-256'`)
    await server.sql('create database closed_database allow_connections false')
    await server.sql('create database private_database')
    await server.sql('revoke connect on database private_database from public')
  })
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
  })

  /** A fresh role that can read, so that its sign-ins can be counted. */
  async function reader(options = 'login'): Promise<string> {
    const name = uniqueName('reader')
    await server.sql(`create role ${name} password 'pw' ${options}; grant select on readings to ${name}`)
    return name
  }

  const config = (username: string, change: Record<string, unknown> = {}) => ({
    host: '127.0.0.1',
    port: server.port,
    auth: { password: { username, password: 'pw' } },
    tls: { mode: 'DISABLE' },
    ...change,
  })

  it('passes every step for a right-sized account, and signs in once', async () => {
    const username = await reader()
    const reports = await testPostgres(config(username))
    expect(expectPass(reports)).toEqual({ SECURE: 'CONNECTION_NOT_ENCRYPTED' })
    expect(reports.RESOLVE?.evidence).toEqual([])
    expect(reports.EGRESS?.evidence).toContainEqual({
      kind: 'ADDRESS',
      label: 'Address',
      address: '127.0.0.1',
      family: 'IPV4',
      outcome: 'allowed',
    })
    expect(reports.READ?.evidence).toContainEqual(
      expect.objectContaining({ label: 'Read one row of', value: 'public.readings' }),
    )
    expect(JSON.stringify(reports)).not.toContain('row-content')
    expect(await signInAttempts(server, username)).toBe(1)
  })

  it('names a wrong password', async () => {
    const username = await reader()
    const problem = expectFailure(
      await testPostgres(config(username, { auth: { password: { username, password: 'wrong' } } })),
      'SIGN_IN',
      'CREDENTIALS_REJECTED',
    )
    expect(problem.fields).toEqual(['auth.password.password', 'auth.password.username'])
    expect(problem.remedies).toEqual([
      { kind: 'REENTER_SECRET', title: expect.any(String), field: 'auth.password.password' },
    ])
    expect(await signInAttempts(server, username)).toBe(1)
  })

  it('names an unknown user like a wrong password: the server does not tell them apart', async () => {
    const username = uniqueName('nobody')
    const problem = expectFailure(await testPostgres(config(username)), 'SIGN_IN', 'CREDENTIALS_REJECTED')
    expect(problem.message).toContain(username)
    expect(hintsOf(problem)).toEqual({
      fields: ['auth.password.password', 'auth.password.username'],
      remedies: ['REENTER_SECRET auth.password.password'],
    })
    expect(await signInAttempts(server, username)).toBe(1)
  })

  it.each([
    ['spaces at its ends', '  pass word '],
    ['letters beyond ASCII', 'pässwörd-密码'],
    ['an accent as a character of its own', 'e\u0301te\u0301'],
    ['quotes and backslashes', `it's "quoted" \\ and $$`],
  ])('signs in with a password that has %s', async (_, password) => {
    const username = uniqueName('edge')
    await server.sql(
      `create role ${username} login password '${password.replaceAll("'", "''")}'; grant select on readings to ${username}`,
    )
    expectPass(await testPostgres(config(username, { auth: { password: { username, password } } })))
    if (password.trim() !== password) {
      expectFailure(
        await testPostgres(config(username, { auth: { password: { username, password: password.trim() } } })),
        'SIGN_IN',
        'CREDENTIALS_REJECTED',
      )
    }
  })

  it('names an unknown database', async () => {
    const username = await reader()
    const problem = expectFailure(
      await testPostgres(config(username, { database: 'nowhere' })),
      'SIGN_IN',
      'DATABASE_NOT_FOUND',
    )
    expect(hintsOf(problem)).toEqual({ fields: ['database'], remedies: [] })
    expect(problem.message).toContain('"nowhere"')
    expect(await signInAttempts(server, username)).toBe(1)
  })

  it('names a missing right to connect, with the statement that grants it', async () => {
    const username = await reader()
    const target = config(username, { database: 'private_database' })
    const problem = expectFailure(await testPostgres(target), 'SIGN_IN', 'DATABASE_ACCESS_DENIED')
    expect(hintsOf(problem)).toEqual({ fields: ['database', 'auth.password.username'], remedies: ['RUN_SQL'] })
    expect(await signInAttempts(server, username)).toBe(1)
    const [remedy] = problem.remedies
    if (remedy?.kind !== 'RUN_SQL') throw new Error('There is no statement to run.')
    await server.sql(remedy.sql)
    expect((await testPostgres(target)).SIGN_IN?.status).toBe('PASSED')
  })

  it('names a database that is closed to everybody', async () => {
    const problem = expectFailure(
      await testPostgres(config(await reader(), { database: 'closed_database' })),
      'SIGN_IN',
      'DATABASE_CLOSED',
    )
    expect(hintsOf(problem)).toEqual({ fields: ['database'], remedies: [] })
  })

  it('names an account that may not log in, with the statement that lets it', async () => {
    const username = await reader('nologin')
    const problem = expectFailure(await testPostgres(config(username)), 'SIGN_IN', 'LOGIN_NOT_PERMITTED')
    expect(hintsOf(problem)).toEqual({ fields: ['auth.password.username'], remedies: ['RUN_SQL'] })
    expect(await signInAttempts(server, username)).toBe(1)
    const [remedy] = problem.remedies
    if (remedy?.kind !== 'RUN_SQL') throw new Error('There is no statement to run.')
    await server.sql(remedy.sql)
    expectPass(await testPostgres(config(username)))
  })

  it('names a rejection by the access rules', async () => {
    const problem = expectFailure(await testPostgres(config('rejected')), 'SIGN_IN', 'HOST_RULE_REJECTED')
    expect(hintsOf(problem)).toEqual({ fields: ['auth.password.username', 'database'], remedies: [] })
    expect(await signInAttempts(server, 'rejected')).toBe(1)
  })

  it('names a server that demands encryption, and offers to turn it on', async () => {
    const problem = expectFailure(await testPostgres(config('tls_only')), 'SIGN_IN', 'TLS_REQUIRED_BY_SERVER')
    expect(hintsOf(problem)).toEqual({ fields: ['tls.mode'], remedies: ['SET_FIELD tls.mode'] })
    expect(problem.remedies).toContainEqual(
      expect.objectContaining({ kind: 'SET_FIELD', field: 'tls.mode', value: 'VERIFY_FULL' }),
    )
  })

  it('names an account that has no connection left', async () => {
    const limited = config(await reader('login connection limit 0'))
    const problem = expectFailure(await testPostgres(limited), 'SIGN_IN', 'TOO_MANY_CONNECTIONS')
    expect({ ...hintsOf(problem), retryable: problem.retryable }).toEqual({ fields: [], remedies: [], retryable: true })
  })

  it('names a server that has no connection left: before it looks at the user if it is full, after if the rest is reserved', async () => {
    const username = await reader()
    const clientOf = (user: string, password: string) =>
      new pg.Client({ host: '127.0.0.1', port: server.port, user, password, database: 'postgres', ssl: false })
    const clients: pg.Client[] = []
    const connect = async (count: number, user: string, password: string) => {
      for (let n = 0; n < count; n++) {
        const client = clientOf(user, password)
        await client.connect()
        clients.push(client)
      }
    }
    try {
      await connect(5, username, 'pw')
      expectFailure(await testPostgres(config(username)), 'SIGN_IN', 'TOO_MANY_CONNECTIONS')
      await connect(3, superuser.username, superuser.password)
      const problem = expectFailure(await testPostgres(config(username)), 'GREET', 'TOO_MANY_CONNECTIONS')
      expect(hintsOf(problem)).toEqual({ fields: [], remedies: [] })
    } finally {
      for (const client of clients) await client.end()
    }
  })

  it.each(['cleartext', 'md5_user'])(
    'does not give its password away to an unverified server that asks for it (%s)',
    async username => {
      const problem = expectFailure(await testPostgres(config(username)), 'SIGN_IN', 'CLEARTEXT_PASSWORD_REFUSED')
      expect(problem.fields).toEqual(['tls.mode'])
    },
  )

  it('names a server without encryption when encryption is wanted', async () => {
    const problem = expectFailure(await testPostgres(config(await reader(), { tls: {} })), 'SECURE', 'TLS_NOT_OFFERED')
    expect(hintsOf(problem)).toEqual({ fields: ['tls.mode', 'host', 'port'], remedies: [] })
  })

  it('sends nothing about the user where the operator allows only encrypted connections', async () => {
    const peer = await ScriptedServer.start(socket => socket.once('data', () => socket.write('S')))
    await using _ = peer
    const reports = await testPostgres(config('somebody', { port: peer.port }), { egress: { allowUnencrypted: false } })
    expectFailure(reports, 'SECURE', 'TLS_DISABLED_BY_POLICY')
    expect(peer.received.includes('somebody')).toBe(false)
  })

  it('warns of an account that can read nothing, with the statement that lets it', async () => {
    const username = uniqueName('blind')
    await server.sql(`create role ${username} login password 'pw'`)
    const reports = await testPostgres(config(username))
    expect(expectPass(reports).READ).toBe('NOTHING_READABLE')
    const [remedy] = reports.READ?.problem?.remedies ?? []
    if (remedy?.kind !== 'RUN_SQL') throw new Error('There is no statement to run.')
    await server.sql(remedy.sql)
    await server.sql(remedy.sql)
    expect(expectPass(await testPostgres(config(username))).READ).toBeUndefined()
  })

  it('looks only into the schemas of the form, and says which do not exist', async () => {
    const username = await reader()
    const reports = await testPostgres(config(username, { schemas: ['public', 'nowhere'] }))
    expect(reports.READ?.status).toBe('PASSED')
    expect(reports.READ?.evidence).toContainEqual(
      expect.objectContaining({ label: 'Schema does not exist', value: 'nowhere' }),
    )
    const elsewhere = await testPostgres(config(username, { schemas: ['nowhere'] }))
    expect(elsewhere.READ?.problem).toMatchObject({
      code: 'NOTHING_READABLE',
      fields: ['schemas', 'auth.password.username'],
    })
    expect(elsewhere.READ?.evidence).toContainEqual(
      expect.objectContaining({ label: 'Schema does not exist', value: 'nowhere' }),
    )
  })

  it('reads a view whose functions rely on the path of the account', async () => {
    const username = uniqueName('viewer')
    const schema = uniqueName('views')
    await server.sql(`
      create schema ${schema}; create function ${schema}.total() returns bigint language sql security definer as 'select count(*) from readings';
      create view ${schema}.totals as select ${schema}.total() as total; create role ${username} login password 'pw';
      grant usage on schema ${schema} to ${username}; grant select on ${schema}.totals to ${username}`)
    expect((await testPostgres(config(username, { schemas: [schema] }))).READ).toMatchObject({
      status: 'PASSED',
      evidence: [expect.objectContaining({ label: 'Read one row of', value: `${schema}.totals` })],
    })
  })

  it('leaves no session behind when it is cancelled in the middle of a statement', async () => {
    const username = await reader()
    const schema = uniqueName('slow')
    await server.sql(
      `create schema ${schema}; create view ${schema}.slow as select pg_sleep(60)::text as slept; grant usage on schema ${schema} to ${username}; grant select on ${schema}.slow to ${username}`,
    )
    const cancel = new AbortController()
    const sleeping = `select pid from pg_stat_activity where usename = '${username}' and wait_event = 'PgSleep'`
    const run = testPostgres(config(username, { schemas: [schema] }), { signal: cancel.signal })
    await vi.waitFor(async () => expect(await server.sql(sleeping)).toHaveLength(1), { timeout: 5_000 })
    cancel.abort()
    const reports = await run
    expect(reports.READ).toMatchObject({ status: 'CANCELLED' })
    expect(reports.LEAST_PRIVILEGE).toMatchObject({ status: 'CANCELLED' })
    await vi.waitFor(
      async () =>
        expect(await server.sql(`select pid from pg_stat_activity where usename = '${username}'`)).toEqual([]),
      { timeout: 5_000 },
    )
  })

  it('leaves no session behind when a step runs out of its budget', async () => {
    const username = await reader()
    const schema = uniqueName('slow')
    await server.sql(
      `create schema ${schema}; create view ${schema}.slow as select pg_sleep(60)::text as slept; grant usage on schema ${schema} to ${username}; grant select on ${schema}.slow to ${username}`,
    )
    const reports = await testPostgres(config(username, { schemas: [schema] }), { budgetsMs: { READ: 400 } })
    const problem = expectFailure(reports, 'READ', 'STEP_TIMED_OUT')
    expect(hintsOf(problem)).toEqual({ fields: [], remedies: [] })
    await vi.waitFor(
      async () =>
        expect(await server.sql(`select pid from pg_stat_activity where usename = '${username}'`)).toEqual([]),
      { timeout: 5_000 },
    )
  })
})

describe('the test of a PostgreSQL connector, against other things than PostgreSQL', () => {
  const config = (port: number, change: Record<string, unknown> = {}) => ({
    host: '127.0.0.1',
    port,
    auth: { password: { username: 'ann', password: 'secret-of-ann' } },
    ...change,
  })
  const inClear = { tls: { mode: 'DISABLE' } }
  /** Nothing but the address can be wrong, and only the reader knows the right one. */
  const toReachElsewhere = { fields: ['host', 'port'], remedies: [] }

  it('names a closed port, with what became of each address', async () => {
    const reports = await testPostgres({ ...config(await freePort()), host: 'localhost' })
    // Nothing was made up: nobody listens there.
    const problem = expectFailure(reports, 'CONNECT', 'CONNECTION_REFUSED', 'REAL_SERVER')
    expect(hintsOf(problem)).toEqual(toReachElsewhere)
    expect(reports.CONNECT?.evidence).toContainEqual(
      expect.objectContaining({ kind: 'ADDRESS', address: '127.0.0.1', outcome: expect.stringMatching(/^refused/) }),
    )
  })

  it('answers for a port that drops within the budget of CONNECT', async () => {
    await using hole = await BlackHole.start()
    const reports = await testPostgres(config(hole.port), { budgetsMs: { CONNECT: 500 } })
    const problem = expectFailure(reports, 'CONNECT', 'CONNECTION_TIMED_OUT')
    expect(problem.params).toMatchObject({ seconds: 0.5, port: hole.port })
    expect(hintsOf(problem)).toEqual(toReachElsewhere)
    expect(reports.CONNECT?.evidence).toContainEqual(expect.objectContaining({ kind: 'ADDRESS', outcome: 'no answer' }))
  })

  it.each([
    ['encrypted', {}],
    ['in clear text', inClear],
  ])('names a host that accepts and never answers (%s)', async (_, change) => {
    await using peer = await silentServer()
    const problem = expectFailure(
      await testPostgres(config(peer.port, change), { budgetsMs: { GREET: 200 } }),
      'GREET',
      'NO_GREETING',
    )
    expect(hintsOf(problem)).toEqual(toReachElsewhere)
    expect(peer.connections).toBe(1)
    await vi.waitFor(() => expect(peer.openConnections).toBe(0))
    expect(peer.received.includes('secret-of-ann')).toBe(false)
  })

  it.each([
    ['HTTP', httpServer, 'an HTTP server'],
    ['MySQL', mysqlServer, 'a MySQL or MariaDB server'],
    ['SSH', () => ScriptedServer.start(socket => socket.write('SSH-2.0-OpenSSH_9.6\r\n')), 'an SSH server'],
    [
      'TLS',
      () =>
        ScriptedServer.start(socket => socket.once('data', () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 10])))),
      'a server that expects TLS at once',
    ],
  ] as const)('names a server that speaks %s', async (_, start, found) => {
    for (const change of [{}, inClear]) {
      await using peer = await start()
      const problem = expectFailure(await testPostgres(config(peer.port, change)), 'GREET', 'WRONG_PROTOCOL')
      expect(problem.params).toMatchObject({ expected: 'PostgreSQL', found })
      expect(hintsOf(problem)).toEqual(toReachElsewhere)
    }
  })

  it('names a server that hangs up', async () => {
    await using peer = await cuttingServer()
    expectFailure(await testPostgres(config(peer.port)), 'GREET', 'CONNECTION_RESET')
  })

  it.each([
    ['57P03', 'the database system is starting up', 'SERVER_STARTING'],
    ['57P03', 'the database system is shutting down', 'SERVER_SHUTTING_DOWN'],
    ['57P01', 'terminating connection due to administrator command', 'SERVER_SHUTTING_DOWN'],
    ['53300', 'sorry, too many clients already', 'TOO_MANY_CONNECTIONS'],
    ['', 'could not fork new process for connection', 'UNCLASSIFIED'],
  ])('names an error at once: %s %s', async (code, message, expected) => {
    await using peer = await refusingServer(code, message)
    const problem = expectFailure(await testPostgres(config(peer.port)), 'GREET', expected)
    expect(problem.detail).toContain(message)
  })

  it('refuses an answer to which something was added before encryption', async () => {
    await using peer = await ScriptedServer.start(socket =>
      socket.once('data', () => socket.write(Buffer.concat([Buffer.from('S'), errorResponse('00000', 'stuffed')]))),
    )
    expectFailure(await testPostgres(config(peer.port)), 'GREET', 'PROTOCOL_VIOLATION')
  })

  it('never sends the password of a server that asks for it in clear text', async () => {
    const authenticationCleartextPassword = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])
    await using peer = await ScriptedServer.start(socket =>
      socket.once('data', () => socket.write(authenticationCleartextPassword)),
    )
    expectFailure(await testPostgres(config(peer.port, inClear)), 'SIGN_IN', 'CLEARTEXT_PASSWORD_REFUSED')
    expect(peer.received.includes('secret-of-ann')).toBe(false)
  })

  it('stops a server that sends without end', async () => {
    const flood = Buffer.alloc(1_048_576)
    flood.write('E')
    flood.writeInt32BE(0x7fffffff, 1)
    await using peer = await ScriptedServer.start(socket => {
      const pour = () => {
        while (!socket.destroyed && socket.write(flood));
      }
      // AuthenticationOk first, so that the flood reaches the driver.
      socket.once('data', () => {
        socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]))
        pour()
        socket.on('drain', pour)
      })
    })
    expectFailure(await testPostgres(config(peer.port, inClear)), 'SIGN_IN', 'PROTOCOL_VIOLATION')
  })

  it.each(['RESOLVE', 'EGRESS', 'CONNECT', 'GREET'])(
    'leaves no connection when it is cancelled after %s',
    async last => {
      await using peer = await ScriptedServer.start(socket => socket.once('data', () => socket.write('S')))
      const cancel = new AbortController()
      const reports = await testPostgres(config(peer.port), {
        signal: cancel.signal,
        onStep: message => {
          if (message.kind === 'STEP_FINISHED' && message.stepId === last) cancel.abort()
        },
      })
      expect(reports.SECURE?.status).toBe('CANCELLED')
      await vi.waitFor(() => expect(peer.openConnections).toBe(0))
    },
  )

  it('names host names that do not exist and name servers that fail', async () => {
    await using dns = await DnsDouble.start({ 'broken.test': 'SERVFAIL', 'silent.test': 'SILENT', 'empty.test': [] })
    const run = (host: string) =>
      testPostgres({ ...config(5432), host }, { nameServers: [dns.address], budgetsMs: { RESOLVE: 400 } })
    for (const [host, code] of [
      ['missing.test', 'HOST_NOT_FOUND'],
      ['empty.test', 'HOST_NOT_FOUND'],
      ['broken.test', 'NAME_RESOLUTION_FAILED'],
      ['silent.test', 'NAME_RESOLUTION_TIMED_OUT'],
    ] as const) {
      const problem = expectFailure(await run(host), 'RESOLVE', code)
      expect(hintsOf(problem)).toEqual({ fields: ['host'], remedies: [] })
    }
  })

  it('names a host that has only IPv6 addresses where there is no IPv6', async () => {
    await using dns = await DnsDouble.start({ 'six.test': ['fd00::1', 'fd00::2'] })
    using _ = withoutIpv6()
    const reports = await testPostgres(
      { ...config(5432), host: 'six.test' },
      { nameServers: [dns.address], egress: { allowPrivate: true } },
    )
    const problem = expectFailure(reports, 'CONNECT', 'NETWORK_UNREACHABLE')
    expect(hintsOf(problem)).toEqual({ fields: ['host'], remedies: [] })
    expect(problem.detail).toContain('six.test has only IPv6 addresses')
    expect(reports.CONNECT?.evidence).toHaveLength(2)
  })

  it('dials no address that the operator denies, and tells none', async () => {
    await using peer = await silentServer()
    await using dns = await DnsDouble.start({ 'inside.test': ['127.0.0.1'], 'mixed.test': ['127.0.0.1', '10.1.2.3'] })
    const run = (host: string, allowLoopback: boolean) =>
      testPostgres({ ...config(peer.port), host }, { nameServers: [dns.address], egress: { allowLoopback } })
    for (const reports of [
      await run('inside.test', false),
      await run('mixed.test', true),
      await run('127.0.0.1', false),
    ]) {
      const problem = expectFailure(reports, 'EGRESS', 'EGRESS_DENIED')
      expect(problem.fields).toEqual(['host', 'port'])
      expect(JSON.stringify(reports)).not.toMatch(/127\.0\.0\.1|10\.1\.2\.3/)
    }
    expect(peer.connections).toBe(0)
  })
})

describe('the test of a PostgreSQL connector, while the server comes up', () => {
  const start = async (settings: Record<string, string>, signal: string) => {
    const server = await PostgresServer.start()
    await server.stop('fast')
    await server.configure({ settings, files: { [signal]: '' } })
    // It never gets ready in these tests.
    server.launch().catch(() => {})
    return server
  }
  const whenUp = (server: PostgresServer) =>
    vi.waitFor(
      async () => {
        const reports = await testPostgres({
          host: '127.0.0.1',
          port: server.port,
          auth: { password: { username: 'ann', password: 'pw' } },
          tls: { mode: 'DISABLE' },
        })
        expect(reports.CONNECT?.status).toBe('PASSED')
        return reports
      },
      { timeout: 10_000 },
    )

  it('names a server that is starting up', async () => {
    await using server = await start({ restore_command: 'sleep 4; false' }, 'recovery.signal')
    const problem = expectFailure(await whenUp(server), 'GREET', 'SERVER_STARTING')
    expect({ ...hintsOf(problem), retryable: problem.retryable }).toEqual({ fields: [], remedies: [], retryable: true })
  })

  it('names a standby that accepts no sessions', async () => {
    await using server = await start({ hot_standby: 'off' }, 'standby.signal')
    const reports = await vi.waitFor(
      async () => {
        const latest = await whenUp(server)
        expect(latest.GREET?.problem?.code).not.toBe('SERVER_STARTING')
        return latest
      },
      { timeout: 10_000 },
    )
    expectFailure(reports, 'GREET', 'STANDBY_CLOSED')
  })
})
