import { once } from 'node:events'
import { createClient as createSseClient } from 'graphql-sse'
import { type Client, createClient as createWsClient } from 'graphql-ws'
import { describe, expect, test, vi } from 'vitest'
import WebSocket from 'ws'
import type { TestProgress } from '../../src/services/connection-tests.ts'
import { NotFoundError } from '../../src/services/errors.ts'
import { snapshot, testRow } from '../schema/schema-world.ts'
import { type ServerWorld, startServer } from './server-world.ts'

/** A source that gives one event and then waits until it is ended. */
class OneEventSource implements AsyncIterableIterator<TestProgress> {
  readonly ended = Promise.withResolvers<void>()
  #isGiven = false
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', () => this.ended.resolve(), { once: true })
  }

  async next(): Promise<IteratorResult<TestProgress>> {
    if (this.#isGiven || this.#signal.aborted) {
      await this.ended.promise
      return { done: true, value: undefined }
    }
    this.#isGiven = true
    const event = { type: 'PLANNED' as const, sequence: 1, at: '2026-11-22T09:30:00.000Z', steps: [] }
    return { done: false, value: { testId: 't1', event, snapshot: snapshot() } }
  }

  async return(): Promise<IteratorResult<TestProgress>> {
    this.ended.resolve()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

async function startStreaming(options: Parameters<typeof startServer>[1] = {}) {
  const sources: OneEventSource[] = []
  const server = await startServer(
    {
      connectionTests: {
        start: async () => testRow('t1'),
        stream: async (_viewer, id, { signal }) => {
          if (id !== 't1') throw new NotFoundError('connection test')
          const source = new OneEventSource(signal)
          sources.push(source)
          return source
        },
      },
    },
    options,
  )
  return { server, sources }
}

const document = 'subscription { testConnection(input: { target: { saved: { name: "x" } } }) { __typename } }'
const refused = 'subscription { connectionTestProgress(id: "x") { ... on Error { code } } }'
const planned = { data: { testConnection: { __typename: 'ConnectionTestPlanned' } } }

async function itemsOf(source: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = []
  for await (const item of source) items.push(item)
  return items
}

interface Transport {
  iterate(query: string): AsyncIterableIterator<unknown>
  dispose(): void | Promise<void>
}

const wsClient = (url: string): Client =>
  createWsClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 })

const transports: readonly { name: string; open: (server: ServerWorld) => Transport }[] = [
  {
    name: 'SSE',
    open: ({ url }) => {
      const client = createSseClient({ url, retryAttempts: 0 })
      return { iterate: query => client.iterate({ query }), dispose: () => client.dispose() }
    },
  },
  {
    name: 'WebSocket',
    open: ({ url }) => {
      const client = wsClient(url)
      return { iterate: query => client.iterate({ query }), dispose: () => client.dispose() }
    },
  },
]

describe.each(transports)('over $name', ({ open }) => {
  test('events arrive, and leaving ends the source', async () => {
    const { server, sources } = await startStreaming()
    await using _ = server
    const transport = open(server)
    for await (const item of transport.iterate(document)) {
      expect(item).toMatchObject(planned)
      break
    }
    await sources[0]?.ended.promise
    await transport.dispose()
    expect(sources).toHaveLength(1)
  })

  test('a refusal is one item, then the end', async () => {
    const { server } = await startStreaming()
    await using _ = server
    const transport = open(server)
    expect(await itemsOf(transport.iterate(refused))).toMatchObject([
      { data: { connectionTestProgress: { code: 'NOT_FOUND' } } },
    ])
    await transport.dispose()
  })

  test('an operation that is too deep starts no source', async () => {
    const { server, sources } = await startStreaming()
    await using _ = server
    const transport = open(server)
    const nest = (levels: number): string =>
      levels === 0 ? 'id' : `datasets { nodes { connector { ${nest(levels - 1)} } } }`
    const deep = `subscription {
      testConnection(input: { target: { saved: { name: "x" } } }) {
        ... on ConnectionTestEvent { test { connector { ${nest(5)} } } }
      }
    }`
    await itemsOf(transport.iterate(deep)).catch((error: unknown) => expect(error).toBeDefined())
    expect(sources).toHaveLength(0)
    await transport.dispose()
  })

  test('there are only so many streams', async () => {
    const { server, sources } = await startStreaming({ streamLimits: { perProcess: 1 } })
    await using _ = server
    const [first, second] = [open(server), open(server)]
    const stream = first.iterate(document)
    expect(await stream.next()).toMatchObject({ value: planned })
    await itemsOf(second.iterate(document)).catch((error: unknown) => expect(error).toBeDefined())
    expect(sources).toHaveLength(1)
    await stream.return?.()
    await Promise.all([first.dispose(), second.dispose()])
  })

  test('a shutdown completes the stream', async () => {
    const { server, sources } = await startStreaming()
    const transport = open(server)
    const stream = transport.iterate(document)
    expect(await stream.next()).toMatchObject({ value: planned })
    const [rest] = await Promise.all([stream.next(), server.shutDown()])
    expect(rest).toMatchObject({ done: true })
    await sources[0]?.ended.promise
    await transport.dispose()
  })
})

