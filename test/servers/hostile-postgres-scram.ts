import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'

const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest()
const attribute = (message: string, name: string) =>
  message
    .split(',')
    .find(part => part.startsWith(`${name}=`))
    ?.slice(2) ?? ''

/** The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) for one sign-in. */
export class ScramServer {
  readonly #password: string
  readonly #salt = randomBytes(16)
  readonly #iterations: number
  #clientFirst = ''
  #first = ''

  constructor(password: string, iterations = 4_096) {
    this.#password = password
    this.#iterations = iterations
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
    const salted = pbkdf2Sync(this.#password, this.#salt, this.#iterations, 32, 'sha256')
    const spoken = `${this.#clientFirst},${this.#first},${clientFinal.slice(0, clientFinal.lastIndexOf(',p='))}`
    const clientKey = hmac(salted, 'Client Key')
    const signature = hmac(createHash('sha256').update(clientKey).digest(), spoken)
    const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)))
    if (attribute(clientFinal, 'p') !== proof.toString('base64')) return null
    return `v=${hmac(hmac(salted, 'Server Key'), spoken).toString('base64')}`
  }
}
