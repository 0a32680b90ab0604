import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { connectorRow } from '../schema/schema-world.ts'
import { type AuthenticationWorld, PlainSocket, sendRaw, startAuthenticating } from './authentication-world.ts'
import { RawConnection } from './raw-http.ts'

const who = '{ viewer { id workspaceId kind } }'
const json = { 'content-type': 'application/json' }
const find = vi.fn(async () => connectorRow('c1'))
const start = vi.fn(async () => Promise.reject(new Error('must not be called')))

interface Answer {
  readonly status: number
  readonly challenge: string | null
  readonly text: string
}

async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response
  return { status, challenge: headers.get('www-authenticate'), text: await response.text() }
}

type Door = (url: string, authorization: string | null) => Promise<Answer>
const headersOf = (authorization: string | null) => (authorization === null ? {} : { authorization })
const post =
  (accept: string, query = who): Door =>
  async (url, authorization) =>
    answerOf(
      await fetch(url, {
        method: 'POST',
        headers: { ...json, accept, ...headersOf(authorization) },
        body: JSON.stringify({ query }),
      }),
    )

const watch = 'subscription { testConnection(input: { target: { saved: { name: "x" } } }) { __typename } }'
const doors: Readonly<Record<string, Door>> = {
  'a POST that accepts application/json': post('application/json'),
  'a POST that accepts application/graphql-response+json': post('application/graphql-response+json'),
  'a POST that accepts anything': post('*/*', '{ connector(by: { name: "x" }) { id } }'),
  'a query that accepts a stream of events': post('text/event-stream'),
  'a subscription': post('text/event-stream', watch),
  'a document that is none': post('application/json', '{ broken'),
  'a GET': async (url, authorization) =>
    answerOf(
      await fetch(`${url}?query=${encodeURIComponent(who)}`, {
        headers: { 'x-graphql-yoga-csrf': '1', accept: 'application/json', ...headersOf(authorization) },
      }),
    ),
}

const plain = 'Bearer realm="patchbay"'
const challenged = (words: string) => `${plain}, error="invalid_token", error_description="${words}"`
const refused = challenged('The credential is not accepted.')

/** What is sent, and what comes back. */
const cases: Readonly<Record<string, readonly [() => string | null, number, string | null]>> = {
  missing: [() => null, 401, plain],
  'of another scheme': [() => `Basic ${btoa('ada:hunter2')}`, 401, refused],
  empty: [() => 'Bearer', 401, refused],
  'of no known kind': [() => 'Bearer hunter2', 401, refused],
  twice: [() => `Bearer ${ada}, Bearer ${ada}`, 401, refused],
  wrong: [() => 'Bearer fake-hunter2', 401, refused],
  expired: [() => `Bearer ${state('EXPIRED')}`, 401, challenged('The credential has expired.')],
  revoked: [() => `Bearer ${state('REVOKED')}`, 401, refused],
  'without a workspace': [() => `Bearer ${state('INCOMPLETE')}`, 401, refused],
  'not judged now': [() => `Bearer ${state('UNAVAILABLE')}`, 503, null],
  'judged by code with a bug': [() => `Bearer ${state('BROKEN')}`, 503, null],
}

let closed: AuthenticationWorld
let open: AuthenticationWorld
let ada: string
beforeAll(async () => {
  const fakes = { connectors: { find }, connectionTests: { start } }
  closed = await startAuthenticating(fakes)
  open = await startAuthenticating(fakes, { open: true })
})
afterAll(async () => {
  await closed?.[Symbol.asyncDispose]()
  await open?.[Symbol.asyncDispose]()
})
beforeEach(() => {
  for (const { fake } of [closed, open]) ada = fake.issue('ada')
  find.mockClear()
  start.mockClear()
})
const state = (value: Parameters<AuthenticationWorld['fake']['set']>[1]) => {
  for (const { fake } of [closed, open]) fake.set(ada, value)
  return ada
}

