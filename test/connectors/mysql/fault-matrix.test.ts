import { describe, expect, it, vi } from 'vitest'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import { DnsDouble } from '../../servers/dns-double.ts'
import { HostileMysql, type HostileMysqlOptions, resultOf } from '../../servers/hostile-mysql.ts'
import { errorPacket, status } from '../../servers/hostile-mysql-packets.ts'
import { rows } from '../../servers/hostile-mysql-statements.ts'
import { BlackHole, ScriptedServer, silentServer } from '../../servers/hostile-servers.ts'
import { testMysql } from '../../servers/mysql-run.ts'
import { freePort } from '../../servers/postgres.ts'
import { withoutIpv6 } from '../../servers/without-ipv6.ts'
import { hintsOf } from '../type-expectations.ts'
import { expectFailure, expectProblem } from './expectations.ts'
import { ann, config, password, root, testHostile, wordsOf } from './hostile-run.ts'

const mysql8 = '8.4.6'
const mariadb = '5.5.5-10.11.19-MariaDB-0+deb12u1'
const username = ['auth.password.username']
const secret = 'auth.password.password'
const reach = ['host', 'port']
const sound = { budgetMs: 3_000 }

/** Sign-ins that are refused although the password is right. */
const refused = (errno: number, text: string, sqlState?: string): HostileMysqlOptions => ({
  account: { ...ann, refusal: { errno, text, ...(sqlState !== undefined && { sqlState }) } },
})

