import { describe, expect, test, vi } from 'vitest'
import { BadCursorError } from '../../src/db/keyset.ts'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { connectorRow, dataOf, datasetRow, schemaWorld, snapshot, testRow } from './schema-world.ts'

const none = { rows: [], cursors: [], hasNextPage: false }

describe('a list', () => {
  test.each([0, -1, 101])('refuses pages of %i items', async first => {
    const { errors } = await schemaWorld().run(`{ connectors(first: ${first}) { nodes { id } } }`)
    expect(errors).toMatchObject([
      { message: '`first` must be from 1 to 100.', extensions: { code: 'BAD_USER_INPUT' } },
    ])
  })

  test('has 20 items in the order of names unless told otherwise', async () => {
    const page = vi.fn(async () => none)
    await schemaWorld({ datasets: { page } }).run('{ datasets { nodes { id } } }')
    expect(page).toHaveBeenCalledWith(
      expect.anything(),
      { first: 20, after: null, orderBy: { field: 'NAME', direction: 'ASC' } },
      { search: null, status: null, connector: null },
    )
  })

  test('passes on order, filter and cursor', async () => {
    const page = vi.fn(async () => none)
    await schemaWorld({ connectors: { page } }).run(`{
      connectors(
        first: 100
        after: "cursor"
        orderBy: { field: UPDATED_AT, direction: DESC }
        filter: { search: "sales", types: [OTHER] }
      ) { pageInfo { hasPreviousPage } }
    }`)
    expect(page).toHaveBeenCalledWith(
      expect.anything(),
      { first: 100, after: 'cursor', orderBy: { field: 'UPDATED_AT', direction: 'DESC' } },
      { search: 'sales', typeNames: ['OTHER'] },
    )
  })

  test('answers a cursor of another list with BAD_USER_INPUT', async () => {
    const world = schemaWorld({ connectors: { page: () => Promise.reject(new BadCursorError()) } })
    const { errors } = await world.run('{ connectors(after: "stale") { nodes { id } } }')
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })

  test('of datasets on a connector that cannot be is empty, not the list of all', async () => {
    const page = vi.fn(async () => none)
    await schemaWorld({ datasets: { page } }).run(
      '{ datasets(filter: { connector: { id: "garbage" } }) { nodes { id } } }',
    )
    expect(page).toHaveBeenCalledWith(expect.anything(), expect.anything(), {
      search: null,
      status: null,
      connector: { id: '' },
    })
  })
})

describe('a node', () => {
  const world = schemaWorld({
    connectors: { findMany: async (_viewer, ids) => ids.map(id => (id === 'c1' ? connectorRow(id) : null)) },
    datasets: { findMany: async (_viewer, ids) => ids.map(id => datasetRow(id, { query: { everything: true } })) },
    connectionTests: { findMany: async (_viewer, ids) => ids.map(id => testRow(id)) },
  })
  const query = `query ($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      id
      ... on MadeUpConnector { name }
      ... on Dataset { query { __typename } }
      ... on ConnectionTest { status }
    }
  }`

  test('is found by its global id, as its own type', async () => {
    const ids = [
      encodeGlobalId('Connector', 'c1'),
      encodeGlobalId('Dataset', 'd1'),
      encodeGlobalId('ConnectionTest', 't1'),
    ]
    expect(dataOf(await world.run(query, { ids }))).toEqual({
      nodes: [
        { __typename: 'MadeUpConnector', id: ids[0], name: 'Connector c1' },
        { __typename: 'Dataset', id: ids[1], query: { __typename: 'MadeUpDatasetQuery' } },
        { __typename: 'ConnectionTest', id: ids[2], status: 'RUNNING' },
      ],
    })
  })

  test('is null for ids of nothing', async () => {
    const ids = [encodeGlobalId('Connector', 'c2'), encodeGlobalId('Problem', 'c1'), 'garbage', '']
    expect(dataOf(await world.run(query, { ids }))).toEqual({ nodes: [null, null, null, null] })
  })

  test('cannot be asked for in masses', async () => {
    const { errors } = await world.run(query, { ids: Array.from({ length: 101 }, () => 'x') })
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })
})

test('a connector shows its configuration under the key of its type', async () => {
  const config = { baseUrl: 'https://a' }
  const world = schemaWorld({
    connectors: { find: async () => connectorRow('c1', { typeName: 'OTHER', config }) },
  })
  const { connector } = dataOf(
    await world.run(`{
      connector(by: { externalKey: "x" }) {
        __typename formData type { name inputKey }
        ... on OtherConnector { other { baseUrl } }
      }
    }`),
  )
  expect(connector).toEqual({
    __typename: 'OtherConnector',
    formData: config,
    type: { name: 'OTHER', inputKey: 'other' },
    other: config,
  })
})

