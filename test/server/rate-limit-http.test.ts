import { createClient } from 'graphql-ws'
import { describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { as, namedViewers } from './named-viewers.ts'
import { type ServerWorld, startServer } from './server-world.ts'

const start = (perViewer: number, perWorkspace = 0): Promise<ServerWorld> =>
  startServer({}, { identity: namedViewers, rateLimits: { perViewer, perWorkspace } })

const post = ({ url }: ServerWorld, body: unknown, headers: Readonly<Record<string, string>> = as('north.anna')) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

/** So few that the next one takes longer to come back than a test takes. */
const few = 3

const typename = { query: '{ __typename }' }
const question = { query: '{ rateLimit { cost limit remaining resetAt } }' }
const dear = {
  query: `{ ${'abcdefghijkl'.replace(/./g, `$&: connectorTypes { ${'name '.repeat(9)}} `)} rateLimit { cost remaining } }`,
}

const remainingOf = async (server: ServerWorld, name = 'north.anna'): Promise<number> => {
  const response = await post(server, question, as(name))
  const { data } = (await response.json()) as { data: { rateLimit: { remaining: number } } }
  return data.rateLimit.remaining
}

async function spendAll(server: ServerWorld, name = 'north.anna'): Promise<Response> {
  for (;;) {
    const response = await post(server, typename, as(name))
    if (response.status !== 200) return response
    await response.body?.cancel()
  }
}

describe('points over HTTP', () => {
  test('every answer says how many are left', async () => {
    await using server = await start(few)
    const { headers } = await post(server, typename)
    expect(headers.get('ratelimit-limit')).toBe('3')
    expect(headers.get('ratelimit-remaining')).toBe('2')
    expect(Number(headers.get('ratelimit-reset'))).toBeGreaterThan(10)
  })

  test('where there is no limit nothing is said, and the field is null', async () => {
    await using server = await startServer({}, { identity: namedViewers })
    const response = await post(server, question)
    expect(response.headers.get('ratelimit-limit')).toBeNull()
    expect(await response.json()).toEqual({ data: { rateLimit: null } })
  })

  test('who has none left is refused and told when to come back; others are not', async () => {
    await using server = await start(few)
    const response = await spendAll(server)
    expect(response.status).toBe(429)
    const retryAfterSeconds = Number(response.headers.get('retry-after'))
    expect(retryAfterSeconds).toBeGreaterThan(10)
    expect(response.headers.get('ratelimit-remaining')).toBe('0')
    expect(await response.json()).toMatchObject({
      errors: [{ extensions: { code: 'RATE_LIMITED', retryAfterSeconds } }],
    })
    for (const other of ['north.bert', 'south.anna']) expect((await post(server, typename, as(other))).status).toBe(200)
  })

  test('how much is left is told also to who has none, and costs nothing', async () => {
    await using server = await start(few)
    await spendAll(server)
    for (let count = 0; count < 5; count++) {
      const response = await post(server, question)
      expect(response.status).toBe(200)
      expect(await response.json()).toMatchObject({ data: { rateLimit: { cost: 0, limit: few, remaining: 0 } } })
    }
  })

  test.each([
    ['together with anything else', '{ rateLimit { remaining } viewer { id } }'],
    ['below a name', 'query { rateLimit: viewer { id } }'],
    ['in a fragment', '{ ...F } fragment F on Query { rateLimit { remaining } viewer { id } }'],
    ['in a comment', '{ viewer { id } } # rateLimit'],
    ['at the end of a large document', `query A { rateLimit { remaining } } #${'x'.repeat(500)}`],
    ['in another operation', 'query A { viewer { id } } query B { rateLimit { remaining } }'],
  ])('but not %s', async (_where, query) => {
    await using server = await start(few)
    await spendAll(server)
    expect((await post(server, { query, operationName: query.startsWith('query A') ? 'A' : null })).status).toBe(429)
  })

  test('an operation costs a point for each hundred of its complexity, and says so', async () => {
    await using server = await start(600)
    const response = await post(server, dear)
    const { data } = (await response.json()) as { data: { rateLimit: { cost: number; remaining: number } } }
    expect(data.rateLimit.cost).toBe(4)
    expect(data.rateLimit.remaining).toBeGreaterThanOrEqual(600 - data.rateLimit.cost)
    expect(response.headers.get('ratelimit-remaining')).toBe(String(data.rateLimit.remaining))
  })

  test('one that there are too few points for does not run', async () => {
    await using server = await start(few)
    await post(server, typename)
    await post(server, typename)
    const response = await post(server, dear)
    expect(response.status).toBe(429)
    expect(await response.json()).toEqual({
      errors: [expect.objectContaining({ extensions: expect.objectContaining({ code: 'RATE_LIMITED' }) })],
    })
  })

  test('the question how much is left is free only in a small document', async () => {
    await using server = await start(few)
    for (const more of [`#${'x'.repeat(600)}`, `query B { viewer { id } } ${' '.repeat(500)}`]) {
      const before = await remainingOf(server)
      await post(server, { query: `query A { rateLimit { remaining } } ${more}`, operationName: 'A' })
      expect(await remainingOf(server)).toBe(before - 1)
    }
  })

  const long = 'x'.repeat(70_000)
  test.each([
    ['a document that is none', { query: '{' }],
    ['a document that does not fit', { query: '{ nothing }' }],
    ['a document that is too long', { query: `{ ${long} }` }],
    ['a document that is too deep', { query: `{ viewer ${'{ id '.repeat(40)}${'}'.repeat(40)} }` }],
    ['an unknown persisted operation', { documentId: 'unknown' }],
    ['variables that do not fit', { query: 'query ($id: ID!) { node(id: $id) { id } }', variables: {} }],
    ['a body that is no JSON', '{'],
    ['a body that is too large', JSON.stringify({ query: long.repeat(4) })],
    ['no operation', {}],
  ])('%s costs a point', async (_what, body) => {
    await using server = await start(few)
    const before = await remainingOf(server)
    const response = await post(server, body)
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(response.status).toBeLessThan(500)
    expect(await remainingOf(server)).toBe(before - 1)
  })

  test('a flood of what is refused is refused for being a flood, before anything of it is read', async () => {
    await using server = await start(few)
    const statuses = new Map<number, number>()
    const flood = Array.from({ length: 100 }, () => post(server, { query: `{ nothing ${'#'.repeat(3_000)} }` }))
    for (const { status } of await Promise.all(flood)) statuses.set(status, (statuses.get(status) ?? 0) + 1)
    expect([...statuses.keys()].toSorted()).toEqual([400, 429])
    expect(statuses.get(400)).toBe(few)
  })

  test('who asks again as soon as it is refused is slowed down by that, and nobody else', async () => {
    await using server = await start(few)
    await spendAll(server)
    const order: string[] = []
    const refused = post(server, typename).then(({ status }) => order.push(`refused ${status}`))
    for (let count = 0; count < few; count++) {
      await post(server, typename, as('south.anna')).then(({ status }) => order.push(`other ${status}`))
    }
    await refused
    expect(order).toEqual(['other 200', 'other 200', 'other 200', 'refused 429'])
  })

  test('a workspace that has spent its points takes none from another one', async () => {
    await using server = await start(20, 30)
    await spendAll(server, 'north.anna')
    await spendAll(server, 'north.bert')
    const statuses = await Promise.all(
      ['north.anna', 'north.bert', 'north.carl', 'south.anna'].map(
        async name => (await post(server, typename, as(name))).status,
      ),
    )
    expect(statuses).toEqual([429, 429, 200, 200])
  })

  test('pages of other origins that may use the API may read the headers', async () => {
    await using server = await startServer(
      {},
      {
        identity: namedViewers,
        allowedOrigins: ['https://console.example'],
        rateLimits: { perViewer: few, perWorkspace: 0 },
      },
    )
    const { headers } = await post(server, typename, { ...as('north.anna'), origin: 'https://console.example' })
    expect(headers.get('access-control-expose-headers')).toContain('ratelimit-remaining')
  })
})

describe('points over WebSocket', () => {
  const connect = ({ url }: ServerWorld, name: string) =>
    createClient({
      url: url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      lazy: false,
      connectionParams: as(name),
    })
  const ask = async (client: ReturnType<typeof connect>, query: string): Promise<unknown> => {
    try {
      for await (const item of client.iterate({ query })) return item
      return null
    } catch (error) {
      return { errors: error }
    }
  }

  test('operations cost the same, from the same points', async () => {
    await using server = await start(few)
    const client = connect(server, 'north.anna')
    const before = await remainingOf(server)
    expect(await ask(client, typename.query)).toEqual({ data: { __typename: 'Query' } })
    expect(await ask(client, '{ nothing }')).toMatchObject({
      errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    })
    expect(await remainingOf(server)).toBe(before - 2)
    await client.dispose()
  })

  test('who has none left is refused operation by operation, and can ask how much is left', async () => {
    await using server = await start(few)
    const client = connect(server, 'north.anna')
    await spendAll(server)
    expect(await ask(client, '{ viewer { id } }')).toEqual({
      errors: [
        expect.objectContaining({
          extensions: { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) as number },
        }),
      ],
    })
    expect(await ask(client, question.query)).toMatchObject({ data: { rateLimit: { cost: 0, remaining: 0 } } })
    await client.dispose()
  })
})
