// Rows of the table of attacks (see attacks-documents.test.ts) that are about learning the schema.
import { getIntrospectionQuery } from 'graphql'
import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import type { IntrospectionPolicy } from '../../src/config-introspection.ts'
import type { Identity } from '../../src/identity/identity.ts'
import type { Scope } from '../../src/services/viewer.ts'
import { madeUpSchema } from '../schema/schema-world.ts'
import { viewerOf } from '../viewers.ts'
import { type ServerWorld, startServer } from './server-world.ts'

/** Whoever says "admin" is one. */
const identity: Identity = {
  async identify(authorization) {
    const scopes: readonly Scope[] = authorization === 'Bearer admin' ? ['workspace:admin'] : ['connectors:read']
    return { viewer: viewerOf('north', { scopes: new Set(scopes) }), isStillGood: async () => true }
  },
}
const admin = { authorization: 'Bearer admin' }

const start = (introspection: IntrospectionPolicy) => startServer({}, { introspection, identity, production: true })

let closed: ServerWorld
let forAdmins: ServerWorld
let open: ServerWorld
beforeAll(async () => {
  ;[closed, forAdmins, open] = await Promise.all([start('false'), start('admin'), start('true')])
})
afterAll(() => Promise.all([closed, forAdmins, open].map(each => each?.shutDown())))

const readers = [
  ['the whole schema', getIntrospectionQuery()],
  ['a type', '{ __type(name: "Connector") { name } }'],
  ['under another name', '{ connectorTypes: __schema { queryType { name } } }'],
  ['in a fragment', '{ ...F } fragment F on Query { ...G } fragment G on Query { __schema { queryType { name } } }'],
  ['in an inline fragment', '{ ... { ... on Query { __type(name: "Query") { name } } } }'],
  ['in a query of that name', 'query __schema { __schema { queryType { name } } }'],
  ['skipped by a variable', 'query ($a: Boolean = false) { __typename __schema @skip(if: $a) { queryType { name } } }'],
  ['in the operation that is not run', 'query A { __typename } query B { __schema { queryType { name } } }'],
] as const

describe('1. the schema cannot be read', () => {
  test.each(readers)('%s', async (_name, query) => {
    const operationName = query.includes('query A') ? { operationName: 'A' } : {}
    for (const [server, headers] of [
      [closed, {}],
      [closed, admin],
      [forAdmins, {}],
    ] as const) {
      const { status, body } = await server.post({ query, ...operationName }, headers)
      expect([status, body.data ?? null]).toEqual([400, null])
      expect(body.errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }])
    }
    // Validation is remembered for a document, whoever sent it first; the policy is not.
    for (const server of [forAdmins, open]) {
      expect((await server.post({ query, ...operationName }, admin)).body.errors).toBeUndefined()
    }
    expect((await forAdmins.post({ query, ...operationName })).status).toBe(400)
  })

  test('by GET either', async () => {
    const address = `${closed.url}?query=${encodeURIComponent('{ __schema { queryType { name } } }')}`
    const headers = { 'x-graphql-yoga-csrf': '1', accept: 'application/graphql-response+json' }
    expect((await fetch(address, { headers })).status).toBe(400)
  })

  test('by WebSocket either, and by subscription', async () => {
    const ask = async (server: ServerWorld, query: string, connectionParams: Record<string, unknown>) => {
      const client = createClient({
        url: server.url.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        connectionParams,
        retryAttempts: 0,
      })
      try {
        const answers: unknown[] = []
        for await (const answer of client.iterate({ query })) answers.push(answer)
        return answers
      } catch (errors) {
        return errors
      } finally {
        await client.dispose()
      }
    }
    const query = '{ __schema { queryType { name } } }'
    const answer = { data: { __schema: { queryType: { name: 'Query' } } } }
    const refusal = { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] }
    const asAdmin = { authorization: 'Bearer admin' }
    const asReader = { authorization: 'Bearer reader' }
    expect(await ask(closed, query, asAdmin)).toMatchObject([refusal])
    expect(await ask(forAdmins, query, asReader)).toMatchObject([refusal])
    expect(await ask(forAdmins, query, asAdmin)).toMatchObject([answer])
    // Validation refuses it first: only queries have it.
    const subscription = 'subscription { __schema { queryType { name } } }'
    expect(JSON.stringify(await ask(closed, subscription, asAdmin))).toContain('GRAPHQL_VALIDATION_FAILED')
  })

  test('but __typename is answered, to everybody', async () => {
    const query = '{ a: __typename ... on Query { __typename } }'
    for (const server of [closed, forAdmins]) {
      expect((await server.post({ query })).body).toEqual({ data: { a: 'Query', __typename: 'Query' } })
    }
  })
})

/** Every name that a schema has and whoever sends one of the requests below could not know. */
const schemaNames = (() => {
  const names = new Set<string>()
  for (const [name, type] of Object.entries(madeUpSchema.getTypeMap())) {
    if (name.startsWith('__')) continue
    names.add(name)
    if ('getFields' in type) {
      for (const [fieldName, field] of Object.entries(type.getFields())) {
        names.add(fieldName)
        if ('args' in field) for (const arg of field.args) names.add(arg.name)
      }
    }
    if ('getValues' in type) for (const { name: value } of type.getValues()) names.add(value)
  }
  // What everybody knows of GraphQL.
  for (const name of ['Query', 'Mutation', 'Subscription', 'String', 'Int', 'ID', 'Boolean', 'Float'])
    names.delete(name)
  return names
})()

