import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Recorder } from '../canary/recorder.ts'
import { canarySecret } from '../canary/secrets.ts'
import { type ConnectorConfigInput, RunTestDocument, WatchTestDocument } from '../generated/graphql.ts'
import { startTestApp, type TestApp } from '../harness.ts'
import { WatchedListeners } from '../servers/watched-listeners.ts'
import { ApiClient } from './api-client.ts'
import { besideServer, makeToken } from './api-tokens.ts'
import { RecordedApp } from './recorded-app.ts'
import { asType } from './typed-result.ts'

let directory: string
let listeners: WatchedListeners

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'patchbay-ssrf-'))
  await writeFile(join(directory, 'master.key'), randomBytes(32).toString('base64'), { mode: 0o600 })
  listeners = await WatchedListeners.start(['127.0.0.1', '127.0.0.2', '::1'])
})
afterAll(async () => {
  await listeners?.[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

const draft = (host: string, port: number): ConnectorConfigInput => ({
  postgres: { host, port, auth: { password: { username: 'ann', password: canarySecret() } } },
})

/** Without what differs from run to run: the test's id, and times. */
const comparable = (value: unknown): string =>
  JSON.stringify(value, (key, each: unknown) => (/At$|^at$|^durationMs$|^id$/.test(key) ? undefined : each)).replace(
    /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g,
    'test',
  )

describe('in production', () => {
  let app: TestApp
  let client: ApiClient
  beforeAll(async () => {
    const masterKeyFile = join(directory, 'master.key')
    app = await startTestApp({ NODE_ENV: 'production', AUTH: 'tokens', MASTER_KEY_FILE: masterKeyFile })
    const { token } = await besideServer(app, database => makeToken(database, { workspace: 'default' }))
    client = new ApiClient(app.url, new Recorder(), { authorization: `Bearer ${token}` })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  const denied = [
    '127.0.0.1',
    '::1',
    'localhost',
    '127.0.0.2',
    '10.0.0.5',
    '169.254.169.254',
    'fd00:ec2::254',
    '0.0.0.0',
  ]

  test('every denied target gets the same answer, and nothing is dialled', async () => {
    const answers: string[] = []
    for (const host of denied) {
      const target = { draft: draft(host, listeners.port) }
      const { testConnection } = await client.request(RunTestDocument, { input: { target } })
      const { test } = asType(testConnection, 'TestConnectionSuccess')
      expect(test.steps.find(({ status }) => status === 'FAILED')).toMatchObject({
        key: 'EGRESS',
        problem: { code: 'EGRESS_DENIED', fields: ['host', 'port'], detail: null, remedies: [] },
      })
      answers.push(comparable(test))
    }
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).not.toMatch(/\d+\.\d+\.\d+\.\d+|::/)
    expect(listeners.connections).toEqual([])
  })

  test('so do those who watch it', async () => {
    const streams: string[] = []
    for (const host of denied.slice(0, 4)) {
      const target = { draft: draft(host, listeners.port) }
      streams.push(comparable(await client.subscribe('SSE', WatchTestDocument, { input: { target } }).all()))
    }
    expect(new Set(streams).size).toBe(1)
    expect(streams[0]).not.toMatch(/\d+\.\d+\.\d+\.\d+|::/)
    expect(listeners.connections).toEqual([])
  })
})

test('what Patchbay itself runs on is denied although private ranges are open', async () => {
  await using app = await RecordedApp.start('SQLite', { KUBERNETES_SERVICE_HOST: '192.0.2.10' })
  const failure = async (host: string) => {
    const { testConnection } = await app.client.request(RunTestDocument, {
      input: { target: { draft: draft(host, 1) } },
    })
    return asType(testConnection, 'TestConnectionSuccess').test.steps.find(({ status }) => status === 'FAILED')
  }
  expect(await failure('192.0.2.10')).toMatchObject({ key: 'EGRESS', problem: { code: 'EGRESS_DENIED' } })
  // Nothing listens there, but it may be dialled.
  expect(await failure('127.0.0.1')).toMatchObject({ key: 'CONNECT', problem: { code: 'CONNECTION_REFUSED' } })
})
