import { X509Certificate } from 'node:crypto'
import { cleanText } from '../problem.ts'
import { describeForeignText } from './foreign-text.ts'

/** Of PEM text in a form, in characters. Nothing longer is worth looking into. */
export const maxPemLength = 65_536

const maxCertificates = 100

export interface PemBlock {
  /** What the block says that it holds: "CERTIFICATE", "RSA PRIVATE KEY". */
  readonly name: string
  /** Between the BEGIN and the END line, as it stands. */
  readonly body: string
}

/**
 * Mends what copying does to PEM text: escaped newlines, Windows newlines, everything on one line, quotes, commas,
 * backslashes and spaces around and between. Text that holds no whole PEM blocks is only trimmed. Repairing twice
 * changes nothing more.
 */
export function repairPem(text: string): string {
  // However often it was escaped: a run of backslashes goes as one, so that none is left to make a new escape. Looked
  // at from its beginning only: from each of its places, a long run would take seconds.
  const plain = text
    .replace(/\r\n?/g, '\n')
    .replace(/(?<!\\)\\+[rt]/g, '')
    .replace(/(?<!\\)\\+n/g, '\n')
  const blocks = pemBlocks(plain)
  if (blocks === null) return plain.trim()
  // No PEM text, such as the name of a file, in which a backslash is one.
  if (blocks.length === 0) return text.trim()
  return blocks
    .map(({ name, body }) => `-----BEGIN ${name}-----\n${repairBody(body)}\n-----END ${name}-----\n`)
    .join('')
}

/** The blocks of PEM text in order, their names repaired; null when BEGIN and END lines do not match. Takes linear time. */
export function pemBlocks(text: string): PemBlock[] | null {
  const blocks: PemBlock[] = []
  let open: { readonly name: string; readonly from: number } | null = null
  for (const match of text.matchAll(/-----(BEGIN|END)\s{1,8}([A-Z0-9\s]{1,60})-----/g)) {
    const name = (match[2] ?? '').trim().replace(/\s+/g, ' ').replace('X509 CERTIFICATE', 'CERTIFICATE')
    const isEnd = match[1] === 'END'
    if (isEnd !== (open !== null) || (open && open.name !== name)) return null
    if (open) blocks.push({ name, body: text.slice(open.from, match.index) })
    open = open ? null : { name, from: match.index + match[0].length }
  }
  return open ? null : blocks
}

function repairBody(body: string): string {
  // RFC 1421 headers of an encrypted key need their own lines and an empty line after them.
  const header = /^\s*(Proc-Type:\s*4,ENCRYPTED)\s+(DEK-Info:\s*[A-Z0-9-]+,[0-9A-Fa-f]+)([\s\S]*)$/.exec(body)
  if (header) return `${header[1]}\n${header[2]}\n\n${wrap(header[3] ?? '')}`
  return wrap(body)
}

/** Base64 has none of the characters that are taken out. */
const wrap = (base64: string): string =>
  (base64.replace(/[\s\\"',\u200b-\u200d\u2060]+/g, '').match(/.{1,64}/g) ?? []).join('\n')

export const cutOff = 'This PEM text is cut off: copy it whole, from each BEGIN line to its END line.'

/** The certificates of repaired PEM text in order; a string says what is wrong with it. */
export function readCertificates(pem: string): X509Certificate[] | string {
  const blocks = pemBlocks(pem)
  if (blocks === null) return cutOff
  if (blocks.length === 0) {
    return (
      describeForeignText(pem) ??
      'Give the certificate as PEM text, beginning with "-----BEGIN CERTIFICATE-----"; not a file name.'
    )
  }
  if (blocks.some(({ name }) => name.endsWith('PRIVATE KEY'))) {
    return 'This holds a private key; only certificates belong here.'
  }
  const other = blocks.find(({ name }) => name !== 'CERTIFICATE')
  if (other) return notACertificate(other.name)
  if (blocks.length > maxCertificates) return `Give at most ${maxCertificates} certificates.`
  const certificates: X509Certificate[] = []
  for (const [index, { body }] of blocks.entries()) {
    const certificate = readCertificate(Buffer.from(body, 'base64'))
    if (!certificate)
      return blocks.length === 1 ? 'This certificate cannot be read.' : `Certificate ${index + 1} cannot be read.`
    certificates.push(certificate)
  }
  return certificates
}

function readCertificate(bytes: Buffer): X509Certificate | null {
  try {
    const certificate = new X509Certificate(bytes)
    return isReadable(certificate) ? certificate : null
  } catch {
    return null
  }
}

function notACertificate(name: string): string {
  if (name.endsWith('CERTIFICATE REQUEST')) {
    return 'This is a request for a certificate; give the certificate that the authority issued for it.'
  }
  if (name === 'PKCS7' || name === 'CMS') {
    return 'This is a PKCS #7 bundle. Convert it to PEM certificates: openssl pkcs7 -print_certs -in bundle.p7b'
  }
  if (name.endsWith('PUBLIC KEY')) return 'This is a public key; a certificate belongs here.'
  return `This is "${name}"; only certificates belong here.`
}

/** Whether `pem` is an encrypted private key, which cannot be checked without its passphrase. */
export const isEncryptedKey = (pem: string): boolean => /BEGIN ENCRYPTED PRIVATE KEY|Proc-Type:\s*4,ENCRYPTED/.test(pem)

/** Certificates come from strangers: some hold keys or times that nothing can read. */
export function isReadable(certificate: X509Certificate): boolean {
  const times = [certificate.validFromDate, certificate.validToDate]
  if (times.some(time => Number.isNaN(time.getTime()))) return false
  try {
    return certificate.publicKey.type === 'public'
  } catch {
    return false
  }
}

/** Whether a certificate vouches for itself. One whose key cannot be read does not. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  try {
    return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey)
  } catch {
    return false
  }
}

/** The common name of a distinguished name as Node prints it, or all of it on one line. Whoever made it chose the text. */
export const certificateName = (distinguishedName: string): string =>
  cleanText(/^CN=(.+)$/m.exec(distinguishedName)?.[1] ?? distinguishedName.replaceAll('\n', ', '), 200)