describe('the test of a MySQL connector whose server', () => {
  /** In place of a greeting: errors that a server has before it knows who is there, with a state or without. */
  it.each<[string, number, string, ProblemCode, boolean, readonly string[]]>([
    ['has too many connections', 1040, 'Too many connections', 'TOO_MANY_CONNECTIONS', true, []],
    ['has no thread for it', 1135, "Can't create a new thread", 'TOO_MANY_CONNECTIONS', true, []],
    [
      'has blocked the address',
      1129,
      "Host '203.0.113.9' is blocked because of many connection errors; unblock with 'mysqladmin flush-hosts'",
      'CLIENT_ADDRESS_BLOCKED',
      false,
      reach,
    ],
    [
      'lets nobody in from the address',
      1130,
      "Host '203.0.113.9' is not allowed to connect to this MySQL server",
      'CLIENT_ADDRESS_NOT_ALLOWED',
      false,
      reach,
    ],
    ['is shutting down', 1053, 'Server shutdown in progress', 'SERVER_SHUTTING_DOWN', true, []],
    ['says something that nobody knows', 5_999, 'Out of cheese', 'UNCLASSIFIED', false, []],
  ])('%s is blamed in GREET', async (_, errno, text, code, retryable, fields) => {
    for (const sqlState of [null, '08004']) {
      const at = { GREETING: () => errorPacket(errno, text, sqlState) }
      const { reports, server } = await testHostile({ at, line: 'TLS', ...sound })
      const problem = expectFailure(reports, 'GREET', code)
      expect(problem).toMatchObject({ retryable, fields })
      expect(problem.detail).toContain(text.slice(0, 60))
      expect(server.logins).toEqual([])
    }
  })

  it.each<[string, HostileMysqlOptions, ProblemCode, readonly string[], readonly string[]]>([
    [
      'rejects the password',
      { account: { ...ann, password: 'another' } },
      'CREDENTIALS_REJECTED',
      [secret, ...username, 'tls.clientCertificate'],
      [`REENTER_SECRET ${secret}`],
    ],
    [
      'does not know the account',
      { account: { ...ann, username: 'bob' } },
      'CREDENTIALS_REJECTED',
      [secret, ...username, 'tls.clientCertificate'],
      [`REENTER_SECRET ${secret}`],
    ],
    [
      'demands a client certificate of the account (REQUIRE X509)',
      { account: { ...ann, demands: 'CERTIFICATE' } },
      'CREDENTIALS_REJECTED',
      [secret, ...username, 'tls.clientCertificate'],
      [`REENTER_SECRET ${secret}`],
    ],
    [
      'has locked the account, and is MySQL',
      { version: mysql8, ...refused(3118, "Access denied for user 'ann'@'127.0.0.1'. Account is locked.") },
      'ACCOUNT_LOCKED',
      username,
      ['RUN_SQL'],
    ],
    [
      'has locked the account for a while, and is MySQL',
      { version: mysql8, ...refused(3955, "Access denied for user 'ann'. Account is blocked for 1 day(s)") },
      'ACCOUNT_LOCKED',
      username,
      ['RUN_SQL'],
    ],
    [
      'has locked the account, and is MariaDB',
      { version: mariadb, ...refused(4151, 'Access denied, this account is locked') },
      'ACCOUNT_LOCKED',
      username,
      ['RUN_SQL'],
    ],
    [
      'wants a new password first, and is MySQL',
      { version: mysql8, ...refused(1862, 'Your password has expired.') },
      'PASSWORD_EXPIRED',
      [secret, ...username],
      [`REENTER_SECRET ${secret}`],
    ],
    [
      'wants a new password before any statement, and is MariaDB',
      { version: mariadb, at: { WHO: () => errorPacket(1820, 'You must SET PASSWORD before this statement') } },
      'PASSWORD_EXPIRED',
      [secret, ...username],
      [`REENTER_SECRET ${secret}`],
    ],
    [
      'has as many connections of the account as it may have',
      refused(1226, "User 'ann' has exceeded the 'max_user_connections' resource (current value: 1)", '42000'),
      'ACCOUNT_LIMIT_REACHED',
      username,
      [],
    ],
    [
      'has too many connections of the account',
      refused(1203, "User ann already has more than 'max_user_connections' active connections", '42000'),
      'TOO_MANY_CONNECTIONS',
      [],
      [],
    ],
    [
      'signs the account in by a plugin that is not here',
      { account: { ...ann, plugin: 'client_ed25519' }, defaultPlugin: 'mysql_native_password', version: mariadb },
      'AUTH_PLUGIN_UNSUPPORTED',
      username,
      [],
    ],
    [
      'has lost the plugin of the account',
      refused(1524, "Plugin 'mysql_native_password' is not loaded"),
      'AUTH_PLUGIN_UNSUPPORTED',
      username,
      [],
    ],
    [
      'has only an old password hash',
      refused(1275, "Server is running in --secure-auth mode, but 'ann' has a password in the old format"),
      'AUTH_PLUGIN_UNSUPPORTED',
      username,
      [],
    ],
    ['begins to shut down', refused(1053, 'Server shutdown in progress', '08S01'), 'SERVER_SHUTTING_DOWN', [], []],
    ['says something that nobody knows', refused(5_998, 'Out of cheese'), 'UNCLASSIFIED', [], []],
  ])('%s is blamed in SIGN_IN, after one attempt', async (_, options, code, fields, remedies) => {
    const { reports, server } = await testHostile({ line: 'TLS', ...sound, ...options })
    const problem = expectFailure(reports, 'SIGN_IN', code)
    expect(hintsOf(problem)).toEqual({ fields, remedies })
    expect(wordsOf(reports, 'SIGN_IN')).not.toContain(password)
    expect(server.logins).toHaveLength(1)
  })

  it('demands encryption is believed: of everybody by its own number, of the account only as a possibility', async () => {
    const everybody = await testHostile({
      ...sound,
      ...refused(3159, 'Connections using insecure transport are prohibited'),
    })
    const problem = expectFailure(everybody.reports, 'SIGN_IN', 'TLS_REQUIRED_BY_SERVER')
    expect(hintsOf(problem)).toEqual({ fields: ['tls.mode'], remedies: ['SET_FIELD tls.mode'] })
    const account = await testHostile({ ...sound, account: { ...ann, demands: 'ENCRYPTION' } })
    const hint = expectFailure(account.reports, 'SIGN_IN', 'CREDENTIALS_REJECTED')
    expect(hint.fields).toContain('tls.mode')
    expect(hint.detail).toContain('REQUIRE SSL')
  })

  it('accepts a client certificate where it demands one', async () => {
    const client = issueCertificate({ commonName: 'ann', issuer: root, usage: 'client' })
    const tls = { caCertificates: root.certificate, clientCertificate: client.certificate, clientKey: client.key }
    const { reports } = await testHostile({
      line: 'TLS',
      account: { ...ann, demands: 'CERTIFICATE' },
      clientAuthority: root.certificate,
      change: { tls },
      ...sound,
    })
    expect(reports.SIGN_IN).toMatchObject({ status: 'PASSED' })
  })

  it('means one number in two ways is understood by what it says it is', async () => {
    // 4151 is MariaDB's; a MySQL that says it says something else.
    const { reports } = await testHostile({ version: mysql8, ...refused(4151, 'locked'), ...sound })
    expectFailure(reports, 'SIGN_IN', 'UNCLASSIFIED')
    const other = await testHostile({ version: mariadb, ...refused(3118, 'something'), ...sound })
    expectFailure(other.reports, 'SIGN_IN', 'UNCLASSIFIED')
  })

  /** Said to the statements of a step, after the sign-in. */
  it.each<[string, string, StepKey, number, string, ProblemCode, readonly string[]]>([
    ['has no such database', 'USE', 'OPEN', 1049, "Unknown database 'shop'", 'DATABASE_NOT_FOUND', ['database']],
    [
      'lets the account into no such database',
      'USE',
      'OPEN',
      1044,
      "Access denied for user 'ann'@'%' to database 'shop'",
      'DATABASE_ACCESS_DENIED',
      ['database', ...username],
    ],
    ['ends the session', 'OPEN', 'OPEN', 1053, 'Server shutdown in progress', 'SESSION_ENDED_BY_SERVER', []],
    ['has the statement killed', 'OPEN', 'OPEN', 1317, 'Query execution was interrupted', 'STATEMENT_CANCELLED', []],
    ['breaks', 'OPEN', 'OPEN', 1105, 'Unknown error', 'UNCLASSIFIED', []],
  ])('%s is blamed in its step', async (_, stage, step, errno, text, code, fields) => {
    const at = { [stage]: () => errorPacket(errno, text, '42000') }
    const { reports, server } = await testHostile({ at, change: { database: 'shop' }, ...sound })
    const problem = expectFailure(reports, step, code)
    expect(problem.fields).toEqual(fields)
    expect(server.logins).toHaveLength(1)
  })
})

