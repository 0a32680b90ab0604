import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { proves } from '../../proofs/proves.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import { freePort, PostgresServer, superuser } from '../../servers/postgres.ts'
import { queryPostgres, testPostgres } from '../../servers/postgres-run.ts'
import { opensshKey, pemKey, type SshKeyPair } from '../../servers/ssh-keys.ts'
import { fingerprintOf, makeHostKey, SshServer, type SshServerOptions } from '../../servers/ssh-server.ts'
import { hintsOf, signInAttempts } from './expectations.ts'
import { expectTunnelFailure, expectTunnelPass, tunnelEvidence } from './ssh-expectations.ts'

const root = issueCertificate({ commonName: 'Tunnel Root', authority: true })
const certificate = issueCertificate({
  commonName: 'db',
  issuer: root,
  names: ['db.internal', '127.0.0.1'],
  usage: 'server',
})
const hostKey = makeHostKey()
const hostKeyFingerprint = fingerprintOf(hostKey)

let postgres: PostgresServer
beforeAll(async () => {
  postgres = await PostgresServer.start({
    settings: { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' },
    files: { 'server.crt': certificate.certificate, 'server.key': certificate.key },
  })
  await postgres.sql(`
    create table readings (id int, value text); insert into readings values (1, 'lamp'), (2, 'chair');
    create role reader login password 'pw'; grant select on readings to reader`)
})
afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]()
})

const startServer = (options: SshServerOptions = {}) => SshServer.start({ hostKeys: [hostKey], ...options })

interface Change {
  readonly tunnel?: Record<string, unknown>
  readonly config?: Record<string, unknown>
}

const configThrough = (ssh: SshServer, { tunnel = {}, config = {} }: Change = {}) => ({
  host: '127.0.0.1',
  port: postgres.port,
  auth: { password: { username: 'reader', password: 'pw' } },
  tls: { caCertificates: root.certificate },
  sshTunnel: {
    host: '127.0.0.1',
    port: ssh.port,
    username: ssh.username,
    auth: { password: { password: ssh.password } },
    hostKeyFingerprint,
    ...tunnel,
  },
  ...config,
})
const withKey = ({ privateKey, passphrase }: SshKeyPair) => ({ auth: { privateKey: { privateKey, passphrase } } })
const untilGone = (ssh: SshServer) => vi.waitFor(() => expect(ssh.openConnections).toBe(0))

