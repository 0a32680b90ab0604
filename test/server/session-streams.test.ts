import { once } from 'node:events'
import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createWsClient } from 'graphql-ws'
import { describe, expect, test, vi } from 'vitest'
import WebSocket from 'ws'
import { connectorRow, snapshot, testRow } from '../schema/schema-world.ts'
import { type AuthenticationWorld, PlainSocket, startAuthenticating } from './authentication-world.ts'

const document = 'subscription { testConnection(input: { target: { saved: { name: "x" } } }) { __typename } }'
const planned = { data: { testConnection: { __typename: 'ConnectionTestPlanned' } } }
const ended = { errors: [{ message: 'The credential is not accepted.', extensions: { code: 'UNAUTHENTICATED' } }] }

/** Sources that give one event each and then are silent until they are ended. */
class SilentSources {
  open = 0
  readonly #news = new EventTarget()

  begin(signal: AbortSignal) {
    this.open++
    const over = Promise.withResolvers<void>()
    const close = () => {
      if (isOver) return
      isOver = true
      this.open--
      over.resolve()
      this.#news.dispatchEvent(new Event('end'))
    }
    let isOver = false
    let isGiven = false
    signal.addEventListener('abort', close, { once: true })
    const done = { done: true, value: undefined } as const
    const source = {
      next: async () => {
        if (isGiven) return over.promise.then(() => done)
        isGiven = true
        const event = { type: 'PLANNED' as const, sequence: 1, at: '2026-11-22T09:30:00.000Z', steps: [] }
        return { done: false as const, value: { testId: 't1', event, snapshot: snapshot() } }
      },
      return: async () => {
        close()
        return done
      },
      [Symbol.asyncIterator]: () => source,
    }
    return source
  }

