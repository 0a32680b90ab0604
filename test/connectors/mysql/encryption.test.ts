import { createPrivateKey } from 'node:crypto'
import { createServer, type Server } from 'node:tls'
import { describe, expect, it, vi } from 'vitest'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { type Certificate, type CertificateOptions, daysFromNow, issueCertificate } from '../../servers/certificates.ts'
import { HostileMysql, type HostileMysqlOptions } from '../../servers/hostile-mysql.ts'
import { parseConfig, testMysql, testParsed } from '../../servers/mysql-run.ts'
import type { Reports } from '../../servers/type-run.ts'
import { hintsOf } from '../type-expectations.ts'
import { expectFailure, expectPass, expectProblem } from './expectations.ts'
import { ann, config, root } from './hostile-run.ts'

const intermediate = issueCertificate({ commonName: 'Test Intermediate', authority: true, issuer: root })
const otherRoot = issueCertificate({ commonName: 'Other Root', authority: true })
const trusted = { caCertificates: root.certificate }
const issue = (change: Partial<CertificateOptions> = {}) =>
  issueCertificate({ commonName: 'db', issuer: root, names: ['127.0.0.1'], usage: 'server', ...change })
/** What a server sends along with its certificate. */
const withChain = (leaf: Certificate, ...others: readonly Certificate[]): Certificate => ({
  ...leaf,
  certificate: [leaf, ...others].map(({ certificate }) => certificate).join(''),
})

/** Tests a server that shows this certificate, and asserts that nothing about the user was sent where it failed. */
async function testWith(
  certificate: Certificate,
  tls: Readonly<Record<string, unknown>> = trusted,
  options: HostileMysqlOptions = {},
): Promise<Reports> {
  await using server = await HostileMysql.start({ account: ann, certificate, ...options })
  const reports = await testMysql(config(server.port, 'TLS', { tls }))
  expect(server.logins).toHaveLength(reports.SECURE?.status === 'FAILED' ? 0 : 1)
  await vi.waitFor(() => expect(server.openConnections).toBe(0))
  return reports
}

/** The handshake is another TLS server's. */
const handshakeBy = (other: Server): Pick<HostileMysqlOptions, 'at'> => ({
  at: {
    HANDSHAKE: peer => {
      peer.handTo(socket => other.emit('connection', socket))
    },
  },
})

