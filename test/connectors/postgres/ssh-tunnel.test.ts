import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { proves } from '../../proofs/proves.ts'
import type { PostgresServer } from '../../servers/postgres.ts'
import { queryPostgres, testPostgres } from '../../servers/postgres-run.ts'
import { opensshKey, pemKey, type SshKeyPair } from '../../servers/ssh-keys.ts'
import { fingerprintOf, makeHostKey } from '../../servers/ssh-server.ts'
import { signInAttempts } from './expectations.ts'
import { expectTunnelFailure, expectTunnelPass, tunnelEvidence } from './ssh-expectations.ts'
import {
  hostKey,
  hostKeyFingerprint,
  startServer,
  startTunnelWorld,
  type TunnelWorld,
  untilGone,
  withKey,
} from './tunnel-world.ts'

let world: TunnelWorld
beforeAll(async () => {
  world = await startTunnelWorld()
})
afterAll(() => world?.[Symbol.asyncDispose]())

const configThrough: TunnelWorld['configThrough'] = (...given) => world.configThrough(...given)

describe('the test of a PostgreSQL connector through an SSH server', () => {
  it('passes, verifies both servers, and signs in once at each', async () => {
    await using ssh = await startServer()
    const before = world.postgres.log.length
    const reports = await testPostgres(configThrough(ssh))
    expect(expectTunnelPass(reports, ssh.port)).toEqual({})
    expect(tunnelEvidence(reports, ssh.port)).toEqual({
      'SSH server': 'ssh2js1.17.0',
      'Host key': `ssh-ed25519 ${hostKeyFingerprint}`,
      'Key exchange': 'curve25519-sha256',
      Cipher: 'aes128-gcm@openssh.com',
      'Signed in as': ssh.username,
      'Sign-in method': 'password',
    })
    expect(reports.CONNECT?.evidence).toEqual([
      expect.objectContaining({
        value: `the SSH server 127.0.0.1:${ssh.port}, which found 127.0.0.1:${world.postgres.port} from where it stands`,
      }),
    ])
    expect(reports.SECURE?.evidence).toContainEqual(expect.objectContaining({ kind: 'CERTIFICATE', subject: 'CN=db' }))
    expect(ssh.attempts).toEqual(['password'])
    expect(ssh.targets).toEqual([`127.0.0.1:${world.postgres.port}`])
    expect(ssh.connections).toBe(1)
    expect(await signInAttempts({ log: world.postgres.log.slice(before) } as PostgresServer, 'reader')).toBe(1)
    await untilGone(ssh)
  })

  it('looks up the host on the far side only', async () => {
    await using ssh = await startServer({
      forward: host => (host === 'db.internal' ? { reason: 2, text: 'Connection refused' } : null),
    })
    const reports = await testPostgres(configThrough(ssh, { config: { host: 'DB.internal.' } }))
    expectTunnelFailure(reports, ssh.port, 'CONNECT', 'TUNNEL_TARGET_REFUSED')
    expect(ssh.targets).toEqual([`db.internal:${world.postgres.port}`])
  })

  it('previews rows through it', async () => {
    await using ssh = await startServer()
    const outcome = await queryPostgres(configThrough(ssh), { sql: { text: 'select value from readings order by id' } })
    expect(outcome).toMatchObject({ kind: 'RESULT', result: { rows: [['lamp'], ['chair']], truncated: false } })
    expect(ssh.attempts).toEqual(['password'])
    await untilGone(ssh)
  })

  it('previews more rows than its channel holds, unchanged', async () => {
    await using ssh = await startServer()
    const text = 'select n, repeat(md5(n::text), 64) as filler from generate_series(1, 5000) as n'
    const outcome = await queryPostgres(
      configThrough(ssh),
      { sql: { text } },
      { limits: { maxRows: 5_000, maxBytes: 64 * 2 ** 20 } },
    )
    if (outcome.kind !== 'RESULT') throw new Error(JSON.stringify(outcome))
    expect(outcome.result.rows.length).toBe(5_000)
    expect(outcome.result.rows.every(([n], index) => n === index + 1)).toBe(true)
    expect(new Set(outcome.result.rows.map(([, filler]) => String(filler).length))).toEqual(new Set([2_048]))
  })

  const passphrase = 'open sesame'
  it.each<[string, SshKeyPair]>([
    ['Ed25519, OpenSSH', opensshKey('ed25519')],
    ['Ed25519, OpenSSH, encrypted', opensshKey('ed25519', { passphrase })],
    ['Ed25519, PKCS #8', pemKey('ed25519', 'pkcs8')],
    ['Ed25519, PKCS #8, encrypted', pemKey('ed25519', 'pkcs8', passphrase)],
    ['P-256, SEC 1', pemKey(256, 'sec1')],
    ['P-384, PKCS #8, encrypted', pemKey(384, 'pkcs8', passphrase)],
    ['P-521, OpenSSH, encrypted', opensshKey(521, { passphrase })],
    ['RSA, PKCS #1, encrypted', pemKey('rsa', 'pkcs1', passphrase)],
    ['RSA, PKCS #8', pemKey('rsa', 'pkcs8')],
    ['RSA, OpenSSH', opensshKey('rsa')],
  ])('signs in with a key: %s', async (_, key) => {
    await using ssh = await startServer({ authorizedKeys: [key.publicKey] })
    const reports = await testPostgres(configThrough(ssh, { tunnel: withKey(key) }))
    expect(expectTunnelPass(reports, ssh.port)).toEqual({})
    expect(tunnelEvidence(reports, ssh.port)['Sign-in method']).toBe('publickey')
    expect(ssh.attempts).toEqual(['publickey-query', 'publickey'])
  })

  it('answers the question for a password where a server asks instead of taking one', async () => {
    await using ssh = await startServer({ methods: ['publickey', 'keyboard-interactive'] })
    const reports = await testPostgres(configThrough(ssh))
    expectTunnelPass(reports, ssh.port)
    expect(tunnelEvidence(reports, ssh.port)['Sign-in method']).toBe('keyboard-interactive')
    expect(ssh.attempts).toEqual(['keyboard-interactive'])
  })

  it('says so when the server wants no credentials', async () => {
    await using ssh = await startServer({ signIn: 'LET_EVERYBODY_IN' })
    const reports = await testPostgres(configThrough(ssh))
    expectTunnelPass(reports, ssh.port)
    expect(tunnelEvidence(reports, ssh.port)['Sign-in method']).toBe('nothing was asked for')
    expect(ssh.attempts).toEqual([])
  })
})

