import { namesMethod } from './names-method.ts'
import { decoded } from './request-url.ts'

/** A step "." or "..", also as servers read it that decode twice, or take what follows a ";" for a parameter of the step. */
const leadsUp = /(?:\/|%(?:25)*(?:2f|5c))(?:\.|%(?:25)*2e){1,2}(?:\/|;|%(?:25)*(?:2f|5c|3b)|$)/i

/**
 * What is wrong with the path of a request, which follows the base URL; null when nothing is. It may have a query, and never
 * leads anywhere else than below the base URL.
 */
export function pathIssue(text: string): string | null {
  if (/^[a-z][a-z0-9+.-]*:/i.test(text) || text.startsWith('//')) {
    return 'Give what follows the base URL, such as "/orders": other hosts need a connector of their own.'
  }
  if (!text.startsWith('/')) return 'Begin the path with a slash.'
  if (/[\p{C}\s\\]/u.test(text)) return 'Write spaces and other special characters as in a URL, such as %20.'
  if (text.includes('#')) return 'Leave out what follows the "#".'
  const [path = '', ...query] = text.split('?')
  if (leadsUp.test(path)) return 'Give the path without "." and "..".'
  if (/%2f|%5c|%00/i.test(path)) return 'Give the path without slashes and NULs written with a percent sign.'
  const names = query
    .join('?')
    .split('&')
    .map(piece => decoded(piece.split('=')[0] ?? ''))
  return names.some(namesMethod) ? 'Patchbay only reads: a parameter cannot make another method of it.' : null
}
