import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { describe, expect, it } from 'vitest'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { type Certificate, type CertificateOptions, daysFromNow, issueCertificate } from '../../servers/certificates.ts'
import { DnsDouble } from '../../servers/dns-double.ts'
import { BlackHole, cuttingServer, silentServer } from '../../servers/hostile-servers.ts'
import { TlsDouble } from '../../servers/tls-double.ts'
import type { RunOptions } from '../../servers/type-run.ts'
import { withoutIpv6 } from '../../servers/without-ipv6.ts'
import { hintsOf } from '../type-expectations.ts'
import {
  authority,
  byToken,
  evidenceOf,
  expectFailure,
  expectPass,
  expectQueryProblem,
  host,
  queryAt,
  sql,
  startWorkspace,
  testAt,
} from './databricks-run.ts'

/** A test of a workspace that is where its own name leads to: nothing stands in its place. */
const testOf = (input: unknown, options: RunOptions) =>
  testAt({ url: 'https://127.0.0.1:1' }, input, { ...options, network: { cloudEndpoints: {}, ...options.network } })

describe('the way to a workspace', () => {
  it('does not exist for a host that does not', async () => {
    await using dns = await DnsDouble.start({})
    const reports = await testOf(byToken(), { nameServers: [dns.address] })
    expect(hintsOf(expectFailure(reports, 'RESOLVE', 'HOST_NOT_FOUND')).fields).toEqual(['host'])
  })

  it('needs names that can be looked up', async () => {
    await using dns = await DnsDouble.start({ [host]: 'SERVFAIL' })
    expectFailure(await testOf(byToken(), { nameServers: [dns.address] }), 'RESOLVE', 'NAME_RESOLUTION_FAILED')
  })

  it('waits for names only so long', async () => {
    await using dns = await DnsDouble.start({ [host]: 'SILENT' })
    const reports = await testOf(byToken(), { nameServers: [dns.address], budgetsMs: { RESOLVE: 300 } })
    expectFailure(reports, 'RESOLVE', 'NAME_RESOLUTION_TIMED_OUT')
  })

  it.each(['db.example.com', 'cloud.databricks.com.evil.example', 'databricks.com', 'evilcloud.databricks.com'])(
    'leads to no other servers than those of Databricks: not to %s',
    async other => {
      await using dns = await DnsDouble.start({ [other]: ['127.0.0.1'] })
      const reports = await testOf(byToken({ host: other }), { nameServers: [dns.address] })
      expect(hintsOf(expectFailure(reports, 'EGRESS', 'CUSTOM_ENDPOINT_REFUSED')).fields).toEqual(['host'])
    },
  )

  it('leads to others where the operator lets it', async () => {
    await using dns = await DnsDouble.start({ 'workspace.example.com': ['127.0.0.1'] })
    const input = byToken({ host: 'workspace.example.com' })
    const reports = await testOf(input, { nameServers: [dns.address], network: { customEndpoints: true } })
    expect(reports.EGRESS?.status).toBe('PASSED')
    // Nobody listens on the port of HTTPS here.
    expect(reports.CONNECT?.problem?.code).toBe('CONNECTION_REFUSED')
  })

  it.each(['169.254.169.254', '10.0.0.5', 'fd00:ec2::254'])('never leads to %s', async address => {
    await using dns = await DnsDouble.start({ [host]: [address] })
    const reports = await testOf(byToken(), { nameServers: [dns.address] })
    const { fields, detail } = expectFailure(reports, 'EGRESS', 'EGRESS_DENIED')
    expect({ fields, detail }).toEqual({ fields: ['host'], detail: null })
  })

  it('may lead nowhere', async () => {
    await using dns = await DnsDouble.start({ [host]: ['fd00::1'] })
    using _ = withoutIpv6()
    const reports = await testOf(byToken(), { nameServers: [dns.address], egress: { allowPrivate: true } })
    expectFailure(reports, 'CONNECT', 'NETWORK_UNREACHABLE')
  })

  it('may end at a port that is closed', async () => {
    const reports = await testAt({ url: 'https://127.0.0.1:1' })
    expect(hintsOf(expectFailure(reports, 'CONNECT', 'CONNECTION_REFUSED')).fields).toEqual(['host'])
  })

  it('may end in a black hole', async () => {
    await using hole = await BlackHole.start()
    const reports = await testAt({ url: `https://127.0.0.1:${hole.port}` }, byToken(), { budgetsMs: { CONNECT: 400 } })
    expectFailure(reports, 'CONNECT', 'CONNECTION_TIMED_OUT')
  })

  it('may end at a handshake that nobody answers, or that is cut', async () => {
    await using silent = await silentServer()
    const url = `https://127.0.0.1:${silent.port}`
    expectFailure(await testAt({ url }, byToken(), { budgetsMs: { SECURE: 400 } }), 'SECURE', 'TLS_TIMED_OUT')
    await using cutting = await cuttingServer()
    const reports = await testAt({ url: `https://127.0.0.1:${cutting.port}` })
    const code = reports.SECURE?.problem?.code as ProblemCode
    expectFailure(reports, 'SECURE', code)
    expect(code).not.toBe('UNCLASSIFIED')
  })
})

