import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema, isAbstractType } from 'graphql'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { RecordedApp } from '../e2e/recorded-app.ts'
import { PostgresServer, superuser, uniqueName } from '../servers/postgres.ts'
import { createConnector, deleteConnector, findConnector, runTest, type TestState } from './operations.ts'
import { connect as connectApollo } from './recipes/apollo-client.ts'
import type { Client } from './recipes/client.ts'
import { connect as connectGraphqlRequest } from './recipes/graphql-request.ts'
import { connect as connectGraphqlSse } from './recipes/graphql-sse.ts'
import { connect as connectGraphqlWs } from './recipes/graphql-ws.ts'
import { connect as connectUrql } from './recipes/urql.ts'
import { createSource, type Source } from './source.ts'
import { connectorStory } from './story.ts'
import { TcpProxy } from './tcp-proxy.ts'
import { stepIs, WatchedTest } from './watched-test.ts'

let app: RecordedApp
let postgres: PostgresServer

beforeAll(async () => {
  ;[app, postgres] = await Promise.all([RecordedApp.start('SQLite'), PostgresServer.start()])
})
afterAll(async () => {
  await app?.[Symbol.asyncDispose]()
  await postgres?.[Symbol.asyncDispose]()
})

const schema = buildSchema(readFileSync(join(import.meta.dirname, '..', '..', 'schema.graphql'), 'utf8'))
const possibleTypes = Object.fromEntries(
  Object.values(schema.getTypeMap())
    .filter(isAbstractType)
    .map(type => [type.name, schema.getPossibleTypes(type).map(member => member.name)]),
)

const subscribers: readonly { name: string; connect: (url: string) => Client }[] = [
  { name: 'graphql-sse', connect: connectGraphqlSse },
  { name: 'graphql-ws', connect: connectGraphqlWs },
  { name: 'urql', connect: connectUrql },
  { name: 'Apollo Client', connect: url => connectApollo(url, possibleTypes) },
]

/** A source whose password is looked for in all that the server says and stores. */
async function recordedSource(): Promise<Source> {
  const source = await createSource(postgres)
  app.recorder.record('sent', JSON.stringify(source.config))
  return source
}

/** Keeps the READ step of tests of this source from ending until it is released. */
async function holdReads(source: Source) {
  const { username: user, password } = superuser
  const { database } = source
  const holder = new pg.Client({ host: '127.0.0.1', port: postgres.port, user, password, database })
  await holder.connect()
  await holder.query('begin; lock table orders in access exclusive mode')
  // Asked outside the holder's transaction, which would see this view as it was at its first look.
  const waiting = "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
  return {
    untilSomebodyWaits: () =>
      vi.waitFor(async () => expect(await postgres.sql(waiting, database)).toHaveLength(1), 10_000),
    release: () => holder.end(),
  }
}

describe.each(subscribers)('$name, as in its recipe', ({ connect }) => {
  test('creates a connector with a streamed test, previews a dataset on it and deletes both', async () => {
    const client = connect(app.url)
    try {
      const outcome = await connectorStory(client, await recordedSource())
      expect(outcome).toMatchObject({
        testStatus: 'PASSED_WITH_WARNINGS',
        verification: 'CURRENT',
        rows: [['lamp'], ['chair']],
        warnedOf: ['the dataset'],
        deletedDatasets: 1,
        foundAfterwards: null,
      })
      app.recordChildren()
      app.recorder.record('answers', JSON.stringify(outcome))
      expect(outcome.events[0]).toBe('ConnectionTestPlanned')
      expect(outcome.events.at(-1)).toBe('ConnectionTestFinished')
    } finally {
      client.close()
    }
  })

  test('meets the same test again after the line dropped, and the password is tried once', async () => {
    const source = await recordedSource()
    const held = await holdReads(source)
    await using line = await TcpProxy.start(app.port)
    const client = connect(`http://127.0.0.1:${line.port}/graphql`)
    try {
      const input = { target: { draft: source.config } }
      const first = new WatchedTest(client, input)
      const { test } = await first.until(stepIs('READ', 'RUNNING'))
      const seen = first.events.length
      line.cut()
      const again = reconnects(connect) ? first : await first.failed().then(() => new WatchedTest(client, input))
      await again.until(stepIs('READ', 'RUNNING'), again === first ? seen : 0)
      await held.release()
      expect(await again.ended()).toMatchObject({ id: test?.id, status: 'PASSED_WITH_WARNINGS' })
      app.recorder.record('events', JSON.stringify([...first.events, ...again.events]))
      expect(again.events.map(event => event.test?.id)).toEqual(again.events.map(() => test?.id))
      expect(source.signInAttempts()).toBe(1)
    } finally {
      client.close()
    }
  })
})

/** urql reports a lost stream as an error and leaves it to the application to subscribe again. */
const reconnects = (connect: (url: string) => Client): boolean => connect !== connectUrql

describe('graphql-request, as in its recipe', () => {
  test('tests with a mutation that waits, then creates and deletes', async () => {
    const { config } = await recordedSource()
    const client = connectGraphqlRequest(app.url)
    const { testConnection } = (await client.run(runTest, { input: { target: { draft: config } } })) as RunTestData
    expect(testConnection.test?.status).toBe('PASSED_WITH_WARNINGS')

    const input = { name: uniqueName('Orders'), config, testId: testConnection.test?.id, testGate: 'REQUIRE_PASS' }
    const created = (await client.run(createConnector, { input })) as { createConnector: { connector: { id: string } } }
    const connector = { id: created.createConnector.connector.id }
    expect(await client.run(deleteConnector, { input: { connector } })).toMatchObject({
      deleteConnector: { deletedConnectorId: connector.id },
    })
    expect(await client.run(findConnector, { by: connector })).toEqual({ connector: null })
  })

  test('repeats a request whose line dropped, and an attemptKey leads it to the same test', async () => {
    const source = await recordedSource()
    const held = await holdReads(source)
    await using line = await TcpProxy.start(app.port)
    const client = connectGraphqlRequest(`http://127.0.0.1:${line.port}/graphql`)
    const input = { target: { draft: source.config }, attemptKey: uniqueName('attempt') }
    const lost = client.run(runTest, { input })
    await held.untilSomebodyWaits()
    line.cut()
    await expect(lost).rejects.toThrow()
    const repeated = client.run(runTest, { input }) as Promise<RunTestData>
    await held.release()
    expect((await repeated).testConnection.test?.status).toBe('PASSED_WITH_WARNINGS')
    expect(source.signInAttempts()).toBe(1)
  })
})

interface RunTestData {
  readonly testConnection: { readonly test?: TestState }
}

test('what docs/integrating.md gives as the least input of each type is enough to save a connector', async () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'integrating.md'), 'utf8')
  const [, document = ''] = /```graphql\n(mutation SaveOneOfEach.*?)```/s.exec(page) ?? []
  app.recorder.record('sent', document)
  const saved = { __typename: 'CreateConnectorSuccess' }
  expect(await connectGraphqlRequest(app.url).run(document, {})).toEqual(
    Object.fromEntries(
      ['shop', 'events', 'sales', 'clicks', 'exports', 'finance', 'usage', 'lakehouse', 'orders'].map(name => [
        name,
        saved,
      ]),
    ),
  )
})
