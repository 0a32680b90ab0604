import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'

const formatVersion = 1
const nonceLength = 12
const tagLength = 16

export interface SealingKey {
  /** Hex; 8 bytes for a master key, 16 for a workspace key. Stands in everything that the key has sealed. */
  readonly id: string
  /** AES-256. */
  readonly key: KeyObject
}

/** Damaged, sealed with another key, or moved from where it belongs. Which of these cannot be told, and is not. */
export class UnsealError extends Error {
  constructor() {
    super('A sealed value is damaged, belongs somewhere else, or was sealed with another key.')
    this.name = 'UnsealError'
  }
}

/**
 * AES-256-GCM. `context` says what the value belongs to and must be the same when it is opened.
 * Result: format version (1 byte), key id, nonce (12), ciphertext, tag (16), in base64.
 */
export function seal(key: SealingKey, context: readonly string[], plaintext: Uint8Array): string {
  // Random nonces are safe for 2^32 values per key, and each workspace has its own key.
  const nonce = randomBytes(nonceLength)
  const cipher = createCipheriv('aes-256-gcm', key.key, nonce, { authTagLength: tagLength })
  cipher.setAAD(lengthPrefixed([`v${formatVersion}`, ...context]))
  const parts = [header(key), nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]
  return Buffer.concat(parts).toString('base64')
}

/** Throws `UnsealError`. */
export function unseal(key: SealingKey, context: readonly string[], sealed: string): Buffer {
  const bytes = Buffer.from(sealed, 'base64')
  const expected = header(key)
  const body = bytes.subarray(expected.length)
  // Buffer.from drops what is not base64, so only the canonical spelling of the bytes is accepted.
  const canonical = bytes.toString('base64') === sealed
  if (!canonical || body.length < nonceLength + tagLength || !bytes.subarray(0, expected.length).equals(expected)) {
    throw new UnsealError()
  }
  // Without authTagLength, Node accepts forged tags of 4 bytes.
  const decipher = createDecipheriv('aes-256-gcm', key.key, body.subarray(0, nonceLength), { authTagLength: tagLength })
  decipher.setAAD(lengthPrefixed([`v${formatVersion}`, ...context]))
  decipher.setAuthTag(body.subarray(-tagLength))
  try {
    return Buffer.concat([decipher.update(body.subarray(nonceLength, -tagLength)), decipher.final()])
  } catch {
    throw new UnsealError()
  }
}

function header(key: SealingKey): Buffer {
  return Buffer.concat([Buffer.of(formatVersion), Buffer.from(key.id, 'hex')])
}

/** Unambiguous: no two lists of texts give the same bytes. */
export function lengthPrefixed(texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.flatMap(text => {
      const bytes = Buffer.from(text)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return [length, bytes]
    }),
  )
}
