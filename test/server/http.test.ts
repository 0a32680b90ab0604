import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { getIntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { DatabaseError } from '../../src/db/database-error.ts'
import { NotFoundError } from '../../src/services/errors.ts'
import { minimal } from '../connectors/made-up-values.ts'
import { connectorRow } from '../schema/schema-world.ts'
import { type ServerWorld, startServer } from './server-world.ts'

const catalogue = '{ connectorTypes { name } }'
const data = { connectorTypes: [{ name: 'MADE_UP' }, { name: 'OTHER' }] }
const codes = ({ body }: Awaited<ReturnType<ServerWorld['post']>>) =>
  body.errors?.map(error => error.extensions?.['code'])

let server: ServerWorld
const preview = vi.fn(async () => Promise.reject(new Error('must not be called')))
const find = vi.fn(async () => connectorRow('c1'))
const create = vi.fn(async () => connectorRow('c1'))
const update = () => Promise.reject(new NotFoundError('connector'))
beforeAll(async () => {
  server = await startServer({ datasets: { preview }, connectors: { find, create, update } })
})
afterAll(() => server?.[Symbol.asyncDispose]())

describe('pages of other sites', () => {
  test.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain'])(
    'cannot post an operation as %s, which browsers send without asking',
    async type => {
      const body = new URLSearchParams({ query: 'mutation { deleteDataset(input: { id: "x" }) { __typename } }' })
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { 'content-type': type },
        body: String(body),
      })
      expect([403, 415]).toContain(response.status)
    },
  )

  test('cannot run a query by GET without a header of our own', async () => {
    const url = `${server.url}?query=${encodeURIComponent(catalogue)}`
    expect((await fetch(url)).status).toBe(403)
    const allowed = await fetch(url, { headers: { 'x-graphql-yoga-csrf': '1' } })
    expect(await allowed.json()).toEqual({ data })
  })

  test('are told nothing by CORS, unless they are listed', async () => {
    const ask = async ({ url }: ServerWorld, origin: string) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin },
        body: JSON.stringify({ query: catalogue }),
      })
      return response.headers.get('access-control-allow-origin')
    }
    expect(await ask(server, 'https://evil.example')).toBeNull()
    await using listed = await startServer({}, { allowedOrigins: ['https://console.example'] })
    expect(await ask(listed, 'https://console.example')).toBe('https://console.example')
    expect(await ask(listed, 'https://evil.example')).not.toBe('https://evil.example')
  })

  test('cannot reach the server under a name of theirs that means this machine', async () => {
    const ask = (host: string) =>
      new Promise<number>((resolve, reject) => {
        const headers = { host, 'content-type': 'application/json' }
        const asked = request(server.url, { method: 'POST', headers }, response => {
          response.resume()
          resolve(response.statusCode ?? 0)
        })
        asked.on('error', reject).end(JSON.stringify({ query: catalogue }))
      })
    expect(await ask('rebound.example:4000')).toBe(421)
    expect(await ask('localhost.evil.example')).toBe(421)
    expect(await ask('localhost:4000')).toBe(200)
    expect(await ask('[::1]:4000')).toBe(200)
  })

  test('cannot frame what is sent, nor guess at its type', async () => {
    const response = await fetch(`${server.origin}/health`)
    expect(response.status).toBe(200)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  })
})

