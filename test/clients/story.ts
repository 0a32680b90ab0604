import { uniqueName } from '../servers/postgres.ts'
import { createConnector, createDataset, deleteConnector, findConnector, previewDataset } from './operations.ts'
import type { Client } from './recipes/client.ts'
import { WatchedTest } from './watched-test.ts'

export interface StoryOutcome {
  /** Names of the events, in order. */
  readonly events: readonly string[]
  readonly testStatus: string
  readonly verification: string
  readonly rows: unknown
  /** Names of the datasets that the refusal to delete spoke of. */
  readonly warnedOf: readonly string[]
  readonly deletedDatasets: number
  readonly foundAfterwards: unknown
}

export interface StorySource {
  /** Under the input key of their connector type: a configuration, and a dataset's query. */
  readonly config: Readonly<Record<string, unknown>>
  readonly query: Readonly<Record<string, unknown>>
}

/** Draft -> streamed test -> create -> dataset -> preview -> refused deletion -> deletion, through a public client. */
export async function connectorStory(client: Client, { config, query }: StorySource): Promise<StoryOutcome> {
  const watched = new WatchedTest(client, { target: { draft: config } })
  const test = await watched.ended()
  watched.stop()

  const name = uniqueName('Orders')
  const input = { name, config, testId: test.id, testGate: 'REQUIRE_PASS' }
  // Each document selects the shape that is read here.
  const { createConnector: created } = (await client.run(createConnector, { input })) as {
    createConnector: { connector?: { id: string; verification: { state: string } }; message?: string }
  }
  if (!created.connector) throw new Error(`Not created: ${created.message} ${JSON.stringify(test.steps)}`)
  const connector = { id: created.connector.id }

  const { createDataset: saved } = (await client.run(createDataset, { input: { connector, name, query } })) as {
    createDataset: { dataset?: { id: string }; message?: string }
  }
  if (!saved.dataset) throw new Error(`Not created: ${saved.message}`)
  const { previewDataset: previewed } = (await client.run(previewDataset, {
    input: { target: { saved: saved.dataset.id } },
  })) as { previewDataset: { preview?: { rows: unknown } } }

  const remove = async (options: object) => {
    const data = await client.run(deleteConnector, { input: { connector, ...options } })
    return (data as { deleteConnector: DeleteAnswer }).deleteConnector
  }
  const refusal = await remove({})
  const deletion = await remove({ impactToken: refusal.plan?.impactToken, datasets: { all: true } })
  const { connector: foundAfterwards } = (await client.run(findConnector, { by: connector })) as { connector: unknown }
  return {
    events: watched.events.map(event => event.__typename),
    testStatus: test.status,
    verification: created.connector.verification.state,
    rows: previewed.preview?.rows,
    warnedOf: refusal.plan?.datasets.nodes.map(dataset => (dataset.name === name ? 'the dataset' : dataset.name)) ?? [],
    deletedDatasets: deletion.deletedDatasetIds?.length ?? 0,
    foundAfterwards,
  }
}

interface DeleteAnswer {
  readonly plan?: {
    readonly impactToken: string
    readonly datasets: { readonly nodes: readonly { readonly name: string }[] }
  }
  readonly deletedDatasetIds?: readonly string[]
}
