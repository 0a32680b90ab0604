import { type Plugin, useReadinessCheck } from 'graphql-yoga'

const endpoint = '/ready'

/**
 * Answers `/ready` with 200, or with 503 when `check` answers false. Yoga's plugin takes the address of every request
 * apart to find out whether it is meant; here only of those that can be.
 */
export function useReadiness(check: () => Promise<boolean>): Plugin {
  const { onRequest, ...plugin } = useReadinessCheck({ endpoint, check })
  return { ...plugin, onRequest: asked => (asked.request.url.includes(endpoint) ? onRequest?.(asked) : undefined) }
}
