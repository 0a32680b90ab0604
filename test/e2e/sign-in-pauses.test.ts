import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canarySecret } from '../canary/secrets.ts'
import {
  PreviewWithinLimitsDocument,
  SaveIfPassedDocument,
  SaveNewConnectorDocument,
  type TestConnectionInput,
  TestForChangesDocument,
  WatchForChangesDocument,
} from '../generated/graphql.ts'
import { PostgresServer, uniqueName } from '../servers/postgres.ts'
import { transports } from './api-client.ts'
import { RecordedApp } from './recorded-app.ts'
import { createSource, type Source } from './source.ts'
import { storageKinds } from './storage.ts'
import { asType } from './typed-result.ts'

let postgres: PostgresServer
beforeAll(async () => {
  postgres = await PostgresServer.start()
})
afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]()
})

describe.each(storageKinds)('an account of a data source, hammered through a server with its data in %s', kind => {
  let app: RecordedApp
  let source: Source
  beforeAll(async () => {
    app = await RecordedApp.start(kind, { TEST_CONCURRENCY: '64', TEST_RATE: '1000' })
  })
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]()
  })

  const wrong = (username = source.username) =>
    source.config({ auth: { password: { username, password: canarySecret() } } })
  const byMutation = async (target: TestConnectionInput['target']) =>
    (await app.client.request(TestForChangesDocument, { input: { target } })).testConnection
  const bySubscription = async (index: number) => {
    const input = { target: { draft: wrong() } }
    const transport = transports[index % transports.length] ?? 'SSE'
    const [event] = (await app.client.subscribe(transport, WatchForChangesDocument, { input }).all()).slice(-1)
    if (!event) throw new Error('The stream was empty.')
    return event
  }
  const bySaving = async () => {
    const input = { name: uniqueName('Never'), config: wrong(), testGate: 'REQUIRE_PASS' } as const
    return (await app.client.request(SaveIfPassedDocument, { input })).createConnector
  }
  const byPreview = async (id: string) => {
    const target = { draft: { connector: { id }, query: { postgres: { table: { name: 'orders' } } } } }
    return (await app.client.request(PreviewWithinLimitsDocument, { input: { target } })).previewDataset
  }

  test('is forgiven by a preview whose query fails at the server, not by one that is refused before', async () => {
    source = await createSource(postgres)
    const save = async (config: ReturnType<typeof wrong>) => {
      const input = { name: uniqueName('Previewed'), config }
      const { createConnector } = await app.client.request(SaveNewConnectorDocument, { input })
      return asType(createConnector, 'CreateConnectorSuccess').connector.id
    }
    const [right, mistaken] = [await save(source.config()), await save(wrong())]
    const preview = async (id: string, text: string) => {
      const target = { draft: { connector: { id }, query: { postgres: { sql: { text } } } } }
      return (await app.client.request(PreviewWithinLimitsDocument, { input: { target } })).previewDataset.__typename
    }
    const fail = async () => (await byMutation({ draft: wrong() })).__typename
    for (const text of ['select * from nowhere', 'select 1 +', "select 1 / 'x'::int"]) {
      for (let count = 0; count < 2; count++) expect(await fail()).toBe('TestConnectionSuccess')
      expect(await preview(right, text)).toBe('PreviewFailedError')
      await app.storage.sql('update sign_in_accounts set proven_by = null, proven_at = null')
    }
    for (let count = 0; count < 2; count++) expect(await fail()).toBe('TestConnectionSuccess')
    const attempts = source.signInAttempts()
    expect(await preview(mistaken, 'delete from orders')).toBe('PreviewFailedError')
    expect(source.signInAttempts()).toBe(attempts)
    expect(await fail()).toBe('TestConnectionSuccess')
    expect(await fail()).toBe('RateLimitedError')
  })

  test.each(['one after another', 'all at once'])(
    'is tried three times in fifty, over every way in, %s',
    async order => {
      source = await createSource(postgres)
      const input = { name: uniqueName('Wrong'), config: wrong() }
      const { createConnector } = await app.client.request(SaveNewConnectorDocument, { input })
      const { id } = asType(createConnector, 'CreateConnectorSuccess').connector
      const ways: readonly ((index: number) => Promise<{ readonly __typename: string }>)[] = [
        () => byMutation({ draft: wrong() }),
        index => bySubscription(index),
        bySaving,
        () => byPreview(id),
        () => byMutation({ saved: { id } }),
      ]
      const attempt = (index: number) => (ways[index % ways.length] ?? bySaving)(index)
      const indices = Array.from({ length: 50 }, (_, index) => index)
      const answers: { readonly __typename: string }[] = []
      if (order === 'all at once') answers.push(...(await Promise.all(indices.map(attempt))))
      else for (const index of indices) answers.push(await attempt(index))

      // Identical tests of the same viewer share one attempt, so there may be more answers than attempts.
      const refused = answers.filter(({ __typename }) => __typename === 'RateLimitedError')
      expect(source.signInAttempts()).toBe(3)
      expect(refused.length).toBeGreaterThan(30)
      for (const answer of refused) {
        expect(answer).toMatchObject({ code: 'RATE_LIMITED', reason: 'FAILED_SIGN_INS' })
      }
      const late = await byMutation({ draft: source.config() })
      const { message, retryAfterSeconds } = asType(late, 'RateLimitedError')
      expect(retryAfterSeconds).toBeGreaterThan(0)
      expect(retryAfterSeconds).toBeLessThanOrEqual(30)
      expect(message).toContain(`has refused the last 3 sign-ins as "${source.username}"`)
      expect(source.signInAttempts()).toBe(3)

      const other = await createSource(postgres)
      expect(asType(await byMutation({ draft: other.config() }), 'TestConnectionSuccess').test.status).toMatch(
        /^PASSED/,
      )
      await app.storage.sql('delete from sign_in_accounts')
      expect(asType(await byMutation({ draft: source.config() }), 'TestConnectionSuccess').test.status).toMatch(
        /^PASSED/,
      )
    },
  )
})
