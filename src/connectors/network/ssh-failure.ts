import type { Disagreement } from './ssh-algorithms.ts'

/** A host key as the server shows it. */
export interface HostKey {
  /** `ssh-ed25519`, `ssh-rsa` ... */
  readonly type: string
  readonly fingerprint: string
}

/** Why there is no tunnel. */
export type SshFailure =
  | { readonly kind: 'WRONG_PROTOCOL'; readonly found: string }
  /** The connection ended before or after the sign-in; `detail` in the server's words where it had any. */
  | { readonly kind: 'CLOSED'; readonly detail: string }
  | { readonly kind: 'DISAGREEMENT'; readonly about: Disagreement }
  | { readonly kind: 'HANDSHAKE'; readonly detail: string }
  /** Nothing has been sent to the server about the account. */
  | { readonly kind: 'HOST_KEY_REFUSED'; readonly hostKey: HostKey }
  | { readonly kind: 'CREDENTIALS_REJECTED'; readonly detail: string | null }
  /** `offered`: what the server would take instead, or besides. */
  | { readonly kind: 'METHOD_UNSUPPORTED'; readonly offered: readonly string[]; readonly detail: string | null }

/** Thrown to whoever uses a connection through a tunnel that has broken. */
export class TunnelClosedError extends Error {
  readonly detail: string

  constructor(detail: string) {
    super(`The SSH tunnel was closed: ${detail}`)
    this.name = 'TunnelClosedError'
    this.detail = detail
  }
}

/** The SSH server did not open a connection to the target; `reason` is one of RFC 4254 section 5.1, 0 when unknown. */
export class ChannelRefusedError extends Error {
  readonly reason: number
  readonly description: string

  constructor(reason: number, description: string) {
    super(description)
    this.name = 'ChannelRefusedError'
    this.reason = reason
    this.description = description
  }
}
