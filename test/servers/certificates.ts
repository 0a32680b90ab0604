import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIPv4, isIPv6 } from 'node:net'

/** Just enough DER (ITU-T X.690) to write X.509 certificates, so that tests need no openssl. */
const der = (tag: number, ...contents: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(contents)
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  const digits = length.subarray(length.findIndex(byte => byte > 0))
  return Buffer.concat([Buffer.from([tag, 0x80 | digits.length]), digits, body])
}
const sequence = (...items: readonly Uint8Array[]) => der(0x30, ...items)
const integer = (bytes: Uint8Array) => der(0x02, bytes)
const octets = (content: Uint8Array) => der(0x04, content)
const yes = der(0x01, Buffer.from([0xff]))

/** `2.5.4.3` as an object identifier; its digits are those of base 128. */
const oid = (text: string): Buffer => {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}
function base128(arc: number): number[] {
  const digits = [arc & 0x7f]
  for (let left = arc >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80)
  return digits
}

const name = (commonName: string) => sequence(der(0x31, sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(commonName)))))
const time = (date: Date) => der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`))

type Digest = 'sha256' | 'sha1'

/** RFC 3279 and RFC 4055: RSA names its parameters as NULL, ECDSA has none. */
const signatureAlgorithm = ({ asymmetricKeyType }: KeyObject, digest: Digest) =>
  asymmetricKeyType === 'rsa'
    ? sequence(oid(`1.2.840.113549.1.1.${digest === 'sha1' ? 5 : 11}`), der(0x05))
    : sequence(oid(digest === 'sha1' ? '1.2.840.10045.4.1' : '1.2.840.10045.4.3.2'))
const extension = (id: string, critical: boolean, value: Uint8Array) =>
  sequence(oid(id), ...(critical ? [yes] : []), octets(value))
function alternativeName(value: string): Buffer {
  if (isIPv4(value)) return der(0x87, Buffer.from(value.split('.').map(Number)))
  // Only the loopback address is ever needed.
  if (isIPv6(value)) return der(0x87, Buffer.concat([Buffer.alloc(15), Buffer.from([1])]))
  return der(0x82, Buffer.from(value))
}

export interface Certificate {
  /** PEM. */
  readonly certificate: string
  /** PEM, PKCS #8. */
  readonly key: string
  readonly commonName: string
  readonly privateKey: KeyObject
  /** In whole seconds, as certificates have it. */
  readonly validTo: Date
}

export interface CertificateOptions {
  readonly commonName: string
  /** Self-signed when left out. */
  readonly issuer?: Certificate
  readonly authority?: boolean
  /** Names, IPv4 addresses and `::1`. */
  readonly names?: readonly string[]
  readonly validFrom?: Date
  readonly validTo?: Date
  /** Extended key usage: what the certificate is meant for. */
  readonly usage?: 'server' | 'client'
  /** Bits of an RSA key; P-256 when left out. */
  readonly rsaBits?: number
  /** Of the signature by the issuer. */
  readonly digest?: Digest
  /** Where the issuer's certificate can be fetched, as public authorities say it. */
  readonly issuerUrl?: string
  /** Who tells whether it has been revoked. */
  readonly ocspUrl?: string
  /** Bytes of an extension that nobody knows, to make the certificate long. */
  readonly paddingBytes?: number
}

export const daysFromNow = (days: number): Date => new Date(Date.now() + days * 86_400_000)

export function issueCertificate(options: CertificateOptions): Certificate {
  const { commonName, issuer, authority = false, names = [], usage, digest = 'sha256' } = options
  const { rsaBits, issuerUrl, ocspUrl, paddingBytes = 0 } = options
  const access = [...accessTo('48.2', issuerUrl), ...accessTo('48.1', ocspUrl)]
  const { privateKey, publicKey } =
    rsaBits === undefined
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: rsaBits })
  const signer = issuer?.privateKey ?? privateKey
  const algorithm = signatureAlgorithm(signer, digest)
  const extensions = [
    extension('2.5.29.19', true, authority ? sequence(yes) : sequence()),
    ...(names.length > 0 ? [extension('2.5.29.17', false, sequence(...names.map(alternativeName)))] : []),
    ...(usage ? [extension('2.5.29.37', false, sequence(oid(`1.3.6.1.5.5.7.3.${usage === 'server' ? 1 : 2}`)))] : []),
    ...(access.length === 0 ? [] : [extension('1.3.6.1.5.5.7.1.1', false, sequence(...access))]),
    ...(paddingBytes > 0 ? [extension('1.3.6.1.4.1.99999.1', false, octets(Buffer.alloc(paddingBytes)))] : []),
  ]
  const validTo = new Date(Math.floor((options.validTo ?? daysFromNow(365)).getTime() / 1_000) * 1_000)
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name(issuer?.commonName ?? commonName),
    sequence(time(options.validFrom ?? daysFromNow(-1)), time(validTo)),
    name(commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  )
  const signature = sign(digest, body, signer)
  const certificate = sequence(body, algorithm, der(0x03, Buffer.from([0]), signature))
  return {
    certificate: pem('CERTIFICATE', certificate),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    commonName,
    privateKey,
    validTo,
  }
}

/** RFC 5280, 4.2.2.1. */
const accessTo = (method: string, url: string | undefined): readonly Buffer[] =>
  url === undefined ? [] : [sequence(oid(`1.3.6.1.5.5.7.${method}`), der(0x86, Buffer.from(url)))]

const pem = (label: string, content: Buffer): string =>
  `-----BEGIN ${label}-----\n${content.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()}\n-----END ${label}-----\n`
