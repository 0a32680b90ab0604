import { createHash } from 'node:crypto'

/** The fingerprint of a key in SSH's wire format, as `ssh-keygen -l` prints it: `SHA256:` and base64 without padding. */
export const sshFingerprint = (key: Uint8Array): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`

/**
 * The one spelling of a fingerprint that people may give with or without its prefix and padding, or in the middle of
 * the line that ssh-keygen and ssh print. What is none is only trimmed. Doing it twice changes nothing more.
 */
export function canonicalFingerprint(text: string): string {
  const given = text.trim()
  const found =
    /(?:^|[\s(])SHA256:([A-Za-z0-9+/]{43})=?(?:[\s).]|$)/i.exec(given) ?? /^([A-Za-z0-9+/]{43})=?$/.exec(given)
  return found ? `SHA256:${found[1]}` : given
}

/** What is wrong with a canonical fingerprint and how to mend it, or null. */
export function fingerprintIssue(fingerprint: string): string | null {
  const [, base64] = /^SHA256:([A-Za-z0-9+/]{43})$/.exec(fingerprint) ?? []
  // The last character holds four bits of the digest and two that must be zero.
  if (base64 !== undefined && Buffer.from(base64, 'base64').toString('base64') === `${base64}=`) return null
  if (/^(MD5:)?([0-9a-f]{2}:){15}[0-9a-f]{2}$/i.test(fingerprint)) {
    return 'This is an MD5 fingerprint; give the SHA-256 one, which "ssh-keygen -l -E sha256 -f" prints for the host key.'
  }
  if (/^(ssh|ecdsa|sk)-|^-----BEGIN|\s(ssh|ecdsa)-[a-z0-9-]+ AAAA/.test(fingerprint)) {
    return 'This is a key; give its fingerprint, which "ssh-keygen -l -f" prints for it.'
  }
  return 'Give the SHA-256 fingerprint of the host key, such as "SHA256:" and 43 letters, digits, "+" or "/".'
}
