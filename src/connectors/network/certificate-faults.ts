import { X509Certificate } from 'node:crypto'
import { checkServerIdentity, rootCertificates } from 'node:tls'
import type { Evidence } from '../evidence.ts'
import { cleanText } from '../problem.ts'
import { certificateName, isSelfSigned } from './pem.ts'

/** One thing that is wrong with a server's certificates. */
export type CertificateFault =
  /** `issuer` is the authority that nobody vouches for; `root` is its certificate if the server sent it. */
  | { readonly kind: 'UNTRUSTED'; readonly issuer: string; readonly root: X509Certificate | null }
  | { readonly kind: 'SELF_SIGNED'; readonly certificate: X509Certificate }
  | { readonly kind: 'INTERMEDIATE_MISSING'; readonly issuer: string }
  | { readonly kind: 'EXPIRED'; readonly certificate: X509Certificate }
  | { readonly kind: 'NOT_YET_VALID'; readonly certificate: X509Certificate }
  | { readonly kind: 'NAME_MISMATCH'; readonly names: readonly string[] }
  /** Whatever else OpenSSL objects to, in its own code: INVALID_PURPOSE, CA_MD_TOO_WEAK ... */
  | { readonly kind: 'UNUSABLE'; readonly certificate: X509Certificate; readonly reason: string }

export interface PresentedChain {
  readonly chain: readonly X509Certificate[]
  /** OpenSSL's verdict, which decides; null when it trusts the chain. */
  readonly chainError: string | null
  readonly extraAuthorities: readonly string[]
  /** The name to compare with; null when any name will do. */
  readonly name: string | null
}

/** Everything that is wrong with the chain, the gravest first; empty when the server is who it should be. */
export function certificateFaults(
  { chain, chainError, extraAuthorities, name }: PresentedChain,
  now = Date.now(),
): CertificateFault[] {
  const [leaf] = chain
  if (!leaf) return [{ kind: 'UNTRUSTED', issuer: 'nobody', root: null }]
  const faults: CertificateFault[] = []
  if (chainError !== null) {
    const { path, fault } = walk(leaf, chain, extraAuthorities)
    if (fault) faults.push(fault)
    for (const certificate of path) {
      if (certificate.validToDate.getTime() < now) faults.push({ kind: 'EXPIRED', certificate })
      else if (certificate.validFromDate.getTime() > now) faults.push({ kind: 'NOT_YET_VALID', certificate })
    }
    // OpenSSL has the last word: what the walk cannot explain is still a refusal.
    if (faults.length === 0) faults.push({ kind: 'UNUSABLE', certificate: leaf, reason: chainError })
  }
  if (name !== null && checkServerIdentity(name, leaf.toLegacyObject())) {
    faults.push({ kind: 'NAME_MISMATCH', names: certificateNames(leaf) })
  }
  return faults
}

/** Follows issuers from the leaf until an authority vouches for one, and says where the way ends. Explains, decides nothing. */
function walk(leaf: X509Certificate, chain: readonly X509Certificate[], extraAuthorities: readonly string[]) {
  const authorities = [...extraAuthorities, ...rootCertificates].map(pem => new X509Certificate(pem))
  const path: X509Certificate[] = []
  let current = leaf
  for (;;) {
    path.push(current)
    const certificate = current
    const issuedBy = (candidate: X509Certificate) =>
      certificate.checkIssued(candidate) && certificate.verify(candidate.publicKey)
    if (authorities.some(authority => authority.fingerprint256 === certificate.fingerprint256))
      return { path, fault: null }
    const authority = authorities.find(issuedBy)
    if (authority) return { path: [...path, authority], fault: null }
    if (isSelfSigned(certificate)) {
      const fault: CertificateFault =
        path.length === 1
          ? { kind: 'SELF_SIGNED', certificate }
          : { kind: 'UNTRUSTED', issuer: certificateName(certificate.subject), root: certificate }
      return { path, fault }
    }
    const issuer = chain.find(candidate => !path.includes(candidate) && issuedBy(candidate))
    if (!issuer) return { path, fault: brokenOff(certificate, path.length === 1, extraAuthorities) }
    current = issuer
  }
}

/**
 * The way ends at a certificate whose issuer was not sent and is not trusted. When the server sent nothing but its own
 * certificate, an intermediate is missing if there is reason to expect one: the reader named authorities that lie
 * above, or the certificate says where to fetch its issuer, as public authorities' ones do.
 */
function brokenOff(last: X509Certificate, isLeaf: boolean, extraAuthorities: readonly string[]): CertificateFault {
  const issuer = certificateName(last.issuer)
  const sameName = extraAuthorities.some(pem => new X509Certificate(pem).subject === last.issuer)
  const expectsIntermediate = extraAuthorities.length > 0 || /CA Issuers/.test(last.infoAccess ?? '')
  if (isLeaf && expectsIntermediate && !sameName) return { kind: 'INTERMEDIATE_MISSING', issuer }
  return { kind: 'UNTRUSTED', issuer, root: null }
}

/** The names and addresses that a certificate is for. */
export function certificateNames(certificate: X509Certificate): string[] {
  const alternatives = (certificate.subjectAltName ?? '')
    .split(', ')
    .map(entry => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1])
    .filter(name => name !== undefined)
    .map(name => cleanText(name, 255))
  return alternatives.length > 0 ? alternatives : [certificateName(certificate.subject)]
}

/** A certificate as evidence. */
export function certificateEvidence(certificate: X509Certificate, label: string): Evidence {
  return {
    kind: 'CERTIFICATE',
    label,
    measuredOn: 'SAME_SOCKET',
    subject: cleanText(certificate.subject.replaceAll('\n', ', '), 500),
    issuer: cleanText(certificate.issuer.replaceAll('\n', ', '), 500),
    validFrom: certificate.validFromDate.toISOString(),
    validTo: certificate.validToDate.toISOString(),
    sha256Fingerprint: certificate.fingerprint256,
    subjectAltNames: certificate.subjectAltName ? certificateNames(certificate).slice(0, 100) : [],
  }
}
