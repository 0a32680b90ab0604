import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  PreviewWithinLimitsDocument,
  SaveIfPassedDocument,
  SaveNewConnectorDocument,
  TestForChangesDocument,
  WatchForChangesDocument,
} from '../generated/graphql.ts'
import { PostgresServer, uniqueName } from '../servers/postgres.ts'
import { transports } from './api-client.ts'
import { RecordedApp } from './recorded-app.ts'
import { createSource } from './source.ts'
import { asType } from './typed-result.ts'

let postgres: PostgresServer
beforeAll(async () => {
  postgres = await PostgresServer.start()
})
afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]()
})

test('the operator sets how many tests and previews a minute a workspace may start, whichever way it starts them', async () => {
  await using app = await RecordedApp.start('SQLite', { TEST_RATE: '3' })
  const source = await createSource(postgres)
  const config = source.config()
  const { createConnector } = await app.client.request(SaveNewConnectorDocument, {
    input: { name: uniqueName('Orders'), config },
  })
  const { id } = asType(createConnector, 'CreateConnectorSuccess').connector
  const input = { target: { saved: { id } } }
  const attemptKey = 'the first'
  const runTest = async (key: string | null = null) =>
    (await app.client.request(TestForChangesDocument, { input: { ...input, attemptKey: key } })).testConnection
  const first = asType(await runTest(attemptKey), 'TestConnectionSuccess').test
  for (let count = 0; count < 2; count++) asType(await runTest(), 'TestConnectionSuccess')

  const refusal = { __typename: 'RateLimitedError', code: 'RATE_LIMITED', reason: 'TOO_MANY_STARTS' }
  const before = source.signInAttempts()
  const { retryAfterSeconds } = asType(await runTest(), 'RateLimitedError')
  expect(retryAfterSeconds).toBeGreaterThan(0)
  expect(retryAfterSeconds).toBeLessThanOrEqual(20)
  for (const transport of transports) {
    expect(await app.client.subscribe(transport, WatchForChangesDocument, { input }).all()).toMatchObject([refusal])
  }
  const gated = { name: uniqueName('Gated'), config, testGate: 'REQUIRE_PASS' } as const
  expect((await app.client.request(SaveIfPassedDocument, { input: gated })).createConnector).toMatchObject(refusal)
  expect(source.signInAttempts()).toBe(before)
  // What is known already can still be seen.
  expect(asType(await runTest(attemptKey), 'TestConnectionSuccess').test.id).toBe(first.id)

  const target = { draft: { connector: { id }, query: { postgres: { table: { name: 'orders' } } } } }
  const preview = async () =>
    (await app.client.request(PreviewWithinLimitsDocument, { input: { target } })).previewDataset
  for (let count = 0; count < 3; count++) asType(await preview(), 'PreviewDatasetSuccess')
  expect(await preview()).toMatchObject(refusal)
})