describe('what an administrator is told to run', () => {
  it('is for the account that the server has found, not for every one of that name', async () => {
    const who = { WHO: () => [...resultOf(rows('WHO', ['CURRENT_USER()'], ['an`n@10.%']), status.AUTOCOMMIT)] }
    const denied = { ...who, USE: () => errorPacket(1044, 'Access denied', '42000') }
    const { reports } = await testHostile({ at: denied, change: { database: 'shop' }, ...sound })
    expect(expectFailure(reports, 'OPEN', 'DATABASE_ACCESS_DENIED').remedies).toMatchObject([
      { kind: 'RUN_SQL', sql: 'GRANT SELECT ON `shop`.* TO `an``n`@`10.%`;' },
    ])
    const empty = { ...who, CANDIDATES: () => [...resultOf(rows('CANDIDATES', ['a', 'b']), status.AUTOCOMMIT)] }
    const nothing = await testHostile({ at: empty, change: { database: 'shop' }, ...sound })
    expect(nothing.reports.READ?.problem?.remedies).toMatchObject([{ sql: expect.stringContaining('`10.%`') }])
  })

  it('does not hold whatever a server calls an account', async () => {
    const at = { WHO: () => [...resultOf(rows('WHO', ['CURRENT_USER()'], ['x'.repeat(500)]), status.AUTOCOMMIT)] }
    const { reports } = await testHostile({ at, ...sound })
    expectFailure(reports, 'SIGN_IN', 'PROTOCOL_VIOLATION')
  })
})