describe.each(Object.entries(cases))('a credential that is %s', (_name, [authorizationOf, status, challenge]) => {
  test.each(Object.entries(doors))('is refused to %s', async (_door, ask) => {
    const answer = await ask(closed.server.url, authorizationOf())
    expect([answer.status, answer.challenge]).toEqual([status, challenge])
    expect(answer.text).toContain(status === 401 ? '"code":"UNAUTHENTICATED"' : '"code":"UNAVAILABLE"')
    expect(answer.text).not.toMatch(/hunter2|"data"|realm|"http"/)
    expect(find).not.toHaveBeenCalled()
    expect(start).not.toHaveBeenCalled()
  })

  test('is refused where one without would be let in', async () => {
    const authorization = authorizationOf()
    if (authorization === null)
      return expect(await doors['a GET']?.(open.server.url, null)).toMatchObject({ status: 200 })
    for (const ask of Object.values(doors)) {
      expect(await ask(open.server.url, authorization)).toMatchObject({ status, challenge })
    }
  })

  test('is refused to a WebSocket, in the header and in the first message', async () => {
    const authorization = authorizationOf()
    const code = status === 503 ? 1013 : 4403
    const inHeader = await PlainSocket.open(closed.server.url, headersOf(authorization))
    inHeader.send({ type: 'connection_init' })
    const inMessage = await PlainSocket.open(closed.server.url)
    inMessage.send({ type: 'connection_init', payload: headersOf(authorization) })
    // What comes right behind is not looked at.
    for (const socket of [inHeader, inMessage]) {
      socket.send({ type: 'subscribe', id: '1', payload: { query: '{ connector(by: { name: "x" }) { id } }' } })
      const end = await socket.closed
      expect(end.code).toBe(code)
      expect(end.reason).not.toContain('hunter2')
      expect(socket.messages).toEqual([])
    }
    expect(find).not.toHaveBeenCalled()
  })
})

describe('a good credential', () => {
  const viewer = { id: 'user:ada', workspaceId: 'ada', kind: 'USER' }

  test.each(['bearer', 'Bearer', 'BEARER'])('opens HTTP after %s', async scheme => {
    const { status, text } = await post('application/json')(closed.server.url, `${scheme} ${ada}`)
    expect([status, JSON.parse(text)]).toEqual([200, { data: { viewer } }])
  })

  test('opens HTTP where no one is needed, as who it says', async () => {
    const { text } = await post('application/json')(open.server.url, `Bearer ${ada}`)
    expect(JSON.parse(text)).toEqual({ data: { viewer } })
    const { text: anybody } = await post('application/json')(open.server.url, null)
    expect(JSON.parse(anybody)).toEqual({ data: { viewer: { id: 'local', workspaceId: 'default', kind: 'LOCAL' } } })
  })

  test.each([
    ['header', (authorization: string) => [{ authorization }, {}]],
    ['first message', (authorization: string) => [{}, { authorization }]],
    ['first message, written in capitals', (authorization: string) => [{}, { Authorization: authorization }]],
  ] as const)('opens a WebSocket by its %s', async (_where, places) => {
    const [headers, payload] = places(`Bearer ${ada}`)
    const socket = await PlainSocket.open(closed.server.url, headers as Record<string, string>)
    socket.send({ type: 'connection_init', payload })
    await socket.next('connection_ack')
    socket.send({ type: 'subscribe', id: '1', payload: { query: who } })
    expect((await socket.next('next')).payload).toEqual({ data: { viewer } })
    socket.close()
  })

  test('counts for nothing in an address, a cookie, a body or another header', async () => {
    const elsewhere = { cookie: `authorization=Bearer ${ada}; token=${ada}`, 'x-authorization': `Bearer ${ada}` }
    const response = await fetch(`${closed.server.url}?authorization=${ada}&access_token=${ada}`, {
      method: 'POST',
      headers: { ...json, ...elsewhere },
      body: JSON.stringify({ query: who, access_token: ada, authorization: `Bearer ${ada}` }),
    })
    expect(response.status).toBe(401)
  })
})

