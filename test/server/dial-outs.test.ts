import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ListingService } from '../../src/services/listings.ts'
import { connectorRow, datasetRow } from '../schema/schema-world.ts'
import { type ServerWorld, startServer } from './server-world.ts'

const catalog = vi.fn<ListingService['catalog']>()
const fieldOptions = vi.fn<ListingService['fieldOptions']>()
const preview = vi.fn(() => Promise.reject(new Error('Nothing is previewed here.')))
const validate = vi.fn(() => Promise.reject(new Error('Nothing is validated here.')))
const nothing = { items: [], endCursor: null, problem: null }

let server: ServerWorld
let rows = [connectorRow('c1')]
beforeAll(async () => {
  server = await startServer({
    connectors: {
      find: async () => connectorRow('c1'),
      findMany: async (_viewer, ids) => ids.map(id => connectorRow(id)),
      page: async () => ({ rows, cursors: rows.map(({ id }) => id), hasNextPage: false }),
      create: async () => connectorRow('c1'),
      validate,
    },
    datasets: { find: async () => datasetRow('d1'), preview },
    listings: { catalog, fieldOptions },
  })
})
beforeEach(() => {
  rows = [connectorRow('c1')]
  for (const fake of [catalog, fieldOptions]) {
    fake.mockReset()
    fake.mockResolvedValue(nothing)
  }
})
afterAll(() => server.shutDown())

const id = Buffer.from('Connector:c1').toString('base64url')
const one = 'catalog { ... on ConnectorCatalogSuccess { entries { nodes { name } } } }'
const by = '(by: { name: "x" })'
const options = (alias = 'o') =>
  `${alias}: connectorFieldOptions(input: { target: { saved: { name: "x" } }, field: "title" }) { __typename }`
const rowsOf = 'previewDataset(input: { target: { saved: "x" } }) { __typename }'
const entries = { catalog: { entries: { nodes: [] } } }

const codesOf = ({ body }: Awaited<ReturnType<ServerWorld['post']>>) =>
  body.errors?.map(({ extensions }) => extensions?.['code'])