describe('a request is refused before anything runs when', () => {
  test('its body is larger than 256 KB, said or not', async () => {
    const body = JSON.stringify({ query: catalogue, variables: { filler: 'x'.repeat(300_000) } })
    expect((await server.post(body)).status).toBe(413)
    const chunked = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(body))
        controller.close()
      },
    })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(server.url, { method: 'POST', headers, body: chunked, duplex: 'half' } as RequestInit)
    expect(response.status).toBe(413)
  })

  test('it is a batch', async () => {
    expect((await server.post([{ query: catalogue }, { query: catalogue }])).status).toBe(400)
  })

  test('its document has too many tokens, or is too long', async () => {
    const aliases = Array.from({ length: 10_000 }, (_, index) => `a${index}: connector(by: { name: "x" }) { id }`)
    const many = await server.post({ query: `{ ${aliases.join(' ')} }` })
    expect([many.status, many.status === 413 ? null : codes(many)]).toEqual([413, null])
    const tokens = await server.post({ query: `{ ${aliases.slice(0, 500).join(' ')} }` })
    expect([tokens.status, codes(tokens)]).toEqual([400, ['GRAPHQL_PARSE_FAILED']])
    const long = await server.post({ query: `${'#'.repeat(100_000)}\n${catalogue}` })
    expect([long.status, codes(long)]).toEqual([400, ['BAD_USER_INPUT']])
    expect(find).not.toHaveBeenCalled()
  })

  test('it is too deep, too wide or too costly', async () => {
    const nest = (levels: number): string =>
      levels === 0 ? 'id' : `datasets { nodes { connector { ${nest(levels - 1)} } } }`
    const deep = await server.post({ query: `{ connector(by: { name: "x" }) { ${nest(5)} } }` })
    expect([deep.status, codes(deep)]).toEqual([400, ['BAD_USER_INPUT']])
    expect(deep.body.errors?.[0]?.message).toContain('depth')
    const wide = Array.from({ length: 10 }, () => `... on MadeUpConnector { ${'name '.repeat(10)} }`).join(' ')
    const many = await server.post({
      query: `{ ${'connector(by: { name: "x" }) { ...F } '.repeat(10)} } fragment F on Connector { ${wide} }`,
    })
    expect(many.body.errors?.[0]?.message).toContain('number of fields')
    const costly = 'query ($n: Int) { connectors(first: $n) { nodes { datasets(first: $n) { nodes { id } } } } }'
    const { body } = await server.post({ query: costly, variables: { n: 100 } })
    expect(body.errors?.[0]?.message).toContain('complexity')
    expect(find).not.toHaveBeenCalled()
  })

  test('but not the catalogue of docs/integrating.md, with the forms of connectors and of datasets', async () => {
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'integrating.md'), 'utf8')
    const [, query = ''] = /```graphql\n(query Catalogue\b.*?)```/s.exec(page) ?? []
    const form = /form (\{.*\n {4}\})/s.exec(query)?.[1] ?? ''
    const both = query.replace(form, `${form} queryForm ${form} problems { code title message mend }`)
    expect(both).toContain('queryForm {')
    const { body } = await server.post({ query: both })
    expect(body.errors).toBeUndefined()
    expect(body.data).toMatchObject({ connectorTypes: data.connectorTypes })
  })

  test('two of its fields connect to a data source, under whatever names and fragments', async () => {
    const field = (alias: string) => `${alias}: previewDataset(input: { target: { saved: "x" } }) { __typename }`
    const documents = [
      `{ ${field('a')} ${field('b')} }`,
      `{ ${field('a')} ...Again } fragment Again on Query { ... { ${field('b')} } }`,
      `{ ...Again ...Again } fragment Again on Query { ${field('a')} }`,
    ]
    for (const query of documents) {
      const answer = await server.post({ query })
      expect([answer.status, codes(answer)]).toEqual([400, ['BAD_USER_INPUT']])
    }
    expect(preview).not.toHaveBeenCalled()
  })

  test('it tests a connection more than once, or beside another field that connects', async () => {
    const start = vi.fn(async () => Promise.reject(new NotFoundError('connector')))
    const save = vi.fn(async () => connectorRow('c1'))
    await using own = await startServer({ connectionTests: { start }, connectors: { create: save, update: save } })
    const field = (alias: string) =>
      `${alias}: testConnection(input: { target: { saved: { id: "x" } } }) { __typename }`
    const gated = `createConnector(
      input: {
        name: "A", config: { madeUp: { baseUrl: "https://example", auth: { none: true } } }, testGate: REQUIRE_PASS
      }
    ) { __typename }`
    const update = `updateConnector(
      input: { connector: { name: "x" }, expectedVersion: 1, testGate: REQUIRE_PASS }
    ) { __typename }`
    const documents = [
      `mutation { ${field('a')} ${field('b')} }`,
      `mutation { ${field('a')} ...Again } fragment Again on Mutation { ... { ${field('b')} } }`,
      `mutation { ${field('a')} ${gated} }`,
      `mutation { ${gated} ${field('a')} }`,
      `mutation { ${field('a')} ${update} }`,
    ]
    for (const query of documents) {
      const answer = await own.post({ query })
      expect([answer.status, codes(answer)], query).toEqual([400, ['BAD_USER_INPUT']])
      expect(answer.body.errors?.[0]?.message).toContain('Only one field')
    }
    // The language itself allows a subscription a single field.
    const stream = await own.post({ query: `subscription { ${field('a')} ${field('b')} }` })
    expect([stream.status, codes(stream)]).toEqual([400, ['GRAPHQL_VALIDATION_FAILED']])
    expect(start).not.toHaveBeenCalled()
    expect(save).not.toHaveBeenCalled()
    const one = await own.post({ query: `mutation { ${field('a')} ${gated.replace('REQUIRE_PASS', 'NONE')} }` })
    expect(one.body.data).toMatchObject({ a: { __typename: 'NotFoundError' } })
    expect(start).toHaveBeenCalledOnce()
    expect(save).toHaveBeenCalledOnce()
  })

  test('two of its fields save only what passes a test that they run', async () => {
    const query = `mutation ($a: CreateConnectorInput!, $version: Int!) {
      a: createConnector(input: $a) { __typename }
      ...Other
    }
    fragment Other on Mutation {
      updateConnector(
        input: { connector: { name: "x" }, expectedVersion: $version, testGate: REQUIRE_PASS }
      ) { __typename }
    }`
    const config = { madeUp: minimal }
    const run = (a: object) => server.post({ query, variables: { a: { name: 'A', config, ...a }, version: 1 } })
    const answer = await run({ testGate: 'REQUIRE_PASS' })
    expect([answer.status, codes(answer)]).toEqual([400, ['BAD_USER_INPUT']])
    expect(create).not.toHaveBeenCalled()
    // One of them connects to nothing: without a gate, or with a test that was run before.
    const saved = { a: { __typename: 'CreateConnectorSuccess' }, updateConnector: { __typename: 'NotFoundError' } }
    expect((await run({})).body).toEqual({ data: saved })
    expect((await run({ testGate: 'REQUIRE_PASS', testId: 'x' })).body).toEqual({ data: saved })
  })

  test('its variables do not fit', async () => {
    const query = 'query ($first: Int) { connectors(first: $first) { nodes { id } } }'
    const answer = await server.post({ query, variables: { first: 'many' } })
    expect([answer.status, codes(answer)]).toEqual([400, ['BAD_USER_INPUT']])
    const missing = await server.post({ query: query.replace('Int', 'Int!') })
    expect([missing.status, codes(missing)]).toEqual([400, ['BAD_USER_INPUT']])
  })

  test('a variable that may be null stands where exactly one value must', async () => {
    const query = 'query ($name: String) { connector(by: { name: $name }) { id } }'
    const answer = await server.post({ query, variables: { name: null } })
    expect([answer.status, codes(answer)]).toEqual([400, ['GRAPHQL_VALIDATION_FAILED']])
    const nonNull = await server.post({ query: query.replace('String', 'String!'), variables: { name: 'x' } })
    expect(nonNull.body).toMatchObject({ data: { connector: { id: expect.any(String) } } })
  })
})

