import { randomBytes } from 'node:crypto'

export interface GoogleToken {
  readonly text: string
  /** E-mail address of whom it stands for. */
  readonly email: string
  readonly scopes: readonly string[]
  /** By the double's clock. */
  readonly expiresAt: number
}

/** Access tokens that a double has issued. */
export class GoogleTokens {
  readonly #byText = new Map<string, GoogleToken>()
  readonly #now: () => number
  readonly #newText: () => string

  /** `now`: the double's clock, in milliseconds. */
  constructor(now: () => number, newText = usualText) {
    this.#now = now
    this.#newText = newText
  }

  get issued(): readonly GoogleToken[] {
    return [...this.#byText.values()]
  }

  issue(email: string, scopes: readonly string[], lifetimeMs = 3_600_000, text = this.#newText()): GoogleToken {
    const token = { text, email, scopes, expiresAt: this.#now() + lifetimeMs }
    this.#byText.set(text, token)
    return token
  }

  /** Undefined for one that nobody has issued, and for one that was revoked. */
  find(text: string): GoogleToken | undefined {
    return this.#byText.get(text)
  }

  isExpired({ expiresAt }: GoogleToken): boolean {
    return expiresAt <= this.#now()
  }
}

const usualText = () => `ya29.c.${randomBytes(48).toString('base64url')}`
