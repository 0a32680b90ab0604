import { X509Certificate } from 'node:crypto'
import { checkServerIdentity, rootCertificates } from 'node:tls'
import { certificateNames } from './certificate-evidence.ts'
import { type CertificatePath, certificatePath } from './certificate-path.ts'
import { certificateWeakness } from './certificate-weakness.ts'
import { certificateName, isReadable, isSelfSigned } from './pem.ts'

/** One thing that is wrong with a server's certificates. */
export type CertificateFault =
  /** `issuer` is the authority that nobody vouches for; `root` is its certificate if the server sent it. */
  | { readonly kind: 'UNTRUSTED'; readonly issuer: string; readonly root: X509Certificate | null }
  | { readonly kind: 'SELF_SIGNED'; readonly certificate: X509Certificate }
  | { readonly kind: 'INTERMEDIATE_MISSING'; readonly issuer: string }
  | { readonly kind: 'EXPIRED'; readonly certificate: X509Certificate }
  | { readonly kind: 'NOT_YET_VALID'; readonly certificate: X509Certificate }
  /** `weakness` as words that end a sentence: "it is signed with SHA-1". */
  | { readonly kind: 'WEAK'; readonly certificate: X509Certificate; readonly weakness: string }
  /** `reason` as words that end a sentence, or OpenSSL's own code. */
  | { readonly kind: 'UNUSABLE'; readonly certificate: X509Certificate; readonly reason: string }
  | { readonly kind: 'NAME_MISMATCH'; readonly names: readonly string[] }

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
  // Node 24 crashes over the legacy object of a certificate whose key cannot be read.
  if (!isReadable(leaf)) return [{ kind: 'UNUSABLE', certificate: leaf, reason: 'its key or its times cannot be read' }]
  const faults = chainError === null ? [] : chainFaults(leaf, chain, extraAuthorities, now)
  // OpenSSL has the last word: what cannot be explained is still a refusal.
  if (chainError !== null && faults.length === 0) {
    faults.push({ kind: 'UNUSABLE', certificate: leaf, reason: chainError })
  }
  if (name !== null && checkServerIdentity(name, leaf.toLegacyObject())) {
    faults.push({ kind: 'NAME_MISMATCH', names: certificateNames(leaf) })
  }
  return faults
}

/** OpenSSL names one fault of several. This finds them all, by the same rules. */
function chainFaults(
  leaf: X509Certificate,
  chain: readonly X509Certificate[],
  extraAuthorities: readonly string[],
  now: number,
): CertificateFault[] {
  const own = extraAuthorities.map(pem => new X509Certificate(pem))
  const way = certificatePath(leaf, chain.filter(isReadable), [...own, ...publicAuthorities()])
  const faults: CertificateFault[] = way.authority ? [] : [brokenOff(way, own)]
  for (const certificate of way.path) {
    if (certificate.validToDate.getTime() < now) faults.push({ kind: 'EXPIRED', certificate })
    else if (certificate.validFromDate.getTime() > now) faults.push({ kind: 'NOT_YET_VALID', certificate })
  }
  for (const certificate of way.path) {
    const weakness = certificateWeakness(certificate)
    if (weakness !== null) faults.push({ kind: 'WEAK', certificate, weakness })
    const reason = certificate === leaf ? leafMisuse(leaf) : issuerMisuse(certificate)
    if (reason !== null) faults.push({ kind: 'UNUSABLE', certificate, reason })
  }
  return faults
}

let parsed: readonly X509Certificate[] | null = null

/** Parsed when first needed: there are some 150 of them. */
function publicAuthorities(): readonly X509Certificate[] {
  parsed ??= rootCertificates.map(pem => new X509Certificate(pem))
  return parsed
}

/** Extended key usage of servers; without any, a certificate is for everything. */
const serverAuth = '1.3.6.1.5.5.7.3.1'

function leafMisuse(certificate: X509Certificate): string | null {
  const { keyUsage } = certificate as { readonly keyUsage: readonly string[] | undefined }
  return keyUsage && !keyUsage.includes(serverAuth) ? 'it is not meant for servers' : null
}

function issuerMisuse(certificate: X509Certificate): string | null {
  // Old roots do not say that they are authorities; nobody asks them to.
  return certificate.ca || isSelfSigned(certificate) ? null : 'it has issued another one without being an authority'
}

/**
 * The way ends at a certificate whose issuer was not sent and is not trusted. When the server sent nothing but its own
 * certificate, an intermediate is missing if there is reason to expect one: the reader named authorities that lie
 * above, or the certificate says where to fetch its issuer, as public authorities' ones do.
 */
function brokenOff({ path }: CertificatePath, own: readonly X509Certificate[]): CertificateFault {
  const last = path.at(-1) as X509Certificate
  const isLeaf = path.length === 1
  if (isSelfSigned(last)) {
    return isLeaf
      ? { kind: 'SELF_SIGNED', certificate: last }
      : { kind: 'UNTRUSTED', issuer: certificateName(last.subject), root: last }
  }
  const issuer = certificateName(last.issuer)
  const sameName = own.some(({ subject }) => subject === last.issuer)
  const expectsIntermediate = own.length > 0 || /CA Issuers/.test(last.infoAccess ?? '')
  if (isLeaf && expectsIntermediate && !sameName) return { kind: 'INTERMEDIATE_MISSING', issuer }
  return { kind: 'UNTRUSTED', issuer, root: null }
}