  async untilNone(): Promise<void> {
    while (this.open > 0) await once(this.#news, 'end')
  }
}

async function startStreaming(fakes: Parameters<typeof startAuthenticating>[0] = {}) {
  const sources = new SilentSources()
  const world = await startAuthenticating({
    connectionTests: {
      start: async () => testRow('t1'),
      stream: async (_viewer, _id, { signal }) => sources.begin(signal),
    },
    ...fakes,
  })
  const token = (name: string, workspace = 'north') =>
    world.fake.issue(`${workspace}-${name}`, { id: `token:${name}`, kind: 'API_TOKEN' })
  return { world, sources, token }
}

/** As when the token is revoked by this or another process. */
function revoke({ fake, wakeUp }: AuthenticationWorld, credential: string): void {
  fake.set(credential, 'REVOKED')
  wakeUp(`api-token:${credential.split('-').at(-1)}`)
}

interface Client {
  iterate(query: string): AsyncIterableIterator<unknown>
  dispose(): void | Promise<void>
}
const transports: readonly { readonly name: string; readonly open: (url: string, credential: string) => Client }[] = [
  {
    name: 'SSE',
    open: (url, credential) => {
      // It would begin anew whenever the line is cut.
      const client = createSseClient({ url, headers: { authorization: `Bearer ${credential}` }, retryAttempts: 3 })
      return { iterate: query => client.iterate({ query }), dispose: () => client.dispose() }
    },
  },
  {
    name: 'WebSocket',
    open: (url, credential) => {
      const client = createWsClient({
        url: url.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${credential}` },
        retryAttempts: 3,
        retryWait: async () => {},
      })
      return { iterate: query => client.iterate({ query }), dispose: () => client.dispose() }
    },
  },
]

describe.each(transports)('a stream over $name', ({ open }) => {
  test('ends with an error when its token is revoked, though nothing else happens; those of others go on', async () => {
    const { world, sources, token } = await startStreaming()
    await using _ = world
    const [revoked, other] = [token('1'), token('2')]
    const clients = [open(world.server.url, revoked), open(world.server.url, other)] as const
    const streams = clients.map(client => client.iterate(document))
    for (const stream of streams) expect(await stream.next()).toMatchObject({ value: planned })
    const [ending, going] = streams.map(stream => stream.next())
    let isGoing = true
    void going?.finally(() => {
      isGoing = false
    })
    revoke(world, revoked)
    expect(await ending).toMatchObject({ done: false, value: ended })
    expect(await streams[0]?.next()).toMatchObject({ done: true })
    expect([sources.open, isGoing]).toEqual([1, true])
    const started = world.fake.judged.filter(each => each === revoked).length
    await clients[0].dispose()
    await streams[1]?.return?.()
    await clients[1].dispose()
    await sources.untilNone()
    // The client took the error for the end, and did not come back.
    expect(world.fake.judged.filter(each => each === revoked)).toHaveLength(started)
  })

  test('ends without its client reading on', async () => {
    const { world, sources, token } = await startStreaming()
    await using _ = world
    const revoked = token('1')
    const client = open(world.server.url, revoked)
    const stream = client.iterate(document)
    expect(await stream.next()).toMatchObject({ value: planned })
    revoke(world, revoked)
    await sources.untilNone()
    expect(await stream.next()).toMatchObject({ value: ended })
    await client.dispose()
  })

  test('leaves nothing behind, be it one of 1,000', async () => {
    const { world, sources, token } = await startStreaming()
    await using _ = world
    const credential = token('1')
    const asked = () => world.fake.judged.length
    const lane = async () => {
      const client = open(world.server.url, credential)
      for (let count = 0; count < 100; count++) {
        for await (const item of client.iterate(document)) {
          expect(item).toMatchObject(planned)
          break
        }
      }
      await client.dispose()
    }
    await Promise.all(Array.from({ length: 10 }, lane))
    await sources.untilNone()
    // Nobody is left who would ask, once the server has noticed that the sockets are closed.
    await vi.waitFor(async () => {
      const before = asked()
      world.wakeUp('api-token:1')
      await new Promise(setImmediate)
      expect(asked()).toBe(before)
    }, 20_000)
  }, 120_000)
})

describe('a WebSocket of a revoked token', () => {
  const connect = async (world: AuthenticationWorld, credential: string) => {
    const socket = await PlainSocket.open(world.server.url)
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${credential}` } })
    await socket.next('connection_ack')
    return socket
  }
  const subscribe = (socket: PlainSocket, id: string, query: string) =>
    socket.send({ type: 'subscribe', id, payload: { query } })

  test('is closed at once, also when nothing runs on it', async () => {
    const { world, token } = await startStreaming()
    await using _ = world
    const credential = token('1')
    const socket = await connect(world, credential)
    revoke(world, credential)
    expect(await socket.closed).toEqual({ code: 4401, reason: 'The credential is not accepted.' })
  })

  test('is closed after all its streams were told', async () => {
    const { world, sources, token } = await startStreaming()
    await using _ = world
    const credential = token('1')
    const socket = await connect(world, credential)
    const ids = Array.from({ length: 50 }, (_, index) => `${index}`)
    for (const id of ids) subscribe(socket, id, document)
    for (const id of ids) await socket.next('next', id)
    revoke(world, credential)
    expect(await socket.closed).toMatchObject({ code: 4401 })
    for (const id of ids) {
      const own = socket.messages.filter(message => message.id === id)
      expect(own.map(({ type }) => type)).toEqual(['next', 'next', 'complete'])
      expect(own[1]?.payload).toMatchObject(ended)
    }
    await sources.untilNone()
  })

  test('answers what was running, and begins nothing', async () => {
    const begun = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const find = vi.fn(async () => {
      begun.resolve()
      await release.promise
      return connectorRow('c1')
    })
    const { world, token } = await startStreaming({ connectors: { find } })
    await using _ = world
    const credential = token('1')
    const socket = await connect(world, credential)
    const query = '{ connector(by: { name: "x" }) { name } }'
    subscribe(socket, 'running', query)
    await begun.promise
    revoke(world, credential)
    subscribe(socket, 'late', query)
    expect((await socket.next('error', 'late')).payload).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
    release.resolve()
    expect(await socket.closed).toMatchObject({ code: 4401 })
    expect(socket.messages.find(({ type, id }) => type === 'next' && id === 'running')?.payload).toEqual({
      data: { connector: { name: 'Connector c1' } },
    })
    expect(find).toHaveBeenCalledOnce()
  })

  test('begins nothing, also before anybody has noticed', async () => {
    const find = vi.fn(async () => connectorRow('c1'))
    const { world, token } = await startStreaming({ connectors: { find } })
    await using _ = world
    const credential = token('1')
    const socket = await connect(world, credential)
    world.fake.set(credential, 'REVOKED')
    subscribe(socket, '1', '{ connector(by: { name: "x" }) { name } }')
    expect((await socket.next('error', '1')).payload).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
    world.fake.set(credential, 'UNAVAILABLE')
    subscribe(socket, '2', '{ connector(by: { name: "x" }) { name } }')
    expect((await socket.next('error', '2')).payload).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
    expect(find).not.toHaveBeenCalled()
    socket.close()
  })
})
