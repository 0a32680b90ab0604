import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, createServer as createSocketServer, type Socket } from 'node:net'
import type { JsonValue } from '../../../src/connectors/json.ts'
import type { VaultSettings } from '../../../src/secrets/vault/settings.ts'
import type { VaultClient, VaultRequest } from '../../../src/secrets/vault/vault-client.ts'
import type { WorkspaceClient } from '../../../src/secrets/vault/workspace-client.ts'

export interface ReceivedRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface ScriptedVault extends AsyncDisposable {
  readonly address: string
  readonly port: number
  /** All that came, in the order in which it was there. */
  readonly requests: readonly ReceivedRequest[]
  /** How many connections there ever were. */
  readonly connections: number
}

export type Script = (response: ServerResponse, request: ReceivedRequest) => void | Promise<void>

/** A server that answers every request as it is told to. */
export async function scriptedVault(
  script: Script,
  options: { readonly port?: number; readonly tls?: { readonly key: string; readonly cert: string } } = {},
): Promise<ScriptedVault> {
  const requests: ReceivedRequest[] = []
  let connections = 0
  const listener: Parameters<typeof createServer>[1] = async (incoming, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const { method = '', url = '', headers } = incoming
    const request = { method, path: url, headers, body: Buffer.concat(chunks).toString() }
    requests.push(request)
    await script(response, request)
  }
  const server = options.tls ? createSecureServer(options.tls, listener) : createServer(listener)
  server.on('connection', () => {
    connections++
  })
  const port = await listen(server, options.port)
  return {
    address: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
    get connections() {
      return connections
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function listen(server: Server | ReturnType<typeof createSocketServer>, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on TCP has such an address.
  return (server.address() as AddressInfo).port
}

/** A server that is told when a whole request without a body has come, and then does what it likes to the connection. */
export async function rawVault(
  answer: (socket: Socket, request: string) => void,
): Promise<AsyncDisposable & { readonly address: string; readonly requests: readonly string[] }> {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const server = createSocketServer(socket => {
    sockets.add(socket)
    let text = ''
    socket.on('error', () => undefined)
    socket.on('data', chunk => {
      text += chunk.toString('latin1')
      if (!text.includes('\r\n\r\n')) return
      requests.push(text)
      answer(socket, text)
      text = ''
    })
  })
  const port = await listen(server)
  return {
    address: `http://127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

export function reply(
  response: ServerResponse,
  status: number,
  body?: JsonValue,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}

/** Answers the requests one after the other; the last answer is that to all further ones. */
export function inTurn(...scripts: readonly Script[]): Script {
  let next = 0
  return (response, request) => scripts[Math.min(next++, scripts.length - 1)]?.(response, request)
}

export const answers =
  (status: number, body?: JsonValue, headers?: Record<string, string>): Script =>
  response =>
    reply(response, status, body, headers)

export const healthy: Script = answers(200, { initialized: true, sealed: false, standby: false })
export const sealed: Script = answers(503, { errors: ['Vault is sealed'] })

export function settingsOf(address: string, changes: Partial<VaultSettings> = {}): VaultSettings {
  return {
    address,
    clusterAddresses: [address],
    namespace: null,
    kvMount: 'secret',
    kvPrefix: 'workspaces',
    caFile: null,
    signIn: { method: 'token', file: '/nonexistent' },
    ...changes,
  }
}

/** For servers that do not answer: short enough to be waited for, long enough for a busy machine to answer in. */
export const shortLimits = { connectMs: 1_000, attemptMs: 1_000, operationMs: 3_000, healthMs: 1_000 } as const

export const readRequest = (changes: Partial<VaultRequest> = {}): VaultRequest => ({
  method: 'GET',
  path: 'secret/data/thing',
  namespace: null,
  token: 'a-token',
  repeatable: true,
  ...changes,
})

/** Signs every workspace in with a token that names it. */
export const tokensByName = (client: VaultClient): WorkspaceClient => ({
  send: (workspaceId, request) => client.send({ ...request, namespace: null, token: `token-of-${workspaceId}` }),
  close: async () => undefined,
})

/** What it rejects with. */
export async function rejection(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => {
      throw new Error('It has not failed.')
    },
    (reason: unknown) => reason,
  )
}
