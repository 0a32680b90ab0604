import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Admission } from './admission.ts'
import { createGraphqlYoga, type YogaOptions } from './create-yoga.ts'
import { HostGuard } from './host-guard.ts'
import { LiveStreams } from './live-streams.ts'
import { logUnexpected, maskError } from './mask-error.ts'
import { acceptWebSockets, type WebSocketDoor } from './websocket.ts'

export interface ServerOptions extends YogaOptions {
  /** Address to listen on, with which requests are compared. */
  readonly host: string
  /** Subscriptions at once, over all clients. */
  readonly maxStreams?: number
}

/** An HTTP server that does not listen yet, with the way to end it. */
export interface GraphqlServer {
  readonly http: Server
  /**
   * Lets nothing new in, calls `interrupt` so that what requests and subscriptions wait for ends, ends the subscriptions
   * that are left with a completion, and waits for running requests, at most `graceMs` in all.
   */
  shutDown(graceMs: number, interrupt: () => Promise<void>): Promise<void>
}

export function createGraphqlServer(options: ServerOptions): GraphqlServer {
  const admission = new Admission()
  const streams = new LiveStreams(options.maxStreams ?? 10_000)
  const guard = new HostGuard(options)
  const yoga = createGraphqlYoga(options, admission, streams)

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    if (guard.isForUs(request)) void yoga(request, response)
    else response.writeHead(421, { 'content-type': 'text/plain' }).end('This server answers only to localhost.\n')
  }
  const http = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, maxHeaderSize: 16 * 1024 }, handle)
  const onFault = (error: unknown) => maskError(error, randomUUID(), logUnexpected(options.logger))
  const sockets = acceptWebSockets({ http, yoga, admission, guard, onFault })
  return { http, shutDown: (graceMs, interrupt) => shutDown({ http, admission, streams, sockets, graceMs, interrupt }) }
}

interface ShutDownParts {
  readonly http: Server
  readonly admission: Admission
  readonly streams: LiveStreams
  readonly sockets: WebSocketDoor
  readonly graceMs: number
  readonly interrupt: () => Promise<void>
}

async function shutDown({ http, admission, streams, sockets, graceMs, interrupt }: ShutDownParts): Promise<void> {
  admission.close()
  const deadline = AbortSignal.timeout(graceMs)
  const closed = new Promise<void>(resolve => http.close(() => resolve()))
  http.closeIdleConnections()
  const ended = lastWords({ streams, interrupt, graceMs }).then(() => sockets.close())
  const late = new Promise<void>(resolve => deadline.addEventListener('abort', () => resolve(), { once: true }))
  await Promise.race([Promise.all([ended, closed]), late])
  sockets.terminate()
  http.closeAllConnections()
  await closed
}

/** How long streams may take to tell what has just ended, before they are completed without it. */
const lastWordsMs = 1_000

async function lastWords({
  streams,
  interrupt,
  graceMs,
}: Pick<ShutDownParts, 'streams' | 'interrupt' | 'graceMs'>): Promise<void> {
  // A fault here is the interrupted part's to tell; the streams end all the same.
  await interrupt().catch(() => undefined)
  await streams.untilNone(AbortSignal.timeout(Math.min(lastWordsMs, graceMs / 2)))
  await streams.endAll()
}
