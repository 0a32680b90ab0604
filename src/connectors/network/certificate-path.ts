import type { X509Certificate } from 'node:crypto'
import { isSelfSigned } from './pem.ts'

/** The way from a server's certificate up to an authority, as far as it can be followed. */
export interface CertificatePath {
  /** Begins with the server's own certificate, ends with the authority where there is one. */
  readonly path: readonly X509Certificate[]
  /** The trusted certificate that the way ends at. */
  readonly authority: X509Certificate | null
}

/** A hostile server may send a hundred certificates of one name: what checking signatures may cost is bounded. */
const maxSignatureChecks = 256

/** Follows issuers from `leaf` through what the server sent. Explains, decides nothing: OpenSSL has the last word. */
export function certificatePath(
  leaf: X509Certificate,
  sent: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): CertificatePath {
  let checksLeft = maxSignatureChecks
  const isIssuedBy = (certificate: X509Certificate, candidate: X509Certificate): boolean => {
    if (!certificate.checkIssued(candidate) || checksLeft === 0) return false
    checksLeft -= 1
    return isSignedBy(certificate, candidate)
  }
  const path: X509Certificate[] = []
  for (let current: X509Certificate | undefined = leaf; current; ) {
    const certificate: X509Certificate = current
    path.push(certificate)
    if (authorities.some(each => each.fingerprint256 === certificate.fingerprint256))
      return { path, authority: certificate }
    const authority = authorities.find(each => isIssuedBy(certificate, each))
    if (authority) return { path: [...path, authority], authority }
    if (isSelfSigned(certificate)) break
    current = sent.find(each => !path.includes(each) && isIssuedBy(certificate, each))
  }
  return { path, authority: null }
}

/** Certificates come from strangers: some hold keys that cannot even be read. */
function isSignedBy(certificate: X509Certificate, candidate: X509Certificate): boolean {
  try {
    return certificate.verify(candidate.publicKey)
  } catch {
    return false
  }
}
