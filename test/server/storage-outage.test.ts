import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { startTestApp } from '../harness.ts'
import { PostgresServer, superuser } from '../servers/postgres.ts'

const list = '{ connectors { totalCount } }'
const create = `mutation ($input: CreateConnectorInput!) {
  createConnector(input: $input) { __typename ... on SecretStoreFailedError { retryable } }
}`

test('while its database restarts, the server says so, and afterwards goes on as if nothing had been', async () => {
  await using postgres = await PostgresServer.start()
  const { username, password } = superuser
  await using app = await startTestApp({
    DATABASE_URL: `postgres://${username}:${password}@127.0.0.1:${postgres.port}/postgres`,
  })
  const outcomes = new Set<string>()
  let made = 0
  let asked = 0
  const ending = new AbortController()
  const client = async () => {
    while (!ending.signal.aborted) {
      const config = { postgres: { host: 'localhost', auth: { password: { username: 'reader', password: 'pw' } } } }
      const written = await app.fetchGraphql(create, { input: { name: `Connector ${asked++}`, config } })
      const read = await app.fetchGraphql(list)
      for (const { data, errors } of [written, read]) {
        outcomes.add(errors?.[0]?.extensions?.code ?? JSON.stringify(data).replace(/\d+/, 'n'))
      }
      if (JSON.stringify(written.data).includes('CreateConnectorSuccess')) made++
    }
  }
  const clients = Array.from({ length: 6 }, client)
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await sleep(20)
  }
  await until(() => made >= 10)
  await postgres.stop('fast')
  await until(() => outcomes.has('UNAVAILABLE'))
  const readiness = async () => {
    const response = await fetch(app.url.replace('/graphql', '/ready'))
    return { status: response.status, report: await response.json() }
  }
  // What was found a moment before counts for another moment.
  const settled = { timeout: 10_000, interval: 100 }
  const gone = { status: 'unavailable', database: 'failed', secretStore: 'failed', fault: 'UNREACHABLE' }
  await vi.waitFor(async () => expect(await readiness()).toEqual({ status: 503, report: gone }), settled)
  await postgres.launch()
  const before = made
  await until(() => made >= before + 10)
  const back = { status: 200, report: { status: 'ready', database: 'ok', secretStore: 'ok' } }
  await vi.waitFor(async () => expect(await readiness()).toEqual(back), settled)
  ending.abort()
  await Promise.all(clients)

  const expected = [
    'UNAVAILABLE',
    '{"connectors":{"totalCount":n}}',
    '{"createConnector":{"__typename":"CreateConnectorSuccess"}}',
    '{"createConnector":{"__typename":"SecretStoreFailedError","retryable":true}}',
  ]
  expect([...outcomes].filter(outcome => !expected.includes(outcome))).toEqual([])
  // What was acknowledged is there; of the rest, only a commit whose acknowledgement was lost may be.
  const { data } = await app.fetchGraphql<{ connectors: { totalCount: number } }>(list)
  expect(data?.connectors.totalCount).toBeGreaterThanOrEqual(made)
})
