import { describe, expect, it, vi } from 'vitest'
import { DnsDouble } from '../../servers/dns-double.ts'
import {
  BlackHole,
  cuttingServer,
  errorResponse,
  httpServer,
  mysqlServer,
  ScriptedServer,
  silentServer,
} from '../../servers/hostile-servers.ts'
import { testMongodb } from '../../servers/mongodb-run.ts'
import { freePort } from '../../servers/postgres.ts'
import type { RunOptions } from '../../servers/type-run.ts'
import { withoutIpv6 } from '../../servers/without-ipv6.ts'
import { hintsOf } from '../type-expectations.ts'
import { expectFailure, expectPass, expectProblem, plannedKeys } from './expectations.ts'
import { ann, config, data, nothingLeft, password, startDouble, testHostile, tlsOf } from './hostile-run.ts'

const scram = (change: Record<string, unknown>) => ({ auth: { scram: { username: 'ann', password, ...change } } })

describe('the test of a MongoDB connector', () => {
  it.each([
    ['clear', { SECURE: 'CONNECTION_NOT_ENCRYPTED' }],
    ['TLS', {}],
  ] as const)('passes every step for a right-sized account, and signs in once (%s)', async (line, warnings) => {
    const { reports, server } = await testHostile({ line, budgetMs: 5_000 })
    expect(expectPass(reports)).toEqual(warnings)
    expect(server.signIns).toEqual([{ username: 'ann', mechanism: 'SCRAM-SHA-256', accepted: true }])
    expect(reports.EGRESS?.evidence).toContainEqual(
      expect.objectContaining({ kind: 'ADDRESS', address: '127.0.0.1', outcome: 'allowed' }),
    )
    expect(JSON.stringify(reports.READ?.evidence)).toMatch(/shop\.(orders|people)/)
    expect(JSON.stringify(reports)).not.toContain('row-content')
    expect(JSON.stringify(reports)).not.toContain(password)
  })

  it('signs in as the account is kept by the server, where that has only SHA-1', async () => {
    const { reports, server } = await testHostile({
      accounts: [{ ...ann, mechanisms: ['SCRAM-SHA-1'] }],
      budgetMs: 5_000,
    })
    expectPass(reports)
    expect(server.signIns.filter(({ accepted }) => !accepted)).toEqual([])
    expect(server.signIns.at(-1)).toEqual({ username: 'ann', mechanism: 'SCRAM-SHA-1', accepted: true })
  })

  it.each([
    ['spaces at its ends', '  pass word '],
    ['letters beyond ASCII', 'pässwörd-密码'],
    ['what means something in a connection string', 'p@ss:w/o?r#d%40&=,$'],
  ])('signs in with a password that has %s', async (_, odd) => {
    const accounts = [{ ...ann, password: odd }]
    expectPass((await testHostile({ accounts, change: scram({ password: odd }), budgetMs: 5_000 })).reports)
    if (odd.trim() === odd) return
    const trimmed = await testHostile({ accounts, change: scram({ password: odd.trim() }), budgetMs: 5_000 })
    expectFailure(trimmed.reports, 'SIGN_IN', 'CREDENTIALS_REJECTED')
  })

  it.each(['a,nn', 'a=nn', 'a@n:n/', 'änn'])('signs in as %s', async username => {
    const accounts = [{ ...ann, username }]
    expectPass((await testHostile({ accounts, change: scram({ username }), budgetMs: 5_000 })).reports)
  })

  it('names a wrong password, after one attempt', async () => {
    const { reports, server } = await testHostile({ change: scram({ password: 'wrong' }), budgetMs: 5_000 })
    const problem = expectFailure(reports, 'SIGN_IN', 'CREDENTIALS_REJECTED')
    expect(problem.message).toContain('ann')
    expect(problem.fields).toEqual(expect.arrayContaining(['auth.scram.password', 'auth.scram.username']))
    // A wrong one looks like a wrong password.
    expect(problem.fields).toContain('authSource')
    expect(problem.remedies).toContainEqual(
      expect.objectContaining({ kind: 'REENTER_SECRET', field: 'auth.scram.password' }),
    )
    expect(server.signIns).toHaveLength(1)
  })

  it('names an unknown user, and an authentication database that does not have it, like a wrong password', async () => {
    for (const change of [scram({ username: 'nobody' }), { authSource: 'shop' }]) {
      const { reports, server } = await testHostile({ change, budgetMs: 5_000 })
      expectFailure(reports, 'SIGN_IN', 'CREDENTIALS_REJECTED')
      expect(server.signIns).toHaveLength(1)
    }
  })

  it('reads the name of a wrong password in Atlas too', async () => {
    const refuse = () => ({ ok: 0, errmsg: 'bad auth : authentication failed', code: 8000, codeName: 'AtlasError' })
    const { reports } = await testHostile({ at: { saslStart: refuse, saslContinue: refuse }, budgetMs: 5_000 })
    const problem = expectFailure(reports, 'SIGN_IN', 'CREDENTIALS_REJECTED')
    expect(problem.detail).toContain('bad auth')
  })

  it('names a server that wants another way of signing in', async () => {
    const refuse = () => ({ ok: 0, errmsg: 'SCRAM is not enabled', code: 334, codeName: 'MechanismUnavailable' })
    const withoutSpeculation = ({ answer }: { answer: Record<string, unknown> }) => {
      const { speculativeAuthenticate: _, ...rest } = answer
      return rest
    }
    const { reports } = await testHostile({
      at: { signInHello: withoutSpeculation, saslStart: refuse },
      budgetMs: 5_000,
    })
    expectFailure(reports, 'SIGN_IN', 'AUTH_METHOD_UNSUPPORTED')
  })

  it('finds a server without access control, whatever the form says of it', async () => {
    await using server = await startDouble('clear', { accounts: [] })
    const open = await startDouble()
    await using _ = open
    const none = { auth: { none: true } }
    const reports = await testMongodb(config(server.port, 'clear', none))
    expect(reports.SIGN_IN).toBeUndefined()
    const needed = await testMongodb(config(open.port, 'clear', none))
    const [key] = plannedKeys.filter(each => needed[each]?.status === 'FAILED')
    const problem = expectProblem(needed, key ?? 'OPEN', 'AUTHENTICATION_REQUIRED')
    expect(problem.fields).toEqual(['auth'])
  })

  it.each([
    ['no database', {}],
    ['no collection', { shop: {} }],
    ['nothing that it may see', { hidden: { orders: [{ _id: 1 }] } }],
  ])('warns of an account that finds %s', async (_, content) => {
    const { reports } = await testHostile({ data: content, budgetMs: 5_000 })
    expect(expectPass(reports).READ).toBe('NOTHING_READABLE')
  })

  it('says so where a collection is empty', async () => {
    const { reports } = await testHostile({ data: { shop: { orders: [] } }, budgetMs: 5_000 })
    expect(['PASSED', 'WARNING']).toContain(reports.READ?.status)
    expect(JSON.stringify(reports.READ)).toMatch(/empty|no document/i)
  })

  it('names a server that refuses what every reader needs', async () => {
    const refuse = () => ({ ok: 0, errmsg: 'not authorized on shop', code: 13, codeName: 'Unauthorized' })
    const { reports } = await testHostile({ at: { find: refuse, aggregate: refuse }, budgetMs: 5_000 })
    expect(reports.SIGN_IN?.status).toBe('PASSED')
    expect(reports.READ?.status).not.toBe('PASSED')
    expect(['NOTHING_READABLE', 'PERMISSION_DENIED']).toContain(reports.READ?.problem?.code)
  })

  it.each([
    [11_600, 'InterruptedAtShutdown', 'interrupted at shutdown', 'SERVER_SHUTTING_DOWN'],
    [91, 'ShutdownInProgress', 'The server is in quiesce mode', 'SERVER_SHUTTING_DOWN'],
    [13_436, 'NotPrimaryOrSecondary', 'node is not in primary or recovering state', 'SERVER_STARTING'],
    [9_999_999, 'Location9999999', 'a failure of tomorrow', 'UNCLASSIFIED'],
  ])('names what a hello is answered with: %i %s', async (code, codeName, errmsg, expected) => {
    const refuse = () => ({ ok: 0, errmsg, code, codeName })
    const { reports } = await testHostile({
      at: { hello: refuse, signInHello: refuse, laterHello: refuse },
      budgetMs: 5_000,
    })
    const problem = expectFailure(reports, 'GREET', expected as never)
    expect(problem.detail).toContain(errmsg)
  })
})

