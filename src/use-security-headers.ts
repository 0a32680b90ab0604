import type { Plugin } from 'graphql-yoga'

const always = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
} as const

const nothing = "default-src 'none'; frame-ancestors 'none'"
// GraphiQL brings everything inline: scripts, styles, fonts, and workers made from blobs.
const inlinePage =
  "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; worker-src blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Tells browsers to be strict with what this server sends. */
export function useSecurityHeaders(): Plugin {
  return {
    onResponse({ response }) {
      const { headers } = response
      for (const [name, value] of Object.entries(always)) headers.set(name, value)
      const isPage = headers.get('content-type')?.startsWith('text/html') ?? false
      headers.set('content-security-policy', isPage ? inlinePage : nothing)
      if (!headers.has('cache-control')) headers.set('cache-control', 'no-store')
    },
  }
}
