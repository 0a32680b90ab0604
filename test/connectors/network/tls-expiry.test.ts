import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { type TlsConfig, tlsBlock } from '../../../src/connectors/blocks/tls.ts'
import { extraAuthorities } from '../../../src/connectors/network/authorities.ts'
import { secureReport } from '../../../src/connectors/network/secure-report.ts'
import { encrypt } from '../../../src/connectors/network/tls.ts'
import { proves } from '../../proofs/proves.ts'
import { daysFromNow, issueCertificate } from '../../servers/certificates.ts'
import { testPostgres } from '../../servers/postgres-run.ts'
import { TlsDouble } from '../../servers/tls-double.ts'

const year = { validTo: daysFromNow(365) }
const root = issueCertificate({ commonName: 'Own Root', authority: true, validTo: daysFromNow(100) })
const unused = issueCertificate({ commonName: 'Unused Root', authority: true, validTo: daysFromNow(20) })
const server = issueCertificate({ commonName: 'db', issuer: root, names: ['127.0.0.1'], usage: 'server', ...year })
const client = issueCertificate({ commonName: 'ann', issuer: root, usage: 'client', validTo: daysFromNow(50) })

const clientFields = ['tls.clientCertificate', 'tls.clientKey']
const withClient = { caCertificates: root.certificate, clientCertificate: client.certificate, clientKey: client.key }

/** What SECURE reports about a genuine server when it is `days` from now. */
async function reportIn(days: number, input: Record<string, unknown>, sends = server.certificate, key = server.key) {
  await using double = await TlsDouble.start({ cert: sends, key, before: 'NOTHING' })
  const socket = connect(double.port, '127.0.0.1')
  await once(socket, 'connect')
  const tls: TlsConfig = tlsBlock.parse(input)
  const authorities = extraAuthorities(tls)
  const signal = new AbortController().signal
  const outcome = await encrypt(socket, { name: '127.0.0.1', extraAuthorities: authorities, client: null, signal })
  if (outcome.kind === 'FAILED') throw outcome.error
  outcome.socket.destroy()
  return secureReport(outcome, { tls, name: '127.0.0.1', extraAuthorities: authorities }, daysFromNow(days).getTime())
}

