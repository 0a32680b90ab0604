import type { IncomingMessage } from 'node:http'
import type { Plugin } from 'graphql-yoga'
import type { Admission } from './admission.ts'
import { authorizationsOf } from './authorizations-of.ts'
import type { DoorContext } from './session-of.ts'

/** What Yoga's adapter for `node:http` brings along. */
interface NodeContext extends DoorContext {
  readonly req: IncomingMessage
}

/**
 * Recognises who makes a request over HTTP before its body is read. What is answered without an operation (the page of
 * GraphiQL, health, readiness, a browser's question before a request of another origin) has been answered before.
 */
export function useAuthentication(admission: Admission): Plugin<object, NodeContext> {
  return {
    async onRequestParse({ serverContext }) {
      const { req } = serverContext
      const address = req.socket.remoteAddress ?? null
      const caller = { authorizations: authorizationsOf(req), address, transport: 'http' } as const
      // This object goes along with this one request.
      serverContext.session = await admission.recognise(caller)
      serverContext.recognisedAt = performance.now()
      serverContext.address = address
    },
  }
}
