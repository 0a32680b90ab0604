import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { proves } from '../../proofs/proves.ts'
import { HostileMysql } from '../../servers/hostile-mysql.ts'
import { BlackHole, cuttingServer, httpServer, ScriptedServer, silentServer } from '../../servers/hostile-servers.ts'
import { queryMysql, testMysql } from '../../servers/mysql-run.ts'
import { freePort } from '../../servers/postgres.ts'
import { opensshKey } from '../../servers/ssh-keys.ts'
import { fingerprintOf, makeHostKey, SshServer, type SshServerOptions } from '../../servers/ssh-server.ts'
import type { Reports, RunOptions } from '../../servers/type-run.ts'
import { expectTunnelFailure, expectTunnelPass, tunnelEvidence } from '../postgres/ssh-expectations.ts'
import { hintsOf } from '../type-expectations.ts'
import { expectQueryProblem } from './expectations.ts'
import { ann, certificate } from './hostile-run.ts'
import {
  type Change,
  configThrough,
  hostKeyFingerprint,
  startServer,
  type TunnelPeer,
  untilGone,
} from './tunnel-world.ts'

let database: HostileMysql
beforeAll(async () => {
  database = await HostileMysql.start({ certificate, account: ann })
})
afterAll(async () => {
  await database?.[Symbol.asyncDispose]()
})

const through = (ssh: TunnelPeer, change?: Change) => configThrough(ssh, database.port, change)
const endpoint = ['sshTunnel.host', 'sshTunnel.port']
const soon = (key: StepKey): RunOptions => ({ budgetsMs: { [key]: 400 } })

/** As `expectTunnelFailure`; notes the problem. The SSH server is a public implementation unless it is said otherwise. */
function expectFault(
  reports: Reports,
  { port }: TunnelPeer,
  step: string,
  code: ProblemCode,
  by: 'PUBLIC_IMPLEMENTATION' | 'DOUBLE' = 'PUBLIC_IMPLEMENTATION',
) {
  const problem = expectTunnelFailure(reports, port, step, code)
  proves('MYSQL', problem.code, by)
  return problem
}

describe('a MySQL connector through an SSH server', () => {
  it('passes, verifies both servers, and signs in once at each', async () => {
    await using ssh = await startServer()
    const before = database.logins.length
    const reports = await testMysql(through(ssh))
    expect(expectTunnelPass(reports, ssh.port)).toEqual({})
    expect(tunnelEvidence(reports, ssh.port)).toMatchObject({
      'Host key': `ssh-ed25519 ${hostKeyFingerprint}`,
      'Sign-in method': 'password',
    })
    expect(reports.SECURE?.evidence).toContainEqual(expect.objectContaining({ kind: 'CERTIFICATE', subject: 'CN=db' }))
    expect(ssh.attempts).toEqual(['password'])
    expect(ssh.targets).toEqual([`127.0.0.1:${database.port}`])
    expect(database.logins.length - before).toBe(1)
    await untilGone(ssh)
    await untilGone(database)
  })

  it('signs in with a key', async () => {
    const key = opensshKey('ed25519', { passphrase: 'open sesame' })
    await using ssh = await startServer({ authorizedKeys: [key.publicKey] })
    const { privateKey, passphrase } = key
    const reports = await testMysql(through(ssh, { tunnel: { auth: { privateKey: { privateKey, passphrase } } } }))
    expect(expectTunnelPass(reports, ssh.port)).toEqual({})
  })

  it('looks up the host on the far side only', async () => {
    await using ssh = await startServer({
      forward: host => (host === 'db.internal' ? { reason: 2, text: 'Connection refused' } : null),
    })
    const reports = await testMysql(through(ssh, { config: { host: 'DB.internal.' } }))
    expectFault(reports, ssh, 'CONNECT', 'TUNNEL_TARGET_REFUSED')
    expect(ssh.targets).toEqual([`db.internal:${database.port}`])
  })

  it('previews rows through it', async () => {
    await using ssh = await startServer()
    const outcome = await queryMysql(through(ssh), { sql: { text: 'select n from numbers' } })
    expect(outcome).toMatchObject({ kind: 'RESULT', result: { rows: [['one'], ['two']], truncated: false } })
    await untilGone(ssh)
    await untilGone(database)
  })

  it('kills an abandoned statement by a second connection through the same tunnel', async () => {
    await using ssh = await startServer()
    const begun = Promise.withResolvers<void>()
    await using slow = await HostileMysql.start({
      certificate,
      account: ann,
      at: { QUERY: () => begun.resolve() },
    })
    const cancel = new AbortController()
    const run = queryMysql(
      configThrough(ssh, slow.port),
      { sql: { text: 'select n from numbers' } },
      { signal: cancel.signal },
    )
    const outcome = expect(run).rejects.toThrow()
    await begun.promise
    cancel.abort()
    await outcome
    expect(slow.kills).toEqual([101])
    expect(ssh.targets).toEqual(Array(2).fill(`127.0.0.1:${slow.port}`))
    expect(ssh.attempts).toEqual(['password'])
    await untilGone(ssh)
    await untilGone(slow)
  })
})

