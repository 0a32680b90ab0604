import type { JsonObject } from '../../connectors/json.ts'
import { SecretStoreError, type SecretStoreFault, secretStoreFaults } from '../secret-store.ts'

/** How often, and how long after, a request that met a fault is sent again. */
export interface RetryRule {
  readonly times: number
  /** From and to, when Vault does not say itself how long. */
  readonly delayMs: readonly [number, number]
  /** The request may have been carried out: only what may be carried out twice is sent again. */
  readonly mayBeDone: boolean
}

/** A standby that has not caught up with what was written to the active server (Vault Enterprise, OpenBao). */
const behind: RetryRule = { times: 3, delayMs: [50, 200], mayBeDone: false }
const throttled: RetryRule = { times: 5, delayMs: [100, 300], mayBeDone: false }
const failing: RetryRule = { times: 2, delayMs: [100, 300], mayBeDone: true }
/** A connection that Vault, or a proxy, closed for being idle while the request was on its way. */
const cut: RetryRule = { times: 1, delayMs: [50, 150], mayBeDone: true }

/** What one attempt came to. Holds nothing of the request, nor of the answer but its status. */
export class VaultFault extends SecretStoreError {
  readonly retry: RetryRule | null
  /** What Vault asks to wait; null when it says nothing. */
  readonly waitMs: number | null

  constructor(fault: SecretStoreFault, detail: string, retry: RetryRule | null = null, waitMs: number | null = null) {
    super('VAULT', fault, vaultMessage(fault, detail))
    this.retry = retry
    this.waitMs = waitMs
  }
}

/** `detail` is for the operator, and nothing that came from outside: a status, a code. */
const vaultMessage = (fault: SecretStoreFault, detail: string): string =>
  `Secrets cannot be used, because ${secretStoreFaults[fault].words} (${detail}).`

export interface RawAnswer {
  readonly status: number
  /** Null when it has none, undefined when it is no JSON object. */
  readonly body: JsonObject | null | undefined
  /** Seconds, as Vault sends it; null when there is none. */
  readonly retryAfter: string | null
}

/** The fault that an answer tells of; null for what is to be answered: 2xx, 400, 403 and 404 in Vault's own words. */
export function faultOfAnswer({ status, body, retryAfter }: RawAnswer): VaultFault | null {
  const detail = `HTTP ${status}`
  const says = (words: RegExp) => errorsOf(body).some(each => words.test(each))
  if (status === 503) {
    if (body?.['sealed'] === true || says(/\bis sealed\b/i)) return new VaultFault('SEALED', detail)
    // What is no JSON is not from Vault, but from a proxy that has no Vault to ask.
    return body ? new VaultFault('NOT_ACTIVE', detail) : new VaultFault('FAILED', `${detail}, not from Vault`)
  }
  if (status === 500 && says(/\bnot active\b|\bactive (?:cluster )?node not found\b/i)) {
    return new VaultFault('NOT_ACTIVE', detail)
  }
  // Not initialised; secondary for disaster recovery; standby for reading only.
  if (status === 501 || status === 472 || status === 473) return new VaultFault('NOT_ACTIVE', detail)
  if (status === 412) return new VaultFault('FAILED', detail, behind)
  if (status === 429) return new VaultFault('OVERLOADED', detail, throttled, waitMsOf(retryAfter))
  if (status >= 500) return new VaultFault('FAILED', detail, failing)
  return isVaults(status, body) ? null : new VaultFault('FAILED', `${detail}, not from Vault`)
}

/** Vault's own words about what is wrong. They may repeat what was asked, and so stay inside. */
export function errorsOf(body: JsonObject | null | undefined): readonly string[] {
  const errors = body?.['errors']
  return Array.isArray(errors) ? errors.filter(each => typeof each === 'string') : []
}

/** A proxy's 404 must not look like a secret that is missing, nor its 403 like a token that has expired. */
function isVaults(status: number, body: RawAnswer['body']): boolean {
  if (body === undefined) return false
  if (status >= 200 && status < 300) return true
  if (status !== 400 && status !== 403 && status !== 404) return false
  return Array.isArray(body?.['errors']) || (status === 404 && typeof body?.['data'] === 'object')
}

function waitMsOf(retryAfter: string | null): number | null {
  return retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) * 1_000 : null
}

/** What an attempt comes to that broke before an answer was there as a whole. */
export function faultOfBrokenCall(error: unknown): VaultFault {
  if (error instanceof VaultFault) return error
  const code = codeOf(error)
  if (/TIMEOUT$|^ETIMEDOUT$/.test(code)) return new VaultFault('TIMED_OUT', code)
  // Of HTTP's parser, and of what is longer or shorter than it says: no server that keeps to the protocol.
  if (/^HPE_|^UND_ERR_(?:HEADERS_OVERFLOW|RES_|RESPONSE_)/.test(code)) return new VaultFault('FAILED', code)
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE') {
    return new VaultFault('UNREACHABLE', code, cut)
  }
  // Codes of the operating system and of TLS, whose reasons to refuse a certificate have no name in common.
  if (code !== '' && !/^(?:UND_|ERR_(?!SSL_|TLS_))/.test(code)) return new VaultFault('UNREACHABLE', code)
  return new VaultFault('FAILED', code === '' ? 'the client failed' : code)
}

/** Codes only: messages of HTTP and TLS repeat what they stumbled over. */
function codeOf(error: unknown): string {
  // Where several addresses were tried, each has its own.
  const first = error instanceof AggregateError && !('code' in error) ? error.errors[0] : error
  if (!(first instanceof Error) || !('code' in first) || typeof first.code !== 'string') return ''
  return /^[A-Z][A-Z0-9_]{1,60}$/.test(first.code) ? first.code : ''
}
