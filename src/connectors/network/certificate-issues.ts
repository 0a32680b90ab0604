import type { X509Certificate } from 'node:crypto'
import { certificateName, isSelfSigned, readCertificates } from './pem.ts'

/** What is wrong with `pem` as a list of trusted authorities, or null. */
export function authoritiesIssue(pem: string, now = Date.now()): string | null {
  const certificates = readCertificates(pem)
  if (typeof certificates === 'string') return certificates
  for (const certificate of certificates) {
    // A server's own self-signed certificate is its own authority.
    if (!certificate.ca && !isSelfSigned(certificate)) {
      return `"${nameOf(certificate)}" is not a certificate authority; give the certificate of the authority that issued it.`
    }
    if (hasExpired(certificate, now)) return expired(certificate)
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
  const old = certificates.find(certificate => hasExpired(certificate, now))
  if (old) return expired(old)
  if (leaf.validFromDate.getTime() > now) {
    return `The certificate "${nameOf(leaf)}" is valid only from ${leaf.validFromDate.toISOString()}.`
  }
  return null
}

const nameOf = (certificate: X509Certificate): string => certificateName(certificate.subject)
const hasExpired = ({ validToDate }: X509Certificate, now: number): boolean => validToDate.getTime() < now
const expired = (certificate: X509Certificate): string => `The certificate "${nameOf(certificate)}" has expired.`
