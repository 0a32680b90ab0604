import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { cleanText } from '../problem.ts'

/**
 * Mends what copying does to PEM text: escaped newlines, Windows newlines, everything on one line, quotes and spaces
 * around and between. Text that holds no PEM block is only trimmed. Repairing twice changes nothing more.
 */
export function repairPem(text: string): string {
  const plain = text.replace(/\\r/g, '').replace(/\\n/g, '\n').replace(/\r/g, '')
  const blocks = [...pemBlocks(plain)]
  if (blocks.length === 0) return plain.trim()
  return blocks
    .map(({ name, body }) => `-----BEGIN ${name}-----\n${repairBody(body)}\n-----END ${name}-----\n`)
    .join('')
}

/** By hand: one regular expression over beginning and end takes quadratic time where the ends are missing. */
function* pemBlocks(text: string): Generator<{ name: string; body: string }> {
  const begin = /-----BEGIN ([A-Z0-9 ]{1,40})-----/g
  const endless = new Set<string>()
  for (let match = begin.exec(text); match; match = begin.exec(text)) {
    const [, name = ''] = match
    if (endless.has(name)) continue
    const end = `-----END ${name}-----`
    const at = text.indexOf(end, begin.lastIndex)
    if (at < 0) endless.add(name)
    else {
      yield { name, body: text.slice(begin.lastIndex, at) }
      begin.lastIndex = at + end.length
    }
  }
}

function repairBody(body: string): string {
  // RFC 1421 headers of an encrypted key need their own lines and an empty line after them.
  const header = /^\s*(Proc-Type:\s*4,ENCRYPTED)\s+(DEK-Info:\s*[A-Z0-9-]+,[0-9A-Fa-f]+)([\s\S]*)$/.exec(body)
  if (header) return `${header[1]}\n${header[2]}\n\n${wrap(header[3] ?? '')}`
  return wrap(body)
}

const wrap = (base64: string): string => (base64.replace(/\s+/g, '').match(/.{1,64}/g) ?? []).join('\n')

/** The certificates of repaired PEM text in order; a string says what is wrong with it. */
export function readCertificates(pem: string): X509Certificate[] | string {
  if (/PRIVATE KEY-----/.test(pem)) return 'This is a private key; a certificate belongs here.'
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g)
  if (!blocks) return 'Give the certificate as PEM text, beginning with "-----BEGIN CERTIFICATE-----"; not a file name.'
  const certificates: X509Certificate[] = []
  for (const [index, block] of blocks.entries()) {
    try {
      certificates.push(new X509Certificate(block))
    } catch {
      return blocks.length === 1 ? 'This certificate cannot be read.' : `Certificate ${index + 1} cannot be read.`
    }
  }
  return certificates
}

/** The private key of repaired PEM text; a string says what is wrong with it or its passphrase. */
export function readPrivateKey(pem: string, passphrase: string | undefined): KeyObject | string {
  if (!/PRIVATE KEY-----/.test(pem)) {
    return 'Give the private key as PEM text, beginning with "-----BEGIN PRIVATE KEY-----"; not a file name.'
  }
  try {
    return createPrivateKey(passphrase === undefined ? { key: pem } : { key: pem, passphrase })
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'ERR_MISSING_PASSPHRASE' || code === 'ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED') {
      return 'This key is encrypted; give its passphrase too.'
    }
    if (code === 'ERR_OSSL_BAD_DECRYPT') return 'The passphrase does not open this key.'
    return 'This private key cannot be read.'
  }
}

/** Whether `pem` is an encrypted private key, which cannot be checked without its passphrase. */
export const isEncryptedKey = (pem: string): boolean => /BEGIN ENCRYPTED PRIVATE KEY|Proc-Type:\s*4,ENCRYPTED/.test(pem)

/** What is wrong with `pem` as a list of trusted authorities, or null. */
export function authoritiesIssue(pem: string, now = Date.now()): string | null {
  const certificates = readCertificates(pem)
  if (typeof certificates === 'string') return certificates
  for (const certificate of certificates) {
    const name = certificateName(certificate.subject)
    // A server's own self-signed certificate is its own authority.
    if (!certificate.ca && !isSelfSigned(certificate)) {
      return `"${name}" is not a certificate authority; give the certificate of the authority that issued it.`
    }
    if (certificate.validToDate.getTime() < now) return `The certificate "${name}" has expired.`
  }
  return null
}

/** What is wrong with `pem` as a client certificate with the intermediates after it, or null. */
export function clientCertificateIssue(pem: string, now = Date.now()): string | null {
  const certificates = readCertificates(pem)
  if (typeof certificates === 'string') return certificates
  const [leaf, ...others] = certificates
  if (!leaf) return 'Give the certificate as PEM text.'
  if (leaf.ca && others.some(other => !other.ca)) return "Put the client's own certificate first, then its issuers."
  for (const [index, certificate] of certificates.entries()) {
    const issuer = certificates[index + 1]
    if (issuer && !certificate.checkIssued(issuer))
      return 'Put each certificate directly before the one that issued it.'
  }
  if (leaf.validToDate.getTime() < now) return `The certificate "${certificateName(leaf.subject)}" has expired.`
  return null
}

export const isSelfSigned = (certificate: X509Certificate): boolean =>
  certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey)

/** The common name of a distinguished name as Node prints it, or all of it on one line. Whoever made it chose the text. */
export const certificateName = (distinguishedName: string): string =>
  cleanText(/^CN=(.+)$/m.exec(distinguishedName)?.[1] ?? distinguishedName.replaceAll('\n', ', '), 200)
