import { derInteger, derMembers, derSequence, derTags } from './der.ts'

/** What was pasted in place of PEM text, and how to mend it; null when it is none of the usual mistakes. */
export function describeForeignText(text: string): string | null {
  if (isFileName(text)) return 'Give the text of the file itself, not a file name.'
  if (/^PuTTY-User-Key-File/.test(text)) {
    return "This is a key in PuTTY's format. Export it as an OpenSSH or PEM key with PuTTYgen."
  }
  if (/^(ssh-|ecdsa-sha2-|sk-)[a-z0-9@.-]+ /.test(text)) return 'This is a public key of SSH; PEM text belongs here.'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they tell a binary file from text.
  if (/[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text)) {
    return 'This is a binary file. Convert it to PEM text, for example with: openssl x509 -inform DER -in file'
  }
  return isBase64(text) ? describeDer(Buffer.from(text, 'base64')) : null
}

const isFileName = (text: string): boolean =>
  text.length < 1_024 &&
  !text.includes('\n') &&
  (/^(\/|~|\.{1,2}[/\\]|[A-Za-z]:[/\\]|\\\\|file:|\$\{?[A-Z_]+)/.test(text) ||
    /\.(pem|crt|cer|key|p12|pfx|der)$/i.test(text))

const isBase64 = (text: string): boolean => /^[A-Za-z0-9+/\s]{16,}={0,2}\s*$/.test(text)

/** Base64 without BEGIN and END lines: what it holds is still told by its structure. */
function describeDer(bytes: Uint8Array): string | null {
  const [first, second] = derSequence(bytes)
  if (!first) return null
  // RFC 7292: version 3, then the protected content.
  if (derInteger(first) === 3 && second?.tag === derTags.sequence) {
    return 'This is a PKCS #12 file (.p12, .pfx). Convert it to PEM text: openssl pkcs12 -in file -nodes'
  }
  if (first.tag === derTags.integer || derMembers(first)[0]?.tag === derTags.oid) {
    return 'This is a private key without its BEGIN and END lines: paste the PEM text with them.'
  }
  return 'This is a certificate without its BEGIN and END lines: paste the PEM text with them.'
}
