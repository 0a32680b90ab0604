import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { AwsDouble } from '../../servers/aws-double.ts'
import { type Certificate, daysFromNow, issueCertificate } from '../../servers/certificates.ts'
import { TlsDouble } from '../../servers/tls-double.ts'
import type { RunOptions } from '../../servers/type-run.ts'
import { demandingServer, unacceptableServers } from '../../servers/unacceptable-tls.ts'
import {
  byKey,
  byRole,
  evidenceOf,
  expectFailure,
  expectPass,
  expectProblem,
  queryAt,
  resultOf,
  sql,
  startAws,
  testAt,
} from './athena-run.ts'
import { authority, issued } from './public-authority.ts'

// Whom everybody trusts is compiled into Node: nobody but these authorities can vouch for AWS, and none of them would
// for a double.
vi.mock('node:tls', async load => {
  const tls = await load<typeof import('node:tls')>()
  const { authority: ours } = await import('./public-authority.ts')
  const rootCertificates = [...tls.rootCertificates, ours.certificate]
  return { ...tls, rootCertificates, default: { ...tls, rootCertificates } }
})

const usual = getCACertificates('default')
beforeAll(() => setDefaultCACertificates([...usual, authority.certificate]))
afterAll(() => setDefaultCACertificates(usual))

/** A test at which Athena's endpoint is elsewhere than STS. */
async function testWithAthenaAt(url: string, options: RunOptions = {}) {
  await using double = await startAws({ certificate: issued() })
  const network = { awsEndpoints: { ...double.endpoints, athena: url } }
  return await testAt(double, byKey(), { ...options, network })
}

async function testWith(certificate: Certificate) {
  await using double = await AwsDouble.start({ certificate })
  const reports = await testWithAthenaAt(double.url)
  // Before the server has been judged nothing is said.
  if (reports['SECURE:athena']?.status === 'FAILED') expect(double.requests).toEqual([])
  return reports
}

describe('encryption on the way to AWS (a double with a certificate of an authority that everybody trusts)', () => {
  it.each([byKey(), byRole()])('passes without a warning, and all that is asked is asked through it', async input => {
    await using double = await startAws({ certificate: issued() })
    const reports = await testAt(double, input, { egress: { allowUnencrypted: false } })
    expect(expectPass(reports)).toEqual({})
    expect(evidenceOf(reports['SECURE:athena'])['Protocol']).toBe('TLSv1.3')
    const query = await queryAt(double, input, sql('select n from numbers'), { egress: { allowUnencrypted: false } })
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
      'TLS_CERTIFICATE_UNTRUSTED',
    ],
    ['is its own', issueCertificate({ commonName: 'alone', names: ['127.0.0.1'] }), 'TLS_CERTIFICATE_SELF_SIGNED'],
  ])('names a certificate that %s, and speaks of nothing that the form does not have', async (_, certificate, code) => {
    const { fields, remedies } = expectFailure(await testWith(certificate), 'SECURE:athena', code)
    expect(fields.filter(field => field !== 'region')).toEqual([])
    expect(remedies).toEqual([])
  })

  it('warns of a certificate that ends soon, and goes on', async () => {
    const reports = await testWith(issued({ validTo: daysFromNow(20) }))
    expectProblem(reports, 'SECURE:athena', 'CERTIFICATE_EXPIRES_SOON')
    expect(reports['SECURE:athena']?.status).toBe('WARNING')
  })

  it.each(unacceptableServers(issued))('names a server that %s', async (_, options, code) => {
    await using other = await TlsDouble.start({ ...options, before: 'NOTHING' })
    expectFailure(await testWithAthenaAt(`https://127.0.0.1:${other.port}`), 'SECURE:athena', code)
  })

  it('names a server that wants a certificate of whoever asks, which no AWS does', async () => {
    await using server = await demandingServer(issued(), authority)
    const reports = await testWithAthenaAt(server.url)
    expectFailure(reports, 'OPEN', 'CLIENT_CERTIFICATE_REQUIRED')
  })

  it('is not left out, unless the operator allows that', async () => {
    await using double = await startAws()
    const reports = await testAt(double, byKey(), { egress: { allowUnencrypted: false } })
    expectFailure(reports, 'SECURE:sts', 'TLS_DISABLED_BY_POLICY')
    expect(double.requests).toEqual([])
    const query = await queryAt(double, byKey(), sql('select n from numbers'), { egress: { allowUnencrypted: false } })
    expect(query).toMatchObject({ kind: 'PROBLEM', problem: { code: 'TLS_DISABLED_BY_POLICY' } })
    expect(double.requests).toEqual([])
  })
})
