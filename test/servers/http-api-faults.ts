import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib'
import type { Answerer } from './http-api-double.ts'

const json = { 'content-type': 'application/json' }

/** A sound answer, but for what is given. */
export const answer =
  (body: string | Buffer, headers: Readonly<Record<string, string | string[]>> = {}, status = 200): Answerer =>
  (_, response) => {
    response.writeHead(status, { ...json, ...headers }).end(body)
  }

/** Bytes that no server of HTTP would let anybody say. The connection stays open unless it `ends`. */
export const raw =
  (bytes: string | Buffer, { ends = true } = {}): Answerer =>
  (_, response) => {
    // A response has a socket until it has ended.
    response.socket?.write(bytes)
    if (ends) response.socket?.end()
  }

export const redirect = (location: string, status = 302, body = ''): Answerer =>
  answer(body, { location, 'content-type': 'text/html' }, status)

type Encoding = 'gzip' | 'br' | 'deflate'

const pack: Readonly<Record<Encoding, (bytes: Buffer) => Buffer>> = {
  gzip: bytes => gzipSync(bytes),
  br: bytes => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } }),
  deflate: bytes => deflateSync(bytes),
}

export const packed = (encoding: Encoding, text: string): Answerer =>
  answer(pack[encoding](Buffer.from(text)), { 'content-encoding': encoding })

const bombs = new Map<string, Buffer>()
function bomb(encoding: Encoding, bytes: number): Buffer {
  const key = `${encoding} ${bytes}`
  const made =
    bombs.get(key) ?? pack[encoding](Buffer.concat([Buffer.from('["'), Buffer.alloc(bytes, 'a'), Buffer.from('"]')]))
  bombs.set(key, made)
  return made
}

/** JSON that is a thousand times as long as what is sent of it. */
export const packedBomb = (encoding: Encoding, bytes: number): Answerer =>
  answer(bomb(encoding, bytes), { 'content-encoding': encoding })

/** The same, packed once more. */
export const nestedBomb = (bytes: number): Answerer =>
  answer(gzipSync(bomb('gzip', bytes)), { 'content-encoding': 'gzip, gzip' })

/** One byte at a time, to the end. */
export const dripped =
  (text: string, everyMs = 0): Answerer =>
  async (_, response) => {
    response.writeHead(200, json)
    response.socket?.setNoDelay(true)
    for (const byte of Buffer.from(text)) {
      if (response.destroyed) return
      response.write(Buffer.from([byte]))
      await delay(everyMs)
    }
    response.end()
  }

/** Says that it is `length` long, and is not. */
export const lyingLength = (text: string, length: number): Answerer =>
  raw(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${text}`)

/** The same bytes again and again, until the client has had enough. */
export const endless =
  (head: string, again: string): Answerer =>
  async (_, response) => {
    const { socket } = response
    if (!socket) return
    socket.write(head)
    const chunk = again.repeat(Math.ceil(16_384 / again.length))
    while (!socket.destroyed) {
      if (socket.write(chunk)) await delay(1)
      else await Promise.race([once(socket, 'drain'), once(socket, 'close')])
    }
  }

/** The head and the first half of an answer, and then nothing more. */
export const halfAnswer: Answerer = (_, response) => {
  response.writeHead(200, { ...json, 'content-length': '5000' }).write('[{"id": 1}, ')
}

/** What a request that is not signed in gets of a portal for people. */
export const loginPage: Answerer = (_, response) => {
  response
    .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    .end('<!DOCTYPE html><html><head><title>Sign in</title></head><body><form></form></body></html>')
}

/** First one thing, then another; the last for ever. */
export const inTurn =
  (...answerers: readonly Answerer[]): Answerer =>
  (request, response, nth) =>
    (answerers[Math.min(nth, answerers.length) - 1] ?? noAnswer)(request, response, nth)

const noAnswer = (_: unknown, response: ServerResponse): void => {
  response.destroy()
}
