import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'

/**
 * Says what is wrong with a host as typed, and how to mend it; null when it is a host name (RFC 1123, underscores
 * allowed because container networks use them) or an IP literal in its canonical spelling.
 */
export function hostIssue(host: string): string | null {
  if (host === '') return 'Give a host name or an IP address.'
  if (host.length > 253) return 'A host name has at most 253 characters.'
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(host)) return 'Give only the host name, without a scheme such as "postgres://".'
  if (host.startsWith('/')) return 'Give a host name or an IP address; socket files are not supported.'
  if (/\s/.test(host)) return 'Remove the spaces; a host name has none.'
  if (host.includes('@')) return 'Give only the host name; the user name has its own field.'
  if (/[/?#\\]/.test(host)) return 'Give only the host name, without a path.'
  if (/^\[.*\]/.test(host)) return 'Give the IPv6 address without brackets; the port has its own field.'
  if (host.includes('%')) return 'Give the address without a zone ("%...").'
  if (isIP(host)) return null
  if (/^[^:]+:\d*$/.test(host)) return 'Give only the host name; the port has its own field.'
  if (/^[0-9a-f:.]+$/i.test(host) && host.includes(':')) return 'This is not a complete IPv6 address.'
  return nameIssue(host)
}

const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i

function nameIssue(host: string): string | null {
  const ascii = toAscii(host)
  const labels = ascii.split('.')
  // 127.1, 0x7f.1, 2130706433 and digits of other scripts: each is an address to some resolver and a name to another.
  if (/^(\d+|0x[0-9a-f]*)$/i.test(labels.at(-1) ?? '')) return 'Write an IP address as four plain decimal numbers.'
  if (!labels.every(part => label.test(part))) {
    return 'A host name consists of letters, digits, hyphens and dots, such as "db.example.com".'
  }
  return null
}

/** Lower case, without the root's dot, international names in their ASCII form; empty when there is no such form. */
function toAscii(host: string): string {
  const name = host.toLowerCase().replace(/\.$/, '')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range begins with them.
  return /^[\u0000-\u007f]*$/.test(name) ? name : domainToASCII(name)
}

/** The one spelling of a valid host that is looked up, compared and sent to servers. */
export const canonicalHost = (host: string): string => (isIP(host) ? host.toLowerCase() : toAscii(host))
