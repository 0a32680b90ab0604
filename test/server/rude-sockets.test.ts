// Clients of WebSockets that end, send or read as no program of good manners does.
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { PlainSocket, startAuthenticating } from './authentication-world.ts'

let socket: Socket | undefined
afterEach(() => void socket?.destroy())

const upgrade = (port: string, path: string, ...headers: readonly string[]): string =>
  [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: graphql-transport-ws',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
    '\r\n',
  ].join('\r\n')

async function connected(port: string, options = {}): Promise<Socket> {
  socket = createConnection({ port: Number(port), host: '127.0.0.1', ...options })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

const ask = JSON.stringify({ query: '{ __typename }' })

describe('a WebSocket that is refused', () => {
  test.each([
    ['on another path', '/nowhere', ''],
    ['from another origin', '/graphql', 'Origin: http://evil.example'],
  ])('%s may be reset, and the server goes on', async (_, path, ...headers) => {
    await using world = await startAuthenticating()
    const { port } = new URL(world.server.origin)
    const faults: unknown[] = []
    const onFault = (error: unknown) => faults.push(error)
    process.on('uncaughtException', onFault)
    try {
      for (let sent = 0; sent < 50; sent += 1) {
        const client = await connected(port)
        client.write(upgrade(port, path, ...headers.filter(Boolean)))
        // Some before the answer, some after it.
        if (sent % 2 === 0) await once(client, 'data')
        client.resetAndDestroy()
      }
      expect((await world.server.post(ask)).status).toBe(401)
      expect(faults).toEqual([])
    } finally {
      process.off('uncaughtException', onFault)
    }
  })

  test('does not stay open for as long as its client likes', async () => {
    await using world = await startAuthenticating()
    const { port } = new URL(world.server.origin)
    const client = await connected(port, { allowHalfOpen: true })
    client.write(upgrade(port, '/nowhere'))
    client.resume()
    await once(client, 'end')
    // It does not hang up: the server's end would wait for that.
    await world.server.shutDown()
    expect(client.writable).toBe(true)
  })
})

describe('a WebSocket whose client does not read', () => {
  /** As they come from a client: masked, here with zeros. */
  const frame = (text: string): Buffer => {
    const head = Buffer.alloc(14)
    head[0] = 0x81
    head[1] = 0x80 | 127
    head.writeBigUInt64BE(BigInt(text.length), 2)
    return Buffer.concat([head, Buffer.from(text)])
  }
  const ping = (length: number) => JSON.stringify({ type: 'ping', payload: { x: 'y'.repeat(length) } })
  const floodBytes = 30_000_000

  test.each([200_000, 2_000])('is not read from either: pings of %i characters', async length => {
    const piece = frame(ping(length))
    await using world = await startAuthenticating()
    const { port } = new URL(world.server.origin)
    const client = await connected(port)
    client.write(upgrade(port, '/graphql'))
    await once(client, 'readable')
    for (let bytes = 0; bytes < floodBytes; bytes += piece.length) client.write(piece)
    // Until nothing moves any more.
    const left = [Number.NaN]
    const isStill = () => left.push(client.writableLength) > 0 && left.at(-1) === left.at(-2)
    await expect.poll(isStill, { interval: 500, timeout: 15_000 }).toBe(true)
    expect(client.writableLength).toBeGreaterThan(0)
    // Others are served meanwhile.
    expect((await world.server.post(ask)).status).toBe(401)
    const other = await PlainSocket.open(world.server.url)
    other.send({ type: 'ping' })
    await other.next('pong')
    other.close()
    // And so is it, once it reads.
    client.resume()
    await once(client, 'drain')
    expect(client.writableLength).toBe(0)
  })

  test('may be reset: what it missed is in no log', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    onTestFinished(() => printed.mockRestore())
    {
      await using world = await startAuthenticating()
      const { port } = new URL(world.server.origin)
      const client = await connected(port)
      client.write(upgrade(port, '/graphql'))
      await once(client, 'readable')
      for (let sent = 0; sent < 10_000; sent += 1) client.write(frame(ping(2_000)))
      const other = await PlainSocket.open(world.server.url)
      other.send({ type: 'ping' })
      await other.next('pong')
      client.resetAndDestroy()
    }
    expect(printed).not.toHaveBeenCalled()
  })
})

test('one viewer cannot take all the connections that there are', async () => {
  await using world = await startAuthenticating()
  const [greedy, other] = [world.fake.issue('greedy'), world.fake.issue('other')]
  const signedIn = async (credential: string) => {
    const client = await PlainSocket.open(world.server.url, { authorization: `Bearer ${credential}` })
    client.send({ type: 'connection_init' })
    return client
  }
  const held = await Promise.all(Array.from({ length: 500 }, () => signedIn(greedy)))
  await Promise.all(held.map(client => client.next('connection_ack')))
  expect(await (await signedIn(greedy)).closed).toEqual({
    code: 1013,
    reason: 'You have as many connections open as you may at once (500). End one, or try again later.',
  })
  await (await signedIn(other)).next('connection_ack')
  held[0]?.close()
  await held[0]?.closed
  // The server has learnt of that by the time that it answers the next.
  await (await signedIn(other)).next('connection_ack')
  await (await signedIn(greedy)).next('connection_ack')
})
