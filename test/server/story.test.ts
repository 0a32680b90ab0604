import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtInConnectorTypes } from '../../src/connectors/registry.ts'
import { storyTabs } from '../../src/graphiql.ts'
import { startTestApp, type TestApp } from '../harness.ts'
import { PostgresServer, superuser } from '../servers/postgres.ts'

let app: TestApp
let postgres: PostgresServer

beforeAll(async () => {
  ;[app, postgres] = await Promise.all([startTestApp(), PostgresServer.start()])
})
afterAll(async () => {
  await app?.[Symbol.asyncDispose]()
  await postgres?.[Symbol.asyncDispose]()
})

const [types, create, stream, dataset, preview, plan, remove] = storyTabs

/** Runs a tab; answers the data of its one field. */
async function run(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
  const { data, errors } = await app.fetchGraphql(query, variables)
  expect(errors).toBeUndefined()
  return Object.values(data ?? {})[0]
}

test("GraphiQL's tabs tell the whole story on a real PostgreSQL", async () => {
  expect(await run(types.query)).toMatchObject(builtInConnectorTypes.map(({ name, inputKey }) => ({ name, inputKey })))

  const input = {
    name: 'Sales',
    config: {
      postgres: {
        host: 'localhost',
        port: postgres.port,
        auth: { password: { username: superuser.username, password: superuser.password } },
        tls: { mode: 'DISABLE' },
      },
    },
  }
  expect(await run(create.query, { input })).toMatchObject({
    connector: { name: 'Sales', version: 1, verification: { state: 'NEVER' } },
  })

  const events: unknown[] = []
  for await (const { data } of app.subscribe(stream.query)) events.push(data?.['testConnection'])
  expect(events.map((_, index) => index + 1)).toEqual(events.map(event => (event as { sequence: number }).sequence))
  expect(events[0]).toMatchObject({ test: { status: 'RUNNING' } })
  expect(events.at(-1)).toMatchObject({ test: { status: 'PASSED_WITH_WARNINGS' } })

  expect(await run(dataset.query)).toMatchObject({ dataset: { name: 'Tables', status: 'CONNECTED' } })
  expect(await run(preview.query)).toMatchObject({
    preview: { rows: [[superuser.username, expect.stringContaining('PostgreSQL')]], truncated: false },
  })

  const { impactToken } = (await run(plan.query)) as { impactToken: string }
  expect(await run(remove.query, JSON.parse(remove.variables))).toMatchObject({ plan: { impactToken } })
  expect(await run(remove.query, { impactToken })).toMatchObject({
    deletedConnectorId: expect.any(String),
    deletedDatasetIds: [expect.any(String)],
  })
  expect(app.log()).not.toContain(superuser.password)
})

test('first pages of a connector’s datasets lead to the next ones', async () => {
  const config = { postgres: { host: 'localhost', auth: { password: { username: 'x', password: 'y' } } } }
  await run(create.query, { input: { name: 'Paged', config } })
  for (const name of ['a', 'b', 'c']) {
    await run(`mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { ... on Error { message } } }`, {
      input: { connector: { name: 'Paged' }, name, query: { postgres: { sql: { text: 'select 1' } } } },
    })
  }
  const page = async (after: string | null) => {
    const query = `query ($after: String) {
      connector(by: { name: "Paged" }) {
        datasets(first: 2, after: $after) { totalCount nodes { name } pageInfo { hasNextPage endCursor } }
      }
    }`
    const { datasets } = (await run(query, { after })) as {
      datasets: { totalCount: number; nodes: { name: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } }
    }
    return datasets
  }
  const first = await page(null)
  expect(first).toMatchObject({ totalCount: 3, nodes: [{ name: 'a' }, { name: 'b' }], pageInfo: { hasNextPage: true } })
  expect(await page(first.pageInfo.endCursor)).toMatchObject({
    nodes: [{ name: 'c' }],
    pageInfo: { hasNextPage: false },
  })
})