describe('certificates that soon expire', () => {
  it('warns of nothing a month before', async () => {
    expect(await reportIn(19, withClient)).toMatchObject({ status: 'PASSED', problem: null })
  })

  it("names the client's, when, and the fields to renew", async () => {
    const report = await reportIn(21, withClient)
    const validTo = client.validTo.toISOString()
    expect(report).toMatchObject({
      status: 'WARNING',
      problem: {
        code: 'CERTIFICATE_EXPIRES_SOON',
        message: `The client certificate "ann" expires on ${validTo}.`,
        params: { subject: 'ann', validTo, otherFaults: [] },
        fields: clientFields,
      },
    })
  })

  it('names the authority in the form that is in use, and no other', async () => {
    const report = await reportIn(71, { caCertificates: unused.certificate + root.certificate })
    expect(report).toMatchObject({
      status: 'WARNING',
      problem: {
        code: 'CERTIFICATE_EXPIRES_SOON',
        message: `The certificate authority "Own Root" expires on ${root.validTo.toISOString()}.`,
        fields: ['tls.caCertificates'],
      },
    })
    expect(await reportIn(-1, { caCertificates: unused.certificate + root.certificate })).toMatchObject({
      status: 'PASSED',
    })
  })

  it('names an authority once when the server sends it along', async () => {
    const report = await reportIn(71, { caCertificates: root.certificate }, server.certificate + root.certificate)
    expect(report.problem).toMatchObject({ fields: ['tls.caCertificates'], params: { otherFaults: [] } })
  })

  it("names the server's, which nothing in the form mends", async () => {
    const short = issueCertificate({ commonName: 'db', issuer: root, names: ['127.0.0.1'], validTo: daysFromNow(40) })
    const report = await reportIn(11, { caCertificates: root.certificate }, short.certificate, short.key)
    expect(report.problem).toMatchObject({
      code: 'CERTIFICATE_EXPIRES_SOON',
      message: `The server's certificate "db" expires on ${short.validTo.toISOString()}.`,
      fields: [],
    })
  })

  it('names all of them, what ends first first', async () => {
    const short = issueCertificate({ commonName: 'db', issuer: root, names: ['127.0.0.1'], validTo: daysFromNow(60) })
    const late = issueCertificate({ commonName: 'ann', issuer: root, usage: 'client', validTo: daysFromNow(55) })
    const root2 = { ...withClient, clientCertificate: late.certificate, clientKey: late.key }
    const report = await reportIn(45, root2, short.certificate, short.key)
    expect(report.problem).toMatchObject({
      params: { subject: 'ann', otherFaults: ['CERTIFICATE_EXPIRES_SOON'] },
      fields: clientFields,
    })
    const notices = report.evidence.filter(entry => entry.label === 'CERTIFICATE_EXPIRES_SOON')
    expect(notices.map(entry => entry.kind === 'TEXT' && entry.value)).toEqual([
      expect.stringContaining('The client certificate "ann"'),
      expect.stringContaining('The server\'s certificate "db"'),
    ])
  })

  it('says so beside the greater warning that the server is not verified', async () => {
    const report = await reportIn(21, { ...withClient, mode: 'REQUIRE' })
    expect(report.problem?.code).toBe('SERVER_NOT_VERIFIED')
    expect(report.evidence).toContainEqual(expect.objectContaining({ label: 'CERTIFICATE_EXPIRES_SOON' }))
  })
})

describe('certificates that have expired since they were saved', () => {
  const past = { validFrom: daysFromNow(-60), validTo: daysFromNow(-2) }
  const oldRoot = issueCertificate({ commonName: 'Old Root', authority: true, ...past })
  const oldClient = issueCertificate({ commonName: 'ann', issuer: root, usage: 'client', ...past })

  /** Runs a test whose form was filled in, and judged, so many days ago. */
  function testSaved(port: number, tls: Record<string, unknown>, daysAgo = 30) {
    vi.useFakeTimers({ now: daysFromNow(-daysAgo), toFake: ['Date'] })
    try {
      return testPostgres({ host: '127.0.0.1', port, auth: { password: { username: 'ann', password: 'pw' } }, tls })
    } finally {
      vi.useRealTimers()
    }
  }

  it('warns of a client certificate that no server will take any more', async () => {
    await using double = await TlsDouble.start({ cert: server.certificate, key: server.key })
    const tls = { caCertificates: root.certificate, clientCertificate: oldClient.certificate, clientKey: oldClient.key }
    const { SECURE } = await testSaved(double.port, tls)
    expect(SECURE).toMatchObject({
      status: 'WARNING',
      problem: {
        code: 'CLIENT_CERTIFICATE_EXPIRED',
        message: expect.stringContaining(`"ann" expired on ${oldClient.validTo.toISOString()}`),
        fields: clientFields,
      },
    })
    proves('POSTGRES', 'CLIENT_CERTIFICATE_EXPIRED', 'DOUBLE')
  })

  it('refuses a server whose authority in the form has expired, and marks that field', async () => {
    const leaf = issueCertificate({ commonName: 'db', issuer: oldRoot, names: ['127.0.0.1'], usage: 'server' })
    await using double = await TlsDouble.start({ cert: leaf.certificate, key: leaf.key })
    const { SECURE } = await testSaved(double.port, { caCertificates: oldRoot.certificate })
    expect(SECURE).toMatchObject({
      status: 'FAILED',
      problem: { code: 'TLS_CERTIFICATE_EXPIRED', params: { subject: 'Old Root' }, fields: ['tls.caCertificates'] },
    })
  })
})
