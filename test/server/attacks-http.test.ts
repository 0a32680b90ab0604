// Rows of the table of attacks (see attacks-documents.test.ts) that are below GraphQL: bodies, headers, time, origins.
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { connectorRow } from '../schema/schema-world.ts'
import { answerTo, RawConnection, statusesIn } from './raw-http.ts'
import { type ServerWorld, startServer } from './server-world.ts'

const find = vi.fn(async () => connectorRow('c1'))
const remove = vi.fn(async () => Promise.reject(new Error('Nothing may be deleted here.')))
const hidden = new Error('connect to postgres://admin:hunter2@10.0.0.1/ failed')
const findDataset = vi.fn(async () => Promise.reject(hidden))

let server: ServerWorld
beforeAll(async () => {
  server = await startServer({
    connectors: { find },
    datasets: { find: findDataset, delete: remove },
  })
})
afterAll(() => server?.[Symbol.asyncDispose]())

const body = JSON.stringify({ query: '{ __typename }' })
const good = JSON.stringify({ data: { __typename: 'Query' } })
const json = { 'content-type': 'application/json' }
const head = (...headers: readonly string[]) => ['POST /graphql HTTP/1.1', 'Host: localhost', ...headers].join('\r\n')
const deletion = 'mutation { deleteDataset(input: { id: "x" }) { __typename } }'

/** Whatever was done to it, the server answers the next one. */
const expectAlive = async (world: ServerWorld = server) =>
  expect((await world.post(body)).body).toEqual({ data: { __typename: 'Query' } })

describe('13. a body', () => {
  test('of 5 MB is refused by its length, before it is sent', async () => {
    const answer = await answerTo(
      server,
      `${head('Content-Type: application/json', 'Content-Length: 5242880', 'Connection: close')}\r\n\r\n`.concat('x'),
    )
    expect(statusesIn(answer)).toEqual([413])
  })

  test('of 5 MB whose length is not said is refused while it is sent', async () => {
    const connection = await RawConnection.to(server)
    connection.write(
      `${head('Content-Type: application/json', 'Transfer-Encoding: chunked', 'Connection: close')}\r\n\r\n`,
    )
    for (let sent = 0; sent < 5; sent += 1) connection.write(`100000\r\n${'x'.repeat(2 ** 20)}\r\n`)
    connection.write('0\r\n\r\n')
    expect(statusesIn(await connection.answer)).toEqual([413])
  })

  test.each([
    ['two lengths that differ', ['Content-Length: 1', `Content-Length: ${body.length}`]],
    ['two lengths in one', [`Content-Length: 1,${body.length}`]],
    ['the same length twice in one', [`Content-Length: ${body.length},${body.length}`]],
    ['a negative length', ['Content-Length: -1']],
    ['a length with a sign', [`Content-Length: +${body.length}`]],
    ['a length in hexadecimal', ['Content-Length: 0x1c']],
    ['a length that is no number', ['Content-Length: many']],
    ['a length of 40 digits', [`Content-Length: ${'9'.repeat(40)}`]],
    ['a length and chunks', [`Content-Length: ${body.length}`, 'Transfer-Encoding: chunked']],
    ['chunks and a length', ['Transfer-Encoding: chunked', `Content-Length: ${body.length}`]],
    ['an unknown transfer encoding', ['Transfer-Encoding: xchunked']],
    ['chunks that are not last', ['Transfer-Encoding: chunked, identity']],
    ['a hidden transfer encoding', ['Transfer-Encoding : chunked', `Content-Length: ${body.length}`]],
    [
      'a transfer encoding on a folded line',
      ['X: y', ' Transfer-Encoding: chunked', 'Transfer-Encoding:', ' chunked', 'Content-Length: 3'],
    ],
  ])('with %s is refused, and nothing after it is taken for a request', async (_name, headers) => {
    find.mockClear()
    const smuggled = JSON.stringify({ query: '{ connector(by: { name: "smuggled" }) { id } }' })
    const second = `${head('Content-Type: application/json', `Content-Length: ${smuggled.length}`)}\r\n\r\n${smuggled}`
    const answer = await answerTo(
      server,
      `${head('Content-Type: application/json', ...headers)}\r\n\r\n0\r\n\r\n${second}`,
    )
    expect(statusesIn(answer)).toEqual([400])
    expect(find).not.toHaveBeenCalled()
    await expectAlive()
  })

  test.each([
    ['a chunk whose size is no number', 'x\r\n'],
    ['a chunk larger than any', `${'f'.repeat(20)}\r\n`],
    ['a chunk that is longer than it says', `1\r\n${body}\r\n`],
  ])('in chunks with %s is refused', async (_name, chunks) => {
    const answer = await answerTo(
      server,
      `${head('Content-Type: application/json', 'Transfer-Encoding: chunked', 'Connection: close')}\r\n\r\n${chunks}`,
    )
    expect(statusesIn(answer)).toEqual([400])
  })

  test('whose chunks bring a flood of extensions is refused', async () => {
    const answer = await answerTo(
      server,
      `${head('Content-Type: application/json', 'Transfer-Encoding: chunked')}\r\n\r\n1;${'a=b;'.repeat(10_000)}\r\n{\r\n`,
    )
    expect(statusesIn(answer)).toEqual([413])
    await expectAlive()
  })

  test('that is shorter than its length makes the rest no request', async () => {
    const answer = await answerTo(
      server,
      `${head('Content-Type: application/json', `Content-Length: ${body.length}`)}\r\n\r\n${body}SMUGGLED / nonsense\r\n\r\n`,
    )
    // Node may give up the first answer with the connection.
    expect([[200, 400], [400]]).toContainEqual(statusesIn(answer))
    await expectAlive()
  })

  test.each(['gzip', 'deflate', 'br', 'zstd', 'x', 'identity, gzip'])(
    'compressed as %s is not unpacked',
    async encoding => {
      const bomb = gzipSync(Buffer.alloc(10_000_000, 0x20))
      const headers = { ...json, 'content-encoding': encoding }
      const response = await fetch(server.url, { method: 'POST', headers, body: bomb })
      expect(response.status).toBe(415)
    },
  )
})

