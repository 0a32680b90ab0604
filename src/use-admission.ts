import type { Plugin } from 'graphql-yoga'
import type { Admission } from './admission.ts'
import { sessionOf } from './session-of.ts'
import { chargeOf } from './use-rate-limit.ts'

/** Asks at the door of HTTP. */
export function useAdmission(admission: Admission): Plugin {
  return {
    onParams({ params, request, context, setParams }) {
      const asked = request.method === 'GET' ? { ...documentIdOf(request.url), ...params } : params
      setParams(admission.admit(sessionOf(context), chargeOf(context), asked))
    },
  }
}

/** Yoga reads only what it knows from an address. */
function documentIdOf(url: string): { readonly documentId?: string } {
  const start = url.indexOf('?')
  const documentId = start < 0 ? null : new URLSearchParams(url.slice(start)).get('documentId')
  return documentId === null ? {} : { documentId }
}