describe('the test of a PostgreSQL connector through an SSH server', () => {
  it('passes, verifies both servers, and signs in once at each', async () => {
    await using ssh = await startServer()
    const before = postgres.log.length
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
      expect.objectContaining({ value: expect.stringContaining(`the SSH server 127.0.0.1:${ssh.port}`) }),
    ])
    expect(reports.SECURE?.evidence).toContainEqual(expect.objectContaining({ kind: 'CERTIFICATE', subject: 'CN=db' }))
    expect(ssh.attempts).toEqual(['password'])
    expect(ssh.targets).toEqual([`127.0.0.1:${postgres.port}`])
    expect(ssh.connections).toBe(1)
    expect(await signInAttempts({ log: postgres.log.slice(before) } as PostgresServer, 'reader')).toBe(1)
    await untilGone(ssh)
  })

  it('looks up the host on the far side only', async () => {
    await using ssh = await startServer({
      forward: host => (host === 'db.internal' ? { reason: 2, text: 'Connection refused' } : null),
    })
    const reports = await testPostgres(configThrough(ssh, { config: { host: 'DB.internal.' } }))
    expectTunnelFailure(reports, ssh.port, 'CONNECT', 'TUNNEL_TARGET_REFUSED')
    expect(ssh.targets).toEqual([`db.internal:${postgres.port}`])
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

describe('a fault of the SSH server', () => {
  const stranger = opensshKey('ed25519')
  const rejection = (secret: string) => ({
    fields: [`sshTunnel.auth.${secret}`, 'sshTunnel.username'],
    remedies: [`REENTER_SECRET sshTunnel.auth.${secret}`],
  })
  const unsupported = { fields: ['sshTunnel.auth'], remedies: [] }
  const endpoint = { fields: ['sshTunnel.host', 'sshTunnel.port'], remedies: [] }

  it.each<[string, SshServerOptions, Record<string, unknown>, string, object, readonly string[]]>([
    [
      'a wrong password',
      {},
      { auth: { password: { password: 'wrong' } } },
      'TUNNEL_CREDENTIALS_REJECTED',
      rejection('password.password'),
      ['password'],
    ],
    [
      'an unknown user',
      {},
      { username: 'nobody' },
      'TUNNEL_CREDENTIALS_REJECTED',
      rejection('password.password'),
      ['password'],
    ],
    [
      'a wrong answer to its question',
      { methods: ['keyboard-interactive'] },
      { auth: { password: { password: 'wrong' } } },
      'TUNNEL_CREDENTIALS_REJECTED',
      rejection('password.password'),
      ['keyboard-interactive'],
    ],
    [
      'a password that has expired',
      { signIn: 'WANT_NEW_PASSWORD' },
      {},
      'TUNNEL_CREDENTIALS_REJECTED',
      rejection('password.password'),
      ['password'],
    ],
    [
      'a key that it does not know',
      { authorizedKeys: [opensshKey('ed25519').publicKey] },
      withKey(stranger),
      'TUNNEL_CREDENTIALS_REJECTED',
      rejection('privateKey.privateKey'),
      ['publickey-query'],
    ],
    ['only keys, given a password', { methods: ['publickey'] }, {}, 'TUNNEL_AUTH_METHOD_UNSUPPORTED', unsupported, []],
    ['only passwords, given a key', {}, withKey(stranger), 'TUNNEL_AUTH_METHOD_UNSUPPORTED', unsupported, []],
    ['only Kerberos', { methods: ['gssapi-with-mic'] }, {}, 'TUNNEL_AUTH_METHOD_UNSUPPORTED', unsupported, []],
    [
      'a second factor',
      { furtherMethods: ['keyboard-interactive'] },
      {},
      'TUNNEL_AUTH_METHOD_UNSUPPORTED',
      unsupported,
      ['password'],
    ],
    [
      'a code instead of the password',
      { methods: ['keyboard-interactive'], prompts: [{ prompt: 'Verification code: ', echo: false }] },
      {},
      'TUNNEL_AUTH_METHOD_UNSUPPORTED',
      unsupported,
      ['keyboard-interactive'],
    ],
    ...['Enter PASSCODE: ', "One-time password (OATH) for `tunnel': "].map(
      (prompt): [string, SshServerOptions, Record<string, unknown>, string, object, readonly string[]] => [
        `a code by the name of "${prompt}"`,
        { methods: ['keyboard-interactive'], prompts: [{ prompt, echo: false }] },
        {},
        'TUNNEL_AUTH_METHOD_UNSUPPORTED',
        unsupported,
        ['keyboard-interactive'],
      ],
    ),
    [
      'a code beside the password',
      {
        methods: ['keyboard-interactive'],
        prompts: [
          { prompt: 'Password: ', echo: false },
          { prompt: 'Code: ', echo: false },
        ],
      },
      {},
      'TUNNEL_AUTH_METHOD_UNSUPPORTED',
      unsupported,
      ['keyboard-interactive'],
    ],
    [
      'only algorithms of long ago',
      { algorithms: { kex: ['diffie-hellman-group14-sha1'] } },
      {},
      'TUNNEL_HANDSHAKE_FAILED',
      endpoint,
      [],
    ],
    [
      'a host key of long ago',
      { algorithms: { serverHostKey: ['ssh-rsa'] }, hostKeys: [makeHostKey('rsa')] },
      {},
      'TUNNEL_HANDSHAKE_FAILED',
      endpoint,
      [],
    ],
    ['a cipher of long ago', { algorithms: { cipher: ['aes128-cbc'] } }, {}, 'TUNNEL_HANDSHAKE_FAILED', endpoint, []],
  ])('is named: %s', async (_, options, tunnel, code, hints, attempts) => {
    await using ssh = await startServer(options)
    const reports = await testPostgres(configThrough(ssh, { tunnel }))
    const problem = expectTunnelFailure(reports, ssh.port, 'TUNNEL@', code)
    proves('POSTGRES', problem.code, 'PUBLIC_IMPLEMENTATION')
    expect(hintsOf(problem)).toEqual(hints)
    expect(ssh.attempts).toEqual(attempts)
    expect(ssh.targets).toEqual([])
    await untilGone(ssh)
  })

  it('says what the server offers', async () => {
    await using ssh = await startServer({ methods: ['publickey', 'hostbased'] })
    const methods = expectTunnelFailure(
      await testPostgres(configThrough(ssh)),
      ssh.port,
      'TUNNEL@',
      'TUNNEL_AUTH_METHOD_UNSUPPORTED',
    )
    expect(methods.message).toContain('publickey, hostbased')
    await using old = await startServer({ algorithms: { kex: ['diffie-hellman-group1-sha1'] } })
    const algorithms = expectTunnelFailure(
      await testPostgres(configThrough(old)),
      old.port,
      'TUNNEL@',
      'TUNNEL_HANDSHAKE_FAILED',
    )
    expect(algorithms.detail).toContain('No common key exchange. The server offers diffie-hellman-group1-sha1')
  })

  it('makes no SHA-1 signature with an RSA key', async () => {
    const key = pemKey('rsa', 'pkcs1')
    await using ssh = await startServer({ authorizedKeys: [key.publicKey], knowsSha1Only: true })
    const reports = await testPostgres(configThrough(ssh, { tunnel: withKey(key) }))
    const problem = expectTunnelFailure(reports, ssh.port, 'TUNNEL@', 'TUNNEL_AUTH_METHOD_UNSUPPORTED')
    expect(problem.detail).toContain('SHA-1')
    expect(ssh.attempts).toEqual(['publickey-query'])
  })

  it('tells a key whose halves do not belong together, without asking anybody', async () => {
    const key = opensshKey('ed25519')
    const body = Buffer.from(key.privateKey.replace(/-----[^-]+-----/g, ''), 'base64')
    // Behind the type and the public half, each with its length.
    const at = body.lastIndexOf('ssh-ed25519') + 'ssh-ed25519'.length + 4 + 32 + 4
    body.writeUInt8(body.readUInt8(at) ^ 1, at)
    const privateKey = `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`
    await using ssh = await startServer({ authorizedKeys: [key.publicKey] })
    const reports = await testPostgres(configThrough(ssh, { tunnel: withKey({ ...key, privateKey }) }))
    const problem = expectTunnelFailure(reports, ssh.port, 'TUNNEL@', 'TUNNEL_KEY_UNREADABLE')
    expect(problem.detail).toBe('This private key cannot be read.')
    expect(ssh.usernames).toEqual([])
  })

  it('tells a passphrase that does not open the key, without connecting anybody', async () => {
    const key = opensshKey('ed25519', { passphrase: 'right' })
    await using ssh = await startServer({ authorizedKeys: [key.publicKey] })
    const tunnel = withKey({ ...key, passphrase: 'wrong' })
    const problem = expectTunnelFailure(
      await testPostgres(configThrough(ssh, { tunnel })),
      ssh.port,
      'TUNNEL@',
      'TUNNEL_KEY_UNREADABLE',
    )
    proves('POSTGRES', 'TUNNEL_KEY_UNREADABLE', 'PUBLIC_IMPLEMENTATION')
    expect(hintsOf(problem)).toEqual({
      fields: ['sshTunnel.auth.privateKey.passphrase', 'sshTunnel.auth.privateKey.privateKey'],
      remedies: ['REENTER_SECRET sshTunnel.auth.privateKey.passphrase'],
    })
    expect(ssh.attempts).toEqual([])
  })
})

describe('a fault behind the SSH server', () => {
  const target = { fields: ['host', 'port'], remedies: [] }
  const forwarding = { fields: ['sshTunnel.host', 'sshTunnel.port', 'host', 'port'], remedies: [] }

  it.each<[string, { reason: number; text: string }, string, object]>([
    ['OpenSSH may not forward', { reason: 1, text: 'open failed' }, 'TUNNEL_FORWARDING_REFUSED', forwarding],
    [
      'the server knows no forwarding',
      { reason: 3, text: 'Unsupported channel type' },
      'TUNNEL_FORWARDING_REFUSED',
      forwarding,
    ],
    ['the server has no room', { reason: 4, text: '' }, 'TUNNEL_FORWARDING_REFUSED', forwarding],
    [
      'OpenSSH finds no name',
      { reason: 2, text: 'Name or service not known' },
      'TUNNEL_TARGET_NOT_FOUND',
      { fields: ['host'], remedies: [] },
    ],
    [
      'its name servers are down',
      { reason: 2, text: 'Temporary failure in name resolution' },
      'TUNNEL_TARGET_NOT_FOUND',
      { fields: ['host'], remedies: [] },
    ],
    [
      'Go finds no name',
      { reason: 2, text: 'dial tcp: lookup db: no such host' },
      'TUNNEL_TARGET_NOT_FOUND',
      { fields: ['host'], remedies: [] },
    ],
    [
      'Dropbear finds no name',
      { reason: 2, text: "Error resolving 'db' port '5432'" },
      'TUNNEL_TARGET_NOT_FOUND',
      { fields: ['host'], remedies: [] },
    ],
    ['nothing listens', { reason: 2, text: 'Connection refused' }, 'TUNNEL_TARGET_REFUSED', target],
    ['there is no way', { reason: 2, text: 'No route to host' }, 'TUNNEL_TARGET_UNREACHABLE', target],
    ['nobody answers', { reason: 2, text: 'Connection timed out' }, 'TUNNEL_TARGET_TIMED_OUT', target],
    ['the server does not say why', { reason: 2, text: '' }, 'TUNNEL_TARGET_UNREACHABLE', target],
  ])('is named: %s', async (_, refusal, code, hints) => {
    await using ssh = await startServer({ forward: () => refusal })
    const problem = expectTunnelFailure(await testPostgres(configThrough(ssh)), ssh.port, 'CONNECT', code)
    proves('POSTGRES', problem.code, 'PUBLIC_IMPLEMENTATION')
    expect(hintsOf(problem)).toEqual(hints)
    expect(problem.detail).toBe(refusal.text === '' ? null : refusal.text)
    await untilGone(ssh)
  })

  it('is named as it really is: a port on which nothing listens', async () => {
    await using ssh = await startServer()
    const config = configThrough(ssh, { config: { port: await freePort() } })
    expectTunnelFailure(await testPostgres(config), ssh.port, 'CONNECT', 'TUNNEL_TARGET_REFUSED')
  })

  it('is the database`s own where it is: a wrong password, a wrong certificate', async () => {
    await using ssh = await startServer()
    const auth = { password: { username: 'reader', password: 'wrong' } }
    const rejected = expectTunnelFailure(
      await testPostgres(configThrough(ssh, { config: { auth } })),
      ssh.port,
      'SIGN_IN',
      'CREDENTIALS_REJECTED',
    )
    expect(rejected.fields[0]).toBe('auth.password.password')
    const untrusted = await testPostgres(configThrough(ssh, { config: { tls: {} } }))
    expectTunnelFailure(untrusted, ssh.port, 'SECURE', 'TLS_CERTIFICATE_UNTRUSTED')
    await untilGone(ssh)
  })

  it('reads as before when the database hangs up at once', async () => {
    const { cuttingServer, httpServer } = await import('../../servers/hostile-servers.ts')
    await using ssh = await startServer()
    await using cutting = await cuttingServer()
    const cut = await testPostgres(configThrough(ssh, { config: { port: cutting.port } }))
    expect(expectTunnelFailure(cut, ssh.port, 'GREET', 'CONNECTION_RESET').fields).toEqual(['host', 'port'])
    await using web = await httpServer()
    const wrong = await testPostgres(configThrough(ssh, { config: { port: web.port } }))
    expectTunnelFailure(wrong, ssh.port, 'GREET', 'WRONG_PROTOCOL')
  })

  it('needs the account`s own secrets only: nobody else`s are used', async () => {
    await using ssh = await startServer()
    vi.stubEnv('SSH_AUTH_SOCK', '/nonexistent/agent')
    const config = configThrough(ssh, { config: { auth: { password: superuser } } })
    expect(Object.values(expectTunnelPass(await testPostgres(config), ssh.port))).toEqual(['ACCOUNT_CAN_WRITE'])
    vi.unstubAllEnvs()
    expect(ssh.attempts).toEqual(['password'])
  })
})