describe('the test of a MongoDB connector, against other things than MongoDB', () => {
  const inClear = { tls: tlsOf('clear') }
  const input = (port: number, change: Record<string, unknown> = {}) => config(port, 'TLS', change)
  const toReachElsewhere = { fields: ['hosts.0.host', 'hosts.0.port'], remedies: [] }

  it('names a closed port, with what became of each address', async () => {
    const hosts = [{ host: 'localhost', port: await freePort() }]
    const reports = await testMongodb(input(0, { hosts }))
    // Nothing was made up: nobody listens there.
    const problem = expectFailure(reports, 'CONNECT', 'CONNECTION_REFUSED', 'REAL_SERVER')
    expect(hintsOf(problem)).toEqual(toReachElsewhere)
    expect(reports.CONNECT?.evidence).toContainEqual(
      expect.objectContaining({ kind: 'ADDRESS', address: '127.0.0.1', outcome: expect.stringMatching(/^refused/) }),
    )
  })

  it('answers for a port that drops within the budget of CONNECT', async () => {
    await using hole = await BlackHole.start()
    const reports = await testMongodb(input(hole.port), { budgetsMs: { CONNECT: 500 } })
    const problem = expectFailure(reports, 'CONNECT', 'CONNECTION_TIMED_OUT')
    expect(problem.params).toMatchObject({ seconds: 0.5, port: hole.port })
    expect(hintsOf(problem)).toEqual(toReachElsewhere)
  })

  it.each([
    ['encrypted', {}, 'SECURE', 'TLS_TIMED_OUT'],
    ['in clear text', inClear, 'GREET', 'NO_GREETING'],
  ] as const)('names a host that accepts and never answers (%s)', async (_, change, step, code) => {
    await using peer = await silentServer()
    const reports = await testMongodb(input(peer.port, change), { budgetsMs: { [step]: 200 } })
    const problem = expectFailure(reports, step, code)
    expect(hintsOf(problem)).toEqual(toReachElsewhere)
    await vi.waitFor(() => expect(peer.openConnections).toBe(0))
    expect(peer.received.includes(password)).toBe(false)
    expect(peer.received.includes('ann')).toBe(false)
  })

  it.each([
    ['HTTP', httpServer, 'an HTTP server'],
    ['MySQL', mysqlServer, 'a MySQL or MariaDB server'],
    ['SSH', () => ScriptedServer.start(socket => socket.write('SSH-2.0-OpenSSH_9.6\r\n')), 'an SSH server'],
    [
      'Redis',
      () => ScriptedServer.start(socket => socket.once('data', () => socket.end('-ERR unknown\r\n'))),
      'a Redis server',
    ],
    [
      'TLS',
      () =>
        ScriptedServer.start(socket => socket.once('data', () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 10])))),
      'a server that expects TLS at once',
    ],
  ] as const)('names a server that speaks %s', async (_, start, found) => {
    await using peer = await start()
    const problem = expectFailure(await testMongodb(input(peer.port, inClear)), 'GREET', 'WRONG_PROTOCOL')
    expect(problem.params).toMatchObject({ expected: 'MongoDB', found })
    expect(problem.fields).toEqual(toReachElsewhere.fields)
    await vi.waitFor(() => expect(peer.openConnections).toBe(0))
    expect(peer.received.includes('ann')).toBe(false)
  })

  it.each([
    ['PostgreSQL', errorResponse('08P01', 'invalid length of startup packet')],
    ['nobody knows what', Buffer.from('hello, world: nothing of this is a message')],
  ])('names a server that speaks %s', async (_, words) => {
    await using peer = await ScriptedServer.start(socket => socket.once('data', () => socket.end(words)))
    expectFailure(await testMongodb(input(peer.port, inClear)), 'GREET', 'WRONG_PROTOCOL')
  })

  it('names a server that hangs up at the first word, which one that wants encryption does', async () => {
    await using peer = await cuttingServer()
    const { reports } = { reports: await testMongodb(input(peer.port, inClear)) }
    const problem = reports.GREET?.problem
    expect(['CONNECTION_RESET', 'TLS_REQUIRED_BY_SERVER']).toContain(problem?.code)
    expectFailure(reports, 'GREET', problem?.code ?? 'UNCLASSIFIED')
  })

  it('names a server that is encrypted where the form says no, and offers to turn it on', async () => {
    await using server = await startDouble('TLS')
    const problem = expectFailure(await testMongodb(config(server.port, 'clear')), 'GREET', 'TLS_REQUIRED_BY_SERVER')
    expect(hintsOf(problem)).toEqual({ fields: ['tls.mode'], remedies: ['SET_FIELD tls.mode'] })
    await nothingLeft(server)
  })

  it('names a server without encryption when encryption is wanted', async () => {
    await using server = await startDouble('clear')
    const reports = await testMongodb(config(server.port, 'TLS'))
    expectFailure(reports, 'SECURE', 'TLS_NOT_OFFERED')
    // It was asked what it is, on a connection of its own that says nothing about the account.
    expect(server.commands.map(({ command }) => Object.keys(command))).toEqual([['isMaster', 'helloOk']])
    await nothingLeft(server)
  })

  it('sends nothing at all where the operator allows only encrypted connections', async () => {
    await using server = await startDouble('clear')
    const reports = await testMongodb(config(server.port, 'clear'), { egress: { allowUnencrypted: false } })
    expectFailure(reports, 'SECURE', 'TLS_DISABLED_BY_POLICY')
    await nothingLeft(server)
    expect(server.received).toHaveLength(0)
  })

  it('names host names that do not exist and name servers that fail', async () => {
    await using dns = await DnsDouble.start({ 'broken.test': 'SERVFAIL', 'silent.test': 'SILENT', 'empty.test': [] })
    const options: RunOptions = { nameServers: [dns.address], budgetsMs: { RESOLVE: 400 } }
    for (const [host, code] of [
      ['missing.test', 'HOST_NOT_FOUND'],
      ['empty.test', 'HOST_NOT_FOUND'],
      ['broken.test', 'NAME_RESOLUTION_FAILED'],
      ['silent.test', 'NAME_RESOLUTION_TIMED_OUT'],
    ] as const) {
      const reports = await testMongodb(input(0, { hosts: [{ host }] }), options)
      const problem = expectFailure(reports, 'RESOLVE', code)
      expect(hintsOf(problem)).toEqual({ fields: ['hosts.0.host'], remedies: [] })
    }
  })

  it('names a host that has only IPv6 addresses where there is no IPv6', async () => {
    await using dns = await DnsDouble.start({ 'six.test': ['fd00::1', 'fd00::2'] })
    using _ = withoutIpv6()
    const reports = await testMongodb(input(0, { hosts: [{ host: 'six.test' }] }), {
      nameServers: [dns.address],
      egress: { allowPrivate: true },
    })
    const problem = expectFailure(reports, 'CONNECT', 'NETWORK_UNREACHABLE')
    expect(problem.fields).toEqual(['hosts.0.host'])
  })

  it('dials no address that the operator denies, and tells none', async () => {
    await using peer = await silentServer()
    await using dns = await DnsDouble.start({ 'inside.test': ['127.0.0.1'], 'mixed.test': ['127.0.0.1', '10.1.2.3'] })
    for (const [host, allowLoopback] of [
      ['inside.test', false],
      ['mixed.test', true],
      ['127.0.0.1', false],
    ] as const) {
      const hosts = [{ host, port: peer.port }]
      const reports = await testMongodb(input(0, { hosts }), { nameServers: [dns.address], egress: { allowLoopback } })
      const problem = expectFailure(reports, 'EGRESS', 'EGRESS_DENIED')
      expect(problem.fields).toEqual(['hosts.0.host', 'hosts.0.port'])
      expect(JSON.stringify(reports)).not.toMatch(/127\.0\.0\.1|10\.1\.2\.3/)
    }
    expect(peer.connections).toBe(0)
  })

  it('dials none of its hosts when one is denied', async () => {
    await using server = await startDouble('clear', { data })
    const hosts = [
      { host: '127.0.0.1', port: server.port },
      { host: '169.254.169.254', port: 27_017 },
    ]
    const reports = await testMongodb(config(0, 'clear', { hosts }))
    const problem = expectFailure(reports, 'EGRESS', 'EGRESS_DENIED')
    expect(problem.fields).toEqual(expect.arrayContaining(['hosts.1.host', 'hosts.1.port']))
    expect(server.connections).toBe(0)
  })
})
