import { once } from 'node:events'
import { expect, test } from 'vitest'
import WebSocket from 'ws'
import { as, namedViewers } from './named-viewers.ts'
import { type ServerWorld, startServer } from './server-world.ts'

const start = (maxUnrecognised: number) => startServer({}, { identity: namedViewers, maxUnrecognised })

async function open({ url }: ServerWorld): Promise<WebSocket> {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws')
  await once(socket, 'open')
  return socket
}

/** Opens one and says who it is; resolves with the socket when it is recognised. */
async function recognised(server: ServerWorld, viewer: string): Promise<WebSocket> {
  const socket = await open(server)
  socket.send(JSON.stringify({ type: 'connection_init', payload: as(viewer) }))
  expect(JSON.parse(String((await once(socket, 'message'))[0]))).toEqual({ type: 'connection_ack' })
  return socket
}

test('WebSockets that never say who opened them keep nobody out who does', async () => {
  await using server = await start(5)
  const silent = await Promise.all(Array.from({ length: 5 }, () => open(server)))
  const first = Promise.any(silent.map(socket => once(socket, 'close')))
  for (const viewer of ['north.anna', 'north.bert', 'south.anna']) await recognised(server, viewer)
  await first
  // The first who came made one leave; nobody who is recognised needs such a place any more.
  expect(silent.filter(({ readyState }) => readyState === WebSocket.OPEN)).toHaveLength(4)
})

test('nor do they take anything from who is recognised already', async () => {
  await using server = await start(2)
  const socket = await recognised(server, 'north.anna')
  const silent = []
  for (let count = 0; count < 10; count++) silent.push(await open(server))
  // The last two may stay.
  await Promise.all(silent.slice(0, 8).map(each => each.readyState === WebSocket.CLOSED || once(each, 'close')))
  expect(silent.slice(8).map(({ readyState }) => readyState)).toEqual([WebSocket.OPEN, WebSocket.OPEN])
  socket.send(JSON.stringify({ type: 'ping' }))
  expect(String((await once(socket, 'message'))[0])).toContain('pong')
})
