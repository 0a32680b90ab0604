import type { Plugin } from 'graphql-yoga'
import type { CheckReadiness, ReadinessReport } from './readiness.ts'

const path = '/ready'

/**
 * Answers `/ready` with a report in JSON: 200, or 503 when nothing can be served. `/ready?require=secrets` is 503 also
 * when only secrets cannot be used, for what must not be started without them.
 */
export function useReadiness(check: CheckReadiness): Plugin {
  return {
    async onRequest({ request, url, fetchAPI, endResponse }) {
      // Taking an address apart costs more than a look at its text: only of those that can be meant.
      if (!request.url.includes(path) || url.pathname !== path) return
      const report = await check()
      const status = isGoodEnough(report, url.searchParams.get('require')) ? 200 : 503
      const headers = { 'content-type': 'application/json' }
      endResponse(new fetchAPI.Response(JSON.stringify(report), { status, headers }))
    },
  }
}

const isGoodEnough = ({ status }: ReadinessReport, required: string | null): boolean =>
  status === 'ready' || (status === 'degraded' && required !== 'secrets')
