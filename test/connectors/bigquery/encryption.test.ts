import { describe, expect, it } from 'vitest'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { type Certificate, type CertificateOptions, daysFromNow, issueCertificate } from '../../servers/certificates.ts'
import { TlsDouble } from '../../servers/tls-double.ts'
import type { RunOptions } from '../../servers/type-run.ts'
import { demandingServer, unacceptableServers } from '../../servers/unacceptable-tls.ts'
import {
  authority,
  byImpersonation,
  byKey,
  evidenceOf,
  expectFailure,
  expectPass,
  expectProblem,
  impersonated,
  queryAt,
  resultOf,
  sql,
  startGoogle,
  testAt,
  testBigquery,
} from './bigquery-run.ts'

const issued = (change: Partial<CertificateOptions> = {}): Certificate =>
  issueCertificate({ commonName: 'google', issuer: authority, names: ['127.0.0.1'], usage: 'server', ...change })

/** A test at which BigQuery's endpoint is elsewhere than the token endpoint. */
async function testWithBigqueryAt(url: string, options: RunOptions = {}) {
  await using double = await startGoogle()
  const cloudEndpoints = { ...double.endpoints, 'bigquery.googleapis.com': url }
  return await testAt(double, byKey(), { ...options, network: { cloudEndpoints } })
}

describe('encryption on the way to Google (a double with a certificate of the form’s authority)', () => {
  it('passes without a warning, and all that is asked is asked through it', async () => {
    await using double = await startGoogle()
    const options = { egress: { allowUnencrypted: false } }
    const reports = await testAt(double, byKey(), options)
    expect(expectPass(reports)).toEqual({})
    expect(evidenceOf(reports['SECURE:bigquery'])['Protocol']).toBe('TLSv1.3')
    const byOther = await testAt(double, byImpersonation(), options)
    expect(impersonated.expectPass(byOther)).toEqual({})
    const query = await queryAt(double, byKey(), sql('select name from sales.numbers'), options)
    expect(resultOf(query).rows).toEqual([['one'], ['two']])
  })

  const intermediate = issueCertificate({ commonName: 'Intermediate', authority: true, issuer: authority })
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
    [
      'is of nobody that is trusted',
      issued({ issuer: issueCertificate({ commonName: 'Own', authority: true }) }),
      'TLS_INTERMEDIATE_MISSING',
    ],
    ['is its own', issueCertificate({ commonName: 'alone', names: ['127.0.0.1'] }), 'TLS_CERTIFICATE_SELF_SIGNED'],
  ])(
    'names a certificate that %s before anything is sent, and no field that the form does not have',
    async (_, certificate, code) => {
      const { reports, double } = await testBigquery({ certificate })
      const { fields, remedies } = expectFailure(reports, 'SECURE:oauth2', code)
      const known = ['caCertificates', 'projectId']
      expect(
        [...fields, ...remedies.flatMap(remedy => ('field' in remedy ? [remedy.field] : []))].filter(
          field => !known.includes(field),
        ),
      ).toEqual([])
      expect(double.requests).toEqual([])
    },
  )

  it('names an authority that is not a public one, where the form has none of its own', async () => {
    const { reports } = await testBigquery({}, byKey({ caCertificates: undefined }))
    const { fields } = expectFailure(reports, 'SECURE:oauth2', 'TLS_CERTIFICATE_UNTRUSTED')
    expect(fields).toEqual(['caCertificates'])
  })

  it('asks for the authority of a proxy, which the form then takes', async () => {
    const alone = issueCertificate({ commonName: 'alone', names: ['127.0.0.1'] })
    await using double = await startGoogle({ certificate: alone })
    const input = byKey({ caCertificates: undefined })
    const { remedies } = expectFailure(await testAt(double, input), 'SECURE:oauth2', 'TLS_CERTIFICATE_SELF_SIGNED')
    expect(remedies).toMatchObject([{ kind: 'SET_FIELD', field: 'caCertificates' }])
    const [remedy] = remedies
    const value = remedy?.kind === 'SET_FIELD' ? remedy.value : null
    expect(expectPass(await testAt(double, byKey({ caCertificates: value })))).toEqual({})
  })

  it('warns of a certificate that ends soon, and goes on', async () => {
    const { reports } = await testBigquery({ certificate: issued({ validTo: daysFromNow(20) }) })
    expectProblem(reports, 'SECURE:bigquery', 'CERTIFICATE_EXPIRES_SOON')
    expect(reports['SECURE:bigquery']?.status).toBe('WARNING')
  })

  it.each(unacceptableServers(issued))('names a server that %s', async (_, options, code) => {
    await using other = await TlsDouble.start({ ...options, before: 'NOTHING' })
    expectFailure(await testWithBigqueryAt(`https://127.0.0.1:${other.port}`), 'SECURE:bigquery', code)
  })

  it('names a server that wants a certificate of whoever asks, which Google does not', async () => {
    await using server = await demandingServer(issued(), authority)
    const reports = await testWithBigqueryAt(server.url)
    expectFailure(reports, 'OPEN', 'CLIENT_CERTIFICATE_REQUIRED')
  })

  it('is warned of where the operator has left it out, and refused where that is not allowed', async () => {
    const { reports } = await testBigquery({ certificate: null })
    expect(expectPass(reports)).toEqual({
      'SECURE:oauth2': 'CONNECTION_NOT_ENCRYPTED',
      'SECURE:bigquery': 'CONNECTION_NOT_ENCRYPTED',
    })
    await using double = await startGoogle({ certificate: null })
    const options = { egress: { allowUnencrypted: false } }
    expectFailure(await testAt(double, byKey(), options), 'SECURE:oauth2', 'TLS_DISABLED_BY_POLICY')
    const query = await queryAt(double, byKey(), sql('select 1'), options)
    expect(query).toMatchObject({ kind: 'PROBLEM', problem: { code: 'TLS_DISABLED_BY_POLICY' } })
    expect(double.requests).toEqual([])
  })
})
