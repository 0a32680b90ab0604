import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ExecutionArgs, GraphQLError } from 'graphql'
import type { OperationResult, SubscribePayload } from 'graphql-ws'
import { useServer } from 'graphql-ws/use/ws'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Admission } from './admission.ts'
import { type GraphqlYoga, graphqlPath } from './create-yoga.ts'
import type { HostGuard } from './host-guard.ts'
import { rateLimited } from './schema/graphql-errors.ts'

const maxMessageBytes = 256 * 1024
const maxConnections = 5000
const maxOperationsPerConnection = 100

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
  readonly guard: HostGuard
  /** What a client may see of an error that was thrown before execution. */
  readonly onFault: (error: unknown) => GraphQLError
}

/** Serves the graphql-transport-ws protocol on the path of the API, behind the same guards as HTTP. */
export function acceptWebSockets({ http, yoga, admission, guard, onFault }: WebSocketDoorOptions): WebSocketDoor {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes })

  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const status = refusal(request)
    if (status !== null) {
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, client => {
      sockets.emit('connection', client, request)
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
    return admission.isOpen && sockets.clients.size < maxConnections ? null : '503 Service Unavailable'
  }

  /** What to run, or why not. */
  const prepare = async (client: WebSocket, params: SubscribePayload): Promise<Prepared | readonly GraphQLError[]> => {
    try {
      admission.admit(admission.viewer(), params)
      const enveloped = yoga.getEnveloped({ params, socketSignal: closing(client) })
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

  const protocol = useServer(
    {
      // The pipeline of this operation came with its arguments.
      execute: args => (args as Prepared).execute(args),
      subscribe: args => (args as Prepared).subscribe(args),
      onSubscribe: ({ subscriptions, extra }, _id, params) =>
        Object.keys(subscriptions).length > maxOperationsPerConnection
          ? [rateLimited('Too many operations run on this connection.')]
          : prepare(extra.socket, params),
      onNext: (_context, _id, _payload, _args, { errors = [] }) => errors.forEach(forClients),
      onError: (_context, _id, _payload, errors) => errors.forEach(forClients),
      connectionInitWaitTimeout: 10_000,
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

/** Takes out what is meant for HTTP, and gives a code to what the protocol itself says about a request. */
function forClients({ extensions }: GraphQLError): void {
  delete extensions['http']
  extensions['code'] ??= 'BAD_USER_INPUT'
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
