import type { CORSOptions } from 'graphql-yoga'
import { rateLimitHeaders } from './use-rate-limit.ts'

type CorsOptions = false | ((request: Request) => CORSOptions)

/**
 * Lets the pages of listed origins use the API from a browser. Others get no header at all: left to itself, the library
 * tells a page that it does not know that the origin `null` is welcome, which is what sandboxed frames of any page have.
 * Browsers never send cookies along, since there are none to send.
 */
export function corsOptions(allowedOrigins: readonly string[]): CorsOptions {
  if (allowedOrigins.length === 0) return false
  const allowed: ReadonlySet<string> = new Set(allowedOrigins)
  return request => {
    const origin = request.headers.get('origin')
    if (origin === null || !allowed.has(origin)) return false
    return {
      // From a list of several the library picks the one that asks, and says that the answer varies with it.
      origin: [origin, ...allowedOrigins],
      methods: ['POST'],
      allowedHeaders: ['authorization', 'content-type', 'x-graphql-yoga-csrf', 'apollo-require-preflight'],
      exposedHeaders: ['retry-after', 'www-authenticate', ...rateLimitHeaders],
      credentials: false,
      maxAge: 600,
    }
  }
}
