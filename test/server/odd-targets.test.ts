import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerTo, statusesIn } from './raw-http.ts'
import { type ServerWorld, startServer } from './server-world.ts'

let server: ServerWorld
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server?.[Symbol.asyncDispose]())

// What HTTP has for proxies, and for the server as a whole: the library makes no address of them.
test.each(['*', 'http://[/graphql', 'http://127.0.0.1/graphql', 'http://evil.example/graphql', 'https://'])(
  'a request for %s is refused, and is no fault of the server',
  async target => {
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const answer = await answerTo(
        server,
        `${method} ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      )
      expect(statusesIn(answer)).toEqual([400])
    }
    expect(server.log()).not.toContain('"level":"error"')
  },
)
