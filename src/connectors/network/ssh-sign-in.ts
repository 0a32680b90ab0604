import type { AnyAuthMethod, NextAuthHandler, ParsedKey, Prompt } from 'ssh2'
import { cleanText } from '../problem.ts'
import type { SshFailure } from './ssh-failure.ts'

/** What the account on the SSH server is proved with. */
export type SshCredential =
  | { readonly kind: 'PASSWORD'; readonly password: string }
  | { readonly kind: 'KEY'; readonly key: ParsedKey }

/** How the account signed in, in the words of RFC 4252. */
export type SshSignInMethod = 'none' | 'publickey' | 'password' | 'keyboard-interactive'

const maxMethods = 10

/**
 * One sign-in: asks which methods there are ("none", which no server counts), then tries exactly one, once. `fail`
 * hears why it did not come to a sign-in, before the connection is ended.
 */
export class SshSignIn {
  method: SshSignInMethod = 'none'
  readonly #username: string
  readonly #credential: SshCredential
  readonly #fail: (failure: SshFailure) => void
  #offered: readonly string[] | null = null
  #prompted = false

  constructor(username: string, credential: SshCredential, fail: (failure: SshFailure) => void) {
    this.#username = username
    this.#credential = credential
    this.#fail = fail
  }

  /** Whether the credential has been used. */
  get tried(): boolean {
    return this.method !== 'none'
  }

  /** `ssh2`'s authHandler: says what to try next, or nothing more. */
  readonly next = (left: readonly string[] | null, partial: boolean | null, next: NextAuthHandler): void => {
    const method = this.#next(left, partial)
    // The types leave out how to give up.
    next(method ?? (false as never))
  }

  #next(left: readonly string[] | null, partial: boolean | null): AnyAuthMethod | null {
    if (left === null) return { type: 'none', username: this.#username }
    const offered = left.slice(0, maxMethods).map(name => cleanText(name, 40))
    if (this.#offered === null) {
      this.#offered = left
      return this.#choose(left) ?? this.#giveUp({ kind: 'METHOD_UNSUPPORTED', offered, detail: null })
    }
    // The same list as before: ssh2 has not asked the server at all.
    if (left === this.#offered) return this.#giveUp({ kind: 'METHOD_UNSUPPORTED', offered, detail: noRsaWithSha2 })
    if (partial) return this.#giveUp({ kind: 'METHOD_UNSUPPORTED', offered, detail: 'It asks for a second factor.' })
    return this.#giveUp({ kind: 'CREDENTIALS_REJECTED', detail: null })
  }

  #giveUp(failure: SshFailure): null {
    this.#fail(failure)
    return null
  }

  #choose(offered: readonly string[]): AnyAuthMethod | null {
    const username = this.#username
    const credential = this.#credential
    if (credential.kind === 'KEY') {
      if (!offered.includes('publickey')) return null
      this.method = 'publickey'
      return { type: 'publickey', username, key: withoutSha1(credential.key) }
    }
    if (offered.includes('password')) {
      this.method = 'password'
      return { type: 'password', username, password: credential.password }
    }
    if (!offered.includes('keyboard-interactive')) return null
    this.method = 'keyboard-interactive'
    return {
      type: 'keyboard-interactive',
      username,
      prompt: (_name, _instructions, _language, prompts, answer) => this.#answer(credential.password, prompts, answer),
    }
  }

  /** Only the one question that a password answers is answered, once. */
  #answer(password: string, prompts: readonly Prompt[], answer: (answers: string[]) => void): void {
    const [prompt] = prompts
    const text = cleanText(prompt?.prompt ?? '', 200)
    const isForPassword = prompts.length === 1 && prompt?.echo !== true && asksForPassword(text)
    if (isForPassword && !this.#prompted) {
      this.#prompted = true
      answer([password])
      return
    }
    if (isForPassword) {
      this.#fail({ kind: 'CREDENTIALS_REJECTED', detail: `It asks again: ${text}` })
      return
    }
    this.#fail({
      kind: 'METHOD_UNSUPPORTED',
      offered: ['keyboard-interactive'],
      detail: `It asks for more than the password: ${text}`,
    })
  }
}

/** Servers choose the words: "Password:", "LDAP password or code:", but "Passcode:" and "One-time password:" are not for it. */
const asksForPassword = (text: string): boolean =>
  !/one.?time/i.test(text) && (/pass(?!.?cod)/i.test(text) || !/cod|otp|token|verif/i.test(text))

const noRsaWithSha2 = 'The server takes RSA keys only with SHA-1 signatures, which are not safe; use an Ed25519 key.'

/** ssh2 falls back to SHA-1 for RSA keys where a server does not say that it knows better. */
function withoutSha1(key: ParsedKey): ParsedKey {
  if (key.type !== 'ssh-rsa') return key
  const sign = key.sign.bind(key)
  key.sign = (data, algorithm) => {
    if (algorithm === 'sha256' || algorithm === 'sha512') return sign(data, algorithm)
    // ssh2 wants errors as values here.
    return new Error(noRsaWithSha2) as never
  }
  return key
}