describe('a fault of the SSH server on the way to MySQL', () => {
  const rejection = {
    fields: ['sshTunnel.auth.password.password', 'sshTunnel.username'],
    remedies: ['REENTER_SECRET sshTunnel.auth.password.password'],
  }
  it.each<[string, SshServerOptions, Record<string, unknown>, ProblemCode, object]>([
    ['a wrong password', {}, { auth: { password: { password: 'wrong' } } }, 'TUNNEL_CREDENTIALS_REJECTED', rejection],
    [
      'only keys, given a password',
      { methods: ['publickey'] },
      {},
      'TUNNEL_AUTH_METHOD_UNSUPPORTED',
      { fields: ['sshTunnel.auth'], remedies: [] },
    ],
    [
      'only algorithms of long ago',
      { algorithms: { kex: ['diffie-hellman-group14-sha1'] } },
      {},
      'TUNNEL_HANDSHAKE_FAILED',
      { fields: endpoint, remedies: [] },
    ],
    [
      'another host key',
      {},
      { hostKeyFingerprint: fingerprintOf(makeHostKey()) },
      'TUNNEL_HOST_KEY_CHANGED',
      { fields: ['sshTunnel.hostKeyFingerprint', ...endpoint], remedies: ['SET_FIELD sshTunnel.hostKeyFingerprint'] },
    ],
  ])('is its own: %s', async (_, options, tunnel, code, hints) => {
    await using ssh = await startServer(options)
    const problem = expectFault(await testMysql(through(ssh, { tunnel })), ssh, 'TUNNEL@', code)
    expect(hintsOf(problem)).toEqual(hints)
    expect(ssh.targets).toEqual([])
    await untilGone(ssh)
  })

  it('is its own: a host key that nobody knows yet is a warning', async () => {
    await using ssh = await startServer()
    const reports = await testMysql(through(ssh, { tunnel: { hostKeyFingerprint: undefined } }))
    expect(expectTunnelPass(reports, ssh.port)).toEqual({ [`TUNNEL:127.0.0.1:${ssh.port}`]: 'TUNNEL_HOST_KEY_UNKNOWN' })
    proves('MYSQL', 'TUNNEL_HOST_KEY_UNKNOWN', 'PUBLIC_IMPLEMENTATION')
  })

  it('is its own: a passphrase that does not open the key', async () => {
    const { publicKey, privateKey } = opensshKey('ed25519', { passphrase: 'right' })
    await using ssh = await startServer({ authorizedKeys: [publicKey] })
    const auth = { privateKey: { privateKey, passphrase: 'wrong' } }
    expectFault(await testMysql(through(ssh, { tunnel: { auth } })), ssh, 'TUNNEL@', 'TUNNEL_KEY_UNREADABLE')
    expect(ssh.attempts).toEqual([])
  })

  it('is its own: silence, and no server at all', async () => {
    await using silent = await SshServer.start({ signIn: 'SAY_NOTHING' })
    const tunnel = { hostKeyFingerprint: undefined }
    const quiet = await testMysql(through(silent, { tunnel }), soon('TUNNEL'))
    expect(expectFault(quiet, silent, 'TUNNEL@', 'TUNNEL_TIMED_OUT').fields).toEqual(endpoint)
    const nobody = { port: await freePort() }
    const refused = await testMysql(through(nobody))
    expect(expectFault(refused, nobody, 'CONNECT@', 'CONNECTION_REFUSED').fields).toEqual(endpoint)
    const denied = await testMysql(through(nobody), { egress: { allowLoopback: false } })
    expect(expectFault(denied, nobody, 'EGRESS@', 'EGRESS_DENIED', 'DOUBLE').fields).toEqual(endpoint)
    await using hole = await BlackHole.start()
    const dropped = await testMysql(through(hole), soon('CONNECT'))
    expect(expectFault(dropped, hole, 'CONNECT@', 'CONNECTION_TIMED_OUT', 'DOUBLE').fields).toEqual(endpoint)
    await using web = await httpServer()
    expect(expectFault(await testMysql(through(web)), web, 'TUNNEL@', 'WRONG_PROTOCOL', 'DOUBLE').params).toMatchObject(
      {
        found: 'an HTTP server',
      },
    )
  })

  it('is its own: it breaks while MySQL is spoken to', async () => {
    await using ssh = await startServer()
    await using target = await silentServer()
    const run = testMysql(configThrough(ssh, target.port))
    await vi.waitFor(() => expect(target.openConnections).toBe(1))
    ssh.cut()
    expect(expectFault(await run, ssh, 'GREET', 'TUNNEL_CLOSED').fields).toEqual(endpoint)
  })

  it('is its own: it breaks in the middle of a statement of a test, or of a preview', async () => {
    await using ssh = await startServer()
    const sever = () => ssh.cut()
    await using slow = await HostileMysql.start({ certificate, account: ann, at: { OPEN: sever, QUERY: sever } })
    expectFault(await testMysql(configThrough(ssh, slow.port)), ssh, 'OPEN', 'TUNNEL_CLOSED')
    await using quick = await HostileMysql.start({ certificate, account: ann, at: { QUERY: sever } })
    const outcome = await queryMysql(configThrough(ssh, quick.port), { sql: { text: 'select n from numbers' } })
    expectQueryProblem(outcome, { code: 'TUNNEL_CLOSED', fields: endpoint }, { by: 'PUBLIC_IMPLEMENTATION' })
  })
})

