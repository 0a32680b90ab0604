import { once } from 'node:events'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { type Certificate, type CertificateOptions, daysFromNow, issueCertificate } from '../../servers/certificates.ts'
import { silentServer } from '../../servers/hostile-servers.ts'
import { S3Double } from '../../servers/s3-double.ts'
import { TlsDouble, type TlsDoubleOptions } from '../../servers/tls-double.ts'
import { hintsOf } from '../type-expectations.ts'
import {
  accessKey,
  byKey,
  expectFailure,
  expectProblem,
  foreignInput,
  inputOf,
  knownKeys,
  queryS3,
  rowsOf,
  S3World,
  s3Name,
  stepOf,
  testS3,
} from './s3-run.ts'

const root = issueCertificate({ commonName: 'Test Root', authority: true })
const intermediate = issueCertificate({ commonName: 'Test Intermediate', authority: true, issuer: root })
const trusted = { caCertificates: root.certificate }
const issue = (change: Partial<CertificateOptions> = {}) =>
  issueCertificate({ commonName: 's3', issuer: root, names: ['127.0.0.1'], usage: 'server', ...change })

async function testWith(certificate: Certificate, change: object = trusted) {
  await using server = await S3Double.start({ keys: knownKeys, certificate })
  server.objects.put('a.csv', 'n\none\n')
  const reports = await testS3(foreignInput(server, { ...change }))
  return { reports, at: `127.0.0.1:${server.port}`, served: server.served }
}

/** Of a server of which only the TLS is real. */
async function testTls(options: TlsDoubleOptions) {
  await using server = await TlsDouble.start({ before: 'NOTHING', ...options })
  const at = `127.0.0.1:${server.port}`
  const reports = await testS3(inputOf({ endpoint: `https://${at}`, ...trusted }))
  expect(server.received.includes(accessKey.accessKeyId)).toBe(false)
  return { reports, at }
}

const keyOf = ({ certificate, key }: Certificate) => ({ cert: certificate, key })

