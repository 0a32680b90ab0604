import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { buildSchema as buildFromSdl } from 'graphql'
import { createClient as createSseClient } from 'graphql-sse'
import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { maxDocumentLength } from '../../src/admission.ts'
import { documentLimits } from '../../src/create-yoga.ts'
import { PersistedOperations, PersistedOperationsError, sha256Id } from '../../src/persisted-operations.ts'
import { madeUpSchema } from '../schema/schema-world.ts'
import { as, namedViewers } from './named-viewers.ts'
import { type ServerWorld, startServer } from './server-world.ts'

const requirements = { schema: madeUpSchema, limits: documentLimits, maxLength: maxDocumentLength }
const root = join(import.meta.dirname, '..', '..')

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-persisted-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function written(content: unknown): Promise<string> {
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  const file = join(folder, `${createHash('sha256').update(text).digest('hex').slice(0, 16)}.json`)
  await writeFile(file, text)
  return file
}

const load = async (content: unknown) => PersistedOperations.load(await written(content), requirements)

const mistakesOf = async (content: unknown): Promise<readonly string[]> => {
  const error: unknown = await load(content).catch((thrown: unknown) => thrown)
  if (!(error instanceof PersistedOperationsError)) throw error
  return error.mistakes
}

const viewer = 'query Viewer { viewer { id } }'
const mutation =
  'mutation Cancel($input: CancelConnectionTestInput!) { cancelConnectionTest(input: $input) { __typename } }'
const watch = 'subscription Watch { connectionTestProgress(id: "x") { ... on Error { code } } }'
const hash = (document: string) => createHash('sha256').update(document).digest('hex')

describe('the file', () => {
  test('ids may be any text', async () => {
    const operations = await load({ abc: viewer, 'x-app:1': viewer, __proto__: viewer, 'ü ': viewer })
    expect(operations.documentOf('ü ')).toBe(viewer)
    expect(operations.documentOf('toString')).toBeNull()
    expect((await load(`{"__proto__": ${JSON.stringify(viewer)}}`)).documentOf('__proto__')).toBe(viewer)
  })

  test('every mistake is told at once, with the id', async () => {
    const many = `{ ${'a: __typename '.repeat(900)} }`
    expect(
      await mistakesOf({
        good: viewer,
        broken: '{',
        unknown: '{ viewer { shoeSize } nothing }',
        wrongHash: viewer,
        [`sha256:${hash('{ other }')}`]: viewer,
        [`sha256:${hash(viewer).toUpperCase()}`]: viewer,
        many,
        '': viewer,
        long: `{ __typename } # ${'x'.repeat(70_000)}`,
      }),
    ).toEqual([
      expect.stringMatching(/^"broken" cannot be used \(line 1\): Syntax Error/),
      expect.stringMatching(/^"unknown" does not fit the schema \(line 1\): Cannot query field "shoeSize"/),
      expect.stringMatching(/^"unknown" does not fit the schema \(line 1\): Cannot query field "nothing"/),
      `"sha256:${hash('{ other }')}" is not the SHA-256 of its document, which is ${sha256Id(viewer)}.`,
      `"sha256:${hash(viewer).toUpperCase()}" is not the SHA-256 of its document, which is ${sha256Id(viewer)}.`,
      expect.stringMatching(/^"many" cannot be used/),
      '"" is an empty id.',
      expect.stringMatching(/^"long" has 70017 characters/),
    ])
  })

  test.each([
    ['no JSON', '{', /not JSON/],
    ['a list', [viewer], /must hold one JSON object/],
    ['null', 'null', /must hold one JSON object/],
    ['empty', {}, /has no document/],
    ['with other things than documents', { a: 1, b: { document: viewer } }, /"a" must be a document as text/],
    ['too large', `{"a":"${' '.repeat(16 * 1024 * 1024)}"}`, /at most 16777216 are read/],
  ])('%s is refused', async (_what, content, words) => {
    expect((await mistakesOf(content)).join('\n')).toMatch(words)
  })

  test('that is not there is refused with its name', async () => {
    const file = join(folder, 'missing.json')
    await expect(PersistedOperations.load(file, requirements)).rejects.toThrow(
      /missing\.json cannot be used:\n- .*ENOENT/,
    )
  })

  test('many mistakes are told in a readable number', async () => {
    const file = await written(Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`id${index}`, '{'])))
    const error = await PersistedOperations.load(file, requirements).catch((thrown: unknown) => String(thrown))
    expect(String(error).split('\n')).toHaveLength(22)
    expect(error).toContain('and 480 more')
  })

  test('as the code generator writes it for our own operations works', async () => {
    const config = join(folder, 'codegen.json')
    const output = `${folder}/generated/`
    const presetConfig = { persistedDocuments: { hashAlgorithm: 'sha256' } }
    await writeFile(
      config,
      JSON.stringify({
        schema: join(root, 'schema.graphql'),
        documents: join(root, 'test/operations/*.graphql'),
        silent: true,
        generates: { [output]: { preset: 'client', presetConfig, config: { documentMode: 'string' } } },
      }),
    )
    const command = ['node_modules/.bin/graphql-codegen', '--config', config]
    await promisify(execFile)(process.execPath, command, { cwd: root })
    const file = join(folder, 'generated', 'persisted-documents.json')
    const schema = buildFromSdl(await readFile(join(root, 'schema.graphql'), 'utf8'))
    const operations = await PersistedOperations.load(file, { ...requirements, schema })
    expect(operations.count).toBeGreaterThan(10)
  }, 120_000)
})

