import type { X509Certificate } from 'node:crypto'
import type { TlsConfig } from '../blocks/tls.ts'
import type { StepReport } from '../connection-test.ts'
import { failed, passed, warning } from '../define.ts'
import { type Evidence, type MeasuredOn, measuredText } from '../evidence.ts'
import { type Problem, problem, type Remedy } from '../problem.ts'
import { chainEvidence } from './certificate-evidence.ts'
import { type CertificateFault, certificateFaults } from './certificate-faults.ts'
import { certificateParams, expiryWarnings, ownCertificates } from './expiring-certificates.ts'
import { hostIssue } from './host-name.ts'
import { certificateName, maxPemLength } from './pem.ts'
import type { EncryptedOutcome } from './tls.ts'

export interface Judgement {
  readonly tls: TlsConfig
  /** The name that the certificate must be for. */
  readonly name: string
  readonly extraAuthorities: readonly string[]
  /** Whether this very connection goes on to carry credentials. */
  readonly measuredOn?: MeasuredOn
}

/** Judges an encrypted connection by the form's TLS settings: the report of a SECURE step. FAILED means: send nothing. */
export function secureReport(
  outcome: EncryptedOutcome,
  { tls, name, extraAuthorities, measuredOn = 'SAME_SOCKET' }: Judgement,
  now = Date.now(),
): StepReport {
  const { chain, chainError } = outcome
  const faults = certificateFaults(
    { chain, chainError, extraAuthorities, name: tls.mode === 'VERIFY_CA' ? null : name },
    now,
  ).map(fault => faultProblem(fault, tls, name, now))
  const notices = expiryWarnings(chain, tls, now)
  const measured = (label: string, value: string): Evidence => ({ ...measuredText(label, value), measuredOn })
  const evidence: Evidence[] = [
    measured('Protocol', outcome.protocol),
    measured('Cipher', outcome.cipher),
    ...chainEvidence(chain, measuredOn),
    ...[...faults, ...notices].map(({ code, message }) => measured(code, message)),
  ]
  if (tls.mode === 'REQUIRE') {
    const remedies: Remedy[] = [
      { kind: 'SET_FIELD', title: 'Verify the server', field: 'tls.mode', value: 'VERIFY_FULL' },
    ]
    return warning(problem('SERVER_NOT_VERIFIED', { fields: ['tls.mode'], remedies }), evidence)
  }
  const [first, ...others] = [...faults, ...notices]
  if (!first) return passed(evidence)
  const all: Problem = {
    ...first,
    params: { ...first.params, otherFaults: others.map(other => other.code) },
    // Each fault marks its own fields, those of the gravest one first.
    fields: [...new Set([first, ...others].flatMap(({ fields }) => fields))],
    remedies: faults.flatMap(fault => fault.remedies),
  }
  return faults.length > 0 ? failed(all, evidence) : warning(all, evidence)
}

function faultProblem(fault: CertificateFault, tls: TlsConfig, host: string, now: number): Problem {
  switch (fault.kind) {
    case 'UNTRUSTED':
      return problem('TLS_CERTIFICATE_UNTRUSTED', {
        params: { issuer: fault.issuer },
        fields: ['tls.caCertificates'],
        remedies: untrustedRemedies(fault, tls, now),
      })
    case 'SELF_SIGNED':
      return problem('TLS_CERTIFICATE_SELF_SIGNED', {
        fields: ['tls.caCertificates'],
        remedies: trust(fault.certificate, tls, now),
      })
    case 'INTERMEDIATE_MISSING':
      return problem('TLS_INTERMEDIATE_MISSING', { params: { issuer: fault.issuer }, fields: ['tls.caCertificates'] })
    case 'EXPIRED':
      return problem('TLS_CERTIFICATE_EXPIRED', {
        params: certificateParams(fault.certificate),
        fields: isInForm(fault.certificate, tls) ? ['tls.caCertificates'] : [],
      })
    case 'NOT_YET_VALID':
      return problem('TLS_CERTIFICATE_NOT_YET_VALID', {
        params: certificateParams(fault.certificate),
        fields: isInForm(fault.certificate, tls) ? ['tls.caCertificates'] : [],
      })
    case 'WEAK':
      return problem('TLS_CERTIFICATE_WEAK', {
        params: { ...certificateParams(fault.certificate), weakness: fault.weakness },
      })
    case 'UNUSABLE':
      return problem('TLS_CERTIFICATE_UNUSABLE', {
        params: { ...certificateParams(fault.certificate), reason: fault.reason },
      })
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
  now: number,
): Remedy[] {
  if (/Amazon RDS|Amazon Redshift/.test(issuer) && tls.caBundle !== 'AWS_RDS') {
    return [
      { kind: 'SET_FIELD', title: 'Trust the authorities of Amazon RDS', field: 'tls.caBundle', value: 'AWS_RDS' },
    ]
  }
  return root ? trust(root, tls, now) : []
}

/** The remedy of trusting `certificate`; none where the form would refuse it. */
function trust(certificate: X509Certificate, tls: TlsConfig, now: number): Remedy[] {
  const value = (tls.caCertificates ?? '') + certificate.toString()
  if (certificate.validToDate.getTime() < now || value.length > maxPemLength) return []
  const title =
    `Trust "${certificateName(certificate.subject)}", after checking with its owner that its SHA-256 fingerprint is ` +
    certificate.fingerprint256
  return [{ kind: 'SET_FIELD', title, field: 'tls.caCertificates', value }]
}

const isInForm = (certificate: X509Certificate, tls: TlsConfig): boolean =>
  ownCertificates(tls.caCertificates).some(own => own.fingerprint256 === certificate.fingerprint256)
