import { baseUrlIssue, readBaseUrl } from './base-url.ts'

export interface Moved {
  /** As the form has it. */
  readonly baseUrl: string
  /** Of the request, below the base URL. */
  readonly path: string
  readonly to: URL
}

/**
 * The base URL with which a request would have gone right away to where it was sent on; null where that cannot be told, as
 * of a login page, and where it would be the same.
 */
export function suggestedBaseUrl({ baseUrl, path, to }: Moved): string | null {
  const [asked = ''] = path.split('?')
  const wanted = withoutSlash(new URL(`${to.origin}${asked}`).pathname)
  const found = withoutSlash(to.pathname)
  if (!found.endsWith(wanted)) return null
  const suggestion = to.origin + withoutSlash(found.slice(0, found.length - wanted.length))
  const { origin, prefix } = readBaseUrl(baseUrl)
  return suggestion === origin + prefix || baseUrlIssue(suggestion) !== null ? null : suggestion
}

const withoutSlash = (path: string): string => path.replace(/\/+$/, '')
