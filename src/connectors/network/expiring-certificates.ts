import type { X509Certificate } from 'node:crypto'
import type { TlsConfig } from '../blocks/tls.ts'
import { type Problem, problem } from '../problem.ts'
import { certificatePath } from './certificate-path.ts'
import { certificateName, isReadable, readCertificates } from './pem.ts'

const soonMs = 30 * 24 * 60 * 60 * 1_000

/** A certificate's name and times, as problems' messages have them. */
export const certificateParams = (certificate: X509Certificate) => ({
  subject: certificateName(certificate.subject),
  validFrom: instant(certificate.validFromDate),
  validTo: instant(certificate.validToDate),
})

const instant = (time: Date): string => (Number.isNaN(time.getTime()) ? 'an unknown time' : time.toISOString())

/**
 * Warnings about certificates that soon expire: of the server, of the authority in the form that vouches for it, and of
 * the client. A client certificate that has expired since it was saved comes first, then what ends the soonest.
 */
export function expiryWarnings(sent: readonly X509Certificate[], tls: TlsConfig, now: number): Problem[] {
  const chain = sent.filter(isReadable)
  const [leaf] = chain
  const own = ownCertificates(tls.caCertificates)
  const authority = leaf && own.length > 0 ? certificatePath(leaf, chain, own).authority : null
  const isAuthority = (certificate: X509Certificate) => certificate.fingerprint256 === authority?.fingerprint256
  const clients = ownCertificates(tls.clientCertificate)
  const clientFields = ['tls.clientCertificate', 'tls.clientKey']

  const expired = clients
    .filter(certificate => certificate.validToDate.getTime() <= now)
    .map(each => problem('CLIENT_CERTIFICATE_EXPIRED', { params: certificateParams(each), fields: clientFields }))
  const soon = [
    // One that has expired already was not needed: the chain is trusted without it.
    ...chain
      .filter(each => !isAuthority(each))
      .map(certificate => ({ which: "The server's certificate", certificate, fields: [] })),
    ...(authority
      ? [{ which: 'The certificate authority', certificate: authority, fields: ['tls.caCertificates'] }]
      : []),
    ...clients.map(certificate => ({ which: 'The client certificate', certificate, fields: clientFields })),
  ]
    .filter(({ certificate }) => isSoon(certificate, now))
    .sort((one, other) => one.certificate.validToDate.getTime() - other.certificate.validToDate.getTime())
    .map(({ which, certificate, fields }) =>
      problem('CERTIFICATE_EXPIRES_SOON', { params: { which, ...certificateParams(certificate) }, fields }),
    )
  return [...expired, ...soon]
}

const isSoon = ({ validToDate }: X509Certificate, now: number): boolean =>
  validToDate.getTime() > now && validToDate.getTime() < now + soonMs

/** The certificates of a field of the form, which has refused what cannot be read. */
export function ownCertificates(pem: string | undefined): X509Certificate[] {
  const certificates = pem === undefined ? [] : readCertificates(pem)
  return typeof certificates === 'string' ? [] : certificates
}
