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
  const [path = ''] = text.split('?')
  const steps = path.split('/')
  if (steps.some(step => /^(?:\.|%2e){1,2}$/i.test(step))) return 'Give the path without "." and "..".'
  if (/%2f|%5c|%00/i.test(path)) return 'Give the path without slashes and NULs written with a percent sign.'
  return null
}