describe('encryption of an S3 connector', () => {
  it('trusts the authority that the form has, in tests and queries', async () => {
    const { reports, at } = await testWith(issue())
    expect(stepOf(reports, `SECURE:${at}`).status).toBe('PASSED')
    expect(stepOf(reports, 'READ').status).toBe('PASSED')
    await using server = await S3Double.start({ keys: knownKeys, certificate: issue() })
    server.objects.put('a.csv', 'n\none\n')
    expect(rowsOf(await queryS3(foreignInput(server, trusted), byKey('a.csv')))).toEqual([['one']])
  })

  it.each<readonly [string, Certificate, object, ProblemCode]>([
    [
      'has expired',
      issue({ validFrom: daysFromNow(-30), validTo: daysFromNow(-1) }),
      trusted,
      'TLS_CERTIFICATE_EXPIRED',
    ],
    ['is not valid yet', issue({ validFrom: daysFromNow(1) }), trusted, 'TLS_CERTIFICATE_NOT_YET_VALID'],
    ['is a stranger’s', issue({ names: ['other.test'] }), trusted, 'TLS_NAME_MISMATCH'],
    ['is meant for clients', issue({ usage: 'client' }), trusted, 'TLS_CERTIFICATE_UNUSABLE'],
    ['is of an authority that is not there', issue({ issuer: intermediate }), trusted, 'TLS_INTERMEDIATE_MISSING'],
    ['is of nobody that is trusted', issue(), {}, 'TLS_CERTIFICATE_UNTRUSTED'],
    ['is its own', issueCertificate({ commonName: 'alone', names: ['127.0.0.1'] }), {}, 'TLS_CERTIFICATE_SELF_SIGNED'],
  ])('names a certificate that %s, before anything is signed', async (_, certificate, change, code) => {
    const { reports, at, served } = await testWith(certificate, change)
    const { fields } = expectFailure(reports, `SECURE:${at}`, code)
    expect(fields.every(field => ['endpoint', 'caCertificates'].includes(field))).toBe(true)
    expect(served).toEqual([])
  })

  it('offers the authority of a private one to be trusted, in the field that the form has', async () => {
    const { reports, at } = await testWith(issueCertificate({ commonName: 'alone', names: ['127.0.0.1'] }), {})
    const { fields, remedies } = hintsOf(expectFailure(reports, `SECURE:${at}`, 'TLS_CERTIFICATE_SELF_SIGNED'))
    expect(fields).toEqual(['caCertificates'])
    for (const remedy of remedies) expect(remedy).not.toContain('tls.')
  })

  it.each<readonly [string, TlsDoubleOptions, ProblemCode]>([
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
    ['does not speak TLS', { plain: 'HTTP/1.1 400 Bad Request\r\n\r\n' }, 'TLS_HANDSHAKE_FAILED'],
  ])('names a server that %s', async (_, options, code) => {
    const { reports, at } = await testTls(options)
    expect(expectFailure(reports, `SECURE:${at}`, code).fields.every(field => field !== 'host')).toBe(true)
  })

  it('names a server that says nothing', async () => {
    await using server = await silentServer()
    const at = `127.0.0.1:${server.port}`
    const id = `SECURE:${at}`
    const reports = await testS3(inputOf({ endpoint: `https://${at}` }), { budgetsMs: { [id]: 400 } })
    expect(expectFailure(reports, id, 'TLS_TIMED_OUT').fields).toEqual(['endpoint'])
  })

  it('warns of a certificate that ends soon', async () => {
    const { reports, at } = await testWith(issue({ validTo: daysFromNow(29) }))
    expect(stepOf(reports, `SECURE:${at}`).status).toBe('WARNING')
    expectProblem(reports, `SECURE:${at}`, 'CERTIFICATE_EXPIRES_SOON')
    expect(stepOf(reports, 'READ').status).toBe('PASSED')
  })

  it('names a server that demands a client certificate, which there is no field for', async () => {
    const strict = { ...keyOf(issue()), ca: root.certificate, requestCert: true, rejectUnauthorized: true }
    const { reports, at } = await testTls(strict)
    const { fields } = expectFailure(reports, `SIGN_IN:${at}`, 'CLIENT_CERTIFICATE_REQUIRED')
    expect(fields).toEqual(['endpoint'])
  })

  it('trusts authorities of the form for the endpoint of AWS never', async () => {
    await using world = await S3World.start({ certificate: issue() })
    const reports = await world.test()
    expectFailure(reports, `SECURE:${s3Name}`, 'TLS_CERTIFICATE_UNTRUSTED')
    expect(world.s3.served).toEqual([])
  })

  it('does not sign anything for a server that shows another certificate the second time', async () => {
    await using good = await S3Double.start({ keys: knownKeys, certificate: issue() })
    await using bad = await S3Double.start({ keys: knownKeys, certificate: issue({ names: ['other.test'] }) })
    for (const server of [good, bad]) server.objects.put('a.csv', 'n\none\n')
    let connections = 0
    // The connections for CONNECT and SECURE lead to one, all others to the other.
    const relay = createTcpServer(socket => {
      connections += 1
      const to = connect(connections <= 2 ? good.port : bad.port, '127.0.0.1')
      socket.pipe(to).pipe(socket)
      const hangUp = () => {
        socket.destroy()
        to.destroy()
      }
      for (const side of [socket, to]) side.on('error', () => {}).on('close', hangUp)
    }).listen(0, '127.0.0.1')
    await once(relay, 'listening')
    const { port } = relay.address() as AddressInfo
    const reports = await testS3(inputOf({ endpoint: `https://127.0.0.1:${port}`, ...trusted }))
    relay.close()
    expect(stepOf(reports, `SIGN_IN:127.0.0.1:${port}`).status).toBe('FAILED')
    expect([good.served, bad.served]).toEqual([[], []])
  })
})