describe('14. headers', () => {
  const withHeaders = (lines: readonly string[]) =>
    `${head('Content-Type: application/json', `Content-Length: ${body.length}`, 'Connection: close', ...lines)}\r\n\r\n${body}`

  test.each([
    ['10,000 headers', Array.from({ length: 10_000 }, (_, n) => `X-${n}: y`)],
    ['1,000 short headers', Array(1000).fill('a: b')],
    ['a header of 20 KB', [`X: ${'y'.repeat(20_000)}`]],
    ['a name of 20 KB', [`${'X'.repeat(20_000)}: y`]],
  ])('431 for %s', async (_name, lines) => {
    const answer = await answerTo(server, withHeaders(lines))
    expect(statusesIn(answer)).toEqual([431])
    await expectAlive()
  })

  test.each([
    ['a folded line', ['X: a', ' b']],
    ['a name with a blank', ['X y: a']],
    ['a NUL', ['X: a\0b']],
    ['a bare line feed', ['X: a\nY: b: c\n d']],
    ['no name', [': a']],
  ])('400 or nothing for %s', async (_name, lines) => {
    const statuses = statusesIn(await answerTo(server, withHeaders(lines)))
    // A line feed alone is an end of line to many; what matters is that it makes no second request.
    expect([[400], [200]]).toContainEqual(statuses)
    await expectAlive()
  })

  test.each(['%', '[', 'a b', '?', '#', 'x:99999999', '[::1', 'a@b', 'a/b', 'http://x', '\\'])(
    '400 for "%s" as a host, also where any name will do',
    async name => {
      await using own = await startServer({}, { production: true })
      const answer = await answerTo(own, withHeaders([]).replace('Host: localhost', `Host: ${name}`))
      expect(statusesIn(answer)).toEqual([400])
      await expectAlive(own)
    },
  )

  test('no host, and another version of HTTP, are refused', async () => {
    const rest = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`
    expect(statusesIn(await answerTo(server, `POST /graphql HTTP/1.1\r\n${rest}`))).toEqual([400])
    expect(statusesIn(await answerTo(server, `POST /graphql HTTP/3.7\r\nHost: localhost\r\n${rest}`))).toEqual([400])
    expect(statusesIn(await answerTo(server, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'))).toEqual([400])
  })
})

describe('14. clients that take their time', () => {
  const patience = { headersMs: 300, requestMs: 600, checkEveryMs: 50 }

  test('are hung up on, while others are answered', async () => {
    await using own = await startServer({}, { patience })
    const half = `${head('Content-Type: application/json')}\r\n`
    const halves = await Promise.all(Array.from({ length: 200 }, () => RawConnection.to(own)))
    for (const [index, connection] of halves.entries()) {
      // Some never end their head, others their body.
      connection.write(index % 2 === 0 ? half : `${half}Content-Length: 1000\r\n\r\n{`)
    }
    let isOver = false
    const over = Promise.all(halves.map(({ answer }) => answer)).then(answers => {
      isOver = true
      return answers
    })
    let answered = 0
    while (!isOver) {
      // A byte now and then does not help them.
      for (const [index, connection] of halves.entries()) connection.write(index % 2 === 0 ? 'X: y\r\n' : ' ')
      await expectAlive(own)
      answered += 1
    }
    expect(answered).toBeGreaterThan(3)
    for (const answer of await over) expect([[408], []]).toContainEqual(statusesIn(answer))
    expect(own.log()).not.toContain('Unexpected error')
  })

  test('before they have said anything, and between two requests, are not waited for without end', async () => {
    await using own = await startServer({}, { patience })
    const silent = await RawConnection.to(own)
    expect(statusesIn(await silent.answer)).toEqual([408])
  })

  test('that break off in the middle of a body are no fault of the server', async () => {
    const connection = await RawConnection.to(server)
    connection.write(`${head('Content-Type: application/json', 'Content-Length: 1000')}\r\n\r\n{"query":`)
    await expectAlive()
    connection.close()
    await expectAlive()
    expect(server.log()).not.toContain('Unexpected error')
  })
})

describe('15. a page of another site', () => {
  const form = new URLSearchParams({ query: deletion }).toString()
  const asJson = JSON.stringify({ query: deletion })
  const part = `--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n${asJson}\r\n--x--`

  test.each([
    ['application/x-www-form-urlencoded', form],
    ['application/x-www-form-urlencoded', `${asJson}=`],
    ['multipart/form-data; boundary=x', part],
    ['text/plain', asJson],
    ['text/plain; charset=application/json', asJson],
    ['text/plain;application/json', asJson],
    ['TEXT/PLAIN', asJson],
    ['application/x-www-form-urlencoded, application/json', asJson],
    ['text/plain, application/json', asJson],
    ['application/json, text/plain', asJson],
    ['application/json; charset=utf-16', asJson],
    ['application/json; charset=utf-7', asJson],
    ['application/graphql', deletion],
    ['application/graphql+json', asJson],
    ['application/ld+json', asJson],
    ['application/jsonp', asJson],
    ['application/octet-stream', asJson],
    ['', asJson],
  ])('cannot post an operation as "%s"', async (type, content) => {
    for (const more of [{}, { 'x-graphql-yoga-csrf': '1' }]) {
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { 'content-type': type, origin: 'https://evil.example', ...more },
        body: content,
      })
      expect([403, 415]).toContain(response.status)
    }
    expect(remove).not.toHaveBeenCalled()
  })

  test('cannot post one without a type', async () => {
    const answer = await answerTo(
      server,
      `${head(`Content-Length: ${asJson.length}`, 'Connection: close')}\r\n\r\n${asJson}`,
    )
    expect(statusesIn(answer)[0]).toBe(403)
    expect(remove).not.toHaveBeenCalled()
  })

  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset=UTF-8',
    'application/json;',
  ])('but programs can, as "%s"', async type => {
    const response = await fetch(server.url, { method: 'POST', headers: { 'content-type': type }, body })
    expect(await response.text()).toBe(good)
  })
})

describe('16. by GET', () => {
  const get = (query: string, headers: Readonly<Record<string, string>> = { 'x-graphql-yoga-csrf': '1' }, more = '') =>
    fetch(`${server.url}?query=${encodeURIComponent(query)}${more}`, {
      headers: { accept: 'application/json', ...headers },
    })

  test('a mutation is never run', async () => {
    for (const headers of [{}, { 'x-graphql-yoga-csrf': '1' }]) {
      expect([403, 405]).toContain((await get(deletion, headers)).status)
    }
    expect(
      (await get(`query A { __typename } ${deletion.replace('mutation', 'mutation B')}`, undefined, '&operationName=B'))
        .status,
    ).toBe(405)
    expect(remove).not.toHaveBeenCalled()
  })

  test('a query is run only with a header that no other site can send without asking', async () => {
    expect((await get('{ __typename }', {})).status).toBe(403)
    expect(await (await get('{ __typename }')).text()).toBe(good)
  })

  test('what is no JSON in the address is the fault of who wrote it', async () => {
    for (const more of [
      '&variables=x',
      '&variables={',
      '&extensions={',
      '&variables=[]',
      '&variables=1',
      '&operationName=x',
    ]) {
      const response = await get(
        'query A { __typename }',
        { 'x-graphql-yoga-csrf': '1', accept: 'application/graphql-response+json' },
        more,
      )
      expect(response.status).toBe(400)
      expect(await response.text()).not.toContain('INTERNAL_SERVER_ERROR')
    }
  })

  test.each(['PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'])('nor by %s', async method => {
    const answer = await answerTo(
      server,
      `${method} /graphql?query=%7B__typename%7D HTTP/1.1\r\nHost: localhost\r\nx-graphql-yoga-csrf: 1\r\nConnection: close\r\n\r\n`,
    )
    expect(statusesIn(answer)[0]).toBeGreaterThanOrEqual(400)
    expect(statusesIn(answer)[0]).toBeLessThan(500)
    expect(answer).not.toContain('"data"')
  })
})

test('17. what went wrong inside is said by an id alone', async () => {
  const { status, body: answer } = await server.post({ query: '{ dataset(id: "RGF0YXNldDpkMQ") { id } }' })
  expect(status).toBeLessThan(500)
  expect(answer.errors).toMatchObject([
    { extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) } },
  ])
  expect(findDataset).toHaveBeenCalled()
  for (const word of ['hunter2', '10.0.0.1', 'postgres', '/work', 'node_modules', 'at ', 'stack']) {
    expect(JSON.stringify(answer.errors)).not.toContain(word)
  }
})

describe('25. an EventSource', () => {
  const query = 'subscription { connectionTestProgress(id: "x") { __typename } }'
  test('gets no stream, with a header or without', async () => {
    for (const headers of [{}, { 'x-graphql-yoga-csrf': '1' }]) {
      const response = await fetch(`${server.url}?query=${encodeURIComponent(query)}`, {
        headers: { accept: 'text/event-stream', ...headers },
      })
      expect([403, 405]).toContain(response.status)
      await response.body?.cancel()
    }
  })
})

describe('26. pages of other origins', () => {
  const origins = ['https://console.example', 'https://other.example:8443']
  let listed: ServerWorld
  beforeAll(async () => {
    listed = await startServer({}, { allowedOrigins: origins, production: true })
  })
  afterAll(() => listed?.shutDown())

  const ask = async ({ url }: ServerWorld, origin: string) =>
    fetch(url, { method: 'POST', headers: { ...json, origin }, body })
  const preflight = ({ url }: ServerWorld, origin: string) =>
    fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,authorization,x-evil',
      },
    })
  const corsOf = ({ headers }: Response) => [...headers.keys()].filter(name => name.startsWith('access-control-'))

  test.each([
    'https://evil.example',
    'null',
    'https://console.example.evil.example',
    'https://evilconsole.example',
    'https://sub.console.example',
    'http://console.example',
    'https://console.example:443',
    'https://console.example:444',
    'https://CONSOLE.example',
    'https://console.example/',
    'https://other.example',
    'https://console.example, https://evil.example',
    '*',
    'file://',
    '',
  ])('are told nothing: %s', async origin => {
    for (const world of [server, listed]) {
      for (const response of [await ask(world, origin), await preflight(world, origin)]) {
        expect(corsOf(response)).toEqual([])
        await response.body?.cancel()
      }
    }
  })

  test('but those that are listed may use the API, without cookies', async () => {
    for (const origin of origins) {
      const answer = await ask(listed, origin)
      expect([answer.headers.get('access-control-allow-origin'), await answer.text()]).toEqual([origin, good])
      const question = await preflight(listed, origin)
      expect(question.status).toBe(204)
      expect(question.headers.get('access-control-allow-origin')).toBe(origin)
      expect(question.headers.get('access-control-allow-methods')).toBe('POST')
      const allowed = question.headers.get('access-control-allow-headers')
      expect(allowed).toContain('authorization')
      expect(allowed).not.toContain('x-evil')
      // An hour at most would be kept by browsers; a list that gets shorter must not be outlived for long.
      expect(Number(question.headers.get('access-control-max-age'))).toBeLessThanOrEqual(3600)
      for (const { headers } of [answer, question]) {
        expect(headers.get('vary')?.toLowerCase()).toContain('origin')
        expect(headers.get('access-control-allow-credentials')).toBeNull()
        expect(headers.get('cache-control')).toBe('no-store')
      }
    }
  })
})

test('27. nothing tells of what runs here, or how long anything took', async () => {
  const answers = [
    await fetch(server.url, {
      method: 'POST',
      headers: { ...json, 'apollo-tracing': '1', 'x-apollo-tracing': '1', 'x-debug': '1' },
      body,
    }),
  ]
  answers.push(
    await fetch(`${server.origin}/nothing`),
    await fetch(server.url, { method: 'POST', headers: json, body: '{' }),
  )
  for (const { headers } of answers) {
    for (const name of ['server', 'x-powered-by', 'x-response-time', 'server-timing', 'x-runtime', 'via']) {
      expect(headers.get(name)).toBeNull()
    }
  }
  expect(await answers[0]?.text()).toBe(good)
  expect(await answers[2]?.json()).toEqual({
    errors: [{ message: 'The body of a request must be JSON.', extensions: { code: 'BAD_USER_INPUT' } }],
  })
})

test('28. files cannot be uploaded', async () => {
  const data = new FormData()
  data.set('operations', JSON.stringify({ query: '{ __typename }', variables: { file: null } }))
  data.set('map', JSON.stringify({ 0: ['variables.file'] }))
  data.set('0', new Blob(['x']), 'x')
  for (const headers of [{}, { 'x-graphql-yoga-csrf': '1' }]) {
    const response = await fetch(server.url, { method: 'POST', headers, body: data })
    expect([403, 415]).toContain(response.status)
  }
})