test('what is wrong with variables is said without repeating any of their values', async () => {
  const query = 'mutation ($input: CreateConnectorInput!) { createConnector(input: $input) { __typename } }'
  const given = async (input: object) => {
    const { status, body } = await server.post({ query, variables: { input } })
    expect(status).toBe(400)
    expect(JSON.stringify(body)).not.toContain('hunter2')
    return body.errors?.map(({ message }) => message)
  }
  const config = { madeUp: minimal }
  expect(await given({ name: ['hunter2'], testGate: 'hunter2', config, hunter: 'hunter2' })).toEqual([
    'Variable "$input" got an invalid value at "input.name": String cannot represent a non string value.',
    'Variable "$input" got an invalid value at "input.testGate": This value does not exist in "TestGate" enum.',
    'Variable "$input" got an invalid value at "input": Field "hunter" is not defined by type "CreateConnectorInput".',
  ])
  expect(await given({ nam: 'hunter2', name: 'n', config })).toEqual([expect.stringContaining('Did you mean "name"')])
})

describe('a bug', () => {
  test('shows its id and nothing else; the log has the rest', async () => {
    const bug = new Error('secret: hunter2')
    await using broken = await startServer({ connectors: { find: () => Promise.reject(bug) } })
    const { body } = await broken.post({ query: '{ connector(by: { name: "x" }) { id } }' })
    const [error] = body.errors ?? []
    expect(error).toMatchObject({ message: 'Something went wrong on the server.', path: ['connector'] })
    expect(Object.keys(error?.extensions ?? {}).sort()).toEqual(['code', 'requestId'])
    expect(error?.extensions?.['code']).toBe('INTERNAL_SERVER_ERROR')
    expect(JSON.stringify(body)).not.toContain('hunter2')
    expect(broken.log()).toContain(String(error?.extensions?.['requestId']))
  })

  test('is logged with what caused it', async () => {
    const bug = new Error('It broke.', { cause: new Error('A cable was cut.') })
    await using broken = await startServer({ connectors: { find: () => Promise.reject(bug) } })
    await broken.post({ query: '{ connector(by: { name: "x" }) { id } }' })
    expect(broken.log()).toContain('A cable was cut.')
  })
})

