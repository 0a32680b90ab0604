import type { X509Certificate } from 'node:crypto'
import type { TlsConfig } from '../blocks/tls.ts'
import type { StepReport } from '../connection-test.ts'
import { failed, passed, warning } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { type Problem, problem, type Remedy } from '../problem.ts'
import { type CertificateFault, certificateEvidence, certificateFaults } from './certificate-faults.ts'
import { hostIssue } from './host-name.ts'
import { certificateName } from './pem.ts'
import { type EncryptedOutcome, isClientCertificateRefusal } from './tls.ts'

const soonMs = 30 * 24 * 60 * 60 * 1_000

/** Judges an encrypted connection by the form's TLS settings: the report of a SECURE step. FAILED means: send nothing. */
export function secureReport(
  outcome: EncryptedOutcome,
  {
    tls,
    name,
    extraAuthorities,
  }: { readonly tls: TlsConfig; readonly name: string; readonly extraAuthorities: readonly string[] },
  now = Date.now(),
): StepReport {
  const { chain, chainError } = outcome
  const faults = certificateFaults(
    { chain, chainError, extraAuthorities, name: tls.mode === 'VERIFY_CA' ? null : name },
    now,
  )
  const problems = faults.map(fault => faultProblem(fault, tls, name))
  const evidence: Evidence[] = [
    measuredText('Protocol', outcome.protocol),
    measuredText('Cipher', outcome.cipher),
    ...chain.map((certificate, index) =>
      certificateEvidence(certificate, index === 0 ? 'Server certificate' : `Issuer ${index}`),
    ),
    ...problems.map(fault => measuredText(fault.code, fault.message)),
  ]
  if (tls.mode === 'REQUIRE') {
    const remedies: Remedy[] = [
      { kind: 'SET_FIELD', title: 'Verify the server', field: 'tls.mode', value: 'VERIFY_FULL' },
    ]
    return warning(problem('SERVER_NOT_VERIFIED', { fields: ['tls.mode'], remedies }), evidence)
  }
  const [first, ...others] = problems
  if (first) {
    const params = { ...first.params, otherFaults: others.map(other => other.code) }
    return failed({ ...first, params, remedies: problems.flatMap(fault => fault.remedies) }, evidence)
  }
  // One that has expired already was not needed: the chain is trusted without it.
  const soon = chain.find(({ validToDate }) => validToDate.getTime() > now && validToDate.getTime() < now + soonMs)
  return soon ? warning(problem('CERTIFICATE_EXPIRES_SOON', { params: names(soon) }), evidence) : passed(evidence)
}

/** The problem behind a handshake that did not end in an encrypted connection. */
export function handshakeProblem(error: NodeJS.ErrnoException, host: string, hasClientCertificate: boolean): Problem {
  if (isClientCertificateRefusal(error)) return clientCertificateRequired(error.message)
  // TLS 1.2 servers refuse a missing client certificate with the same words as everything else.
  const fields = hasClientCertificate ? ['tls.clientCertificate', 'host', 'port'] : ['host', 'port']
  return problem('TLS_HANDSHAKE_FAILED', { params: { host }, detail: withCode(error), fields })
}

export const clientCertificateRequired = (detail: string | null): Problem =>
  problem('CLIENT_CERTIFICATE_REQUIRED', { detail, fields: ['tls.clientCertificate', 'tls.clientKey'] })

const withCode = (error: NodeJS.ErrnoException): string =>
  error.code ? `${error.message} (${error.code})` : error.message

const names = (certificate: X509Certificate) => ({
  subject: certificateName(certificate.subject),
  validFrom: certificate.validFromDate.toISOString(),
  validTo: certificate.validToDate.toISOString(),
})

function faultProblem(fault: CertificateFault, tls: TlsConfig, host: string): Problem {
  switch (fault.kind) {
    case 'UNTRUSTED':
      return problem('TLS_CERTIFICATE_UNTRUSTED', {
        params: { issuer: fault.issuer },
        fields: ['tls.caCertificates'],
        remedies: untrustedRemedies(fault, tls),
      })
    case 'SELF_SIGNED':
      return problem('TLS_CERTIFICATE_SELF_SIGNED', {
        fields: ['tls.caCertificates'],
        remedies: [trust(fault.certificate, tls)],
      })
    case 'INTERMEDIATE_MISSING':
      return problem('TLS_INTERMEDIATE_MISSING', { params: { issuer: fault.issuer }, fields: ['tls.caCertificates'] })
    case 'EXPIRED':
      return problem('TLS_CERTIFICATE_EXPIRED', { params: names(fault.certificate) })
    case 'NOT_YET_VALID':
      return problem('TLS_CERTIFICATE_NOT_YET_VALID', { params: names(fault.certificate) })
    case 'UNUSABLE':
      return problem('TLS_CERTIFICATE_UNUSABLE', { params: { ...names(fault.certificate), reason: fault.reason } })
    case 'NAME_MISMATCH': {
      // The form must take it: a wildcard or a common name such as "My server" is no host name.
      const concrete = fault.names.find(name => hostIssue(name) === null)
      const remedies: Remedy[] =
        concrete === undefined
          ? []
          : [
              {
                kind: 'SET_FIELD',
                title: `Expect the name "${concrete}", if that is your server`,
                field: 'tls.serverName',
                value: concrete,
              },
            ]
      return problem('TLS_NAME_MISMATCH', {
        params: { host, names: fault.names.slice(0, 10).join(', ') },
        fields: ['host', 'tls.serverName'],
        remedies,
      })
    }
  }
}

function untrustedRemedies(
  { issuer, root }: Extract<CertificateFault, { kind: 'UNTRUSTED' }>,
  tls: TlsConfig,
): Remedy[] {
  if (/Amazon RDS|Amazon Redshift/.test(issuer) && tls.caBundle !== 'AWS_RDS') {
    return [
      { kind: 'SET_FIELD', title: 'Trust the authorities of Amazon RDS', field: 'tls.caBundle', value: 'AWS_RDS' },
    ]
  }
  return root ? [trust(root, tls)] : []
}

function trust(certificate: X509Certificate, tls: TlsConfig): Remedy {
  return {
    kind: 'SET_FIELD',
    title:
      `Trust "${certificateName(certificate.subject)}", after checking with its owner that its SHA-256 fingerprint is ` +
      certificate.fingerprint256,
    field: 'tls.caCertificates',
    value: (tls.caCertificates ?? '') + certificate.toString(),
  }
}
