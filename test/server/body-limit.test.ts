import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, test } from 'vitest'
import { startServer } from './server-world.ts'

const server = await startServer()
afterAll(() => server[Symbol.asyncDispose]())

/** Begins a request whose body has no length; the caller writes it. */
const beginChunked = () => request(server.url, { method: 'POST', headers: { 'content-type': 'application/json' } })

async function answerTo(asked: ReturnType<typeof request>): Promise<{ status: number | undefined; body: unknown }> {
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  return { status: response.statusCode, body: JSON.parse(await text(response)) }
}

describe('a body of unsaid length', () => {
  test('is read whole, however it is cut', async () => {
    const asked = beginChunked()
    for (const character of '{"query":"{ __typename }"}') asked.write(character)
    asked.end()
    expect(await answerTo(asked)).toEqual({ status: 200, body: { data: { __typename: 'Query' } } })
  })

  test('may have exactly 256 KB', async () => {
    const asked = beginChunked()
    asked.end('{"query":"{ __typename }"}'.padEnd(256 * 1024))
    expect((await answerTo(asked)).status).toBe(200)
    const larger = beginChunked()
    larger.end('{"query":"{ __typename }"}'.padEnd(256 * 1024 + 1))
    expect((await answerTo(larger)).status).toBe(413)
  })

  test('is refused as soon as it is too large, also when it never ends', async () => {
    const asked = beginChunked()
    asked.write('{"query":"'.padEnd(300_000, 'x'))
    expect(await answerTo(asked)).toMatchObject({
      status: 413,
      body: { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
    })
    asked.destroy()
  })

  test('that breaks off leaves the server as it was', async () => {
    const asked = beginChunked().on('error', () => undefined)
    asked.write('{"query":')
    await once(asked, 'socket')
    asked.destroy()
    expect((await server.post({ query: '{ __typename }' })).status).toBe(200)
  })
})

test('a length that is said is believed before anything is sent', async () => {
  const headers = { 'content-type': 'application/json', 'content-length': 256 * 1024 + 1 }
  const asked = request(server.url, { method: 'POST', headers })
  asked.flushHeaders()
  expect((await answerTo(asked)).status).toBe(413)
  asked.destroy()
})
