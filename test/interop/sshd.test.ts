import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { expectTunnelFailure, expectTunnelPass, tunnelEvidence } from '../connectors/postgres/ssh-expectations.ts'
import { proves } from '../proofs/proves.ts'
import { issueCertificate } from '../servers/certificates.ts'
import { freePort, PostgresServer } from '../servers/postgres.ts'
import { queryPostgres, testPostgres } from '../servers/postgres-run.ts'
import { opensshKey, pemKey, type SshKeyPair } from '../servers/ssh-keys.ts'
import { install } from './install.ts'
import { Sshd, type SshdOptions, SystemAccount, sshdProgram } from './sshd-server.ts'

const installation = await install('openssh-server', sshdProgram)

const root = issueCertificate({ commonName: 'Tunnel Root', authority: true })
const certificate = issueCertificate({ commonName: 'db', issuer: root, names: ['127.0.0.1'], usage: 'server' })
const key = opensshKey('ed25519')

describe.skipIf(!installation.installed)(
  `the tunnel through OpenSSH${installation.installed ? '' : `: ${installation.reason}`}`,
  () => {
    let postgres: PostgresServer
    let account: SystemAccount

    beforeAll(async () => {
      account = SystemAccount.create()
      postgres = await PostgresServer.start({
        settings: { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' },
        files: { 'server.crt': certificate.certificate, 'server.key': certificate.key },
      })
      await postgres.sql(`create table readings (id int); insert into readings values (1);
      create role reader login password 'pw'; grant select on readings to reader`)
    })
    afterAll(async () => {
      await postgres?.[Symbol.asyncDispose]()
      await account?.[Symbol.asyncDispose]()
    })

    const start = (options: SshdOptions = {}) => Sshd.start({ authorizedKeys: [key.publicKey], ...options })
    const withKey = ({ privateKey, passphrase }: SshKeyPair) => ({ auth: { privateKey: { privateKey, passphrase } } })
    const configThrough = (sshd: Sshd, tunnel: object = {}, config: object = {}) => ({
      host: '127.0.0.1',
      port: postgres.port,
      auth: { password: { username: 'reader', password: 'pw' } },
      tls: { caCertificates: root.certificate },
      sshTunnel: {
        host: '127.0.0.1',
        port: sshd.port,
        username: account.username,
        auth: { password: { password: account.password } },
        hostKeyFingerprint: sshd.fingerprints[0],
        ...tunnel,
      },
      ...config,
    })
    /** Asserts where and how a test fails, and that the server has judged as many sign-ins as said. */
    const failing = async (sshd: Sshd, config: object, step: string, code: string, attempts: readonly string[]) => {
      const problem = expectTunnelFailure(await testPostgres(config), sshd.port, step, code)
      proves('POSTGRES', problem.code, 'REAL_SERVER')
      await vi.waitFor(() => expect(sshd.attempts).toEqual(attempts))
      return problem
    }

    test('passes by password and shows what it measured; previews go the same way', async () => {
      await using sshd = await start()
      const reports = await testPostgres(configThrough(sshd))
      expect(expectTunnelPass(reports, sshd.port)).toEqual({})
      expect(tunnelEvidence(reports, sshd.port)).toMatchObject({
        'SSH server': expect.stringContaining('OpenSSH_'),
        'Host key': `ssh-ed25519 ${sshd.fingerprints[0]}`,
        'Key exchange': 'curve25519-sha256',
        Cipher: 'aes128-gcm@openssh.com',
      })
      await vi.waitFor(() => expect(sshd.attempts).toEqual(['Accepted password']))
      await vi.waitFor(() => expect(sshd.log).toContain('Received disconnect'))
      const text = 'select n, repeat(md5(n::text), 64) from generate_series(1, 5000) as n'
      const outcome = await queryPostgres(
        configThrough(sshd),
        { sql: { text } },
        { limits: { maxRows: 5_000, maxBytes: 64 * 2 ** 20 } },
      )
      expect(outcome).toMatchObject({ kind: 'RESULT', result: { truncated: false } })
      expect(outcome.kind === 'RESULT' && outcome.result.rows.length).toBe(5_000)
    })

    const passphrase = 'open sesame'
    test.each<[string, SshKeyPair]>([
      ['Ed25519, OpenSSH', key],
      ['Ed25519, PKCS #8, encrypted', pemKey('ed25519', 'pkcs8', passphrase)],
      ['P-256, SEC 1, encrypted', pemKey(256, 'sec1', passphrase)],
      ['P-384, OpenSSH, encrypted', opensshKey(384, { passphrase })],
      ['P-521, PKCS #8', pemKey(521, 'pkcs8')],
      ['RSA, PKCS #1', pemKey('rsa', 'pkcs1')],
      ['RSA, OpenSSH, encrypted', opensshKey('rsa', { passphrase })],
    ])('passes by key: %s', async (_, pair) => {
      await using sshd = await start({ authorizedKeys: [pair.publicKey], settings: { PasswordAuthentication: 'no' } })
      const reports = await testPostgres(configThrough(sshd, withKey(pair)))
      expect(expectTunnelPass(reports, sshd.port)).toEqual({})
      await vi.waitFor(() => expect(sshd.attempts).toEqual(['Accepted publickey']))
    })

    test.each([
      ['Ed25519', 0],
      ['ECDSA', 1],
      ['RSA', 2],
    ])('finds the host key among several: %s', async (_, index) => {
      await using sshd = await start({ hostKeys: ['ed25519', 'ecdsa', 'rsa'] })
      const reports = await testPostgres(configThrough(sshd, { hostKeyFingerprint: sshd.fingerprints[index] }))
      expect(expectTunnelPass(reports, sshd.port)).toEqual({})
      await vi.waitFor(() => expect(sshd.attempts).toEqual(['Accepted password']))
    })

    test('warns of an unknown host key, and stops at another one', async () => {
      await using sshd = await start()
      const unknown = await testPostgres(configThrough(sshd, { hostKeyFingerprint: undefined }))
      expect(Object.values(expectTunnelPass(unknown, sshd.port))).toEqual(['TUNNEL_HOST_KEY_UNKNOWN'])
      proves('POSTGRES', 'TUNNEL_HOST_KEY_UNKNOWN', 'REAL_SERVER')
      await vi.waitFor(() => expect(sshd.attempts).toEqual(['Accepted password']))
      await using other = await start()
      const changed = configThrough(other, { hostKeyFingerprint: sshd.fingerprints[0] })
      const problem = await failing(other, changed, 'TUNNEL@', 'TUNNEL_HOST_KEY_CHANGED', [])
      expect(problem.params).toMatchObject({ expected: sshd.fingerprints[0], found: other.fingerprints[0] })
      expect(other.log).not.toContain(account.username)
    })

    test('names a wrong password and a wrong key, after one attempt', async () => {
      await using sshd = await start()
      const wrong = { auth: { password: { password: 'wrong' } } }
      await failing(sshd, configThrough(sshd, wrong), 'TUNNEL@', 'TUNNEL_CREDENTIALS_REJECTED', ['Failed password'])
      await using second = await start()
      const strange = configThrough(second, withKey(opensshKey('ed25519')))
      await failing(second, strange, 'TUNNEL@', 'TUNNEL_CREDENTIALS_REJECTED', ['Failed publickey'])
    })

    test('names a wrong password where the server hangs up over it', async () => {
      await using sshd = await start({ settings: { MaxAuthTries: '1' } })
      const wrong = { auth: { password: { password: 'wrong' } } }
      const problem = await failing(sshd, configThrough(sshd, wrong), 'TUNNEL@', 'TUNNEL_CREDENTIALS_REJECTED', [
        'Failed password',
      ])
      expect(problem.detail).toContain('Too many authentication failures')
    })

    test('names a wrong passphrase without signing in', async () => {
      await using sshd = await start()
      const pair = { ...opensshKey('ed25519', { passphrase }), passphrase: 'another' }
      await failing(sshd, configThrough(sshd, withKey(pair)), 'TUNNEL@', 'TUNNEL_KEY_UNREADABLE', [])
    })

    test('answers the question of PAM for a password', async () => {
      const settings = { UsePAM: 'yes', PasswordAuthentication: 'no', KbdInteractiveAuthentication: 'yes' }
      await using sshd = await start({ settings })
      expectTunnelPass(await testPostgres(configThrough(sshd)), sshd.port)
      await vi.waitFor(() => expect(sshd.attempts).toEqual(['Accepted keyboard-interactive/pam']))
    })

    test('says which ways of signing in the server takes', async () => {
      await using sshd = await start({ settings: { PasswordAuthentication: 'no' } })
      const problem = await failing(sshd, configThrough(sshd), 'TUNNEL@', 'TUNNEL_AUTH_METHOD_UNSUPPORTED', [])
      expect(problem.message).toContain('publickey')
      await using both = await start({ settings: { AuthenticationMethods: 'publickey,password' } })
      const second = configThrough(both, withKey(key))
      const factor = await failing(both, second, 'TUNNEL@', 'TUNNEL_AUTH_METHOD_UNSUPPORTED', ['Partial publickey'])
      expect(factor.detail).toContain('second factor')
    })

    test('names the algorithms on which nobody agrees', async () => {
      await using sshd = await start({ settings: { KexAlgorithms: 'diffie-hellman-group14-sha1' } })
      const problem = await failing(sshd, configThrough(sshd), 'TUNNEL@', 'TUNNEL_HANDSHAKE_FAILED', [])
      expect(problem.detail).toContain('The server offers diffie-hellman-group14-sha1')
    })

    test.each<[string, Record<string, string>, string | null]>([
      ['forwards nothing', { AllowTcpForwarding: 'no' }, null],
      ['forwards nowhere', { PermitOpen: 'none' }, null],
      ['forwards elsewhere only', { PermitOpen: '127.0.0.1:1' }, null],
      ['forwards nothing for this key', {}, 'restrict'],
    ])('names a server that %s', async (_, settings, option) => {
      await using sshd = await start({
        settings,
        authorizedKeys: [`${option === null ? '' : `${option} `}${key.publicKey}`],
      })
      const config = configThrough(sshd, withKey(key))
      await failing(sshd, config, 'CONNECT', 'TUNNEL_FORWARDING_REFUSED', ['Accepted publickey'])
    })

    test('names what the server finds behind it', async () => {
      await using sshd = await start()
      const refused = configThrough(sshd, {}, { port: await freePort() })
      await failing(sshd, refused, 'CONNECT', 'TUNNEL_TARGET_REFUSED', ['Accepted password'])
      const unknown = configThrough(sshd, {}, { host: 'no-such-host.invalid' })
      const problem = await failing(sshd, unknown, 'CONNECT', 'TUNNEL_TARGET_NOT_FOUND', [
        'Accepted password',
        'Accepted password',
      ])
      expect(problem.fields).toEqual(['host'])
    })

    test('stops a running statement by a second connection through it', async () => {
      await using sshd = await start()
      const running = () =>
        postgres.sql(`select 1 from pg_stat_activity where usename = 'reader' and query like '%generate_series%'`)
      const cancel = new AbortController()
      const text = 'select count(*) from generate_series(1, 2000000000) as n'
      const run = queryPostgres(configThrough(sshd), { sql: { text } }, { signal: cancel.signal })
      run.catch(() => {})
      await vi.waitFor(async () => expect(await running()).toHaveLength(1), { timeout: 5_000 })
      cancel.abort()
      await expect(run).rejects.toThrow()
      await vi.waitFor(() => expect(postgres.log).toContain('canceling statement due to user request'), {
        timeout: 5_000,
      })
      await vi.waitFor(() => expect(sshd.attempts).toEqual(['Accepted password']))
    })
  },
)
