import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Admission } from './admission.ts'
import { authorizationsOf } from './authorizations-of.ts'
import type { Session } from './identity/authenticator.ts'
import { auditLine } from './services/audit-line.ts'
import type { AuditRange, AuditReading } from './services/audit-reading.ts'
import type { Viewer } from './services/viewer.ts'

const path = '/audit.ndjson'
/** How often it is asked whether who began an export may go on with it. */
const confirmMs = 4_000
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/

export interface AuditExportOptions {
  readonly admission: Pick<Admission, 'recognise' | 'charge' | 'isOpen'>
  readonly auditLog: Pick<AuditReading, 'export' | 'refusedExport'>
}

/** What Yoga's adapter for `node:http` brings along. */
interface NodeContext {
  readonly req: IncomingMessage
}

/**
 * Answers `GET /audit.ndjson?from=&to=` with the audit log, oldest first, one JSON object a line: page by page as the
 * client takes it. One at a time for each viewer.
 */
export function useAuditExport(options: AuditExportOptions): Plugin<object, NodeContext> {
  const running = new Set<string>()
  return {
    async onRequest({ request, url, serverContext, fetchAPI, endResponse }) {
      // As in `use-readiness.ts`.
      if (!request.url.includes(path) || url.pathname !== path) return
      try {
        if (request.method !== 'GET') throw new Refusal(405, 'BAD_USER_INPUT', 'Ask for this by GET.', { allow: 'GET' })
        const session = await recognised(options, serverContext.req)
        const viewer = viewerOf(session, serverContext.req)
        const lines = await begin(options, { session, viewer, range: rangeOf(url) }, running)
        const body = streamOf(lines, fetchAPI.ReadableStream)
        // Nobody reads on: the page that is under way is the last.
        request.signal.addEventListener('abort', () => lines.stop(), { once: true })
        endResponse(new fetchAPI.Response(body, { status: 200, headers }))
      } catch (error) {
        const { status, code, message, headers } = refusalOf(error)
        const body = JSON.stringify({ error: { code, message } })
        endResponse(
          new fetchAPI.Response(body, { status, headers: { 'content-type': 'application/json', ...headers } }),
        )
      }
    },
  }
}

const headers = {
  'content-type': 'application/x-ndjson',
  'content-disposition': 'attachment; filename="audit.ndjson"',
}

async function recognised({ admission }: AuditExportOptions, req: IncomingMessage): Promise<Session> {
  if (!admission.isOpen) throw new Refusal(503, 'UNAVAILABLE', 'The server is shutting down.')
  const address = req.socket.remoteAddress ?? null
  const session = await admission.recognise({ authorizations: authorizationsOf(req), address, transport: 'http' })
  const charge = admission.charge(session)
  if (charge?.isUnpaid) throw charge.refusal()
  return session
}

const viewerOf = ({ viewer }: Session, req: IncomingMessage): Viewer => ({
  ...viewer,
  request: { id: randomUUID(), address: req.socket.remoteAddress ?? null },
})

function rangeOf({ searchParams }: URL): AuditRange {
  for (const name of searchParams.keys()) {
    const isOnce = searchParams.getAll(name).length === 1
    // A credential in an address would end up in logs: it is not even looked at.
    if (!isOnce || !['from', 'to'].includes(name)) throw badRange('Give `from` and `to` at most, each once.')
  }
  const [from, to] = ['from', 'to'].map(name => {
    const text = searchParams.get(name)
    if (text === null) return null
    const time = new Date(text)
    if (!instant.test(text) || Number.isNaN(time.getTime())) {
      throw badRange(`\`${name}\` must be a time such as 2026-11-22T09:30:00Z.`)
    }
    return time
  }) as [Date | null, Date | null]
  if (from && to && from >= to) throw badRange('`from` must be before `to`.')
  return { from, to }
}

const badRange = (message: string) => new Refusal(400, 'BAD_USER_INPUT', message)

interface Asked {
  readonly session: Session
  readonly viewer: Viewer
  readonly range: AuditRange
}

/** An export under way. */
interface Export {
  /** The next lines; null at the end. */
  next(): Promise<string | null>
  /** Nobody reads on. May be called more than once. */
  stop(): void
}

/** The first page is read here, so that what is refused is answered as a refusal. */
async function begin(
  { auditLog }: AuditExportOptions,
  { session, viewer, range }: Asked,
  running: Set<string>,
): Promise<Export> {
  const refuse = async (refusal: Refusal): Promise<never> => {
    await auditLog.refusedExport(viewer, refusal.code)
    throw refusal
  }
  if (!viewer.scopes.has('audit:read')) {
    await refuse(new Refusal(403, 'FORBIDDEN', 'You are not allowed to do this.'))
  }
  const key = JSON.stringify([viewer.workspace.id, viewer.id])
  if (running.has(key)) {
    await refuse(new Refusal(429, 'RATE_LIMITED', 'Another export is under way.', { 'retry-after': '5' }))
  }
  running.add(key)
  const pages = auditLog.export(viewer, range)
  let isStopped = false
  const stop = () => {
    if (!isStopped) running.delete(key)
    isStopped = true
    void pages.return(undefined).catch(() => undefined)
  }
  let confirmedAt = performance.now()
  const read = async () => {
    // What is cut off shows: the answer does not end as it should.
    if (performance.now() - confirmedAt >= confirmMs) {
      if (!(await session.isStillGood())) throw new Error('The credential of this export is not good any more.')
      confirmedAt = performance.now()
    }
    const { done, value } = await pages.next()
    if (done) stop()
    return done ? null : value.map(auditLine).join('')
  }
  const orStop = (reading: Promise<string | null>) =>
    reading.catch(error => {
      stop()
      throw error
    })
  let first: string | null | undefined = await orStop(read())
  return {
    stop,
    next: async () => {
      if (first === undefined) return orStop(read())
      const lines = first
      first = undefined
      return lines
    },
  }
}

/** A page is made when there is room for one. */
function streamOf(lines: Export, Stream: typeof ReadableStream): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new Stream<Uint8Array>(
    {
      async pull(controller) {
        const page = await lines.next()
        if (page === null) controller.close()
        else controller.enqueue(encoder.encode(page))
      },
      cancel: () => lines.stop(),
    },
    { highWaterMark: 1 },
  )
}

class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>
  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

/** Of the doors' own errors what they would say of an operation; of anything else nothing. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof GraphQLError) {
    const { code, http } = error.extensions as { code?: unknown; http?: { status?: number; headers?: object } }
    return new Refusal(http?.status ?? 500, String(code), error.message, { ...http?.headers } as Record<string, string>)
  }
  return new Refusal(503, 'UNAVAILABLE', 'The audit log cannot be read at the moment.')
}