describe('the host key of the SSH server', () => {
  const keys = { 'ssh-ed25519': hostKey, 'ecdsa-sha2-nistp256': makeHostKey('ecdsa'), 'ssh-rsa': makeHostKey('rsa') }
  const hostKeys = Object.values(keys)

  it('warns and is offered when it is not known', async () => {
    await using ssh = await startServer()
    const reports = await testPostgres(configThrough(ssh, { tunnel: { hostKeyFingerprint: undefined } }))
    expect(expectTunnelPass(reports, ssh.port)).toEqual({ [`TUNNEL:127.0.0.1:${ssh.port}`]: 'TUNNEL_HOST_KEY_UNKNOWN' })
    proves('POSTGRES', 'TUNNEL_HOST_KEY_UNKNOWN', 'PUBLIC_IMPLEMENTATION')
    const { problem } = (reports as never)[`TUNNEL:127.0.0.1:${ssh.port}`] as { problem: { remedies: unknown } }
    expect(problem.remedies).toEqual([
      {
        kind: 'SET_FIELD',
        title: expect.stringContaining(hostKeyFingerprint),
        field: 'sshTunnel.hostKeyFingerprint',
        value: hostKeyFingerprint,
      },
    ])
  })

  it.each(Object.entries(keys))('is found among several: %s', async (type, key) => {
    await using ssh = await startServer({ hostKeys })
    const reports = await testPostgres(configThrough(ssh, { tunnel: { hostKeyFingerprint: fingerprintOf(key) } }))
    expect(expectTunnelPass(reports, ssh.port)).toEqual({})
    expect(tunnelEvidence(reports, ssh.port)['Host key']).toBe(`${type} ${fingerprintOf(key)}`)
    expect(ssh.attempts).toEqual(['password'])
    await untilGone(ssh)
  })

  it('does not hide a fault that comes after it was found among several', async () => {
    await using ssh = await startServer({ hostKeys })
    const tunnel = { hostKeyFingerprint: fingerprintOf(keys['ssh-rsa']), auth: { password: { password: 'wrong' } } }
    const reports = await testPostgres(configThrough(ssh, { tunnel }))
    expectTunnelFailure(reports, ssh.port, 'TUNNEL@', 'TUNNEL_CREDENTIALS_REJECTED')
    expect(tunnelEvidence(reports, ssh.port)['Host key']).toBe(`ssh-rsa ${fingerprintOf(keys['ssh-rsa'])}`)
    expect(ssh.attempts).toEqual(['password'])
  })

  it('fails before anything is said about the account when it is another one', async () => {
    await using ssh = await startServer({ hostKeys })
    const expected = fingerprintOf(makeHostKey())
    const reports = await testPostgres(configThrough(ssh, { tunnel: { hostKeyFingerprint: expected } }))
    const problem = expectTunnelFailure(reports, ssh.port, 'TUNNEL@', 'TUNNEL_HOST_KEY_CHANGED')
    proves('POSTGRES', 'TUNNEL_HOST_KEY_CHANGED', 'PUBLIC_IMPLEMENTATION')
    expect(problem.params).toMatchObject({ expected, found: hostKeyFingerprint })
    expect(problem.remedies).toEqual([expect.objectContaining({ kind: 'SET_FIELD', value: hostKeyFingerprint })])
    const { evidence } = (reports as never)[`TUNNEL:127.0.0.1:${ssh.port}`] as {
      evidence: { label: string; value: string }[]
    }
    expect(evidence.filter(({ label }) => label === 'Host key').map(({ value }) => value)).toEqual(
      Object.entries(keys).map(([type, key]) => `${type} ${fingerprintOf(key)}`),
    )
    expect(ssh.attempts).toEqual([])
    expect(ssh.usernames).toEqual([])
    await untilGone(ssh)
  })
})
