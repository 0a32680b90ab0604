import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'

/** Of the mechanism: SCRAM-SHA-256 or SCRAM-SHA-1. */
export type ScramDigest = 'sha256' | 'sha1'

const hmac = (digest: ScramDigest, key: Buffer, text: string) => createHmac(digest, key).update(text).digest()
const attribute = (message: string, name: string) =>
  message
    .split(',')
    .find(part => part.startsWith(`${name}=`))
    ?.slice(2) ?? ''

/** The server's side of SCRAM (RFC 5802, RFC 7677) for one sign-in. */
export class ScramServer {
  readonly #password: string
  readonly #salt = randomBytes(16)
  readonly #iterations: number
  readonly #digest: ScramDigest
  #clientFirst = ''
  #first = ''

  constructor(password: string, iterations = 4_096, digest: ScramDigest = 'sha256') {
    this.#password = password
    this.#iterations = iterations
    this.#digest = digest
  }

  /** The server's first message in answer to the client's (`n,,n=*,r=...`). */
  answerFirst(clientFirst: string): string {
    this.#clientFirst = clientFirst.slice(clientFirst.indexOf('n=', 2))
    const nonce = `${attribute(this.#clientFirst, 'r')}${randomBytes(12).toString('base64url')}`
    this.#first = `r=${nonce},s=${this.#salt.toString('base64')},i=${this.#iterations}`
    return this.#first
  }

  /** The server's proof in answer to the client's; null when the client has the password wrong. */
  answerFinal(clientFinal: string): string | null {
    const digest = this.#digest
    const keyLength = digest === 'sha256' ? 32 : 20
    const salted = pbkdf2Sync(this.#password, this.#salt, this.#iterations, keyLength, digest)
    const spoken = `${this.#clientFirst},${this.#first},${clientFinal.slice(0, clientFinal.lastIndexOf(',p='))}`
    const clientKey = hmac(digest, salted, 'Client Key')
    const signature = hmac(digest, createHash(digest).update(clientKey).digest(), spoken)
    const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)))
    if (attribute(clientFinal, 'p') !== proof.toString('base64')) return null
    return `v=${hmac(digest, hmac(digest, salted, 'Server Key'), spoken).toString('base64')}`
  }
}
