import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Admission } from './admission.ts'
import { createGraphqlYoga, type YogaOptions } from './create-yoga.ts'
import type { Database } from './db/database.ts'
import { HostGuard } from './host-guard.ts'
import type { Identity } from './identity/identity.ts'
import { LiveStreams } from './live-streams.ts'
import { logUnexpected, maskError } from './mask-error.ts'
import type { PersistedPolicy } from './persisted-params.ts'
import { type RateLimitSettings, RateLimits } from './rate-limits.ts'
import type { AuditLog } from './services/audit.ts'
import { SessionWatch } from './session-watch.ts'
import { createSignInReport } from './sign-in-report.ts'
import { type StreamLimits, StreamPlaces } from './stream-places.ts'
import { acceptWebSockets, type WebSocketDoor } from './websocket.ts'

export interface ServerOptions extends YogaOptions {
  /** Address to listen on, with which requests are compared. */
  readonly host: string
  readonly identity: Identity
  /** Of failed sign-ins. */
  readonly audit: Pick<AuditLog, 'refused'>
  /** Wakes the watch over sessions when an API token is revoked. */
  readonly listen: Database['listen']
  /** How long a WebSocket may take to say who opened it. */
  readonly initWaitMs?: number
  /** Points a minute; without them there is no limit. */
  readonly rateLimits?: RateLimitSettings
  /** Subscriptions at once. */
  readonly streamLimits?: Partial<StreamLimits>
  /** WebSockets at once that have not said who opened them. */
  readonly maxUnrecognised?: number
  readonly persisted?: PersistedPolicy
  /** How long clients may take to send requests; each has a default. */
  readonly patience?: Partial<Patience>
}

/** In milliseconds. Whoever takes longer is answered 408, and the connection ends. */
interface Patience {
  /** For the head of a request. */
  readonly headersMs: number
  /** For a whole request. */
  readonly requestMs: number
  /** How often connections are looked at. */
  readonly checkEveryMs: number
}

const defaultPatience: Patience = { headersMs: 10_000, requestMs: 30_000, checkEveryMs: 2_000 }

/** Node's own limit drops what is beyond it in silence. */
const maxHeaders = 100

/** An HTTP server that does not listen yet, with the way to end it. */
export interface GraphqlServer {
  readonly http: Server
  /**
   * Lets nothing new in, calls `interrupt` so that what requests and subscriptions wait for ends, ends the subscriptions
   * that are left with a completion, and waits for running requests, at most `graceMs` in all.
   */
  shutDown(graceMs: number, interrupt: () => Promise<void>): Promise<void>
}

const noRateLimits: RateLimitSettings = { perViewer: 0, perWorkspace: 0 }
const maxStreams: StreamLimits = { perProcess: 10_000, perViewer: 10_000, perWorkspace: 10_000 }
const anyDocument: PersistedPolicy = { operations: null, freeForTokens: false }

export function createGraphqlServer(options: ServerOptions): GraphqlServer {
  const { identity, rateLimits = noRateLimits, streamLimits, persisted = anyDocument } = options
  const admission = new Admission({
    identity,
    onRefused: createSignInReport(options),
    rateLimits: new RateLimits(rateLimits),
    persisted,
  })
  const sessions = new SessionWatch(options)
  const streams = new LiveStreams({ places: new StreamPlaces({ ...maxStreams, ...streamLimits }), sessions })
  const guard = new HostGuard(options)
  const yoga = createGraphqlYoga(options, admission, streams)

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.rawHeaders.length / 2 > maxHeaders) response.writeHead(431, { connection: 'close' }).end()
    else if (!guard.isHost(request) || !request.url?.startsWith('/'))
      response.writeHead(400, { connection: 'close' }).end()
    else if (guard.isForUs(request)) void yoga(request, response)
    else response.writeHead(421, { 'content-type': 'text/plain' }).end('This server answers only to localhost.\n')
  }
  const patience = { ...defaultPatience, ...options.patience }
  const http = createServer(
    {
      headersTimeout: patience.headersMs,
      requestTimeout: patience.requestMs,
      connectionsCheckingInterval: patience.checkEveryMs,
      maxHeaderSize: 16 * 1024,
    },
    handle,
  )
  const { initWaitMs, maxUnrecognised } = options
  const limits = {
    ...(initWaitMs !== undefined && { initWaitMs }),
    ...(maxUnrecognised !== undefined && { maxUnrecognised }),
  }
  const onFault = (error: unknown) => maskError(error, randomUUID(), logUnexpected(options.logger))
  const sockets = acceptWebSockets({ http, yoga, admission, sessions, guard, onFault, ...limits })
  return {
    http,
    async shutDown(graceMs, interrupt) {
      await shutDown({ http, admission, streams, sockets, graceMs, interrupt })
      sessions.close()
    },
  }
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
