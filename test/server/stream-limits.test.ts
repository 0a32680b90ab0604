import { once } from 'node:events'
import { createClient as createSseClient, NetworkError } from 'graphql-sse'
import { createClient as createWsClient } from 'graphql-ws'
import { describe, expect, test, vi } from 'vitest'
import WebSocket from 'ws'
import type { TestProgress } from '../../src/services/connection-tests.ts'
import { snapshot, testRow } from '../schema/schema-world.ts'
import { as, namedViewers } from './named-viewers.ts'
import { type ServerWorld, startServer } from './server-world.ts'

type End = 'complete' | 'fail'

/** A source that gives one event, and then ends as it is told, or when it is left. */
class TestSource implements AsyncIterableIterator<TestProgress> {
  readonly #end = Promise.withResolvers<End>()
  #isGiven = false

  constructor(signal: AbortSignal) {
    signal.addEventListener('abort', () => this.end('complete'), { once: true })
  }

  end(how: End): void {
    this.#end.resolve(how)
  }

  async next(): Promise<IteratorResult<TestProgress>> {
    if (this.#isGiven) {
      if ((await this.#end.promise) === 'fail') throw new Error('The source broke.')
      return { done: true, value: undefined }
    }
    this.#isGiven = true
    const event = { type: 'PLANNED' as const, sequence: 1, at: '2026-11-22T09:30:00.000Z', steps: [] }
    return { done: false, value: { testId: 't1', event, snapshot: snapshot() } }
  }

  async return(): Promise<IteratorResult<TestProgress>> {
    this.end('complete')
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

async function start(streamLimits: { perViewer?: number; perWorkspace?: number }) {
  const sources: TestSource[] = []
  /** Sources wait for it before they begin. */
  const gate = { opened: Promise.resolve() }
  const server = await startServer(
    {
      connectionTests: {
        start: async () => testRow('t1'),
        stream: async (_viewer, _id, { signal }) => {
          await gate.opened
          const source = new TestSource(signal)
          sources.push(source)
          return source
        },
      },
    },
    { identity: namedViewers, streamLimits },
  )
  return { server, sources, gate }
}

const query = 'subscription { testConnection(input: { target: { saved: { name: "x" } } }) { __typename } }'
const planned = { data: { testConnection: { __typename: 'ConnectionTestPlanned' } } }

interface Opened {
  /** What came first: an event, or why there is none. */
  readonly first: unknown
  leave(): Promise<void>
}

interface Transport {
  readonly name: string
  open(server: ServerWorld, viewer: string): Promise<Opened>
}

const firstOf = async (items: AsyncIterator<unknown>): Promise<unknown> => {
  try {
    return (await items.next()).value
  } catch (error) {
    if (!(error instanceof NetworkError)) return { errors: error }
    // Over HTTP a refusal has a status of its own, which this client tells as a fault of the network.
    const response = error.response as Response
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '5'])
    const [, data = ''] = /^data: (.*)$/m.exec(await response.text()) ?? []
    return JSON.parse(data)
  }
}

const transports: readonly Transport[] = [
  {
    name: 'server-sent events',
    open: async ({ url }, viewer) => {
      const client = createSseClient({ url, retryAttempts: 0, headers: as(viewer) })
      const items = client.iterate({ query })
      return { first: await firstOf(items), leave: async () => client.dispose() }
    },
  },
  {
    name: 'WebSocket',
    open: async ({ url }, viewer) => {
      const client = createWsClient({
        url: url.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        connectionParams: as(viewer),
      })
      const items = client.iterate({ query })
      return { first: await firstOf(items), leave: async () => void (await client.dispose()) }
    },
  },
]

const refused = (message: RegExp) => ({
  errors: [
    { message: expect.stringMatching(message) as string, extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 5 } },
  ],
})

/** Opens a stream as soon as there is a place. */
const untilOpen = (transport: Transport, server: ServerWorld, viewer: string): Promise<Opened> =>
  vi.waitFor(async () => {
    const opened = await transport.open(server, viewer)
    if (!('data' in (opened.first as object))) await opened.leave()
    expect(opened.first).toMatchObject(planned)
    return opened
  }, 5_000)

describe.each(transports)('over $name', transport => {
  const { open } = transport

  test('a viewer has only so many, and others have theirs', async () => {
    const { server } = await start({ perViewer: 2 })
    await using _ = server
    const opened = [await open(server, 'north.anna'), await open(server, 'north.anna')]
    expect(opened.map(({ first }) => first)).toMatchObject([planned, planned])
    expect((await open(server, 'north.anna')).first).toMatchObject(refused(/You have as many .* \(2\)/))
    for (const other of ['north.bert', 'south.anna']) opened.push(await open(server, other))
    expect(opened.map(({ first }) => first)).toMatchObject([planned, planned, planned, planned])
    await Promise.all(opened.map(({ leave }) => leave()))
  })

  test('a workspace has only so many, and others have theirs', async () => {
    const { server } = await start({ perWorkspace: 2 })
    await using _ = server
    const opened = [await open(server, 'north.anna'), await open(server, 'north.bert')]
    expect((await open(server, 'north.carl')).first).toMatchObject(refused(/The workspace has as many .* \(2\)/))
    opened.push(await open(server, 'south.anna'))
    expect(opened.map(({ first }) => first)).toMatchObject([planned, planned, planned])
    await Promise.all(opened.map(({ leave }) => leave()))
  })

  test('many that are opened at once do not get past the limit', async () => {
    const { server, sources, gate } = await start({ perViewer: 3 })
    await using _ = server
    const { promise, resolve } = Promise.withResolvers<void>()
    gate.opened = promise
    const opening = Array.from({ length: 10 }, () => open(server, 'north.anna'))
    // Those without a place are answered while the others still wait for their source.
    await Promise.any(opening)
    resolve()
    const opened = await Promise.all(opening)
    expect(sources).toHaveLength(3)
    expect(opened.filter(({ first }) => 'data' in (first as object))).toHaveLength(3)
    await Promise.all(opened.map(({ leave }) => leave()))
  })

  test.each<[string, (opened: Opened, source: TestSource | undefined) => unknown]>([
    ['is left by its client', opened => opened.leave()],
    ['comes to its end', (_opened, source) => source?.end('complete')],
    ['fails', (_opened, source) => source?.end('fail')],
  ])('a stream that %s gives its place back', async (_how, end) => {
    const { server, sources } = await start({ perViewer: 1 })
    await using _ = server
    for (let count = 0; count < 5; count++) {
      const opened = await untilOpen(transport, server, 'north.anna')
      await end(opened, sources.at(-1))
    }
    const last = await untilOpen(transport, server, 'north.anna')
    expect((await open(server, 'north.anna')).first).toMatchObject(refused(/as many/))
    await last.leave()
  })

  test('one that never began holds no place', async () => {
    const { server } = await start({ perViewer: 1 })
    await using _ = server
    const client = createSseClient({ url: server.url, retryAttempts: 0, headers: as('north.anna') })
    const wrong = 'subscription { connectionTestProgress(id: "x", afterSequence: -1) { ... on Error { code } } }'
    for (let count = 0; count < 3; count++) await firstOf(client.iterate({ query: wrong }))
    client.dispose()
    const opened = await untilOpen(transport, server, 'north.anna')
    await opened.leave()
  })
})

test('a client that is gone before its stream has begun holds no place', async () => {
  const { server, gate } = await start({ perViewer: 1 })
  await using _ = server
  const { promise, resolve } = Promise.withResolvers<void>()
  gate.opened = promise
  const leaving = new AbortController()
  const asked = fetch(server.url, {
    method: 'POST',
    signal: leaving.signal,
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...as('north.anna') },
    body: JSON.stringify({ query }),
  }).catch(() => null)
  const [sse] = transports as readonly [Transport]
  // As soon as the place is taken.
  await vi.waitFor(async () => {
    const other = new AbortController()
    const response = await Promise.race([
      fetch(server.url, {
        method: 'POST',
        signal: other.signal,
        headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...as('north.anna') },
        body: JSON.stringify({ query }),
      }),
      new Promise<null>(done => setTimeout(() => done(null), 200)),
    ])
    other.abort()
    expect(response?.status).toBe(429)
  })
  leaving.abort()
  await asked
  resolve()
  const opened = await untilOpen(sse, server, 'north.anna')
  await opened.leave()
})

test('the places of a WebSocket whose other end is silently gone come back', { timeout: 60_000 }, async () => {
  const { server } = await start({ perViewer: 1 })
  await using _ = server
  const socket = new WebSocket(server.url.replace('http', 'ws'), 'graphql-transport-ws', { autoPong: false })
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'connection_init', payload: as('north.anna') }))
  await once(socket, 'message')
  socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query } }))
  const [, ws] = transports as readonly [Transport, Transport]
  await vi.waitFor(async () => {
    const opened = await ws.open(server, 'north.anna')
    await opened.leave()
    expect(opened.first).toMatchObject(refused(/as many/))
  }, 5_000)
  // It answers nothing from now on, as a machine that lost its network.
  await once(socket, 'close')
  const opened = await untilOpen(ws, server, 'north.anna')
  await opened.leave()
})