describe('on one connection', () => {
  const request = (authorization: string | null, query: string) => {
    const body = JSON.stringify({ query })
    const lines = [
      'POST /graphql HTTP/1.1',
      'Host: localhost',
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      ...(authorization === null ? [] : [`Authorization: ${authorization}`]),
    ]
    return `${lines.join('\r\n')}\r\n\r\n${body}`
  }
  const bodies = (answer: string) => [...answer.matchAll(/^\{.*\}/gm)].map(([body]) => JSON.parse(body) as unknown)
  const isViewer = (name: string) => ({ data: { viewer: { id: `user:${name}` } } })
  const isRefused = { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] }
  const end = (answer: string, count: number) => answer.split('HTTP/1.1 ').length > count

  test.each([
    ['one after the other', false],
    ['in a pipeline', true],
  ])('each request is its own, %s', async (_name, isPipelined) => {
    const bob = closed.fake.issue('bob')
    const wanted = [`Bearer ${ada}`, null, `Bearer ${bob}`, 'Bearer fake-eve', null, `Bearer ${ada}`, `Bearer ${bob}`]
    const expected = wanted.map(each =>
      each?.endsWith('ada') ? isViewer('ada') : each?.endsWith('bob') ? isViewer('bob') : isRefused,
    )
    const requests = wanted.map(authorization => request(authorization, '{ viewer { id } }'))
    const port = Number(new URL(closed.server.url).port)
    const last = new RegExp(`^(?:[\\s\\S]*HTTP/1\\.1 ){${wanted.length}}[\\s\\S]*\\r\\n\\r\\n\\{.*\\}$`)
    const answer = isPipelined ? await sendRaw(port, [requests.join('')], last) : await sendRaw(port, requests, last)
    expect(bodies(answer)).toMatchObject(expected)
    expect(end(answer, wanted.length)).toBe(true)
  })

  test('a request that is answered late is still its own', async () => {
    const begun = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const seen: string[] = []
    await using world = await startAuthenticating({
      connectors: {
        find: async viewer => {
          if (seen.length === 0) {
            begun.resolve()
            await release.promise
          }
          seen.push(viewer.id)
          return connectorRow(viewer.workspace.id)
        },
      },
    })
    const [first, second] = [world.fake.issue('first'), world.fake.issue('second')]
    const query = '{ connector(by: { name: "x" }) { name } }'
    const port = Number(new URL(world.server.url).port)
    const pipeline = request(`Bearer ${first}`, query) + request(`Bearer ${second}`, query)
    const answering = sendRaw(port, [pipeline], /second[\s\S]*\}$/)
    await begun.promise
    // Others come in between, on connections of their own.
    await post('application/json', who)(world.server.url, `Bearer ${second}`)
    release.resolve()
    expect(bodies(await answering)).toEqual([
      { data: { connector: { name: 'Connector first' } } },
      { data: { connector: { name: 'Connector second' } } },
    ])
    expect(new Set(seen)).toEqual(new Set(['user:first', 'user:second']))
  })

  test('a body that is held back until its caller is revoked does nothing', async () => {
    const found = vi.fn(async () => connectorRow('c1'))
    await using world = await startAuthenticating({ connectors: { find: found } })
    const credential = world.fake.issue('slow')
    const connection = await RawConnection.to(world.server)
    const whole = request(`Bearer ${credential}\r\nConnection: close`, '{ connector(by: { name: "x" }) { name } }')
    connection.write(whole.slice(0, -1))
    await expect.poll(() => world.fake.judged).toEqual([credential])
    world.fake.set(credential, 'REVOKED')
    const now = performance.now.bind(performance)
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + 5_000)
    onTestFinished(() => clock.mockRestore())
    connection.write(whole.slice(-1))
    expect(await connection.answer).toMatch(/^HTTP\/1\.1 401 [\s\S]*not accepted/)
    expect(found).not.toHaveBeenCalled()
  })

  test('several credentials are none, be they equal', async () => {
    const port = Number(new URL(closed.server.url).port)
    const twice = request(`Bearer ${ada}\r\naUTHORIZATION: Bearer ${ada}`, who)
    expect(await sendRaw(port, [twice], /\}$/)).toMatch(/^HTTP\/1\.1 401 [\s\S]*not accepted/)
    const socket = await PlainSocket.open(closed.server.url, { authorization: `Bearer ${ada}` })
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${ada}` } })
    expect(await socket.closed).toMatchObject({ code: 4403 })
    const spelt = await PlainSocket.open(open.server.url)
    spelt.send({
      type: 'connection_init',
      payload: { Authorization: `Bearer ${ada}`, authorization: 'Bearer fake-eve' },
    })
    expect(await spelt.closed).toMatchObject({ code: 4403 })
  })

  test('sockets of several viewers do not mix', async () => {
    const names = ['north', 'south', 'east', 'west']
    const sockets = await Promise.all(
      names.map(async name => {
        const socket = await PlainSocket.open(closed.server.url)
        socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${closed.fake.issue(name)}` } })
        await socket.next('connection_ack')
        return socket
      }),
    )
    for (let round = 0; round < 20; round++) {
      for (const socket of sockets) socket.send({ type: 'subscribe', id: `${round}`, payload: { query: who } })
    }
    for (const [index, socket] of sockets.entries()) {
      for (let round = 0; round < 20; round++) {
        const { payload } = await socket.next('next', `${round}`)
        expect(payload).toMatchObject({ data: { viewer: { id: `user:${names[index]}`, workspaceId: names[index] } } })
      }
      socket.close()
    }
  })
})