describe('encryption of a MySQL connector', () => {
  it('passes without a warning, on one connection, and shows the certificate', async () => {
    const reports = await testWith(issue({ names: ['db.test', '127.0.0.1'] }))
    expect(expectPass(reports)).toEqual({})
    const [protocol, , certificate] = reports.SECURE?.evidence ?? []
    expect(protocol).toMatchObject({ label: 'Protocol', value: 'TLSv1.3', measuredOn: 'SAME_SOCKET' })
    expect(certificate).toMatchObject({
      kind: 'CERTIFICATE',
      subject: 'CN=db',
      issuer: 'CN=Hostile Root',
      subjectAltNames: ['db.test', '127.0.0.1'],
    })
  })

  it('warns when it does not verify the server, or expires soon', async () => {
    expect(expectPass(await testWith(issue(), { mode: 'REQUIRE' }))).toEqual({ SECURE: 'SERVER_NOT_VERIFIED' })
    expect(expectPass(await testWith(issue({ validTo: daysFromNow(29) })))).toEqual({
      SECURE: 'CERTIFICATE_EXPIRES_SOON',
    })
  })

  it.each<[string, Partial<CertificateOptions>, ProblemCode]>([
    ['has expired', { validFrom: daysFromNow(-30), validTo: daysFromNow(-1) }, 'TLS_CERTIFICATE_EXPIRED'],
    ['is not valid yet', { validFrom: daysFromNow(1) }, 'TLS_CERTIFICATE_NOT_YET_VALID'],
    ['is for the name and not for the address', { names: ['localhost', 'db.test'] }, 'TLS_NAME_MISMATCH'],
    ['is for another address', { names: ['127.0.0.2'] }, 'TLS_NAME_MISMATCH'],
    ['has the address only as its common name', { commonName: '127.0.0.1', names: [] }, 'TLS_NAME_MISMATCH'],
    ['is meant for clients', { usage: 'client' }, 'TLS_CERTIFICATE_UNUSABLE'],
    ['is of an authority that is not there', { issuer: intermediate }, 'TLS_INTERMEDIATE_MISSING'],
  ])('names a certificate that %s, before anything about the user is sent', async (_, change, code) => {
    expectFailure(await testWith(issue(change)), 'SECURE', code)
  })

  it('names an authority that is not trusted, and a key that is too weak', async () => {
    expectFailure(await testWith(issue(), {}), 'SECURE', 'TLS_CERTIFICATE_UNTRUSTED')
    const { certificate: cert, key } = issue({ rsaBits: 1_024 })
    const weak = createServer({ cert, key, ciphers: 'DEFAULT@SECLEVEL=0' })
    weak.on('tlsClientError', () => {})
    expectFailure(await testWith(issue(), trusted, handshakeBy(weak)), 'SECURE', 'TLS_CERTIFICATE_WEAK')
  })

  it('names a self-signed certificate, and trusts it once it is in the form', async () => {
    const alone = issueCertificate({ commonName: 'alone', names: ['127.0.0.1'] })
    const problem = expectFailure(await testWith(alone, {}), 'SECURE', 'TLS_CERTIFICATE_SELF_SIGNED')
    const [remedy] = problem.remedies
    if (remedy?.kind !== 'SET_FIELD') throw new Error('There is nothing to set.')
    expect(remedy.field).toBe('tls.caCertificates')
    expectPass(await testWith(alone, { caCertificates: remedy.value }))
  })

  it('takes the intermediate from the server or from the form', async () => {
    const leaf = issue({ issuer: intermediate })
    expectPass(await testWith(withChain(leaf, intermediate)))
    expectPass(await testWith(leaf, { caCertificates: intermediate.certificate }))
  })

  it('verifies the address of a host that is given as one, and a name by the server name', async () => {
    const named = issue({ names: ['db.test'] })
    const problem = expectFailure(await testWith(named), 'SECURE', 'TLS_NAME_MISMATCH')
    expect(hintsOf(problem)).toEqual({ fields: ['host', 'tls.serverName'], remedies: ['SET_FIELD tls.serverName'] })
    expectPass(await testWith(named, { ...trusted, serverName: 'db.test' }))
    expectPass(await testWith(named, { ...trusted, mode: 'VERIFY_CA' }))
    expectPass(await testWith(issue({ names: ['127.0.0.1'] })))
  })

  it('names a server that offers no encryption, and warns where none is wanted', async () => {
    await using server = await HostileMysql.start({ account: ann })
    const problem = expectFailure(await testMysql(config(server.port, 'TLS')), 'SECURE', 'TLS_NOT_OFFERED')
    expect(hintsOf(problem)).toEqual({ fields: ['tls.mode', 'host', 'port'], remedies: [] })
    expect(server.received.length).toBe(0)
    const reports = await testMysql(config(server.port, 'clear'))
    expect(expectPass(reports)).toEqual({ SECURE: 'CONNECTION_NOT_ENCRYPTED' })
  })

  it('names a server that speaks only old protocol versions', async () => {
    const { certificate: cert, key } = issue()
    const old = createServer({
      cert,
      key,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    old.on('tlsClientError', () => {})
    expectFailure(await testWith(issue(), trusted, handshakeBy(old)), 'SECURE', 'TLS_VERSION_UNSUPPORTED')
  })

  it('sends the name of the host to the server, an address never', async () => {
    const { certificate: cert, key } = issue({ names: ['127.0.0.1', 'localhost', 'db.test'] })
    const names: (string | undefined)[] = []
    const recording = createServer({
      cert,
      key,
      SNICallback: (name, done) => {
        names.push(name)
        done(null)
      },
    })
    recording.on('tlsClientError', () => {}).on('secureConnection', socket => socket.destroy())
    await using server = await HostileMysql.start({
      account: ann,
      certificate: issue(),
      ...handshakeBy(recording),
    })
    await testMysql(config(server.port, 'TLS', { host: 'localhost' }))
    await testMysql(config(server.port, 'TLS', { tls: { ...trusted, serverName: 'DB.test' } }))
    await testMysql(config(server.port, 'TLS'))
    expect(names).toEqual(['localhost', 'db.test'])
  })
})

describe('the client certificate of a MySQL connector', () => {
  const client = issueCertificate({ commonName: 'ann', issuer: root, usage: 'client' })
  const shown = { ...trusted, clientCertificate: client.certificate, clientKey: client.key }

  it('is demanded in the handshake by a server that lets nobody else speak', async () => {
    const { certificate: cert, key } = issue()
    const strict = createServer({ cert, key, ca: root.certificate, requestCert: true, rejectUnauthorized: true })
    strict.on('tlsClientError', () => {})
    await using server = await HostileMysql.start({ account: ann, certificate: issue(), ...handshakeBy(strict) })
    // TLS 1.3: the handshake is over when the server says so.
    const reports = await testMysql(config(server.port, 'TLS'))
    const problem = expectFailure(reports, 'SIGN_IN', 'CLIENT_CERTIFICATE_REQUIRED')
    expect(problem.fields).toEqual(['tls.clientCertificate', 'tls.clientKey'])
  })

  it('is a warning once it has expired since it was saved', async () => {
    const expired = issueCertificate({
      commonName: 'ann',
      issuer: root,
      usage: 'client',
      validFrom: daysFromNow(-60),
      validTo: daysFromNow(-2),
    })
    await using server = await HostileMysql.start({ account: ann, certificate: issue() })
    const tls = { ...trusted, clientCertificate: expired.certificate, clientKey: expired.key }
    // The form was filled in while the certificate was good; only that needs the earlier date.
    vi.useFakeTimers({ now: daysFromNow(-30), toFake: ['Date'] })
    const run = testMysql(config(server.port, 'TLS', { tls }))
    vi.useRealTimers()
    const reports = await run
    expect(reports.SECURE?.status).toBe('WARNING')
    expectProblem(reports, 'SECURE', 'CLIENT_CERTIFICATE_EXPIRED')
  })

  it.each([
    ['another key', { clientKey: otherRoot.key }, 'the key does not belong to the certificate'],
    [
      'a passphrase that does not open it',
      {
        clientKey: createPrivateKey(client.key)
          .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open' })
          .toString(),
        clientKeyPassphrase: 'wrong',
      },
      'the passphrase does not open the key',
    ],
  ])('is named when it is stored with %s', async (_, stored, reason) => {
    await using server = await HostileMysql.start({ account: ann, certificate: issue() })
    // What is stored is not judged by the form, so the form is asked with other keys.
    const parsed = parseConfig(config(server.port, 'TLS', { tls: shown })) as { tls: Record<string, unknown> }
    const reports = await testParsed({ ...parsed, tls: { ...parsed.tls, ...stored } })
    const problem = expectFailure(reports, 'SECURE', 'CLIENT_KEY_UNUSABLE')
    expect(problem.message).toContain(reason)
    expect(server.logins).toEqual([])
  })
})