const issued = (options: Partial<CertificateOptions> = {}): Certificate =>
  issueCertificate({ commonName: 'workspace', issuer: authority, names: ['127.0.0.1'], usage: 'server', ...options })
const tlsOf = ({ certificate, key }: Certificate): TlsOptions => ({ cert: certificate, key })

async function testWith(certificate: Certificate) {
  await using double = await startWorkspace({ certificate })
  const reports = await testAt(double)
  // Before the server has been judged nothing is said.
  if (reports.SECURE?.status === 'FAILED') expect(double.requests).toEqual([])
  return reports
}

describe('encryption on the way to a workspace', () => {
  const intermediate = issueCertificate({ commonName: 'Intermediate', authority: true, issuer: authority })
  const stranger = issueCertificate({ commonName: 'Stranger', authority: true })
  /** Sent together with the authority that nobody trusts. */
  const strange = issued({ issuer: stranger })
  const whole = { ...strange, certificate: `${strange.certificate}${stranger.certificate}` }
  it.each<[string, Certificate, ProblemCode]>([
    ['has expired', issued({ validFrom: daysFromNow(-30), validTo: daysFromNow(-1) }), 'TLS_CERTIFICATE_EXPIRED'],
    ['is not valid yet', issued({ validFrom: daysFromNow(1) }), 'TLS_CERTIFICATE_NOT_YET_VALID'],
    ['is for another name', issued({ names: ['other.test'] }), 'TLS_NAME_MISMATCH'],
    ['is meant for clients', issued({ usage: 'client' }), 'TLS_CERTIFICATE_UNUSABLE'],
    ['is of an authority that is not there', issued({ issuer: intermediate }), 'TLS_INTERMEDIATE_MISSING'],
    ['is of nobody that is trusted', whole, 'TLS_CERTIFICATE_UNTRUSTED'],
    ['is its own', issueCertificate({ commonName: 'alone', names: ['127.0.0.1'] }), 'TLS_CERTIFICATE_SELF_SIGNED'],
  ])('names a certificate that %s, and only fields that the form has', async (_, certificate, code) => {
    const reports = await testWith(certificate)
    const { fields, remedies } = expectFailure(reports, 'SECURE', code)
    for (const field of fields) expect(['host', 'caCertificates']).toContain(field)
    for (const remedy of remedies) if ('field' in remedy) expect(remedy.field).toBe('caCertificates')
  })

  it('says which authority is missing, and offers to trust it where it can be read', async () => {
    await using double = await startWorkspace()
    const reports = await testAt(double, byToken({ caCertificates: undefined }))
    const { fields } = expectFailure(reports, 'SECURE', reports.SECURE?.problem?.code as ProblemCode)
    expect(fields).toEqual(['caCertificates'])
    expect(double.requests).toEqual([])
  })

  it('warns of a certificate that ends soon, and goes on', async () => {
    const reports = await testWith(issued({ validTo: daysFromNow(20) }))
    expect(expectPass(reports)).toEqual({ SECURE: 'CERTIFICATE_EXPIRES_SOON' })
    expect(evidenceOf(reports.SECURE)['Protocol']).toBe('TLSv1.3')
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
    expectFailure(await testAt({ url: `https://127.0.0.1:${other.port}` }), 'SECURE', code)
  })

  it('names a server that wants a certificate of whoever asks', async () => {
    const server = createServer({
      ...tlsOf(issued()),
      ...{ requestCert: true, rejectUnauthorized: true, ca: authority.certificate },
    })
    server.on('tlsClientError', () => {}).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const reports = await testAt({ url: `https://127.0.0.1:${port}` })
    server.close()
    expectFailure(reports, 'SIGN_IN', 'CLIENT_CERTIFICATE_REQUIRED')
  })

  it('is missing only where the operator has said so and allows it, and is warned of then', async () => {
    await using double = await startWorkspace({ certificate: null })
    expect(expectPass(await testAt(double))).toEqual({ SECURE: 'CONNECTION_NOT_ENCRYPTED' })
    const asked = double.requests.length
    const never = { egress: { allowUnencrypted: false } }
    expectFailure(await testAt(double, byToken(), never), 'SECURE', 'TLS_DISABLED_BY_POLICY')
    expectQueryProblem(await queryAt(double, sql('select 1'), never), { code: 'TLS_DISABLED_BY_POLICY' })
    expect(double.requests).toHaveLength(asked)
  })

  it('that has become another one after it was judged is told nothing', async () => {
    // The step's probe meets the workspace; what is asked afterwards meets somebody else at the same port.
    await using double = await startWorkspace()
    const reports = await testAt(double, byToken(), {
      onStep: message => {
        if (message.kind === 'STEP_FINISHED' && message.stepId.startsWith('SECURE'))
          double.present(issued({ issuer: stranger }))
      },
    })
    const code = reports.SIGN_IN?.problem?.code as ProblemCode
    expectFailure(reports, 'SIGN_IN', code)
    expect(code).toMatch(/^TLS_/)
    expect(double.requests).toEqual([])
  })
})