describe('the test of a MySQL connector, against other things than MySQL', () => {
  const toReachElsewhere = { fields: reach, remedies: [] }
  const encrypted = (port: number, change: Readonly<Record<string, unknown>> = {}) => config(port, 'TLS', change)

  it('names a closed port, with what became of each address', async () => {
    const reports = await testMysql(encrypted(await freePort(), { host: 'localhost' }))
    const problem = expectFailure(reports, 'CONNECT', 'CONNECTION_REFUSED', 'REAL_SERVER')
    expect(hintsOf(problem)).toEqual(toReachElsewhere)
    expect(reports.CONNECT?.evidence).toContainEqual(
      expect.objectContaining({ kind: 'ADDRESS', address: '127.0.0.1', outcome: expect.stringMatching(/^refused/) }),
    )
  })

  it('answers for a port that drops within the budget of CONNECT', async () => {
    await using hole = await BlackHole.start()
    const reports = await testMysql(encrypted(hole.port), { budgetsMs: { CONNECT: 500 } })
    const problem = expectFailure(reports, 'CONNECT', 'CONNECTION_TIMED_OUT')
    expect(problem.params).toMatchObject({ seconds: 0.5, port: hole.port })
    expect(hintsOf(problem)).toEqual(toReachElsewhere)
  })

  it('names a host that accepts and never speaks: a server that waits for its client', async () => {
    await using peer = await silentServer()
    const reports = await testMysql(encrypted(peer.port), { budgetsMs: { GREET: 200 } })
    const problem = expectFailure(reports, 'GREET', 'NO_GREETING')
    expect(hintsOf(problem)).toEqual(toReachElsewhere)
    expect(problem.detail).toContain('MySQL servers speak first')
    expect(peer.received.length).toBe(0)
    await vi.waitFor(() => expect(peer.openConnections).toBe(0))
  })

  it('names a server that hangs up', async () => {
    await using peer = await ScriptedServer.start(socket => socket.end())
    const reports = await testMysql(encrypted(peer.port))
    const problem = expectFailure(reports, 'GREET', 'CONNECTION_RESET')
    expect(problem.fields).toEqual(reach)
  })

  it.each(['RESOLVE', 'EGRESS', 'CONNECT', 'GREET'])(
    'leaves no connection when it is cancelled after %s',
    async last => {
      await using server = await HostileMysql.start({ account: ann })
      const cancel = new AbortController()
      const reports = await testMysql(config(server.port, 'clear'), {
        signal: cancel.signal,
        onStep: message => {
          if (message.kind === 'STEP_FINISHED' && message.stepId === last) cancel.abort()
        },
      })
      expect(reports.SECURE?.status).toBe('CANCELLED')
      await vi.waitFor(() => expect(server.openConnections).toBe(0))
      expect(server.logins).toEqual([])
    },
  )

  it('names host names that do not exist and name servers that fail', async () => {
    await using dns = await DnsDouble.start({ 'broken.test': 'SERVFAIL', 'silent.test': 'SILENT', 'empty.test': [] })
    for (const [host, code] of [
      ['missing.test', 'HOST_NOT_FOUND'],
      ['empty.test', 'HOST_NOT_FOUND'],
      ['broken.test', 'NAME_RESOLUTION_FAILED'],
      ['silent.test', 'NAME_RESOLUTION_TIMED_OUT'],
    ] as const) {
      const options = { nameServers: [dns.address], budgetsMs: { RESOLVE: 400 } }
      const problem = expectFailure(await testMysql(encrypted(3306, { host }), options), 'RESOLVE', code)
      expect(hintsOf(problem)).toEqual({ fields: ['host'], remedies: [] })
    }
  })

  it('names a host that has only IPv6 addresses where there is no IPv6', async () => {
    await using dns = await DnsDouble.start({ 'six.test': ['fd00::1'] })
    using _ = withoutIpv6()
    const reports = await testMysql(encrypted(3306, { host: 'six.test' }), {
      nameServers: [dns.address],
      egress: { allowPrivate: true },
    })
    expectFailure(reports, 'CONNECT', 'NETWORK_UNREACHABLE')
  })

  it('dials no address that the operator denies, and tells none', async () => {
    await using peer = await silentServer()
    await using dns = await DnsDouble.start({ 'inside.test': ['127.0.0.1'] })
    const reports = await testMysql(encrypted(peer.port, { host: 'inside.test' }), {
      nameServers: [dns.address],
      egress: { allowLoopback: false },
    })
    expect(expectFailure(reports, 'EGRESS', 'EGRESS_DENIED').fields).toEqual(reach)
    expect(JSON.stringify(reports)).not.toContain('127.0.0.1')
    expect(peer.connections).toBe(0)
  })

  it('sends nothing about the user where the operator allows only encrypted connections', async () => {
    await using server = await HostileMysql.start({ account: ann })
    const reports = await testMysql(config(server.port, 'clear'), { egress: { allowUnencrypted: false } })
    expectFailure(reports, 'SECURE', 'TLS_DISABLED_BY_POLICY')
    expect(server.received.length).toBe(0)
  })

  it('says nothing of a step that its operator ends', async () => {
    const { reports } = await testHostile({ at: { OPEN: () => {} }, budgetMs: 300 })
    expect(hintsOf(expectProblem(reports, 'OPEN', 'STEP_TIMED_OUT'))).toEqual({ fields: [], remedies: [] })
  })
})
