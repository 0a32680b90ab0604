/*
 * What the scanner graphql-cop looks for, against the server as in production. The tool itself is published as source
 * alone, not as a package; these ask the questions that it asks, and more of the same kind.
 */
import { getIntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServerWorld, startServer } from './server-world.ts'

let server: ServerWorld
beforeAll(async () => {
  server = await startServer({}, { introspection: 'false', production: true })
})
afterAll(() => server?.shutDown())

const post = async (body: unknown, type = 'application/json') => {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': type },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, text: await response.text() }
}
const get = async (parameters: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}) => {
  const response = await fetch(`${server.url}?${new URLSearchParams(parameters)}`, { headers })
  return { status: response.status, text: await response.text() }
}
const hasData = (text: string) => /"data":\s*\{/.test(text)
const aliased = (count: number) =>
  `query cop { ${Array.from({ length: count }, (_, n) => `alias${n}: __typename`).join(' ')} }`

test('alias overloading: 101 aliases', async () => {
  expect(hasData((await post({ query: aliased(101), operationName: 'cop' })).text)).toBe(false)
})

test('array batching: ten operations in one request', async () => {
  const { status, text } = await post(Array(10).fill({ query: 'query cop { __typename }' }))
  expect([status, hasData(text)]).toEqual([400, false])
})

test('circular fragments', async () => {
  const query = 'query cop { ...A } fragment A on Query { ...B } fragment B on Query { ...A }'
  const { status, text } = await post({ query })
  expect([status < 500, hasData(text)]).toEqual([true, false])
})

test('circular introspection', async () => {
  const circle = 'fields { type { '.repeat(6)
  const { text } = await post({ query: `query cop { __schema { types { ${circle} name ${'} } '.repeat(6)} } } }` })
  expect(hasData(text)).toBe(false)
})

test.each([1, 10, 50])('directive overloading: %i unknown directives on one field', async count => {
  const { text } = await post({ query: `query cop { __typename ${'@aa'.repeat(count)} }` })
  const { errors } = JSON.parse(text) as { errors: readonly unknown[] }
  // An answer for each of them would show that each was looked at.
  expect(errors).toHaveLength(1)
})

test('field duplication: 500 times the same field', async () => {
  expect(hasData((await post({ query: `query cop { ${'__typename '.repeat(500)} }` })).text)).toBe(false)
})

test('field suggestions', async () => {
  for (const query of [
    'query cop { __schema { directive } }',
    'query cop { connectorType }',
    'query cop { viewe { id } }',
  ]) {
    expect((await post({ query })).text).not.toContain('Did you mean')
  }
})

test('mutations by GET', async () => {
  for (const headers of [{}, { 'x-graphql-yoga-csrf': '1' }]) {
    const { status, text } = await get({ query: 'mutation cop { __typename }' }, headers)
    expect([[403, 405].includes(status), hasData(text)]).toEqual([true, false])
  }
})

test('queries by GET, as a page of another site could ask', async () => {
  const { status, text } = await get({ query: 'query cop { __typename }' })
  expect([status, hasData(text)]).toEqual([403, false])
})

test('GraphiQL and other consoles', async () => {
  for (const path of ['', '/graphiql', '/playground', '/console', '/graphql', '/api/graphql']) {
    const response = await fetch(`${server.origin}${path}`, { headers: { accept: 'text/html' } })
    expect(await response.text()).not.toMatch(/graphiql\.min\.css|GraphQL Playground|GraphiQL/i)
  }
})

test('introspection', async () => {
  for (const query of ['query cop { __schema { types { name fields { name } } } }', getIntrospectionQuery()]) {
    const { text } = await post({ query })
    expect([hasData(text), text.includes('"types"')]).toEqual([false, false])
  }
})

test('operations as a form, which a page of another site can post', async () => {
  const form = new URLSearchParams({ query: 'query cop { __typename }' }).toString()
  const { status, text } = await post(form, 'application/x-www-form-urlencoded')
  expect([status, hasData(text)]).toEqual([403, false])
})

test('trace mode', async () => {
  const { text } = await post({ query: 'query cop { __typename }' })
  expect(JSON.parse(text)).toEqual({ data: { __typename: 'Query' } })
})

test('faults that show what is inside', async () => {
  for (const body of [
    { query: 'qwerty cop { abc }' },
    { query: 'query cop { __typename' },
    { query: 1 },
    '{',
    { query: 'query cop($a: Nothing) { __typename }' },
  ]) {
    const { status, text } = await post(body)
    expect(status).toBeLessThan(500)
    expect(text).not.toMatch(/exception|stack|INTERNAL_SERVER_ERROR|node_modules|\.js:\d/i)
  }
})
