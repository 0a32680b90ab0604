import { z } from 'zod'
import { hostIssue } from '../network/host-name.ts'
import { judgedBy } from '../text-checks.ts'

const usual = 'Give the whole URL, such as "https://login.example.com/oauth2/token".'

/** What is wrong with the URL of a token endpoint as typed; null when nothing is. Secrets are sent there: only encrypted. */
function tokenUrlIssue(text: string): string | null {
  if (!URL.canParse(text)) return usual
  const url = new URL(text)
  if (url.protocol !== 'https:') return 'The URL must begin with "https://": a secret is sent there.'
  if (url.username !== '' || url.password !== '') return 'Leave user name and password out of the URL.'
  if (url.hash !== '') return 'Leave out what follows the "#".'
  // As typed: of a/../127.0.0.1 a URL makes /127.0.0.1 at the host "a", which nobody has meant.
  if (/\/(?:\.|%2e){1,2}(?:[/?]|$)/i.test(text)) return usual
  // As typed: of 010.0.0.5 a URL makes 8.0.0.5, which nobody has meant.
  const [, typed = ''] = /^https:\/\/\[?([^/?#\]]*?)\]?(?::\d*)?(?:[/?]|$)/i.exec(text) ?? []
  return hostIssue(typed) === null && hostIssue(url.hostname.replace(/^\[|\]$/g, '')) === null ? null : usual
}

/** Where an identity provider gives out tokens. */
export const tokenUrlText = z.string().max(2048).check(judgedBy(tokenUrlIssue))

/** A token URL's host and port, and its path with the query. */
export function readTokenUrl(text: string): { readonly host: string; readonly port: number; readonly path: string } {
  const url = new URL(text)
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 443),
    path: url.pathname + url.search,
  }
}
