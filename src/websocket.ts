import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ExecutionArgs, GraphQLError } from 'graphql'
import type { Context, OperationResult, SubscribePayload } from 'graphql-ws'
import { type Extra, useServer } from 'graphql-ws/use/ws'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Admission } from './admission.ts'
import { answerBeforeReading } from './answer-before-reading.ts'
import { authorizationsOf } from './authorizations-of.ts'
import { type GraphqlYoga, graphqlPath } from './create-yoga.ts'
import type { HostGuard } from './host-guard.ts'
import { rateLimited } from './schema/graphql-errors.ts'
import type { SessionWatch } from './session-watch.ts'
import { signInRefusal } from './sign-in-errors.ts'
import { closeRefused, SocketSession } from './socket-session.ts'
import { StreamPlaces } from './stream-places.ts'
import { unpaidPause } from './unpaid-pause.ts'
import { UnrecognisedSockets } from './unrecognised-sockets.ts'
import { chargeRequest } from './use-rate-limit.ts'

const maxMessageBytes = 256 * 1024
/** Beside those who were recognised. */
const maxUnrecognised = 1000
const maxConnections = 5000
/** Of those who were recognised: nobody can take them all from others. */
const maxConnectionsOfViewer = 500
const maxConnectionsOfWorkspace = 2500
const maxOperationsPerConnection = 100
/** When one ends is not known, so this is only polite. */
const operationRetrySeconds = 2

export interface WebSocketDoor {
  /** Says goodbye to every client; resolves when they are gone. */
  close(): Promise<void>
  /** Drops whoever has not answered the goodbye. */
  terminate(): void
}

interface WebSocketDoorOptions {
  readonly http: Server
  readonly yoga: GraphqlYoga
  readonly admission: Admission
  readonly sessions: SessionWatch
  /** How long a client may take to say who it is. */
  readonly initWaitMs?: number
  /** Connections at once whose caller is not recognised. */
  readonly maxUnrecognised?: number
  readonly guard: HostGuard
  /** What a client may see of an error that was thrown before execution. */
  readonly onFault: (error: unknown) => GraphQLError
}

