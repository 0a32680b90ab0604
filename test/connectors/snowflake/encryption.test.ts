import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { describe, expect, it } from 'vitest'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { type Certificate, type CertificateOptions, daysFromNow, issueCertificate } from '../../servers/certificates.ts'
import { RecordingServer } from '../../servers/recording-server.ts'
import { SnowflakeDouble } from '../../servers/snowflake-double.ts'
import { TlsDouble } from '../../servers/tls-double.ts'
import { hintsOf } from '../type-expectations.ts'
import {
  account,
  byPassword,
  evidenceOf,
  expectFailure,
  expectPass,
  expectProblem,
  host,
  root,
  type SnowflakeReports,
  signInStep,
  startSnowflake,
  testAt,
} from './snowflake-run.ts'

const secureStep = `SECURE:${host}` as const

const issued = (change: Partial<CertificateOptions> = {}): Certificate =>
  issueCertificate({ commonName: 'server', issuer: root, names: ['127.0.0.1'], usage: 'server', ...change })

async function testAtUrl(url: string, input: unknown = byPassword()): Promise<SnowflakeReports> {
  await using scene = await startSnowflake()
  return testAt(scene, input, { network: { cloudEndpoints: { '*.snowflakecomputing.com': url } } })
}

async function testWith(certificate: Certificate, input: unknown = byPassword()) {
  await using double = await SnowflakeDouble.start({ certificate, account })
  const reports = await testAtUrl(double.url, input)
  // Before the server has been judged nothing is said.
  if (reports[secureStep]?.status === 'FAILED') expect(double.requests).toEqual([])
  return reports
}

const tlsOf = ({ certificate, key }: Certificate): TlsOptions => ({ cert: certificate, key })

describe('encryption on the way to Snowflake', () => {
  it('passes without a warning, and all that is asked is asked through it', async () => {
    await using scene = await startSnowflake()
    const reports = await testAt(scene, byPassword(), { egress: { allowUnencrypted: false } })
    expect(expectPass(reports)).toEqual({})
    expect(evidenceOf(reports[secureStep])['Protocol']).toBe('TLSv1.3')
  })

  const intermediate = issueCertificate({ commonName: 'Intermediate', authority: true, issuer: root })
  it.each<[string, Certificate, ProblemCode]>([
    ['has expired', issued({ validFrom: daysFromNow(-30), validTo: daysFromNow(-1) }), 'TLS_CERTIFICATE_EXPIRED'],
    ['is not valid yet', issued({ validFrom: daysFromNow(1) }), 'TLS_CERTIFICATE_NOT_YET_VALID'],
    ['is for another name', issued({ names: ['other.test'] }), 'TLS_NAME_MISMATCH'],
    ['is meant for clients', issued({ usage: 'client' }), 'TLS_CERTIFICATE_UNUSABLE'],
    [
      'is of an authority that is not there',
      issued({ issuer: intermediate, issuerUrl: 'http://example.com/ca.der' }),
      'TLS_INTERMEDIATE_MISSING',
    ],
    ['is its own', issueCertificate({ commonName: 'alone', names: ['127.0.0.1'] }), 'TLS_CERTIFICATE_SELF_SIGNED'],
  ])('names a certificate that %s', async (_, certificate, code) => {
    const { fields, remedies } = hintsOf(expectFailure(await testWith(certificate), secureStep, code))
    for (const field of fields) expect(['account', 'caCertificates']).toContain(field)
    for (const remedy of remedies) expect(remedy).toMatch(/^SET_FIELD caCertificates$|^READ_DOCS$/)
  })

  it('trusts nobody beyond the public authorities without being told', async () => {
    const reports = await testWith(issued(), byPassword({ caCertificates: undefined }))
    expectFailure(reports, secureStep, 'TLS_CERTIFICATE_UNTRUSTED')
  })

  it('warns of a certificate that ends soon, and goes on', async () => {
    const reports = await testWith(issued({ validTo: daysFromNow(20) }))
    expectProblem(reports, secureStep, 'CERTIFICATE_EXPIRES_SOON')
    expect(reports[signInStep]?.status).toBe('PASSED')
  })

  it.each<[string, TlsOptions, ProblemCode]>([
    [
      'has too weak a key',
      { ...tlsOf(issued({ rsaBits: 1_024 })), ciphers: 'DEFAULT@SECLEVEL=0' },
      'TLS_CERTIFICATE_WEAK',
    ],
    [
      'speaks only old versions',
      { ...tlsOf(issued()), minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
      'TLS_VERSION_UNSUPPORTED',
    ],
    ['speaks no TLS at all', { plain: 'HTTP/1.1 400 Bad Request\r\n\r\n' } as TlsOptions, 'TLS_HANDSHAKE_FAILED'],
  ])('names a server that %s', async (_, options, code) => {
    await using other = await TlsDouble.start({ ...options, before: 'NOTHING' })
    expectFailure(await testAtUrl(`https://127.0.0.1:${other.port}`), secureStep, code)
  })

  it('names a server that wants a certificate of whoever asks', async () => {
    const demands = { requestCert: true, rejectUnauthorized: true, ca: root.certificate }
    const server = createServer({ ...tlsOf(issued()), ...demands })
    server.on('tlsClientError', () => {}).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const reports = await testAtUrl(`https://127.0.0.1:${port}`)
    server.close()
    expectFailure(reports, signInStep, 'CLIENT_CERTIFICATE_REQUIRED')
  })

  it('asks nobody whether a certificate has been revoked, whomever that names', async () => {
    await using responder = await RecordingServer.start()
    const urls = { ocspUrl: responder.url, issuerUrl: `${responder.url}/ca.der` }
    expect(expectPass(await testWith(issued({ ...urls, rsaBits: 2_048 })))).toEqual({})
    expect(responder.connections).toBe(0)
  })
})
