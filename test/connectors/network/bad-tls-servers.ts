import { type Certificate, type CertificateOptions, daysFromNow, issueCertificate } from '../../servers/certificates.ts'
import type { TlsDoubleOptions } from '../../servers/tls-double.ts'

/** The authority that the connectors of the matrix trust, and one that they do not. */
export const root = issueCertificate({ commonName: 'Test Root', authority: true })
export const otherRoot = issueCertificate({ commonName: 'Other Root', authority: true })

export const issue = (change: Partial<CertificateOptions> = {}) =>
  issueCertificate({ commonName: 'db', issuer: root, names: ['127.0.0.1'], usage: 'server', ...change })
export const authority = (commonName: string, change: Partial<CertificateOptions> = {}) =>
  issueCertificate({ commonName, authority: true, issuer: root, ...change })
const past = { validFrom: daysFromNow(-30), validTo: daysFromNow(-1) }

export const good = issue()

export interface BadServer {
  readonly title: string
  /** The server's own certificate first. */
  readonly sends: readonly Certificate[]
  /** Settings of the server beyond its certificates. */
  readonly server?: TlsDoubleOptions
  /** Host of the connector; 127.0.0.1 by default. */
  readonly host?: string
  /** Of the form; by default the root of the matrix is trusted. */
  readonly tls?: Readonly<Record<string, unknown>>
  readonly code: string
  readonly otherFaults?: readonly string[]
  /** What the message must say. */
  readonly says?: string
  readonly fields?: readonly string[]
  /** Field and exact value of each remedy. */
  readonly remedies?: readonly (readonly [field: string, value: unknown])[]
  /** Whether the remedies, all applied, make the server acceptable. */
  readonly mended?: boolean
  /** PostgreSQL refuses to start with such a certificate, or has no such server. */
  readonly onlyDouble?: boolean
}

const selfSigned = issueCertificate({ commonName: 'alone', names: ['127.0.0.1'] })
export const intermediate = authority('Test Intermediate')
export const viaIntermediate = issue({ issuer: intermediate })
const oldIntermediate = authority('Old Intermediate', past)
const notAnAuthority = issue({ commonName: 'Not An Authority' })
const weakRoot = issueCertificate({ commonName: 'Weak Root', authority: true, rsaBits: 1024 })
const foreign = issue({ issuer: otherRoot })
const oldAlone = issueCertificate({ commonName: 'old and alone', names: ['127.0.0.1'], ...past })
const bulky = issueCertificate({ commonName: 'bulky', names: ['127.0.0.1'], paddingBytes: 60_000 })
const rds = issueCertificate({ commonName: 'Amazon RDS eu-west-1 Root CA', authority: true })
const publicAuthority = issueCertificate({ commonName: 'Public Intermediate', authority: true })

export const longChain = (anchor: Certificate): Certificate[] => {
  const authorities: Certificate[] = []
  for (let n = 0; n < 98; n += 1) authorities.unshift(authority(`Authority ${n}`, { issuer: authorities[0] ?? anchor }))
  return [issue({ issuer: authorities[0] as Certificate }), ...authorities]
}

