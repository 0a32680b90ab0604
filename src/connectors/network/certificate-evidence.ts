import type { X509Certificate } from 'node:crypto'
import type { Evidence, MeasuredOn } from '../evidence.ts'
import { cleanText } from '../problem.ts'
import { certificateName, isReadable } from './pem.ts'

const maxShownCertificates = 16
const maxShownNames = 100

/** The names and addresses that a certificate is for. */
export function certificateNames(certificate: X509Certificate): string[] {
  // A comma within a name is escaped by Node: no name can pose as several.
  const names = (certificate.subjectAltName ?? '')
    .split(', ')
    .map(entry => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1])
    .filter(name => name !== undefined)
    .map(name => cleanText(name, 255))
  return names.length > 0 ? names : [certificateName(certificate.subject)]
}

/** A certificate as evidence. */
export function certificateEvidence(certificate: X509Certificate, label: string, measuredOn: MeasuredOn): Evidence {
  if (!isReadable(certificate)) return { kind: 'TEXT', label, measuredOn, value: 'cannot be read' }
  return {
    kind: 'CERTIFICATE',
    label,
    measuredOn,
    subject: cleanText(certificate.subject.replaceAll('\n', ', '), 500),
    issuer: cleanText(certificate.issuer.replaceAll('\n', ', '), 500),
    validFrom: certificate.validFromDate.toISOString(),
    validTo: certificate.validToDate.toISOString(),
    sha256Fingerprint: certificate.fingerprint256,
    subjectAltNames: certificate.subjectAltName ? certificateNames(certificate).slice(0, maxShownNames) : [],
  }
}

/** What the server sent, in its order. Called an issuer is only what has issued the one before it. */
export function chainEvidence(chain: readonly X509Certificate[], measuredOn: MeasuredOn): Evidence[] {
  const label = (certificate: X509Certificate, index: number): string => {
    const previous = chain[index - 1]
    if (!previous) return 'Server certificate'
    return previous.checkIssued(certificate) ? `Issuer ${index}` : `Also sent ${index}`
  }
  const shown = chain
    .slice(0, maxShownCertificates)
    .map((certificate, index) => certificateEvidence(certificate, label(certificate, index), measuredOn))
  const hidden = chain.length - shown.length
  return hidden === 0
    ? shown
    : [...shown, { kind: 'TEXT', label: 'Further certificates', measuredOn, value: String(hidden) }]
}
