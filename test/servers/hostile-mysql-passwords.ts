import { constants, createHash, generateKeyPairSync, privateDecrypt } from 'node:crypto'

const digest = (algorithm: string, ...parts: readonly Uint8Array[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash(algorithm)).digest()
const xor = (a: Uint8Array, b: Uint8Array) => Buffer.from(a.map((byte, index) => byte ^ (b[index % b.length] ?? 0)))

/** What a client answers by `mysql_native_password`. */
export function nativeToken(password: string, scramble: Uint8Array): Buffer {
  if (password === '') return Buffer.alloc(0)
  const once = digest('sha1', Buffer.from(password))
  return xor(once, digest('sha1', scramble, digest('sha1', once)))
}

/** What a client answers by `caching_sha2_password`, before it is asked for more. */
export function sha2Token(password: string, scramble: Uint8Array): Buffer {
  if (password === '') return Buffer.alloc(0)
  const once = digest('sha256', Buffer.from(password))
  return xor(once, digest('sha256', digest('sha256', once), scramble))
}

let keys: { readonly publicKey: string; readonly privateKey: string } | undefined
/** Of the double: passwords that come in clear text are encrypted with it. */
export function serverKey() {
  keys ??= generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  return keys
}

/** The password in what a client has encrypted with the key of the server: what a thief with a key of their own reads. */
export function decryptedPassword(encrypted: Buffer, scramble: Uint8Array): string {
  const key = { key: serverKey().privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING }
  return withoutZero(xor(privateDecrypt(key, encrypted), scramble))
}

export const withoutZero = (bytes: Buffer): string => bytes.toString().replace(/\0$/, '')