describe('a fault behind the SSH server', () => {
  const target = ['host', 'port']

  it.each<[string, { reason: number; text: string }, ProblemCode, readonly string[]]>([
    ['it may not forward', { reason: 1, text: 'open failed' }, 'TUNNEL_FORWARDING_REFUSED', [...endpoint, ...target]],
    ['the name is unknown', { reason: 2, text: 'Name or service not known' }, 'TUNNEL_TARGET_NOT_FOUND', ['host']],
    ['nothing listens', { reason: 2, text: 'Connection refused' }, 'TUNNEL_TARGET_REFUSED', target],
    ['there is no way', { reason: 2, text: 'No route to host' }, 'TUNNEL_TARGET_UNREACHABLE', target],
    ['nobody answers', { reason: 2, text: 'Connection timed out' }, 'TUNNEL_TARGET_TIMED_OUT', target],
  ])('is named: %s', async (_, refusal, code, fields) => {
    await using ssh = await startServer({ forward: () => refusal })
    expect(expectFault(await testMysql(through(ssh)), ssh, 'CONNECT', code).fields).toEqual(fields)
  })

  it('is MySQL`s own where it is: a wrong password, a wrong certificate, no greeting, another protocol', async () => {
    await using ssh = await startServer()
    const auth = { password: { username: 'ann', password: 'wrong' } }
    const rejected = await testMysql(through(ssh, { config: { auth } }))
    const problem = expectTunnelFailure(rejected, ssh.port, 'SIGN_IN', 'CREDENTIALS_REJECTED')
    expect(problem.fields[0]).toBe('auth.password.password')
    const untrusted = await testMysql(through(ssh, { config: { tls: {} } }))
    expectTunnelFailure(untrusted, ssh.port, 'SECURE', 'TLS_CERTIFICATE_UNTRUSTED')
    await using cutting = await ScriptedServer.start(socket => socket.end())
    const cut = await testMysql(configThrough(ssh, cutting.port))
    expect(expectTunnelFailure(cut, ssh.port, 'GREET', 'CONNECTION_RESET').fields).toEqual(target)
    await using other = await ScriptedServer.start(socket => socket.write('SSH-2.0-OpenSSH_9.6\r\n'))
    expectTunnelFailure(await testMysql(configThrough(ssh, other.port)), ssh.port, 'GREET', 'WRONG_PROTOCOL')
    await using silent = await cuttingServer()
    const quiet = await testMysql(configThrough(ssh, silent.port), soon('GREET'))
    expectTunnelFailure(quiet, ssh.port, 'GREET', 'NO_GREETING')
    await untilGone(ssh)
  })
})
