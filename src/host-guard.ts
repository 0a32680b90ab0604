import type { IncomingMessage } from 'node:http'
import { isLoopbackHost } from './loopback-host.ts'

export interface HostGuardOptions {
  /** Address that the server listens on. */
  readonly host: string
  readonly allowedOrigins: readonly string[]
  readonly production: boolean
}

/**
 * Decides whether a browser may have been tricked into a request. Pages of other sites reach a server on loopback in
 * two ways: through a name of their own that suddenly means 127.0.0.1 (DNS rebinding), and, for WebSockets, because
 * browsers let any page open one.
 */
export class HostGuard {
  readonly #checksHost: boolean
  readonly #allowedOrigins: ReadonlySet<string>

  constructor({ host, allowedOrigins, production }: HostGuardOptions) {
    // In production a proxy stands before the server and passes names of its own.
    this.#checksHost = !production && isLoopbackHost(host)
    this.#allowedOrigins = new Set(allowedOrigins)
  }

  /** Whether what a request says it was made to is a host at all, of which an address can be made. */
  isHost({ headers: { host = '' } }: IncomingMessage): boolean {
    return host === '' || (/^[^\s/?#@\\"]+$/.test(host) && URL.canParse(`http://${host}`))
  }

  /** Whether the request was made to a name of this machine. */
  isForUs({ headers }: IncomingMessage): boolean {
    if (!this.#checksHost) return true
    const name = /^(\[[^\]]*\]|[^:]*)/.exec(headers.host ?? '')?.[1] ?? ''
    return isLoopbackHost(name.replace(/^\[|\]$/g, ''))
  }

  /** Whether a page of the request's origin may open a WebSocket. Clients that are no browsers send no origin. */
  isAllowedOrigin({ headers: { origin, host } }: IncomingMessage): boolean {
    if (origin === undefined || this.#allowedOrigins.has(origin)) return true
    return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase()
  }
}
