import { expect, test, vi } from 'vitest'
import type { Page } from '../../src/db/keyset.ts'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { connectorRow, dataOf, datasetRow, schemaWorld } from './schema-world.ts'

const page = <Row>(rows: readonly Row[]): Page<Row> => ({
  rows,
  cursors: rows.map((_, index) => `cursor${index}`),
  hasNextPage: false,
})

test('what a list of connectors asks for is read once for the whole list', async () => {
  const rows = Array.from({ length: 20 }, (_, index) => connectorRow(`c${index}`))
  const verifications = vi.fn(async (_viewer: unknown, asked: readonly unknown[]) =>
    asked.map(() => ({ state: 'NEVER' as const, changedFields: [], test: null })),
  )
  const secretStates = vi.fn(async (_viewer: unknown, asked: readonly unknown[]) =>
    asked.map(() => [{ path: 'auth.password', isSet: true, version: 'v1', setAt: new Date(0) }]),
  )
  const pagesOfConnectors = vi.fn(async (_viewer: unknown, ids: readonly string[], first: number) =>
    ids.map(id => page([datasetRow(`${id}-of-${first}`, { connectorId: id })])),
  )
  const countsOfConnectors = vi.fn(async (_viewer: unknown, ids: readonly string[]) => ids.map(() => 7))
  const world = schemaWorld({
    connectors: { page: async () => page(rows), verifications, secretStates },
    datasets: { pagesOfConnectors, countsOfConnectors },
  })
  const { connectors } = dataOf(
    await world.run(`{
      connectors {
        nodes {
          name
          verification { state }
          secrets { path isSet }
          datasets(first: 5) { totalCount nodes { name } pageInfo { hasNextPage endCursor } }
        }
      }
    }`),
  )
  expect(connectors).toMatchObject({
    nodes: rows.map(({ id, name }) => ({
      name,
      verification: { state: 'NEVER' },
      secrets: [{ path: 'auth.password', isSet: true }],
      datasets: {
        totalCount: 7,
        nodes: [{ name: `Dataset ${id}-of-5` }],
        pageInfo: { hasNextPage: false, endCursor: 'cursor0' },
      },
    })),
  })
  for (const read of [verifications, secretStates, pagesOfConnectors, countsOfConnectors]) {
    expect(read).toHaveBeenCalledTimes(1)
  }
})

test('the connectors of a list of datasets are read at once, each once', async () => {
  const findMany = vi.fn(async (_viewer: unknown, ids: readonly string[]) => ids.map(id => connectorRow(id)))
  const rows = ['a', 'b', 'c', 'd'].map((id, index) =>
    datasetRow(id, { connectorId: index === 3 ? null : `c${index % 2}` }),
  )
  const world = schemaWorld({ connectors: { findMany }, datasets: { page: async () => page(rows) } })
  const { datasets } = dataOf(await world.run('{ datasets { nodes { status connector { id } } } }'))
  const connected = (id: string) => ({ status: 'CONNECTED', connector: { id: encodeGlobalId('Connector', id) } })
  expect(datasets).toEqual({
    nodes: [connected('c0'), connected('c1'), connected('c0'), { status: 'DISCONNECTED', connector: null }],
  })
  expect(findMany.mock.calls.map(([, ids]) => ids)).toEqual([['c0', 'c1']])
})

test('a mutation after another one in the same operation reads afresh', async () => {
  let version = 0
  const world = schemaWorld({
    datasets: {
      update: async () => datasetRow('d1', { connectorId: 'c1' }),
    },
    connectors: { findMany: async (_viewer, ids) => ids.map(id => connectorRow(id, { version: ++version })) },
  })
  const update = (alias: string) =>
    `${alias}: updateDataset(input: { id: "x", expectedVersion: 1 }) {
      ... on UpdateDatasetSuccess { dataset { connector { version } } }
    }`
  expect(dataOf(await world.run(`mutation { ${update('a')} ${update('b')} }`))).toEqual({
    a: { dataset: { connector: { version: 1 } } },
    b: { dataset: { connector: { version: 2 } } },
  })
})

test('the length of a list is counted only when it is asked for', async () => {
  const count = vi.fn(async () => 41)
  const world = schemaWorld({ connectors: { page: async () => page([connectorRow('c1')]), count } })
  await world.run('{ connectors { edges { cursor node { id } } } }')
  expect(count).not.toHaveBeenCalled()
  expect(dataOf(await world.run('{ connectors(filter: { search: "x" }) { totalCount } }'))).toEqual({
    connectors: { totalCount: 41 },
  })
  expect(count).toHaveBeenCalledExactlyOnceWith(expect.anything(), { search: 'x', typeNames: null })
})
