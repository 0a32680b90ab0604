import type { Plugin } from 'graphql-yoga'
import type { Admission } from './admission.ts'
import { type DoorContext, sessionOf } from './session-of.ts'
import { chargeOf } from './use-rate-limit.ts'

/** A body that takes longer may have been held back until its caller lost the right to send it. */
const promptMs = 1_000

/** Asks at the door of HTTP. */
export function useAdmission(admission: Admission): Plugin {
  return {
    async onParams({ params, request, context, setParams }) {
      const session = sessionOf(context)
      const { recognisedAt = Number.NEGATIVE_INFINITY } = context as DoorContext
      if (performance.now() - recognisedAt >= promptMs) await admission.confirm(session)
      const asked = request.method === 'GET' ? { ...documentIdOf(request.url), ...params } : params
      setParams(admission.admit(session, chargeOf(context), asked))
    },
  }
}

/** Yoga reads only what it knows from an address. */
function documentIdOf(url: string): { readonly documentId?: string } {
  const start = url.indexOf('?')
  const documentId = start < 0 ? null : new URLSearchParams(url.slice(start)).get('documentId')
  return documentId === null ? {} : { documentId }
}
