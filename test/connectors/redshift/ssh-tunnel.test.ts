import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { proves } from '../../proofs/proves.ts'
import type { HostilePostgres } from '../../servers/hostile-postgres.ts'
import { opensshKey } from '../../servers/ssh-keys.ts'
import { fingerprintOf, makeHostKey, SshServer, type SshServerOptions } from '../../servers/ssh-server.ts'
import type { Reports, RunOptions } from '../../servers/type-run.ts'
import { expectTunnelFailure, expectTunnelPass } from '../postgres/ssh-expectations.ts'
import { config, startDouble } from './hostile-run.ts'
import { expectQueryProblem, queryRedshift, testRedshift } from './redshift-run.ts'

const hostKey = makeHostKey()
const startServer = (options: SshServerOptions = {}) => SshServer.start({ hostKeys: [hostKey], ...options })

let database: HostilePostgres
beforeAll(async () => {
  database = await startDouble()
})
afterAll(async () => {
  await database?.[Symbol.asyncDispose]()
})

const through = (ssh: SshServer, tunnel: object = {}, target = database) =>
  config(target.port, {
    sshTunnel: {
      host: '127.0.0.1',
      port: ssh.port,
      username: ssh.username,
      auth: { password: { password: ssh.password } },
      hostKeyFingerprint: fingerprintOf(hostKey),
      ...tunnel,
    },
  })

function expectFault(reports: Reports, { port }: { readonly port: number }, step: string, code: ProblemCode): void {
  expectTunnelFailure(reports, port, step, code)
  proves('REDSHIFT', code, 'PUBLIC_IMPLEMENTATION')
}

describe('a Redshift connector through an SSH server', () => {
  it('passes, and previews rows', async () => {
    await using ssh = await startServer()
    expect(expectTunnelPass(await testRedshift(through(ssh)), ssh.port)).toEqual({})
    expect(await queryRedshift(through(ssh), { sql: { text: 'select n from numbers' } })).toMatchObject({
      kind: 'RESULT',
      result: { rows: [['one'], ['two']] },
    })
    expect(ssh.targets).toEqual(Array(2).fill(`127.0.0.1:${database.port}`))
  })

  it.each<[string, SshServerOptions, object, ProblemCode]>([
    ['a wrong password', {}, { auth: { password: { password: 'wrong' } } }, 'TUNNEL_CREDENTIALS_REJECTED'],
    ['only keys, given a password', { methods: ['publickey'] }, {}, 'TUNNEL_AUTH_METHOD_UNSUPPORTED'],
    [
      'only algorithms of long ago',
      { algorithms: { kex: ['diffie-hellman-group14-sha1'] } },
      {},
      'TUNNEL_HANDSHAKE_FAILED',
    ],
    ['another host key', {}, { hostKeyFingerprint: fingerprintOf(makeHostKey()) }, 'TUNNEL_HOST_KEY_CHANGED'],
  ])('names %s', async (_, options, tunnel, code) => {
    await using ssh = await startServer(options)
    expectFault(await testRedshift(through(ssh, tunnel)), ssh, 'TUNNEL@', code)
  })

  it('warns of a host key that nobody knows, and names a passphrase that does not fit, and silence', async () => {
    await using ssh = await startServer()
    const reports = await testRedshift(through(ssh, { hostKeyFingerprint: undefined }))
    expect(expectTunnelPass(reports, ssh.port)).toEqual({ [`TUNNEL:127.0.0.1:${ssh.port}`]: 'TUNNEL_HOST_KEY_UNKNOWN' })
    proves('REDSHIFT', 'TUNNEL_HOST_KEY_UNKNOWN', 'PUBLIC_IMPLEMENTATION')
    const { privateKey } = opensshKey('ed25519', { passphrase: 'right' })
    const auth = { privateKey: { privateKey, passphrase: 'wrong' } }
    expectFault(await testRedshift(through(ssh, { auth })), ssh, 'TUNNEL@', 'TUNNEL_KEY_UNREADABLE')
    await using silent = await SshServer.start({ signIn: 'SAY_NOTHING' })
    const soon: RunOptions = { budgetsMs: { TUNNEL: 400 } }
    const quiet = await testRedshift(through(silent, { hostKeyFingerprint: undefined }), soon)
    expectFault(quiet, silent, 'TUNNEL@', 'TUNNEL_TIMED_OUT')
  })

  it('names a tunnel that breaks, in a test and in a preview', async () => {
    await using ssh = await startServer()
    const sever = () => ssh.cut()
    await using slow = await startDouble({ at: { OPEN: sever, QUERY: sever } })
    expectFault(await testRedshift(through(ssh, {}, slow)), ssh, 'OPEN', 'TUNNEL_CLOSED')
    const outcome = await queryRedshift(through(ssh, {}, slow), { sql: { text: 'select n from numbers' } })
    expectQueryProblem(outcome, { code: 'TUNNEL_CLOSED' }, { by: 'PUBLIC_IMPLEMENTATION' })
  })

  it.each<[string, { reason: number; text: string }, ProblemCode]>([
    ['it may not forward', { reason: 1, text: 'open failed' }, 'TUNNEL_FORWARDING_REFUSED'],
    ['the name is unknown', { reason: 2, text: 'Name or service not known' }, 'TUNNEL_TARGET_NOT_FOUND'],
    ['nothing listens', { reason: 2, text: 'Connection refused' }, 'TUNNEL_TARGET_REFUSED'],
    ['there is no way', { reason: 2, text: 'No route to host' }, 'TUNNEL_TARGET_UNREACHABLE'],
    ['nobody answers', { reason: 2, text: 'Connection timed out' }, 'TUNNEL_TARGET_TIMED_OUT'],
  ])('names what lies behind it: %s', async (_, refusal, code) => {
    await using ssh = await startServer({ forward: () => refusal })
    expectFault(await testRedshift(through(ssh)), ssh, 'CONNECT', code)
  })
})
