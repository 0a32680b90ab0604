import { describe, expect, test, vi } from 'vitest'
import type { Page } from '../../src/db/keyset.ts'
import type { DatasetRow } from '../../src/db/rows.ts'
import type { Scope } from '../../src/services/viewer.ts'
import { connectorRow, dataOf, datasetRow, schemaWorld } from './schema-world.ts'

const ids = ['c1', 'c2']
const page = <Row>(rows: readonly Row[]): Page<Row> => ({ rows, cursors: rows.map(() => 'cursor'), hasNextPage: true })

/** Every dataset is named after its connector and the size of the page that it was read with. */
function world(scopes?: readonly Scope[]) {
  const pagesOfConnectors = vi.fn(async (_viewer: unknown, connectorIds: readonly string[], first: number) =>
    connectorIds.map(id => page([datasetRow('d', { connectorId: id, name: `${id} by ${first}` })])),
  )
  const laterPage = vi.fn(async (): Promise<Page<DatasetRow>> => page([datasetRow('d', { name: 'later' })]))
  const fakes = {
    connectors: { page: async () => page(ids.map(id => connectorRow(id))) },
    datasets: { pagesOfConnectors, page: laterPage },
  }
  return { ...schemaWorld(fakes, scopes), pagesOfConnectors, laterPage }
}

describe('the datasets of a list of connectors', () => {
  const selection = 'datasets(first: 3) { nodes { name } pageInfo { hasNextPage hasPreviousPage } }'
  test.each([
    ['nodes', `{ connectors { nodes { ${selection} } } }`],
    ['a fragment', `{ connectors { nodes { ...F } } } fragment F on Connector { ... { ${selection} } }`],
    ['one type only', `{ connectors { nodes { ... on MadeUpConnector { ${selection} } } } }`],
    ['a variable', `query ($n: Int = 3) { connectors { nodes { ${selection.replace('3', '$n')} } } }`],
    ['several places', `{ connectors { nodes { ${selection} } ... { nodes { ${selection} } } } }`],
  ])('are read once for all of them when selected in %s', async (_where, document) => {
    const { run, pagesOfConnectors } = world()
    const datasets = (id: string) => ({
      datasets: { nodes: [{ name: `${id} by 3` }], pageInfo: { hasNextPage: true, hasPreviousPage: false } },
    })
    expect(dataOf(await run(document))).toEqual({ connectors: { nodes: ids.map(datasets) } })
    expect(pagesOfConnectors.mock.calls.map(([, asked, first]) => [asked, first])).toEqual([[ids, 3]])
  })

  test('are read once for all of them when selected in edges', async () => {
    const { run, pagesOfConnectors } = world()
    const { connectors } = dataOf(await run('{ connectors { edges { node { datasets { nodes { name } } } } } }'))
    const edge = (id: string) => ({ node: { datasets: { nodes: [{ name: `${id} by 20` }] } } })
    expect(connectors).toEqual({ edges: ids.map(edge) })
    expect(pagesOfConnectors).toHaveBeenCalledTimes(1)
  })

  test('may be asked for in pages of several sizes', async () => {
    const { run, pagesOfConnectors } = world()
    const document =
      '{ connectors { nodes { a: datasets(first: 1) { nodes { name } } b: datasets { nodes { name } } } } }'
    const { connectors } = dataOf(await run(document))
    const node = (id: string) => ({ a: { nodes: [{ name: `${id} by 1` }] }, b: { nodes: [{ name: `${id} by 20` }] } })
    expect(connectors).toEqual({ nodes: ids.map(node) })
    expect(pagesOfConnectors.mock.calls.map(([, , first]) => first)).toEqual([1, 20])
  })

  test('are not read ahead when a later page is asked for', async () => {
    const { run, pagesOfConnectors, laterPage } = world()
    const { connectors } = dataOf(await run('{ connectors { nodes { datasets(after: "x") { nodes { name } } } } }'))
    expect(connectors).toEqual({ nodes: ids.map(() => ({ datasets: { nodes: [{ name: 'later' }] } })) })
    expect(laterPage).toHaveBeenCalledTimes(2)
    expect(pagesOfConnectors).not.toHaveBeenCalled()
  })

  test('are not read for a viewer who may not see them, nor with a size that is refused', async () => {
    const blind = world(['connectors:read'])
    const { errors } = await blind.run(`{ connectors { nodes { ${selection} } } }`)
    expect(errors?.[0]?.extensions['code']).toBe('FORBIDDEN')
    expect(blind.pagesOfConnectors).not.toHaveBeenCalled()
    const greedy = world()
    const refused = await greedy.run('{ connectors { nodes { datasets(first: 0) { nodes { name } } } } }')
    expect(refused.errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT')
    expect(greedy.pagesOfConnectors).not.toHaveBeenCalled()
  })
})
