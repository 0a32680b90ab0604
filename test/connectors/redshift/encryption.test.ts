import { once } from 'node:events'
import { createServer, type Server } from 'node:tls'
import { describe, expect, it, vi } from 'vitest'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { redshift } from '../../../src/connectors/redshift/index.ts'
import { type Certificate, type CertificateOptions, daysFromNow, issueCertificate } from '../../servers/certificates.ts'
import type { Script } from '../../servers/hostile-postgres.ts'
import { runParsedTest } from '../../servers/type-run.ts'
import { config, password, root, startDouble } from './hostile-run.ts'
import { expectFailure, expectPass, expectProblem, testRedshift } from './redshift-run.ts'

const intermediate = issueCertificate({ commonName: 'Test Intermediate', authority: true, issuer: root })
const trusted = { caCertificates: root.certificate }
const issue = (change: Partial<CertificateOptions> = {}) =>
  issueCertificate({ commonName: 'db', issuer: root, names: ['127.0.0.1'], usage: 'server', ...change })

async function testWith(certificate: Certificate, tls: object = trusted, at: Script = {}) {
  await using server = await startDouble({ certificate, at })
  const reports = await testRedshift(config(server.port, { tls }))
  if (reports.SECURE?.status === 'FAILED') expect(server.received.length).toBe(0)
  return reports
}

/** The handshake is another TLS server's. */
const handshakeBy = (other: Server): Script => ({
  HANDSHAKE: peer => {
    peer.handTo(socket => other.emit('connection', socket))
  },
})

describe('encryption of a Redshift connector', () => {
  it.each<[string, Certificate, object, ProblemCode]>([
    [
      'has expired',
      issue({ validFrom: daysFromNow(-30), validTo: daysFromNow(-1) }),
      trusted,
      'TLS_CERTIFICATE_EXPIRED',
    ],
    ['is not valid yet', issue({ validFrom: daysFromNow(1) }), trusted, 'TLS_CERTIFICATE_NOT_YET_VALID'],
    ['is for another name', issue({ names: ['other.test'] }), trusted, 'TLS_NAME_MISMATCH'],
    ['is meant for clients', issue({ usage: 'client' }), trusted, 'TLS_CERTIFICATE_UNUSABLE'],
    ['is of an authority that is not there', issue({ issuer: intermediate }), trusted, 'TLS_INTERMEDIATE_MISSING'],
    ['is of nobody that is trusted', issue(), {}, 'TLS_CERTIFICATE_UNTRUSTED'],
    ['is its own', issueCertificate({ commonName: 'alone', names: ['127.0.0.1'] }), {}, 'TLS_CERTIFICATE_SELF_SIGNED'],
  ])('names a certificate that %s, before anything about the user is sent', async (_, certificate, tls, code) => {
    expectFailure(await testWith(certificate, tls), 'SECURE', code)
  })

  it.each<[string, object, ProblemCode]>([
    [
      'has too weak a key',
      { ...keyOf(issue({ rsaBits: 1_024 })), ciphers: 'DEFAULT@SECLEVEL=0' },
      'TLS_CERTIFICATE_WEAK',
    ],
    [
      'speaks only old versions',
      { ...keyOf(issue()), minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
      'TLS_VERSION_UNSUPPORTED',
    ],
  ])('names a server that %s', async (_, options, code) => {
    const other = createServer(options).on('tlsClientError', () => {})
    expectFailure(await testWith(issue(), trusted, handshakeBy(other)), 'SECURE', code)
  })

  it('names a server that breaks the handshake off', async () => {
    const at: Script = {
      HANDSHAKE: async peer => {
        // The client's first words of the handshake.
        await once(peer.socket, 'data')
        peer.socket.end('not TLS at all')
      },
    }
    expectFailure(await testWith(issue(), trusted, at), 'SECURE', 'TLS_HANDSHAKE_FAILED')
  })

  it('warns of what it does not verify, and of what ends soon', async () => {
    expect(expectPass(await testWith(issue(), { mode: 'REQUIRE' }))).toEqual({ SECURE: 'SERVER_NOT_VERIFIED' })
    expect(expectPass(await testWith(issue({ validTo: daysFromNow(29) })))).toEqual({
      SECURE: 'CERTIFICATE_EXPIRES_SOON',
    })
  })

  it('names a server that demands a client certificate', async () => {
    const strict = createServer({
      ...keyOf(issue()),
      ca: root.certificate,
      requestCert: true,
      rejectUnauthorized: true,
    })
    strict.on('tlsClientError', () => {})
    expectFailure(await testWith(issue(), trusted, handshakeBy(strict)), 'SIGN_IN', 'CLIENT_CERTIFICATE_REQUIRED')
  })

  it('warns of a client certificate that has expired since it was saved, and names one that cannot be used', async () => {
    const usage = 'client' as const
    const expired = issueCertificate({
      commonName: 'ann',
      issuer: root,
      usage,
      validFrom: daysFromNow(-60),
      validTo: daysFromNow(-2),
    })
    await using server = await startDouble({ certificate: issue() })
    const withClient = ({ certificate, key }: Certificate) =>
      config(server.port, { tls: { ...trusted, clientCertificate: certificate, clientKey: key } })
    // The form was filled in while the certificate was good; only that needs the earlier date.
    vi.useFakeTimers({ now: daysFromNow(-30), toFake: ['Date'] })
    const parsed = redshift.form.schema.parse(withClient(expired)) as { readonly tls: object }
    vi.useRealTimers()
    const reports = await runParsedTest(redshift, parsed)
    expect(reports.SECURE?.status).toBe('WARNING')
    expectProblem(reports, 'SECURE', 'CLIENT_CERTIFICATE_EXPIRED')
    const stored = { ...parsed, tls: { ...parsed.tls, clientKey: root.key } }
    expectFailure(await runParsedTest(redshift, stored), 'SECURE', 'CLIENT_KEY_UNUSABLE')
    expect(server.received.includes(password)).toBe(false)
  })
})

function keyOf({ certificate, key }: Certificate) {
  return { cert: certificate, key }
}
