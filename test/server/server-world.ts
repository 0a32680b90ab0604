import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { createIdentity } from '../../src/identity/identity.ts'
import { createLogger } from '../../src/log.ts'
import { createGraphqlServer, type ServerOptions } from '../../src/server.ts'
import { type Fakes, fakeServices, madeUpSchema } from '../schema/schema-world.ts'

export interface ServerWorld extends AsyncDisposable {
  readonly url: string
  readonly origin: string
  log(): string
  /** Posts an operation as JSON and answers what came back. */
  post(body: unknown, headers?: Readonly<Record<string, string>>): Promise<{ status: number; body: Body }>
  shutDown(graceMs?: number): Promise<void>
}

interface Body {
  readonly data?: unknown
  readonly errors?: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[]
}

const ready = { status: 'ready', database: 'ok', secretStore: 'ok' } as const

/** The server over fake services, on a free port. */
export async function startServer(fakes: Fakes = {}, options: Partial<ServerOptions> = {}): Promise<ServerWorld> {
  let log = ''
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log += chunk.toString()
      done()
    },
  })
  const server = createGraphqlServer({
    schema: madeUpSchema,
    services: fakeServices(fakes),
    logger: createLogger('debug', destination),
    identity: createIdentity({ open: true, authenticators: [] }),
    audit: { refused: async () => undefined },
    listen: () => () => undefined,
    host: '127.0.0.1',
    allowedOrigins: [],
    introspection: 'true',
    production: false,
    docsBaseUrl: null,
    checkReadiness: async () => ready,
    ...options,
  })
  server.http.listen(0, '127.0.0.1')
  await once(server.http, 'listening')
  const origin = `http://127.0.0.1:${(server.http.address() as AddressInfo).port}`
  const url = `${origin}/graphql`
  let ending: Promise<void> | null = null
  const shutDown = (graceMs = 1000) => {
    ending ??= server.shutDown(graceMs, async () => {})
    return ending
  }
  return {
    url,
    origin,
    log: () => log,
    async post(body, headers = {}) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      })
      return { status: response.status, body: JSON.parse((await response.text()) || '{}') as Body }
    },
    shutDown,
    [Symbol.asyncDispose]: () => shutDown(),
  }
}
