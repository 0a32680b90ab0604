import { createPrivateKey } from 'node:crypto'
import { createServer, type Server } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Certificate, daysFromNow, issueCertificate } from '../../servers/certificates.ts'
import { ScriptedServer } from '../../servers/hostile-servers.ts'
import { PostgresServer, uniqueName } from '../../servers/postgres.ts'
import { parseConfig, queryPostgres, testParsed, testPostgres } from '../../servers/postgres-run.ts'
import type { Reports } from '../../servers/type-run.ts'
import { expectFailure, expectPass, expectProblem, hintsOf, signInAttempts } from './expectations.ts'

const root = issueCertificate({ commonName: 'Test Root', authority: true })
const intermediate = issueCertificate({ commonName: 'Test Intermediate', authority: true, issuer: root })
const clientRoot = issueCertificate({ commonName: 'Client Root', authority: true })
const otherRoot = issueCertificate({ commonName: 'Other Root', authority: true })
const good = issueCertificate({
  commonName: 'db',
  issuer: root,
  names: ['db.test', '127.0.0.1', 'localhost'],
  usage: 'server',
})

const hba = [
  'host all admin 127.0.0.1/32 scram-sha-256',
  'hostssl all certified 127.0.0.1/32 cert',
  'hostssl all cleartext 127.0.0.1/32 password',
  'hostssl all careful 127.0.0.1/32 scram-sha-256 clientcert=verify-full',
  'hostssl all all 127.0.0.1/32 scram-sha-256',
]
const ssl = { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key', ssl_ca_file: 'client-ca.crt' }

let server: PostgresServer
const username = 'reader'

/** Puts a certificate, with whatever else the server shall send, in place of the present one. */
async function present(certificate: Certificate, ...others: readonly Certificate[]): Promise<void> {
  const chain = [certificate, ...others].map(each => each.certificate).join('')
  await server.stop('fast')
  await server.configure({
    hba,
    settings: ssl,
    files: { 'server.crt': chain, 'server.key': certificate.key, 'client-ca.crt': clientRoot.certificate },
  })
  await server.launch()
}

beforeAll(async () => {
  server = await PostgresServer.start()
  await server.sql(`
    create table readings (id int); insert into readings values (1);
    create role reader login password 'pw'; create role certified login; create role cleartext login password 'pw';
    create role careful login password 'pw';
    grant select on readings to reader, certified, cleartext, careful`)
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
})

const config = (tls: Record<string, unknown>, change: Record<string, unknown> = {}) => ({
  host: '127.0.0.1',
  port: server.port,
  auth: { password: { username, password: 'pw' } },
  tls,
  ...change,
})
const trusted = { caCertificates: root.certificate }
const codes = (reports: Reports) =>
  reports.SECURE?.evidence.flatMap(entry =>
    entry.kind === 'TEXT' && entry.label.startsWith('TLS_') ? [entry.label] : [],
  )

describe('encryption of a PostgreSQL connector, with a good certificate', () => {
  beforeAll(() => present(good))

  it('passes without a warning, on one connection, and shows the certificate', async () => {
    const reports = await testPostgres(config(trusted))
    expect(expectPass(reports)).toEqual({})
    const [protocol, cipher, certificate] = reports.SECURE?.evidence ?? []
    expect(protocol).toMatchObject({ label: 'Protocol', value: 'TLSv1.3', measuredOn: 'SAME_SOCKET' })
    expect(cipher).toMatchObject({ label: 'Cipher' })
    expect(certificate).toMatchObject({
      kind: 'CERTIFICATE',
      subject: 'CN=db',
      issuer: 'CN=Test Root',
      sha256Fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
      subjectAltNames: ['db.test', '127.0.0.1', 'localhost'],
    })
    expect(await signInAttempts(server, username)).toBe(1)
  })

  it('warns when it does not verify the server', async () => {
    const reports = await testPostgres(config({ mode: 'REQUIRE' }))
    expect(expectPass(reports)).toEqual({ SECURE: 'SERVER_NOT_VERIFIED' })
  })

  it('names an authority that is not trusted', async () => {
    const problem = expectFailure(await testPostgres(config({})), 'SECURE', 'TLS_CERTIFICATE_UNTRUSTED')
    expect(hintsOf(problem)).toEqual({ fields: ['tls.caCertificates'], remedies: [] })
    expect(problem.params).toMatchObject({ issuer: 'Test Root' })
  })

  it('gives a password in clear text only to a server that is fully verified', async () => {
    const cleartext = { auth: { password: { username: 'cleartext', password: 'pw' } } }
    expectPass(await testPostgres(config(trusted, cleartext)))
    for (const mode of ['REQUIRE', 'VERIFY_CA']) {
      expectFailure(
        await testPostgres(config({ ...trusted, mode }, cleartext)),
        'SIGN_IN',
        'CLEARTEXT_PASSWORD_REFUSED',
      )
    }
  })

  it('signs in by client certificate', async () => {
    const client = issueCertificate({ commonName: 'certified', issuer: clientRoot, usage: 'client' })
    const auth = { clientCertificate: { username: 'certified' } }
    const tls = { ...trusted, clientCertificate: client.certificate, clientKey: client.key }
    expect(expectPass(await testPostgres(config(tls, { auth })))).toEqual({})
    // The certificate of somebody else: the server rejects the user, not the certificate.
    const stranger = issueCertificate({ commonName: 'stranger', issuer: clientRoot, usage: 'client' })
    const strange = { ...trusted, clientCertificate: stranger.certificate, clientKey: stranger.key }
    expectFailure(await testPostgres(config(strange, { auth })), 'SIGN_IN', 'CREDENTIALS_REJECTED')
  })

  it('names a client certificate that is missing, and one that the server does not trust', async () => {
    const auth = { password: { username: 'careful', password: 'pw' } }
    const missing = expectFailure(
      await testPostgres(config(trusted, { auth })),
      'SIGN_IN',
      'CLIENT_CERTIFICATE_REQUIRED',
    )
    expect(hintsOf(missing)).toEqual({ fields: ['tls.clientCertificate', 'tls.clientKey'], remedies: [] })
    const untrusted = issueCertificate({ commonName: 'careful', issuer: otherRoot, usage: 'client' })
    const tls = { ...trusted, clientCertificate: untrusted.certificate, clientKey: untrusted.key }
    // TLS 1.3: the handshake is over when the server says so.
    const reports = await testPostgres(config(tls, { auth }))
    expect(reports.SECURE?.status).toBe('PASSED')
    expectFailure(reports, 'SIGN_IN', 'CLIENT_CERTIFICATE_REQUIRED')
  })

  it('warns of a client certificate that has expired since it was saved, which the server then refuses', async () => {
    const client = issueCertificate({
      commonName: 'careful',
      issuer: clientRoot,
      usage: 'client',
      validFrom: daysFromNow(-60),
      validTo: daysFromNow(-2),
    })
    const auth = { password: { username: 'careful', password: 'pw' } }
    const tls = { ...trusted, clientCertificate: client.certificate, clientKey: client.key }
    // The form was filled in while the certificate was good; only that needs the earlier date.
    vi.useFakeTimers({ now: daysFromNow(-30), toFake: ['Date'] })
    const test = testPostgres(config(tls, { auth }))
    vi.useRealTimers()
    const reports = await test
    expect(reports.SECURE?.status).toBe('WARNING')
    expectProblem(reports, 'SECURE', 'CLIENT_CERTIFICATE_EXPIRED')
    expectFailure(reports, 'SIGN_IN', 'CLIENT_CERTIFICATE_REQUIRED')
  })

  it('names a stored key that does not belong to a new certificate, or that its passphrase does not open', async () => {
    const client = issueCertificate({ commonName: 'careful', issuer: clientRoot, usage: 'client' })
    const weak = issueCertificate({ commonName: 'careful', issuer: clientRoot, usage: 'client', rsaBits: 1024 })
    const encrypted = createPrivateKey(client.key)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open' })
      .toString()
    const cases = [
      [{ clientKey: otherRoot.key }, 'the key does not belong to the certificate'],
      [{ clientKey: encrypted, clientKeyPassphrase: 'wrong' }, 'the passphrase does not open the key'],
      [{ clientCertificate: weak.certificate, clientKey: weak.key }, 'they are too weak'],
    ] as const
    for (const [stored, reason] of cases) {
      // What is stored is not judged by the form, so the form is asked with other keys.
      const parsed = parseConfig(config({ ...trusted, clientCertificate: client.certificate, clientKey: client.key }))
      const { tls, ...rest } = parsed as { tls: Record<string, unknown> }
      const reports = await testParsed({ ...rest, tls: { ...tls, ...stored } })
      const problem = expectFailure(reports, 'SECURE', 'CLIENT_KEY_UNUSABLE')
      expect(problem.message).toContain(reason)
      expect(problem.fields[0]).toBe('tls.clientKey')
    }
  })

  it('cancels over the encrypted connection when a query is abandoned', async () => {
    const cancel = new AbortController()
    const sleeping = "select pid from pg_stat_activity where usename = 'reader' and wait_event = 'PgSleep'"
    const run = queryPostgres(config(trusted), { sql: { text: 'select pg_sleep(60)' } }, { signal: cancel.signal })
    const outcome = expect(run).rejects.toThrow()
    await vi.waitFor(async () => expect(await server.sql(sleeping)).toHaveLength(1), { timeout: 5_000 })
    cancel.abort()
    await outcome
    await vi.waitFor(
      async () => expect(await server.sql("select pid from pg_stat_activity where usename = 'reader'")).toEqual([]),
      { timeout: 5_000 },
    )
    await vi.waitFor(() => expect(server.log).toContain('canceling statement due to user request'))
  })
})

describe('encryption of a PostgreSQL connector, with certificates at fault', () => {
  const issue = (change: Partial<Parameters<typeof issueCertificate>[0]>) =>
    issueCertificate({ commonName: 'db', issuer: root, names: ['127.0.0.1'], usage: 'server', ...change })

  async function fault(code: string, tls: Record<string, unknown> = trusted) {
    const name = uniqueName('unseen')
    const reports = await testPostgres(config(tls, { auth: { password: { username: name, password: 'never-sent' } } }))
    const problem = expectFailure(reports, 'SECURE', code)
    // Nothing about the user has been sent, so the server has nothing to log.
    expect(server.log).not.toContain(name)
    return { reports, problem }
  }

  it('names a self-signed certificate, and trusts it once it is in the form', async () => {
    const selfSigned = issueCertificate({ commonName: 'alone', names: ['127.0.0.1'] })
    await present(selfSigned)
    const { problem } = await fault('TLS_CERTIFICATE_SELF_SIGNED', {})
    const [remedy] = problem.remedies
    expect(remedy).toMatchObject({ kind: 'SET_FIELD', field: 'tls.caCertificates' })
    if (remedy?.kind !== 'SET_FIELD') throw new Error('There is nothing to set.')
    expectPass(await testPostgres(config({ caCertificates: remedy.value })))
  })

  it('offers to trust an unknown root that the server sent along', async () => {
    await present(issue({}), root)
    const { problem } = await fault('TLS_CERTIFICATE_UNTRUSTED', { caCertificates: otherRoot.certificate })
    const [remedy] = problem.remedies
    if (remedy?.kind !== 'SET_FIELD') throw new Error('There is nothing to set.')
    expect(remedy.title).toMatch(/"Test Root".*([0-9A-F]{2}:){31}/)
    expectPass(await testPostgres(config({ caCertificates: remedy.value })))
  })

  it('names a missing intermediate; it may be sent by the server or given in the form', async () => {
    const leaf = issue({ issuer: intermediate })
    await present(leaf)
    const { problem } = await fault('TLS_INTERMEDIATE_MISSING')
    expect(hintsOf(problem)).toEqual({ fields: ['tls.caCertificates'], remedies: [] })
    expect(problem.params).toMatchObject({ issuer: 'Test Intermediate' })
    expectPass(await testPostgres(config({ caCertificates: intermediate.certificate })))
    await present(leaf, intermediate)
    const reports = await testPostgres(config(trusted))
    expectPass(reports)
    expect(reports.SECURE?.evidence.filter(entry => entry.kind === 'CERTIFICATE').map(entry => entry.label)).toEqual([
      'Server certificate',
      'Issuer 1',
    ])
  })

  it('names an expired certificate, one that is not valid yet, and one that expires soon', async () => {
    await present(issue({ validFrom: daysFromNow(-30), validTo: daysFromNow(-1) }))
    const { problem } = await fault('TLS_CERTIFICATE_EXPIRED')
    expect(problem.params).toMatchObject({ subject: 'db' })
    // Nothing in the form mends it: the server needs a new certificate.
    expect(hintsOf(problem)).toEqual({ fields: [], remedies: [] })
    await present(issue({ validFrom: daysFromNow(1) }))
    await fault('TLS_CERTIFICATE_NOT_YET_VALID')
    await present(issue({ validTo: daysFromNow(29) }))
    expect(expectPass(await testPostgres(config(trusted)))).toEqual({ SECURE: 'CERTIFICATE_EXPIRES_SOON' })
    await present(issue({ validTo: daysFromNow(31) }))
    expect(expectPass(await testPostgres(config(trusted)))).toEqual({})
  })

  it('names a certificate for another name, which VERIFY_CA and the server name allow', async () => {
    await present(issue({ names: ['db.test'] }))
    const { problem } = await fault('TLS_NAME_MISMATCH')
    expect(problem.fields).toEqual(['host', 'tls.serverName'])
    expect(problem.message).toContain('db.test')
    expect(problem.remedies).toEqual([
      expect.objectContaining({ kind: 'SET_FIELD', field: 'tls.serverName', value: 'db.test' }),
    ])
    expectPass(await testPostgres(config({ ...trusted, mode: 'VERIFY_CA' })))
    expectPass(await testPostgres(config({ ...trusted, serverName: 'db.test' })))
  })

  it('offers no server name that the form would refuse', async () => {
    await present(issue({ commonName: 'My server', names: [] }))
    expect((await fault('TLS_NAME_MISMATCH')).problem.remedies).toEqual([])
    await present(issue({ names: ['*.db.test'] }))
    expect((await fault('TLS_NAME_MISMATCH')).problem.remedies).toEqual([])
  })

  it('names a certificate that is not meant for servers', async () => {
    await present(issue({ usage: 'client' }))
    const { problem } = await fault('TLS_CERTIFICATE_UNUSABLE')
    expect(problem.params).toMatchObject({ reason: 'it is not meant for servers' })
  })

  it('names all faults at once, the gravest first', async () => {
    await present(issue({ names: ['db.test'], validFrom: daysFromNow(-30), validTo: daysFromNow(-1) }))
    const { reports, problem } = await fault('TLS_CERTIFICATE_UNTRUSTED', {})
    expect(problem.params).toMatchObject({ otherFaults: ['TLS_CERTIFICATE_EXPIRED', 'TLS_NAME_MISMATCH'] })
    expect(codes(reports)).toEqual(['TLS_CERTIFICATE_UNTRUSTED', 'TLS_CERTIFICATE_EXPIRED', 'TLS_NAME_MISMATCH'])
    // Without verification the same server is used, with all of it in the evidence.
    const unverified = await testPostgres(config({ mode: 'REQUIRE' }))
    expect(expectPass(unverified)).toEqual({ SECURE: 'SERVER_NOT_VERIFIED' })
    expect(codes(unverified)).toHaveLength(3)
  })
})

describe('encryption of a PostgreSQL connector, with other TLS servers', () => {
  /** Agrees to encrypt and hands the connection to a TLS server of ours. */
  const withTls = (tlsServer: Server) =>
    ScriptedServer.start(socket =>
      socket.once('data', () => {
        socket.removeAllListeners('data')
        socket.write('S')
        tlsServer.emit('connection', socket)
      }),
    )

  it('names a server that speaks only old protocol versions', async () => {
    const old = createServer({
      cert: good.certificate,
      key: good.key,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    old.on('tlsClientError', () => {})
    await using peer = await withTls(old)
    expectFailure(await testPostgres(config(trusted, { port: peer.port })), 'SECURE', 'TLS_VERSION_UNSUPPORTED')
  })

  it('names a server that agrees to encrypt and then does not', async () => {
    await using silent = await ScriptedServer.start(socket => socket.once('data', () => socket.write('S')))
    const reports = await testPostgres(config(trusted, { port: silent.port }), { budgetsMs: { SECURE: 200 } })
    expectFailure(reports, 'SECURE', 'TLS_TIMED_OUT')
    await vi.waitFor(() => expect(silent.openConnections).toBe(0))
  })

  it('sends the name of the host to the server, an address never', async () => {
    const names: (string | undefined)[] = []
    const recording = createServer({
      cert: good.certificate,
      key: good.key,
      SNICallback: (name, done) => {
        names.push(name)
        done(null)
      },
    })
    recording.on('tlsClientError', () => {}).on('secureConnection', socket => socket.destroy())
    await using peer = await withTls(recording)
    await testPostgres(config(trusted, { port: peer.port, host: 'localhost' }))
    await testPostgres(config({ ...trusted, serverName: 'DB.test' }, { port: peer.port }))
    await testPostgres(config(trusted, { port: peer.port }))
    expect(names).toEqual(['localhost', 'db.test'])
  })
})
