import { SshReader } from './ssh-wire.ts'

/** What a private key in OpenSSH's own format says of itself without being decrypted. */
export interface OpenSshKey {
  /** `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-nistp256` ... */
  readonly type: string
  /** Of an RSA key's modulus; null for other types. */
  readonly rsaBits: number | null
  readonly isEncrypted: boolean
}

const magic = Buffer.from('openssh-key-v1\0')

/** Each round costs about 10 ms, and whoever made the key chose how many; ssh-keygen takes 16 or 24. */
const maxRounds = 100

const ciphers = /^aes(128|192|256)-(ctr|cbc|gcm@openssh\.com)$/

/**
 * Reads the format of OpenSSH's PROTOCOL.key strictly, all but what is encrypted. A string says what is wrong.
 * `pem` has been repaired.
 */
export function readOpenSshKey(pem: string): OpenSshKey | string {
  const [, base64 = ''] =
    /^-----BEGIN OPENSSH PRIVATE KEY-----\n([\s\S]*)\n-----END OPENSSH PRIVATE KEY-----\n$/.exec(pem) ?? []
  const reader = new SshReader(Buffer.from(base64, 'base64'))
  if (!reader.bytes(magic.length)?.equals(magic)) return unreadable
  const [cipher, kdf, options, count, publicPart, privatePart] = [
    reader.text(),
    reader.text(),
    reader.string(),
    reader.uint32(),
    reader.string(),
    reader.string(),
  ]
  if (cipher === null || kdf === null || !options || !publicPart || !privatePart) return unreadable
  if (count !== 1) return 'This file holds several keys; give one.'
  const publicKey = new SshReader(publicPart)
  const type = publicKey.text() ?? ''
  const rsaBits = type === 'ssh-rsa' ? modulusBits(publicKey) : null
  if (cipher === 'none' && kdf === 'none') {
    return isWhole(privatePart, type) ? { type, rsaBits, isEncrypted: false } : unreadable
  }
  if (!ciphers.test(cipher) || kdf !== 'bcrypt') {
    return 'This key is encrypted in a way that is not supported; let "ssh-keygen -p" write it anew.'
  }
  const kdfOptions = new SshReader(options)
  const salt = kdfOptions.string()
  const rounds = kdfOptions.uint32()
  if (!salt || rounds === null) return unreadable
  if (rounds > maxRounds) return `This key was encrypted with ${rounds} rounds; at most ${maxRounds} are supported.`
  return { type, rsaBits, isEncrypted: true }
}

const unreadable = 'This private key cannot be read.'

function modulusBits(publicKey: SshReader): number | null {
  publicKey.string()
  const modulus = publicKey.string()
  return modulus ? (modulus[0] === 0 ? modulus.length - 1 : modulus.length) * 8 : null
}

/** Whether the plain private part is what its writer meant it to be: a number twice, then the same type of key. */
function isWhole(privatePart: Buffer, type: string): boolean {
  const reader = new SshReader(privatePart)
  const check = reader.uint32()
  return check !== null && reader.uint32() === check && reader.text() === type
}