describe('of the fields that connect to data sources an operation may have', () => {
  test.each([
    ['one of a connector', `{ connector${by} { ${one} } }`, { connector: entries }],
    ['one of everything in a list', `{ connectors { nodes { ${one} } } }`, { connectors: { nodes: [entries] } }],
    ['one of a node', `{ node(id: "${id}") { ... on Connector { ${one} } } }`, { node: entries }],
    ['one of nodes', `{ nodes(ids: ["${id}"]) { ... on Connector { ${one} } } }`, { nodes: [entries] }],
    [
      'one of each type, of which a connector has only one',
      `{ connector${by} { ... on MadeUpConnector { ${one} } ...Other } } fragment Other on OtherConnector { ${one} }`,
      { connector: entries },
    ],
    [
      'one of a connector that was just made',
      `mutation {
        createConnector(
          input: { name: "A", config: { madeUp: { baseUrl: "https://example", auth: { none: true } } } }
        ) { ... on CreateConnectorSuccess { connector { ${one} } } }
      }`,
      { createConnector: { connector: entries } },
    ],
    ['values for a field', `{ ${options('values')} }`, { values: { __typename: 'ConnectorFieldOptionsSuccess' } }],
  ])('%s', async (_name, query, data) => {
    expect((await server.post({ query })).body).toEqual({ data })
    expect(catalog.mock.calls.length + fieldOptions.mock.calls.length).toBe(1)
  })

  const fragment = `fragment Listed on Connector { ${one} }`
  const aliased = one.replace('catalog', 'again: catalog(path: ["a"])')
  const refusals: readonly (readonly [string, string])[] = [
    ['two of one connector', `{ connector${by} { ${one} ${aliased} } }`],
    ['two of two connectors', `{ a: connector${by} { ${one} } b: connector${by} { ${one} } }`],
    ['two by one fragment', `{ a: connector${by} { ...Listed } b: connector${by} { ...Listed } } ${fragment}`],
    ['one for all and one for a type', `{ connector${by} { ${one} ... on MadeUpConnector { ${aliased} } } }`],
    ['two of a type', `{ connector${by} { ... on MadeUpConnector { ${one} } ... on MadeUpConnector { ${aliased} } } }`],
    ['one of a dataset and one beside it', `{ dataset(id: "x") { connector { ${one} } } connector${by} { ${one} } }`],
    ['a catalog and rows', `{ connector${by} { ${one} } ${rowsOf} }`],
    ['a catalog and values for a field', `{ connector${by} { ${one} } ${options()} }`],
    ['values for two fields', `{ ${options('a')} ${options('b')} }`],
    [
      'a test and the catalog of what was tested',
      `mutation {
        testConnection(input: { target: { saved: { name: "x" } } }) {
          ... on TestConnectionSuccess { test { connector { ${one} } } }
        }
      }`,
    ],
  ]
  test.each(refusals)('not %s', async (_name, query) => {
    const answer = await server.post({ query })
    expect([answer.status, codesOf(answer)]).toEqual([400, ['BAD_USER_INPUT']])
    expect(answer.body.errors?.[0]?.message).toBe('Only one field of an operation may connect to a data source.')
    expect(catalog).not.toHaveBeenCalled()
    expect(fieldOptions).not.toHaveBeenCalled()
    expect(preview).not.toHaveBeenCalled()
  })

  test.each([
    ['a list', `{ connectors { nodes { ${one} } } }`],
    ['edges of a list', `{ connectors { edges { node { ${one} } } } }`],
    [
      'nodes',
      `{ nodes(ids: ["${id}", "${Buffer.from('Connector:c2').toString('base64url')}"]) { ... on Connector { ${one} } } }`,
    ],
  ])('not the same one of several things in %s', async (_name, query) => {
    rows = [connectorRow('c1'), connectorRow('c2'), connectorRow('c3', { typeName: 'OTHER' })]
    const answer = await server.post({ query })
    expect(answer.body.errors?.[0]?.message).toBe('Only one field of an operation may connect to a data source.')
    expect(codesOf(answer)?.[0]).toBe('BAD_USER_INPUT')
    expect(catalog).toHaveBeenCalledOnce()
    // Another operation is not held up by that.
    expect((await server.post({ query: `{ connector${by} { ${one} } }` })).body.errors).toBeUndefined()
  })

  test('none in the events of a subscription', async () => {
    const events = `... on ConnectionTestEvent { test { connector { ${one} } } }`
    const target = '(input: { target: { saved: { name: "x" } } })'
    for (const query of [
      `subscription { testConnection${target} { ${events} } }`,
      `subscription { connectionTestProgress(id: "x") { ${events} } }`,
    ]) {
      const answer = await server.post({ query }, { accept: 'text/event-stream, application/json' })
      expect(answer.body.errors?.[0]?.message).toContain('cannot be asked for in the events of a subscription')
    }
  })

  test('and what a document asks for is counted in time, however often its fragments are spread', async () => {
    const deep = Array.from({ length: 60 }, (_, n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`)
    const query = `{ ...F0 } ${deep.join(' ')} fragment F60 on Query { connector${by} { id } }`
    const answer = await server.post({ query })
    expect(answer.status).toBeLessThan(500)
  })
})

describe('by GET', () => {
  const get = (query: string, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${server.url}?query=${encodeURIComponent(query)}`, {
      headers: { accept: 'application/graphql-response+json', 'x-graphql-yoga-csrf': '1', ...headers },
    })
  const draft = '{ madeUp: { baseUrl: "https://example", auth: { token: { token: "in-a-log" } } } }'

  test.each([
    ['a catalog', `{ connector${by} { ${one} } }`],
    ['rows', `{ ${rowsOf} }`],
    ['values for a field', `{ ${options()} }`],
    [
      'values for a field of a draft',
      `{ connectorFieldOptions(input: { target: { draft: ${draft} }, field: "title" }) { __typename } }`,
    ],
    ['a validation', `{ validateConnectorConfig(input: { target: { draft: ${draft} } }) { __typename } }`],
    ['a streamed test', `subscription { testConnection(input: { target: { draft: ${draft} } }) { __typename } }`],
  ])('%s is not given', async (_name, query) => {
    const accept = query.startsWith('subscription') ? { accept: 'text/event-stream' } : {}
    const response = await get(query, accept)
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST')
    const text = await response.text()
    expect(text).toContain('Ask for this by POST')
    expect(text).not.toContain('in-a-log')
    expect(server.log()).not.toContain('in-a-log')
    for (const fake of [catalog, fieldOptions, preview, validate]) expect(fake).not.toHaveBeenCalled()
  })

  test('what dials nothing and takes no secrets is given', async () => {
    const response = await get(`{ connector${by} { name } }`)
    expect([response.status, await response.json()]).toEqual([200, { data: { connector: { name: 'Connector c1' } } }])
  })
})
