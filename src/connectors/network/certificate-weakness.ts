import type { X509Certificate } from 'node:crypto'
import { derMembers, derOid, derSequence } from './der.ts'
import { isSelfSigned } from './pem.ts'

/** Signatures over SHA-1 or MD5, by their identifiers. */
const weakSignatures: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.4': 'MD5',
  '1.2.840.113549.1.1.5': 'SHA-1',
  '1.2.840.10040.4.3': 'SHA-1',
  '1.2.840.10045.4.1': 'SHA-1',
}

const minRsaBits = 2048

/** Why OpenSSL at its security level 2 takes a certificate for too weak, in words; null when it does not. */
export function certificateWeakness(certificate: X509Certificate): string | null {
  const weakKey = keyWeakness(certificate)
  if (weakKey !== null) return weakKey
  // Nobody relies on the signature of a certificate on itself.
  const digest = weakSignatures[signatureOid(certificate)]
  return digest !== undefined && !isSelfSigned(certificate) ? `it is signed with ${digest}` : null
}

function keyWeakness(certificate: X509Certificate): string | null {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey
    const bits = asymmetricKeyDetails?.modulusLength
    if (bits !== undefined && bits < minRsaBits)
      return `its ${asymmetricKeyType?.toUpperCase()} key has only ${bits} bits`
    const curve = asymmetricKeyDetails?.namedCurve
    return curve !== undefined && /(112|128|160|163|176|191|192|193)\D?\w?\d$/.test(curve)
      ? `its key is on the curve ${curve}`
      : null
  } catch {
    return null
  }
}

/** RFC 5280 section 4.1: the certificate's body, then the signature's algorithm. */
const signatureOid = (certificate: X509Certificate): string => derOid(derMembers(derSequence(certificate.raw)[1])[0])