test('that the database is away is told from a bug', async () => {
  const away = new Error('Failed query', { cause: new DatabaseError('UNAVAILABLE', 'db.internal cannot be reached.') })
  await using server = await startServer({ connectors: { find: () => Promise.reject(away) } })
  const { body } = await server.post({ query: '{ connector(by: { name: "x" }) { id } }' })
  expect(body.errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
  expect(JSON.stringify(body)).not.toContain('db.internal')
  expect(server.log()).toContain('db.internal')
})

describe('with introspection off', () => {
  test('neither the schema nor its names can be learnt', async () => {
    await using closed = await startServer({}, { introspection: 'false', production: true })
    const introspection = await closed.post({ query: getIntrospectionQuery() })
    expect(codes(introspection)?.every(code => code === 'GRAPHQL_VALIDATION_FAILED')).toBe(true)
    const typo = await closed.post({ query: '{ connectorTypes { nam } }' })
    expect(typo.body.errors?.[0]?.message).toBe('Cannot query field "nam" on type (hidden).')
    const variables = { input: { target: { saved: { nam: 'x' } } } }
    const query = 'mutation ($input: TestConnectionInput!) { testConnection(input: $input) { __typename } }'
    const misspelt = await closed.post({ query, variables })
    expect(misspelt.body.errors?.[0]?.message).toContain('Field "nam" is not defined by type (hidden).')
    expect(JSON.stringify(misspelt.body)).not.toContain('Did you mean')
    expect((await closed.post({ query: '{ __typename }' })).body).toEqual({ data: { __typename: 'Query' } })
  })

  test('as opposed to on', async () => {
    const typo = await server.post({ query: '{ connectorTypes { nam } }' })
    expect(typo.body.errors?.[0]?.message).toContain('Did you mean "name"')
    expect(codes(typo)).toEqual(['GRAPHQL_VALIDATION_FAILED'])
    expect((await server.post({ query: getIntrospectionQuery() })).status).toBe(200)
  })
})
