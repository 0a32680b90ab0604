import { type CryptoKey, createLocalJWKSet, type JSONWebKeySet, type JWTHeaderParameters } from 'jose'
import { AuthenticationError } from '../authenticator.ts'
import { KeysUnavailableError } from './fetch-keys.ts'

export interface ProviderKeysOptions {
  /** Throws `KeysUnavailableError`. */
  readonly fetchKeys: () => Promise<JSONWebKeySet>
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Told why keys can no longer be read, and null when they can again. */
  readonly onChange: (problem: string | null) => void
}

/** For which the provider is not asked again. A key that it has removed is good for no longer than this. */
const freshMs = 10 * 60_000
/** For which the keys outlive a provider that cannot be reached. */
const keptMs = 24 * 60 * 60_000
/** At most so often the provider is asked because of a key that is not known, so that made-up names cost it nothing. */
const unknownKeyMs = 30_000
/** After a failure, with the last keys at hand. */
const retryMs = 30_000
/** After a failure, with no keys at all: then nobody is recognised. */
const retryEmptyMs = 5_000

/** Keys as they were at one time. As long as the provider's do not change, it is the same object. */
export interface KeysAtOneTime {
  readonly text: string
  readonly knows: (kid: string | undefined) => boolean
  /** Throws an error of `jose` unless exactly one key fits. */
  readonly keyFor: (header: JWTHeaderParameters) => Promise<CryptoKey>
}

/** The public keys of the identity provider: read when they are needed, one request at a time for all who ask. */
export class ProviderKeys {
  readonly #options: ProviderKeysOptions
  #last: { readonly keys: KeysAtOneTime; readonly at: number } | null = null
  #running: Promise<void> | null = null
  #failedAt: number | null = null
  #lookedAt: number | null = null

  constructor(options: ProviderKeysOptions) {
    this.#options = options
  }

  /** The keys of the last ten minutes, or those from before an outage. Throws `AuthenticationError` UNAVAILABLE. */
  async current(): Promise<KeysAtOneTime> {
    if (this.#since(this.#last?.at) >= freshMs) {
      const inOutage = this.#failedAt !== null && this.#usable() !== null
      const refreshed = this.#refresh()
      // Only who comes first has to wait for what may not answer at all.
      if (!inOutage) await refreshed
    }
    return this.#usable() ?? unavailable()
  }

  /** The one key for a header's algorithm and key name. Throws `AuthenticationError` UNAVAILABLE, and errors of `jose`. */
  async keyFor(header: JWTHeaderParameters): Promise<{ readonly key: CryptoKey; readonly keys: KeysAtOneTime }> {
    let keys = await this.current()
    if (!keys.knows(header.kid)) {
      keys = await this.#lookedFor(header.kid)
      // It may be a new key: nobody can say.
      if (!keys.knows(header.kid) && this.#failedAt !== null) unavailable()
    }
    return { key: await keys.keyFor(header), keys }
  }

  async #lookedFor(kid: string | undefined): Promise<KeysAtOneTime> {
    // One that was under way may have been answered before the key was there.
    for (let asked = 0; asked < 2; asked += 1) {
      const looked = this.#look()
      if (looked === null) break
      await looked
      if (this.#last?.keys.knows(kid)) break
    }
    return this.#usable() ?? unavailable()
  }

  #look(): Promise<void> | null {
    if (this.#running !== null) return this.#running
    if (this.#since(this.#lookedAt) < unknownKeyMs) return null
    this.#lookedAt = this.#options.now()
    return this.#fetch()
  }

  #refresh(): Promise<void> | null {
    if (this.#running !== null) return this.#running
    const pauseMs = this.#usable() === null ? retryEmptyMs : retryMs
    return this.#since(this.#failedAt) < pauseMs ? null : this.#fetch()
  }

  #usable(): KeysAtOneTime | null {
    return this.#last !== null && this.#since(this.#last.at) < keptMs ? this.#last.keys : null
  }

  /** A clock that was set back says nothing about how long ago something was. */
  #since(at: number | null | undefined): number {
    const ms = this.#options.now() - (at ?? Number.NEGATIVE_INFINITY)
    return ms < 0 ? Number.POSITIVE_INFINITY : ms
  }

  /** Never rejects. */
  #fetch(): Promise<void> {
    const { fetchKeys, now, onChange } = this.#options
    const at = now()
    const wasFailing = this.#failedAt !== null
    this.#running = fetchKeys()
      .then(fetched => this.#keysOf(fetched))
      .then(
        keys => {
          this.#last = { keys, at }
          this.#failedAt = null
          if (wasFailing) onChange(null)
        },
        (error: unknown) => {
          this.#failedAt = now()
          if (!wasFailing) onChange(error instanceof KeysUnavailableError ? error.message : 'could not be asked')
        },
      )
      .finally(() => {
        this.#running = null
      })
    return this.#running
  }

  #keysOf(fetched: JSONWebKeySet): KeysAtOneTime {
    const text = JSON.stringify(fetched)
    if (this.#last?.keys.text === text) return this.#last.keys
    const names = new Set(fetched.keys.map(({ kid }) => kid))
    const find = createLocalJWKSet(fetched)
    return {
      text,
      knows: kid => (kid === undefined ? names.size > 0 : names.has(kid)),
      keyFor: header => find(header),
    }
  }
}

function unavailable(): never {
  throw new AuthenticationError('UNAVAILABLE', 'The keys of the identity provider cannot be read.')
}
