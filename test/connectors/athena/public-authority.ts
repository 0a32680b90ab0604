import { type Certificate, type CertificateOptions, issueCertificate } from '../../servers/certificates.ts'

/** Stands for a public authority: suites have it among those that everybody trusts. */
export const authority: Certificate = issueCertificate({ commonName: 'Public Root', authority: true })

/** A certificate of it, for a server on this machine. */
export const issued = (change: Partial<CertificateOptions> = {}): Certificate =>
  issueCertificate({ commonName: 'aws', issuer: authority, names: ['127.0.0.1'], usage: 'server', ...change })
