import { once } from 'node:events'
import { createConnection } from 'node:net'
import WebSocket from 'ws'
import { createIdentity } from '../../src/identity/identity.ts'
import type { ServerOptions } from '../../src/server.ts'
import type { AuditEntry } from '../../src/services/audit.ts'
import type { Viewer } from '../../src/services/viewer.ts'
import { FakeAuthenticator } from '../identity/fake-authenticator.ts'
import type { Fakes } from '../schema/schema-world.ts'
import { type ServerWorld, startServer } from './server-world.ts'

export interface Audited {
  readonly actor: Viewer
  readonly entry: AuditEntry
  readonly reason: string
}

export interface AuthenticationWorld extends AsyncDisposable {
  readonly server: ServerWorld
  readonly fake: FakeAuthenticator
  readonly audited: readonly Audited[]
  /** As the database does when a token is revoked, by whichever process. */
  wakeUp(topic: string): void
}

/** The server over fake services, which recognises the credentials of a fake authenticator. */
export async function startAuthenticating(
  fakes: Fakes = {},
  { open = false, ...options }: Partial<ServerOptions> & { readonly open?: boolean } = {},
): Promise<AuthenticationWorld> {
  const fake = new FakeAuthenticator()
  const audited: Audited[] = []
  const listeners = new Set<(topic: string) => void>()
  const server = await startServer(fakes, {
    identity: createIdentity({ open, authenticators: [fake] }),
    audit: {
      refused: async (actor, entry, reason) => {
        audited.push({ actor: actor as Viewer, entry, reason })
      },
    },
    listen: listener => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    ...options,
  })
  return {
    server,
    fake,
    audited,
    wakeUp: topic => {
      for (const listener of listeners) listener(topic)
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** What comes back for bytes that are sent as they are; the server ends the connection, or `until` is there. */
export async function sendRaw(port: number, chunks: readonly string[], until?: RegExp): Promise<string> {
  const socket = createConnection(port, '127.0.0.1')
  let answer = ''
  const ended = once(socket, 'close')
  const found = new Promise<void>(resolve => {
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString()
      if (until?.test(answer)) resolve()
    })
  })
  await once(socket, 'connect')
  for (const chunk of chunks) socket.write(chunk)
  await Promise.race([ended, found])
  socket.destroy()
  return answer
}

export interface Message {
  readonly type: string
  readonly id?: string
  readonly payload?: unknown
}

/** A WebSocket that does what the test says and nothing by itself. */
export class PlainSocket {
  readonly messages: Message[] = []
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  readonly #socket: WebSocket
  #news = Promise.withResolvers<void>()

  private constructor(socket: WebSocket) {
    this.#socket = socket
    this.closed = new Promise(resolve => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: String(reason) })
        this.#tell()
      })
    })
    socket.on('message', data => {
      this.messages.push(JSON.parse(String(data)) as Message)
      this.#tell()
    })
    socket.on('error', () => undefined)
  }

  static async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<PlainSocket> {
    const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', { headers })
    const plain = new PlainSocket(socket)
    await once(socket, 'open')
    return plain
  }

  send(message: object): void {
    this.#socket.send(JSON.stringify(message))
  }

  /** The first message of a type (and id), already here or to come; throws when the socket closes before. */
  async next(type: string, id?: string): Promise<Message> {
    for (;;) {
      const found = this.messages.find(each => each.type === type && (id === undefined || each.id === id))
      if (found) return found
      if (this.#socket.readyState === WebSocket.CLOSED) throw new Error(`Closed without ${type}.`)
      await this.#news.promise
    }
  }

  close(): void {
    this.#socket.terminate()
  }

  #tell(): void {
    this.#news.resolve()
    this.#news = Promise.withResolvers()
  }
}
