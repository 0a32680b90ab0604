import { AuthenticationError, type Session } from '../authenticator.ts'
import type { ProviderKeys } from './provider-keys.ts'
import { assertInTime, type VerifiedToken } from './verify-token.ts'

export interface RecognisedTokenOptions {
  readonly first: VerifiedToken
  readonly providerKeys: ProviderKeys
  readonly now: () => number
  /** Throws `AuthenticationError`. */
  readonly verify: () => Promise<VerifiedToken>
}

/** A token that was found good, for all who have it. */
export class RecognisedToken implements Session {
  readonly viewer: VerifiedToken['viewer']
  readonly #options: RecognisedTokenOptions
  #verified: VerifiedToken
  #again: Promise<void> | null = null

  constructor(options: RecognisedTokenOptions) {
    this.#options = options
    this.#verified = options.first
    this.viewer = options.first.viewer
  }

  /**
   * Judges it once more: by the clock alone while the provider's keys are those that it was verified with, and otherwise by
   * its signature, once for all who ask. Throws `AuthenticationError`.
   */
  async assertStillGood(): Promise<void> {
    const { providerKeys, now } = this.#options
    const keys = await providerKeys.current()
    if (keys !== this.#verified.keys) {
      this.#again ??= this.#verifyAgain().finally(() => {
        this.#again = null
      })
      await this.#again
    }
    assertInTime(this.#verified.claims, now(), this.viewer)
  }

  /** Throws `AuthenticationError` UNAVAILABLE when nobody can say. */
  async isStillGood(): Promise<boolean> {
    try {
      await this.assertStillGood()
      return true
    } catch (error) {
      if (error instanceof AuthenticationError && error.fault !== 'UNAVAILABLE') return false
      throw error
    }
  }

  async #verifyAgain(): Promise<void> {
    this.#verified = await this.#options.verify()
  }
}