/** Serves the graphql-transport-ws protocol on the path of the API, behind the same guards as HTTP. */
export function acceptWebSockets(options: WebSocketDoorOptions): WebSocketDoor {
  const { http, yoga, admission, sessions, guard, onFault, initWaitMs = 5_000 } = options
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes })
  const places = new StreamPlaces(
    { perProcess: maxConnections, perViewer: maxConnectionsOfViewer, perWorkspace: maxConnectionsOfWorkspace },
    'connections',
  )
  const unrecognised = new UnrecognisedSockets(options.maxUnrecognised ?? maxUnrecognised)

  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const status = refusal(request)
    if (status !== null) {
      // Node has taken its own listener away: without one, a client that resets the connection would end the process.
      socket.on('error', () => undefined)
      // Nobody else would ever close it, be the client gone or not.
      socket.once('finish', () => socket.destroy())
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, client => {
      unrecognised.enter(client)
      sockets.emit('connection', client, request)
      answerBeforeReading(client, socket)
      forgiveMissedAnswers(client)
      // What a client sends wrongly, such as too large a frame, ends its connection; the protocol's own listener would
      // write it to the console as a fault of the server.
      client.removeAllListeners('error')
      client.on('error', () => undefined)
    })
  })

  const refusal = (request: IncomingMessage): string | null => {
    if (!guard.isForUs(request)) return '421 Misdirected Request'
    if (request.url?.split('?')[0] !== graphqlPath) return '404 Not Found'
    if (!guard.isAllowedOrigin(request)) return '403 Forbidden'
    return admission.isOpen && places.count < maxConnections ? null : '503 Service Unavailable'
  }

  /** Recognises who opened the socket, or closes it. */
  const greet = async ({ connectionParams, subscriptions, extra }: SocketContext): Promise<boolean> => {
    const { socket, request } = extra
    const address = request.socket.remoteAddress ?? null
    const authorizations = [...authorizationsOf(request), ...authorizationsIn(connectionParams)]
    try {
      const session = await admission.recognise({ authorizations, address, transport: 'websocket' })
      if (socket.readyState !== socket.OPEN) return false
      socket.once('close', places.take(session.viewer))
      // Not before it has another place: who is refused one may leave it open for a while.
      unrecognised.leave(socket)
      extra.caller = new SocketSession({ session, address }, { socket, operations: subscriptions, sessions })
      return true
    } catch (error) {
      const { message, extensions } = onFault(error)
      const mayWorkLater = extensions['code'] === 'UNAVAILABLE' || extensions['code'] === 'RATE_LIMITED'
      closeRefused(socket, mayWorkLater ? 'UNAVAILABLE' : 'REFUSED', message)
      return false
    }
  }

  /** What to run, or why not. */
  const prepare = async (
    { socket, caller }: SocketExtra,
    payload: SubscribePayload,
  ): Promise<Prepared | readonly GraphQLError[]> => {
    try {
      if (!caller) throw signInRefusal('MISSING')
      const { session, address, end } = caller
      if (end !== null) throw signInRefusal(end)
      const initial = { session, address, socketSignal: closing(socket) }
      const charge = chargeRequest(initial, admission)
      if (charge?.isUnpaid) await unpaidPause()
      const params = admission.admit(session, charge, payload)
      await admission.confirm(session)
      const enveloped = yoga.getEnveloped(Object.assign(initial, { params }))
      const { schema, execute, subscribe, contextFactory, parse, validate } = enveloped
      const document = parse(params.query)
      const errors = validate(schema, document)
      if (errors.length > 0) return errors
      const { operationName, variables: variableValues } = params
      const contextValue = await contextFactory()
      return { schema, document, operationName, variableValues, contextValue, execute, subscribe }
    } catch (error) {
      return [onFault(error)]
    }
  }

  const protocol = useServer<Record<string, unknown>, { caller?: SocketSession }>(
    {
      onConnect: greet,
      // The pipeline of this operation came with its arguments.
      execute: args => (args as Prepared).execute(args),
      subscribe: args => (args as Prepared).subscribe(args),
      onSubscribe({ subscriptions, extra }, id, params) {
        extra.caller?.started(id)
        return Object.keys(subscriptions).length > maxOperationsPerConnection
          ? [rateLimited('Too many operations run on this connection.', operationRetrySeconds)]
          : prepare(extra, params)
      },
      onNext: (_context, _id, _payload, _args, { errors = [] }) => errors.forEach(forClients),
      onError({ extra }, id, _payload, errors) {
        extra.caller?.answered(id)
        errors.forEach(forClients)
      },
      onComplete: ({ extra }, id) => extra.caller?.answered(id),
      connectionInitWaitTimeout: initWaitMs,
      // Messages of faults never leave.
      isProd: true,
    },
    sockets,
  )
  return {
    async close() {
      await protocol.dispose()
    },
    terminate() {
      for (const client of sockets.clients) client.terminate()
    },
  }
}

interface Prepared extends ExecutionArgs {
  execute(args: ExecutionArgs): OperationResult
  subscribe(args: ExecutionArgs): OperationResult
}

type SocketExtra = Extra & { caller?: SocketSession }
type SocketContext = Context<Record<string, unknown>, SocketExtra>

/** What the first message says, however it is written: what looks like a credential must not be passed over. */
function authorizationsIn(params: Readonly<Record<string, unknown>> = {}): readonly string[] {
  return (
    Object.entries(params)
      .filter(([name, value]) => name.toLowerCase() === 'authorization' && value !== null)
      // What is no text is no credential either.
      .map(([, value]) => (typeof value === 'string' ? value : ''))
  )
}

/** Takes out what is meant for HTTP, and gives a code to what the protocol itself says about a request. */
function forClients({ extensions }: GraphQLError): void {
  delete extensions['http']
  extensions['code'] ??= 'BAD_USER_INPUT'
}

/** That a client has gone is no fault: the protocol would write every answer that it missed to the console. */
function forgiveMissedAnswers(client: WebSocket): void {
  const send = client.send.bind(client)
  client.send = ((data: string, sent: () => void) => send(data, () => sent())) as WebSocket['send']
}

const signals = new WeakMap<WebSocket, AbortSignal>()

/** Aborts when the socket closes: operations other than subscriptions have no other way to learn of it. */
function closing(client: WebSocket): AbortSignal {
  const known = signals.get(client)
  if (known) return known
  const controller = new AbortController()
  client.once('close', () => controller.abort())
  signals.set(client, controller.signal)
  return controller.signal
}