describe('a server with persisted operations', () => {
  const operations = () => load({ viewer, [sha256Id(viewer)]: viewer, mutation, [hash(mutation)]: mutation, watch })
  const start = async (freeForTokens = false): Promise<ServerWorld> =>
    startServer({}, { identity: namedViewers, persisted: { operations: await operations(), freeForTokens } })
  const anna = as('north.anna')
  const token = as('north.token-1')
  const answer = { status: 200, body: { data: { viewer: { id: expect.any(String) as string } } } }
  const refusal = (code: string) => ({ status: 400, body: { errors: [{ extensions: { code } }] } })

  test.each([
    ['an id', { documentId: 'viewer' }],
    ['the SHA-256 with its prefix', { documentId: sha256Id(viewer) }],
    ['an empty document beside the id', { documentId: 'viewer', query: '' }],
    ['the same document beside the id', { documentId: 'viewer', query: viewer }],
    [
      "the form of Apollo's and urql's clients",
      { extensions: { persistedQuery: { version: 1, sha256Hash: hash(viewer) } } },
    ],
    [
      'that form with the document and a name',
      {
        query: viewer,
        operationName: 'Viewer',
        extensions: { persistedQuery: { version: 1, sha256Hash: hash(viewer) } },
      },
    ],
  ])('runs what is named by %s', async (_form, body) => {
    await using server = await start()
    expect(await server.post(body, anna)).toMatchObject(answer)
  })

  test('takes the id from an address too, and no mutation from there', async () => {
    await using server = await start()
    const get = (query: string) =>
      fetch(`${server.url}?${query}`, {
        headers: { accept: 'application/graphql-response+json', 'x-graphql-yoga-csrf': '1', ...anna },
      })
    const response = await get('documentId=viewer')
    expect([response.status, await response.json()]).toMatchObject([200, answer.body])
    expect((await get('documentId=mutation&variables={"input":{"id":"x"}}')).status).toBe(405)
    expect((await get('documentId=unknown')).status).toBe(400)
  })

  test.each([
    ['any other document', { query: '{ __typename }' }],
    ['a persisted one without its id', { query: viewer }],
    ['nothing', {}],
    ['no text for a document', { query: { a: 1 } }],
  ])('refuses %s', async (_what, body) => {
    await using server = await start()
    expect(await server.post(body, anna)).toMatchObject(refusal('PERSISTED_OPERATION_REQUIRED'))
  })

  test.each([
    ['an unknown id', { documentId: 'unknown' }],
    ['an unknown hash', { extensions: { persistedQuery: { version: 1, sha256Hash: hash('{ a }') } } }],
    [
      'a document to remember under its hash',
      {
        query: '{ __typename }',
        extensions: { persistedQuery: { version: 1, sha256Hash: hash('{ __typename }') } },
      },
    ],
    [
      'another document under a known id',
      { documentId: 'viewer', query: 'query Viewer { viewer { id displayName } }' },
    ],
    ['a document that differs in a blank', { documentId: 'viewer', query: `${viewer} ` }],
    ['an id that is no text', { documentId: 1 }],
    ['a hash that is no text', { extensions: { persistedQuery: { version: 1, sha256Hash: ['x'] } } }],
    ['a name of the language', { documentId: '__proto__' }],
  ])('refuses %s, and the same when asked again', async (_what, body) => {
    await using server = await start()
    for (let count = 0; count < 2; count++) {
      expect(await server.post(body, anna)).toMatchObject(refusal('BAD_USER_INPUT'))
    }
  })

  test('lets API tokens send any document where they may, and nobody else', async () => {
    await using server = await start(true)
    expect(await server.post({ query: '{ __typename }' }, token)).toMatchObject({ status: 200 })
    expect(await server.post({ documentId: 'viewer' }, token)).toMatchObject(answer)
    expect(await server.post({ documentId: 'viewer', query: '{ __typename }' }, token)).toMatchObject(
      refusal('BAD_USER_INPUT'),
    )
    expect(await server.post({ query: '{ __typename }' }, anna)).toMatchObject(refusal('PERSISTED_OPERATION_REQUIRED'))
    await using bound = await start()
    expect(await bound.post({ query: '{ __typename }' }, token)).toMatchObject(refusal('PERSISTED_OPERATION_REQUIRED'))
  })

  test('does the same over WebSocket', async () => {
    await using server = await start()
    const client = createClient({
      url: server.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: anna,
    })
    const ask = async (payload: Parameters<typeof client.iterate>[0]): Promise<unknown> => {
      try {
        for await (const item of client.iterate(payload)) return item
        return null
      } catch (error) {
        return error
      }
    }
    // The protocol wants a document, which may be empty.
    const named = { query: '', documentId: 'viewer' }
    expect(await ask(named)).toMatchObject(answer.body)
    expect(await ask({ query: '', extensions: { persistedQuery: { sha256Hash: hash(viewer) } } })).toMatchObject(
      answer.body,
    )
    expect(await ask({ query: '{ __typename }' })).toMatchObject([
      { extensions: { code: 'PERSISTED_OPERATION_REQUIRED' } },
    ])
    await client.dispose()
  })

  test('and for subscriptions over server-sent events', async () => {
    await using server = await start()
    const client = createSseClient({ url: server.url, retryAttempts: 0, headers: anna })
    const items = client.iterate({ query: '{ __typename }' })
    expect(await items.next()).toMatchObject({
      value: { errors: [{ extensions: { code: 'PERSISTED_OPERATION_REQUIRED' } }] },
    })
    const body = { documentId: 'watch' }
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...anna },
      body: JSON.stringify(body),
    })
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('event: next')
    client.dispose()
  })
})

describe('a server without', () => {
  test.each([
    [
      "a hash in the form of Apollo's clients",
      { extensions: { persistedQuery: { version: 1, sha256Hash: hash(viewer) } } },
    ],
    ['an id', { documentId: 'viewer' }],
  ])('says to %s that it has none, as clients understand it', async (_form, body) => {
    await using server = await startServer()
    expect(await server.post(body)).toMatchObject({
      status: 400,
      body: {
        errors: [{ message: 'PersistedQueryNotSupported', extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } }],
      },
    })
  })

  test('runs the document that stands beside one', async () => {
    await using server = await startServer()
    const extensions = { persistedQuery: { version: 1, sha256Hash: hash(viewer) } }
    for (const body of [
      { query: viewer, extensions },
      { query: viewer, documentId: 'viewer' },
    ]) {
      expect(await server.post(body)).toMatchObject({ status: 200, body: { data: { viewer: { id: 'local' } } } })
    }
  })
})