test('a test shows why it could not be run, with evidence and remedies by kind', async () => {
  const problem = {
    code: 'HOST_NOT_FOUND' as const,
    origin: 'NETWORK' as const,
    message: 'No such host.',
    params: { host: 'x' },
    detail: null,
    retryable: false,
    fields: ['host'],
    remedies: [
      { kind: 'SET_FIELD' as const, title: 'Correct it', field: 'host', value: 'y' },
      { kind: 'RUN_SQL' as const, title: 'Run', sql: 'select 1' },
      { kind: 'ALLOW_ADDRESS' as const, title: 'Allow', addresses: ['192.0.2.1'] },
      { kind: 'REENTER_SECRET' as const, title: 'Again', field: 'auth.password' },
      { kind: 'READ_DOCS' as const, title: 'Read', url: 'https://docs.example.com' },
    ],
    docsPath: 'problems.md#host-not-found',
  }
  const certificate = {
    subject: 's',
    issuer: 'i',
    validFrom: '2026-01-01T00:00:00.000Z',
    validTo: '2027-01-01T00:00:00.000Z',
  }
  const step = {
    id: 'RESOLVE',
    key: 'RESOLVE' as const,
    target: null,
    title: 'Find the address',
    required: true,
    budgetMs: 3000,
    status: 'FAILED' as const,
    blockedBy: null,
    startedAt: null,
    durationMs: 1.4,
    note: null,
    evidence: [
      { kind: 'TEXT' as const, label: 't', value: 'v' },
      { kind: 'ADDRESS' as const, label: 'a', measuredOn: 'PROBE' as const, address: '::1', family: 'IPV6' as const },
      { kind: 'CERTIFICATE' as const, label: 'c', ...certificate, sha256Fingerprint: 'AA', subjectAltNames: ['x'] },
    ],
    problem,
  }
  const row = testRow('t1', {
    snapshot: JSON.parse(JSON.stringify(snapshot({ status: 'ERRORED', steps: [step], problem }))),
  })
  const world = schemaWorld({ connectionTests: { findMany: async () => [row] } })
  const { node } = dataOf(
    await world.run(
      `query ($id: ID!) {
        node(id: $id) {
          ... on ConnectionTest {
            connector { id }
            connectorType { name }
            problem { code docsUrl }
            steps {
              durationMs
              evidence {
                __typename label measuredOn
                ... on TextEvidence { value }
                ... on AddressEvidence { address family outcome }
                ... on CertificateEvidence { subject validTo subjectAltNames }
              }
              problem {
                remedies {
                  __typename title
                  ... on SetFieldRemedy { field value }
                  ... on RunSqlRemedy { sql }
                  ... on AllowAddressRemedy { addresses }
                  ... on ReenterSecretRemedy { field }
                  ... on ReadDocsRemedy { url }
                }
              }
            }
          }
        }
      }`,
      { id: encodeGlobalId('ConnectionTest', 't1') },
    ),
  )
  expect(node).toEqual({
    connector: null,
    connectorType: { name: 'MADE_UP' },
    problem: { code: 'HOST_NOT_FOUND', docsUrl: 'https://docs.example.com/problems.md#host-not-found' },
    steps: [
      {
        durationMs: 1,
        evidence: [
          { __typename: 'TextEvidence', label: 't', measuredOn: null, value: 'v' },
          {
            __typename: 'AddressEvidence',
            label: 'a',
            measuredOn: 'PROBE',
            address: '::1',
            family: 'IPV6',
            outcome: null,
          },
          {
            __typename: 'CertificateEvidence',
            label: 'c',
            measuredOn: null,
            subject: 's',
            validTo: '2027-01-01T00:00:00.000Z',
            subjectAltNames: ['x'],
          },
        ],
        problem: {
          remedies: [
            { __typename: 'SetFieldRemedy', title: 'Correct it', field: 'host', value: 'y' },
            { __typename: 'RunSqlRemedy', title: 'Run', sql: 'select 1' },
            { __typename: 'AllowAddressRemedy', title: 'Allow', addresses: ['192.0.2.1'] },
            { __typename: 'ReenterSecretRemedy', title: 'Again', field: 'auth.password' },
            { __typename: 'ReadDocsRemedy', title: 'Read', url: 'https://docs.example.com' },
          ],
        },
      },
    ],
  })
})