describe('before anybody is recognised', () => {
  test('no body is read', async () => {
    const port = Number(new URL(closed.server.url).port)
    const head = (length: string) =>
      `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${length}\r\n\r\n`
    for (const length of ['Content-Length: 200000', 'Transfer-Encoding: chunked', 'Content-Length: 999999999']) {
      // The body never comes; the answer does.
      expect(await sendRaw(port, [head(length)], /\}/)).toMatch(/^HTTP\/1\.1 401 /)
    }
  })

  test('health, readiness, the page of GraphiQL and a question of CORS are answered', async () => {
    await using world = await startAuthenticating({}, { allowedOrigins: ['https://console.example'] })
    const { origin, url } = world.server
    expect((await fetch(`${origin}/health`)).status).toBe(200)
    expect((await fetch(`${origin}/ready`)).status).toBe(200)
    const page = await fetch(url, { headers: { accept: 'text/html' } })
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')])
    await page.body?.cancel()
    const asked = await fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://console.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization, content-type',
      },
    })
    expect([asked.status, asked.headers.get('access-control-allow-headers')]).toEqual([
      204,
      expect.stringMatching(/authorization/i),
    ])
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...json, origin: 'https://console.example' },
      body: JSON.stringify({ query: who }),
    })
    // A page can read why it was refused.
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([
      401,
      'https://console.example',
    ])
  })

  test('a WebSocket does nothing, and is closed when nobody says who it is', async () => {
    await using world = await startAuthenticating({ connectors: { find } }, { initWaitMs: 50 })
    const silent = await PlainSocket.open(world.server.url)
    expect(await silent.closed).toMatchObject({ code: 4408 })
    const hasty = await PlainSocket.open(world.server.url)
    hasty.send({ type: 'subscribe', id: '1', payload: { query: '{ connector(by: { name: "x" }) { id } }' } })
    expect(await hasty.closed).toMatchObject({ code: 4401 })
    expect(find).not.toHaveBeenCalled()
  })
})

describe('a failed sign-in', () => {
  test('is in the log without the credential, and only a few times a second', async () => {
    await using world = await startAuthenticating()
    const flood = Array.from({ length: 50 }, (_, index) => `Bearer fake-hunter2-${index}`)
    for (const authorization of flood) await post('application/json')(world.server.url, authorization)
    const lines = () =>
      world.server
        .log()
        .split('\n')
        .filter(line => line.includes('let in'))
    await vi.waitFor(() => expect(lines().at(-1)).toContain('More callers were not let in'), { timeout: 5_000 })
    expect(lines()[0]).toMatch(/"transport":"http","code":"INVALID"/)
    const counted = lines().flatMap(line => /"count":(\d+)/.exec(line)?.[1] ?? [])
    const single = lines().length - counted.length
    expect(single + counted.reduce((sum, count) => sum + Number(count), 0)).toBe(flood.length)
    expect(single).toBeLessThan(flood.length)
    expect(world.server.log()).not.toContain('hunter2')
  })

  test('is in the audit log of whose credential it was', async () => {
    await using world = await startAuthenticating()
    const token = world.fake.issue('north')
    world.fake.set(token, 'REVOKED')
    await post('application/json')(world.server.url, `Bearer ${token}`)
    await post('application/json')(world.server.url, 'Bearer fake-nobody')
    await post('application/json')(world.server.url, null)
    expect(world.audited).toMatchObject([
      {
        actor: { id: 'user:north', workspace: { id: 'north' }, request: { address: '127.0.0.1' } },
        entry: { action: 'SIGN_IN' },
        reason: 'REVOKED',
      },
    ])
  })
})
