import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { proves } from '../../proofs/proves.ts'
import { cuttingServer, httpServer } from '../../servers/hostile-servers.ts'
import { freePort, superuser } from '../../servers/postgres.ts'
import { testPostgres } from '../../servers/postgres-run.ts'
import { opensshKey, pemKey } from '../../servers/ssh-keys.ts'
import { makeHostKey, type SshServerOptions } from '../../servers/ssh-server.ts'
import { hintsOf } from './expectations.ts'
import { expectTunnelFailure, expectTunnelPass } from './ssh-expectations.ts'
import { startServer, startTunnelWorld, type TunnelWorld, untilGone, withKey } from './tunnel-world.ts'

let world: TunnelWorld
beforeAll(async () => {
  world = await startTunnelWorld()
})
afterAll(() => world?.[Symbol.asyncDispose]())

const configThrough: TunnelWorld['configThrough'] = (...given) => world.configThrough(...given)

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