describe('a WebSocket', () => {
  const connect = (server: ServerWorld, options: { path?: string; origin?: string } = {}) =>
    new Promise<number>((resolve, reject) => {
      const url = `${server.origin.replace('http', 'ws')}${options.path ?? '/graphql'}`
      const socket = new WebSocket(url, 'graphql-transport-ws', options.origin ? { origin: options.origin } : {})
      socket.on('open', () => {
        socket.terminate()
        resolve(101)
      })
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
      socket.on('error', reject)
    })

  test('is opened only by pages of the server itself or of listed origins', async () => {
    await using server = await startServer({}, { allowedOrigins: ['https://console.example'] })
    expect(await connect(server)).toBe(101)
    expect(await connect(server, { origin: server.origin })).toBe(101)
    expect(await connect(server, { origin: 'https://console.example' })).toBe(101)
    expect(await connect(server, { origin: 'https://evil.example' })).toBe(403)
    expect(await connect(server, { origin: 'null' })).toBe(403)
    expect(await connect(server, { path: '/other' })).toBe(404)
  })

  test('runs queries behind the same guards, and masks bugs', async () => {
    await using server = await startServer({ connectors: { find: () => Promise.reject(new Error('hunter2')) } })
    const client = wsClient(server.url)
    const run = async (query: string) => (await itemsOf(client.iterate({ query })))[0]
    expect(await run('{ viewer { id } }')).toEqual({ data: { viewer: { id: 'local' } } })
    const bug = await run('{ connector(by: { name: "x" }) { id } }')
    expect(bug).toMatchObject({ errors: [{ message: 'Something went wrong on the server.' }] })
    const preview = (alias: string) => `${alias}: previewDataset(input: { target: { saved: "x" } }) { __typename }`
    expect(await run(`{ ${preview('a')} ${preview('b')} }`)).toEqual({
      errors: [
        {
          message: 'Only one field of an operation may connect to a data source.',
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    })
    await expect(run(`#${'x'.repeat(100_000)}\n{ viewer { id } }`)).rejects.toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT' } },
    ])
    await expect(
      itemsOf(client.iterate({ query: 'query A { viewer { id } }', operationName: 'B' })),
    ).rejects.toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    await expect(run('{ nothing }')).rejects.toBeDefined()
    await expect(run('{ broken')).rejects.toMatchObject([{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }])
    await client.dispose()
  })

  test('ends with too large a frame, which is no fault of the server', async () => {
    await using server = await startServer()
    const console = vi.spyOn(globalThis.console, 'error')
    const socket = new WebSocket(server.url.replace('http', 'ws'), 'graphql-transport-ws')
    await once(socket, 'open')
    socket.send('x'.repeat(300_000))
    const [code] = await once(socket, 'close')
    expect(code).toBe(1009)
    expect(console).not.toHaveBeenCalled()
    console.mockRestore()
  })
})
