import { posix } from 'node:path'
import { refused, type VaultReply } from './vault-replies.ts'

/** What a request is about. */
export interface VaultTarget {
  /** After `/v1/`, decoded. */
  readonly path: string
  readonly query: URLSearchParams
}

/** Takes a request's target apart as Vault does, which is why nothing here cleans it; or the answer that it gets for itself. */
export function targetOf(url: string): VaultTarget | VaultReply {
  const end = url.includes('?') ? url.indexOf('?') : url.length
  const [given, query] = [url.slice(0, end), url.slice(end)]
  if (!given.startsWith('/v1/')) return refused(404)
  if (/\/\/|\/\.{1,2}(?:\/|$)/.test(given)) {
    return { status: 307, headers: { location: `${posix.normalize(given)}${query}` } }
  }
  const path = decoded(given.slice('/v1/'.length))
  if (path === null || /\p{Cc}/u.test(path)) return { status: 400, text: '400 Bad Request' }
  if (path.includes('..')) return refused(400, 'relative paths not supported')
  return { path, query: new URLSearchParams(query) }
}

function decoded(path: string): string | null {
  try {
    return decodeURIComponent(path)
  } catch {
    return null
  }
}
