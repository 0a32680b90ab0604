import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { UnsupportedMethodError } from './sign-in-guard.ts'

const ok = 0
const cleartext = 3
const md5 = 5
const sasl = 10
const saslContinue = 11
const saslFinal = 12

/** https://www.postgresql.org/docs/current/protocol-message-formats.html, AuthenticationRequest. */
const unsupported: Readonly<Record<number, string>> = {
  2: 'Kerberos V5',
  6: 'SCM credentials',
  7: 'GSSAPI',
  8: 'GSSAPI',
  9: 'SSPI',
}

/** What may follow each request. SCRAM without its end, and a change to clear text, are judged by `sign-in-guard.ts`. */
const followers: Readonly<Record<number, readonly number[]>> = {
  [cleartext]: [ok],
  [md5]: [ok],
  [sasl]: [saslContinue, cleartext, md5, ok],
  [saslContinue]: [saslFinal, cleartext, md5, ok],
  [saslFinal]: [ok, cleartext, md5],
}

/**
 * The order of a server's authentication requests. The driver answers every request, in any order and number, and takes
 * those of a wrong length for "signed in" (pg-protocol 1.x).
 */
export class AuthenticationSequence {
  #last: number | null = null

  /** Whether the server has said that the account is signed in. */
  get done(): boolean {
    return this.#last === ok
  }

  /** Throws `ProtocolFaultError` or `UnsupportedMethodError`. `body`: at least the four bytes of the kind. */
  accept(body: Buffer): void {
    const kind = body.readInt32BE(0)
    if (this.done) throw new ProtocolFaultError('it asked for a sign-in after the sign-in')
    const isKnown = kind === ok || kind in followers
    if (!isKnown) throw new UnsupportedMethodError(unsupported[kind] ?? `number ${kind}`)
    const allowed = this.#last === null ? [ok, cleartext, md5, sasl] : (followers[this.#last] ?? [])
    if (!allowed.includes(kind)) throw new ProtocolFaultError('its requests for a sign-in come in the wrong order')
    this.#last = kind
  }
}
