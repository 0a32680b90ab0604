import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { canarySecret } from '../canary/secrets.ts'
import { PreviewDocument, RunTestDocument, SaveNewConnectorDocument, WatchTestDocument } from '../generated/graphql.ts'
import { proves } from '../proofs/proves.ts'
import { HostilePostgres, type Script } from '../servers/hostile-postgres.ts'
import { complete, errorResponse, parameter, ready, rowDescription } from '../servers/hostile-postgres-messages.ts'
import { uniqueName } from '../servers/postgres.ts'
import { RecordedApp } from './recorded-app.ts'
import { asType } from './typed-result.ts'

let app: RecordedApp
beforeAll(async () => {
  app = await RecordedApp.start('SQLite')
})
afterAll(async () => {
  await app?.[Symbol.asyncDispose]()
})

const draftOf = (port: number, password: string) => ({
  postgres: {
    host: '127.0.0.1',
    port,
    database: 'postgres',
    auth: { password: { username: 'ann', password } },
    tls: { mode: 'DISABLE' as const },
  },
})

/** A password in the forms in which a server could write it back. */
const formsOf = (password: string): readonly string[] => [
  password,
  encodeURIComponent(password),
  Buffer.from(password).toString('base64'),
  Buffer.from(`ann:${password}`).toString('base64'),
  JSON.stringify(password),
  `postgres://ann:${encodeURIComponent(password)}@db.test/postgres`,
]
const quiet = Buffer.concat([complete('SELECT 0'), ready('E')])
/** Where a server may put its words. */
const places = (words: string): readonly (readonly [place: string, at: Script])[] => [
  ['a refusal to sign in', { SASL_FINAL: peer => void peer.socket.end(errorResponse('XX000', words, 'FATAL')) }],
  ['an error', { OPEN: () => Buffer.concat([errorResponse('XX000', words), quiet.subarray(-6)]) }],
  ['an error beside a known state', { OPEN: () => Buffer.concat([errorResponse('57P01', words), quiet.subarray(-6)]) }],
  ['the name of a table', { CANDIDATES: () => Buffer.concat([rowDescription([{ name: words.slice(0, 60) }])]) }],
  ['a parameter', { PARAMETERS: () => parameter('server_version', words) }],
]

// The search after the run looks for every canary in whatever left the program, in any of its forms.
test('a hostile server that writes the password back is quoted without it, wherever it puts it', async () => {
  for (let form = 0; form < formsOf('x').length; form++) {
    for (let place = 0; place < places('').length; place++) {
      const password = canarySecret()
      const secret = formsOf(password)[form] ?? ''
      const [, at] = places(`before ${secret} after`)[place] ?? ['', {}]
      await using server = await HostilePostgres.start({ password, at })
      const { testConnection } = await app.client.request(RunTestDocument, {
        input: { target: { draft: draftOf(server.port, password) } },
      })
      const said = JSON.stringify(testConnection)
      expect(asType(testConnection, 'TestConnectionSuccess').test.status).toMatch(/FAILED|PASSED/)
      for (const each of formsOf(password)) expect(said).not.toContain(each)
    }
  }
}, 60_000)

test('nor is a part of the password shown where the words are cut', async () => {
  const password = canarySecret()
  for (const lead of [270, 280, 285, 290, 294, 296, 298]) {
    const words = `${'x'.repeat(lead)}${password}${'y'.repeat(10 * 1_048_576 - 1_000 - 3 * 1_048_576)}`
    await using server = await HostilePostgres.start({
      password,
      at: { OPEN: () => Buffer.concat([errorResponse('XX000', words), ready('E')]) },
    })
    const events = await app.client
      .subscribe('WebSocket', WatchTestDocument, { input: { target: { draft: draftOf(server.port, password) } } })
      .all()
    const said = JSON.stringify(events)
    expect(said).toContain('x'.repeat(200))
    // A few characters tell nothing; more of them are a beginning to guess from.
    expect(said).not.toContain(password.slice(0, 4))
  }
})

test('a preview quotes a hostile server without the password, and leaves nothing open', async () => {
  const password = canarySecret()
  await using server = await HostilePostgres.start({
    password,
    at: { QUERY_ROWS: () => errorResponse('XX000', `wrong: ${formsOf(password).join(' ')} bye`) },
  })
  const input = { name: uniqueName('Hostile'), config: draftOf(server.port, password) }
  const { createConnector } = await app.client.request(SaveNewConnectorDocument, { input })
  const { connector } = asType(createConnector, 'CreateConnectorSuccess')
  const target = {
    draft: { connector: { id: connector.id }, query: { postgres: { sql: { text: 'select n from t' } } } },
  }
  const { previewDataset } = await app.client.request(PreviewDocument, { input: { target } })
  const { problem } = asType(previewDataset, 'PreviewFailedError')
  expect(problem.code).toBe('UNCLASSIFIED')
  expect(problem.detail).toMatch(/^wrong: /)
  for (const each of formsOf(password)) expect(problem.detail).not.toContain(each)
  await vi.waitFor(() => expect(server.openConnections).toBe(0))
  proves('POSTGRES', 'UNCLASSIFIED', 'DOUBLE')
})