/** Servers that must be refused, with all that must be said about each. */
export const badServers: readonly BadServer[] = [
  {
    title: 'a self-signed certificate',
    sends: [selfSigned],
    tls: {},
    code: 'TLS_CERTIFICATE_SELF_SIGNED',
    fields: ['tls.caCertificates'],
    remedies: [['tls.caCertificates', selfSigned.certificate]],
    mended: true,
  },
  {
    title: 'a self-signed certificate beside an authority that is trusted',
    sends: [selfSigned],
    code: 'TLS_CERTIFICATE_SELF_SIGNED',
    remedies: [['tls.caCertificates', root.certificate + selfSigned.certificate]],
    mended: true,
  },
  {
    title: 'a self-signed certificate that has expired, which the form would not take',
    sends: [oldAlone],
    code: 'TLS_CERTIFICATE_SELF_SIGNED',
    otherFaults: ['TLS_CERTIFICATE_EXPIRED'],
    remedies: [],
  },
  {
    title: 'an unknown authority',
    sends: [good],
    tls: {},
    code: 'TLS_CERTIFICATE_UNTRUSTED',
    says: '"Test Root"',
    fields: ['tls.caCertificates'],
    remedies: [],
  },
  {
    title: 'an unknown authority that it sends along',
    sends: [foreign, otherRoot],
    code: 'TLS_CERTIFICATE_UNTRUSTED',
    says: '"Other Root"',
    remedies: [['tls.caCertificates', root.certificate + otherRoot.certificate]],
    mended: true,
  },
  {
    title: 'a certificate of an Amazon RDS authority',
    sends: [issue({ issuer: rds })],
    tls: {},
    code: 'TLS_CERTIFICATE_UNTRUSTED',
    says: 'Amazon RDS',
    remedies: [['tls.caBundle', 'AWS_RDS']],
  },
  {
    title: 'an expired certificate',
    sends: [issue({ commonName: 'stale', ...past })],
    code: 'TLS_CERTIFICATE_EXPIRED',
    says: '"stale" expired on',
    fields: [],
    remedies: [],
  },
  {
    title: 'a certificate that is not valid yet',
    sends: [issue({ commonName: 'early', validFrom: daysFromNow(1) })],
    code: 'TLS_CERTIFICATE_NOT_YET_VALID',
    says: '"early" is valid only from',
    remedies: [],
  },
  {
    title: 'a certificate for another name',
    sends: [issue({ names: ['db.test', 'db2.test'] })],
    host: 'localhost',
    code: 'TLS_NAME_MISMATCH',
    says: 'db.test, db2.test, not for "localhost"',
    fields: ['host', 'tls.serverName'],
    remedies: [['tls.serverName', 'db.test']],
    mended: true,
  },
  {
    title: 'a certificate for an address, reached by name',
    sends: [issue({ names: ['127.0.0.1'] })],
    host: 'localhost',
    code: 'TLS_NAME_MISMATCH',
    remedies: [['tls.serverName', '127.0.0.1']],
    mended: true,
  },
  {
    title: 'a certificate for a name, reached by address',
    sends: [issue({ names: ['localhost'] })],
    code: 'TLS_NAME_MISMATCH',
    remedies: [['tls.serverName', 'localhost']],
    mended: true,
  },
  {
    title: 'a certificate of which one name pretends to be several',
    sends: [issue({ names: ['a.test, DNS:127.0.0.1, IP Address:127.0.0.1, DNS:b.test'] })],
    code: 'TLS_NAME_MISMATCH',
    // It offers no other of the "names" either: there is only one, and it is none.
    remedies: [],
  },
  {
    title: 'a missing intermediate',
    sends: [viaIntermediate],
    code: 'TLS_INTERMEDIATE_MISSING',
    says: 'only its own certificate; the intermediate "Test Intermediate" is missing',
    fields: ['tls.caCertificates'],
    remedies: [],
  },
  {
    title: 'a missing intermediate that a public authority would let fetch',
    sends: [issue({ issuer: publicAuthority, issuerUrl: 'http://authority.test/issuer.crt' })],
    tls: {},
    code: 'TLS_INTERMEDIATE_MISSING',
    says: '"Public Intermediate"',
  },
  {
    title: 'an expired intermediate',
    sends: [issue({ issuer: oldIntermediate }), oldIntermediate],
    code: 'TLS_CERTIFICATE_EXPIRED',
    says: '"Old Intermediate" expired',
  },
  {
    title: 'a certificate that is not meant for servers',
    sends: [issue({ usage: 'client' })],
    code: 'TLS_CERTIFICATE_UNUSABLE',
    says: '"db" cannot be used: it is not meant for servers',
  },
  {
    title: 'an issuer that is no authority',
    sends: [issue({ issuer: notAnAuthority }), notAnAuthority],
    code: 'TLS_CERTIFICATE_UNUSABLE',
    says: '"Not An Authority" cannot be used: it has issued another one without being an authority',
  },
  {
    title: 'a weak key',
    sends: [issue({ rsaBits: 1024 })],
    code: 'TLS_CERTIFICATE_WEAK',
    says: 'its RSA key has only 1024 bits',
    onlyDouble: true,
  },
  {
    title: 'an authority with a weak key',
    sends: [issue({ issuer: weakRoot }), weakRoot],
    tls: { caCertificates: weakRoot.certificate },
    code: 'TLS_CERTIFICATE_WEAK',
    says: '"Weak Root"',
    onlyDouble: true,
  },
  {
    title: 'a signature with SHA-1',
    sends: [issue({ digest: 'sha1' })],
    code: 'TLS_CERTIFICATE_WEAK',
    says: 'it is signed with SHA-1',
    onlyDouble: true,
  },
  {
    title: 'several faults at once',
    sends: [issue({ issuer: otherRoot, names: ['db.test'], usage: 'client', digest: 'sha1', ...past }), otherRoot],
    code: 'TLS_CERTIFICATE_UNTRUSTED',
    otherFaults: ['TLS_CERTIFICATE_EXPIRED', 'TLS_CERTIFICATE_WEAK', 'TLS_CERTIFICATE_UNUSABLE', 'TLS_NAME_MISMATCH'],
    fields: ['tls.caCertificates', 'host', 'tls.serverName'],
    remedies: [
      ['tls.caCertificates', root.certificate + otherRoot.certificate],
      ['tls.serverName', 'db.test'],
    ],
    onlyDouble: true,
  },
  {
    title: 'a chain of 99 certificates up to an unknown authority',
    sends: longChain(otherRoot),
    code: 'TLS_CERTIFICATE_UNTRUSTED',
    says: '"Other Root"',
  },
  {
    title: 'a certificate that is too large for the form',
    sends: [bulky],
    code: 'TLS_CERTIFICATE_SELF_SIGNED',
    remedies: [],
  },
  {
    title: 'a certificate that is too large for a handshake',
    sends: [issue({ paddingBytes: 120_000 })],
    code: 'TLS_HANDSHAKE_FAILED',
    says: 'more certificates than a handshake may hold',
  },
  {
    title: 'only outdated versions of TLS',
    sends: [good],
    server: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' },
    code: 'TLS_VERSION_UNSUPPORTED',
    says: 'TLS 1.2 or newer is required',
    fields: ['host', 'port'],
    onlyDouble: true,
  },
  {
    title: 'no cipher in common',
    sends: [good],
    server: { minVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_CCM_SHA256' },
    code: 'TLS_HANDSHAKE_FAILED',
    says: 'no common ground, such as a cipher',
    onlyDouble: true,
  },
  {
    title: 'something else than TLS after it has agreed to encrypt',
    sends: [good],
    server: { plain: 'R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I' },
    code: 'TLS_HANDSHAKE_FAILED',
    says: 'something that is not TLS',
    fields: ['host', 'port'],
    onlyDouble: true,
  },
  {
    title: 'a demand for a client certificate, in TLS 1.2',
    sends: [good],
    server: { maxVersion: 'TLSv1.2', requestCert: true, rejectUnauthorized: true, ca: [root.certificate] },
    code: 'TLS_HANDSHAKE_FAILED',
    says: 'or wants a client certificate',
    onlyDouble: true,
  },
]