/** The words of a message that it quotes: elsewhere they are English. */
const quoted = (message: string) =>
  [...message.matchAll(/"([^"]*)"/g)].flatMap(([, inside = '']) => inside.match(/[A-Za-z_]\w*/g) ?? [])

const guesses: readonly (readonly [string, string, Readonly<Record<string, unknown>>?])[] = [
  ['a field', '{ connectorTypes { nam } }'],
  ['a root field', '{ connector5 }'],
  ['a mutation', 'mutation { createConnecto }'],
  ['a field without its selection', '{ connectorTypes }'],
  ['a leaf with a selection', '{ connectorTypes { name { x } } }'],
  ['an argument', '{ connectors(firs: 1) { __typename } }'],
  ['an argument that must be given', '{ connector { __typename } }'],
  ['an argument of a wrong type', '{ connector(by: 1) { __typename } }'],
  ['a member of an input', '{ connector(by: { nam: "x" }) { __typename } }'],
  ['a member that must be given', 'mutation { createConnector(input: {}) { __typename } }'],
  ['two members of which one may be given', '{ connector(by: { name: "x", externalKey: "y" }) { __typename } }'],
  ['no member where one must be given', '{ connector(by: {}) { __typename } }'],
  ['null for the one member', '{ connector(by: { name: null }) { __typename } }'],
  ['an enum', '{ connectors(filter: { types: [MADE_U] }) { __typename } }'],
  ['an enum by its text', '{ connectors(filter: { types: ["MADE_UP "] }) { __typename } }'],
  ['the type of a fragment', '{ ... on Quer { __typename } }'],
  ['a fragment where it cannot be', '{ connectorTypes { ... on Query { __typename } } }'],
  ['the name of a fragment', '{ ...Fragmen } fragment Fragment on Query { __typename }'],
  ['the type of a variable', 'query ($a: ConnectorRe) { __typename }'],
  ['an output for the type of a variable', 'query ($a: Query) { __typename }'],
  ['a variable in a wrong place', 'query ($a: Int) { connector(by: $a) { __typename } }'],
  [
    'a variable that may be null in an input of one member',
    'query ($a: String) { connector(by: { name: $a }) { __typename } }',
  ],
  ['a variable that is not defined', '{ connector(by: $b) { __typename } }'],
  ['a directive', '{ __typename @ski(if: true) }'],
  ['the argument of a directive', '{ __typename @skip(i: true) }'],
  ['fields that conflict', '{ a: connectorTypes { name } a: connectors { __typename } }'],
  ['a value of a variable', 'query ($a: ConnectorRef!) { connector(by: $a) { __typename } }', { a: { nam: 'x' } }],
  ['a value with quotes', 'query ($a: ConnectorRef!) { connector(by: $a) { __typename } }', { a: { 'a"b': 'x' } }],
  ['no value', 'query ($a: ConnectorRef!) { connector(by: $a) { __typename } }', { a: {} }],
  ['two values', 'query ($a: ConnectorRef!) { connector(by: $a) { __typename } }', { a: { name: 'a', id: 'b' } }],
  ['no variable', 'query ($a: ConnectorRef!) { connector(by: $a) { __typename } }', {}],
  [
    'a value of an enum with quotes',
    'query ($a: ConnectorOrder!) { connectors(orderBy: $a) { __typename } }',
    { a: { field: '"" does not exist in "' } },
  ],
  [
    'a value of an enum',
    'query ($a: ConnectorOrder!) { connectors(orderBy: $a) { __typename } }',
    { a: { field: 'CREATED', direction: 'AS' } },
  ],
  [
    'a member far inside',
    'mutation ($a: CreateConnectorInput!) { createConnector(input: $a) { __typename } }',
    { a: { name: 'a', config: { madeUp: { auth: { toke: {} } } } } },
  ],
]

test.each(guesses)(
  '2. a guess at %s is answered without a name that it does not have itself',
  async (_name, query, variables) => {
    const own = new Set(`${query} ${JSON.stringify(variables ?? {})}`.match(/[A-Za-z_]\w*/g))
    for (const server of [closed, forAdmins]) {
      const { status, body } = await server.post({ query, ...(variables && { variables }) }, admin)
      expect(status).toBe(400)
      expect(body.errors?.length).toBeGreaterThan(0)
      for (const { message } of body.errors ?? []) {
        expect(message).not.toContain('Did you mean')
        expect(quoted(message).filter(word => schemaNames.has(word) && !own.has(word))).toEqual([])
        // Of names that are no English words also what stands outside of quotes.
        const types = (message.match(/\b[A-Z][a-z]+[A-Z]\w+/g) ?? []).filter(
          word => schemaNames.has(word) && !own.has(word),
        )
        expect(types).toEqual([])
      }
    }
  },
)

test('2. where the schema may be read, messages help', async () => {
  const { body } = await open.post({ query: '{ connectorTypes { nam } }' })
  expect(body.errors?.[0]?.message).toBe('Cannot query field "nam" on type "ConnectorType". Did you mean "name"?')
})

test('3. there is no GraphiQL in production', async () => {
  for (const path of ['/graphql', '/graphiql', '/playground', '/altair', '/voyager', '/', '/console']) {
    const response = await fetch(`${closed.origin}${path}`, { headers: { accept: 'text/html' } })
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(await response.text()).not.toMatch(/graphiql|playground|<html/i)
  }
})
