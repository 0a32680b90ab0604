import { hostIssue } from '../network/host-name.ts'
import type { TextIssue } from '../text-checks.ts'

const usual = 'Give a URL, such as "https://api.example.com/v1".'

/** What is wrong with the base URL of an API as typed; null when nothing is. */
export function baseUrlIssue(text: string): string | TextIssue | null {
  if (!URL.canParse(text)) {
    const https = `https://${text}`
    return /^[a-z0-9.-]+(?::\d+)?(?:\/|$)/i.test(text) && URL.canParse(https) && baseUrlIssue(https) === null
      ? { message: 'The URL must begin with "https://" or "http://".', suggestion: https }
      : usual
  }
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'The URL must begin with "https://" or "http://".'
  if (url.username !== '' || url.password !== '') return 'Leave user name and password out of the URL.'
  if (url.search !== '' || text.includes('?')) return 'Leave out what follows the "?": there are fields for parameters.'
  if (url.hash !== '' || text.includes('#')) return 'Leave out what follows the "#".'
  // As typed: of a/../b a URL makes /b, which nobody has meant.
  if (/\/(?:\.|%2e){1,2}(?:\/|$)/i.test(text) || text.includes('\\')) return usual
  // A URL leaves out line breaks and what stands around it; what is shown is what was typed.
  if (/[\p{C}\s]/u.test(text) || url.port === '0') return usual
  // As typed: of 010.0.0.5 a URL makes 8.0.0.5, which nobody has meant.
  const [, typed = ''] = /^https?:\/\/\[?([^/\]]*?)\]?(?::\d*)?(?:\/|$)/i.exec(text) ?? []
  return hostIssue(typed) === null && hostIssue(url.hostname.replace(/^\[|\]$/g, '')) === null ? null : usual
}

export interface BaseUrl {
  readonly host: string
  readonly port: number
  readonly encrypted: boolean
  /** What stands before every path of a request, without a slash at its end: empty, or `/v1`. */
  readonly prefix: string
  /** As requests off it are told apart: `https://api.example.com`. */
  readonly origin: string
}

export function readBaseUrl(text: string): BaseUrl {
  const url = new URL(text)
  const encrypted = url.protocol === 'https:'
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (encrypted ? 443 : 80)),
    encrypted,
    prefix: url.pathname.replace(/\/+$/, ''),
    origin: url.origin,
  }
}
