import { execFile } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startPatchbay } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { createConnectorHost } from '../../src/connectors/host/child-pool.ts'
import { connectorHostReadRoots } from '../../src/connectors/host/read-roots.ts'
import { createLogger } from '../../src/log.ts'
import { childEntry, evidenceOf, play, testJob } from '../connectors/host/made-up-host.ts'
import { fixtures } from '../contract/fixtures.ts'
import {
  CancelTestDocument,
  PreviewDocument,
  RunTestDocument,
  SaveNewConnectorDocument,
  WatchTestDocument,
} from '../generated/graphql.ts'
import { sourcePaths } from '../harness.ts'
import { BlackHole } from '../servers/hostile-servers.ts'
import { freePort, PostgresServer, uniqueName } from '../servers/postgres.ts'
import { type ApiClient, transports } from './api-client.ts'
import type { ClosingReport } from './closing-server.ts'
import { HoldingProxy } from './holding-proxy.ts'
import { hostChildrenOf } from './host-children.ts'
import { loadedPackages, recordModules } from './loaded-modules.ts'
import { RecordedApp } from './recorded-app.ts'
import { ServerProcess } from './server-process.ts'
import { createSource, type Source } from './source.ts'
import { createStorage, storageKinds } from './storage.ts'
import { asType } from './typed-result.ts'

let postgres: PostgresServer
let source: Source
beforeAll(async () => {
  postgres = await PostgresServer.start()
  source = await createSource(postgres)
})
afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]()
})

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))

async function saveConnector(client: ApiClient, config: ReturnType<Source['config']>): Promise<string> {
  const input = { name: uniqueName('Orders'), config }
  const { createConnector } = await client.request(SaveNewConnectorDocument, { input })
  return asType(createConnector, 'CreateConnectorSuccess').connector.id
}

function preview(client: ApiClient, id: string, signal?: AbortSignal) {
  const target = { draft: { connector: { id }, query: { postgres: { table: { name: 'orders' } } } } }
  return client.request(PreviewDocument, { input: { target } }, signal)
}

/** Tests that pass and fail, over every way in, and a preview. */
async function use(client: ApiClient): Promise<void> {
  for (const draft of [source.config(), source.config({ port: await freePort() })]) {
    for (const transport of transports) {
      const events = await client.subscribe(transport, WatchTestDocument, { input: { target: { draft } } }).all()
      expect(events.at(-1)?.__typename).toBe('ConnectionTestFinished')
    }
    await client.request(RunTestDocument, { input: { target: { draft } } })
  }
  const { previewDataset } = await preview(client, await saveConnector(client, source.config()))
  asType(previewDataset, 'PreviewDatasetSuccess')
}

describe.each(storageKinds)('a server that is asked to end, with its data in %s', kind => {
  // It gives requests under way ten seconds.
  test('leaves no process, socket, timer, session or running test, whatever it was doing', {
    timeout: 60_000,
  }, async () => {
    await using storage = await createStorage(kind)
    await using busy = await HoldingProxy.start(postgres.port, 'orders')
    await using hole = await BlackHole.start()
    const environment = { TEST_CONCURRENCY: '6' }
    await using server = await ServerProcess.start(storage, { entry: fileOf('./closing-server.ts'), environment })
    const { client } = server
    await use(client)
    const id = await saveConnector(client, source.config({ port: busy.port }))
    const streams = transports.map((transport, index) => {
      const draft = source.config({ port: busy.port, schemas: index === 0 ? [] : ['public'] })
      return client.subscribe(transport, WatchTestDocument, { input: { target: { draft } } })
    })
    await busy.held
    const waiting = client.request(RunTestDocument, { input: { target: { saved: { id } } } }).catch(() => null)
    const previewing = preview(client, id).catch(() => null)
    // A test that would outlast every patience of the server.
    const endless = source.config({ port: hole.port, limits: { connectTimeoutSeconds: 60 } })
    await client.request(RunTestDocument, { input: { target: { draft: endless }, waitSeconds: 0 } })
    await vi.waitFor(() => expect(busy.connections).toBe(4), 8_000)
    expect(hostChildrenOf(server.pid).length).toBeGreaterThan(0)

    await server[Symbol.asyncDispose]()
    await Promise.all([waiting, previewing, ...streams.map(stream => stream.completed.catch(() => null))])
    const line = server.output.split('\n').find(text => text.startsWith('REPORT '))
    const report = JSON.parse(line?.slice('REPORT '.length) ?? 'null') as ClosingReport
    expect(report.after).toEqual(report.before)
    expect(report.after.children).toEqual([])
    expect(server.exitCode).toBe(0)
    expect(busy.openConnections).toBe(0)
    await source.untilNoSessions()
    const left = await storage.sql("select status from connection_tests where status in ('RUNNING', 'ERRORED')")
    expect(left).toContainEqual({ status: 'ERRORED' })
    expect(left).not.toContainEqual({ status: 'RUNNING' })
    if (kind === 'PostgreSQL') {
      const others = 'select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'
      expect(await storage.sql(others)).toEqual([])
    }
  })
})

describe('the process that serves the API', () => {
  const drivers = Object.values(fixtures).flatMap(fixture => fixture.drivers)

  /** What a program has loaded by the end of its life, when drivers have been used through it. */
  async function packagesOf(kind: (typeof storageKinds)[number], entry?: string) {
    await using storage = await createStorage(kind)
    {
      await using server = await ServerProcess.start(storage, {
        nodeFlags: [recordModules(storage)],
        ...(entry && { entry }),
      })
      await use(server.client)
    }
    return loadedPackages(storage)
  }

  test('loads no driver, however much they are used', async () => {
    const packages = await packagesOf('SQLite')
    expect(packages).toContain('better-sqlite3')
    expect(drivers.filter(name => packages.has(name))).toEqual([])
  })

  test('loads none as built either', async () => {
    const built = fileOf('../../dist/main.js')
    if (!existsSync(built)) await promisify(execFile)(process.execPath, [fileOf('../../scripts/build.mjs')])
    const packages = await packagesOf('SQLite', built)
    expect(packages).toContain('better-sqlite3')
    expect(drivers.filter(name => packages.has(name))).toEqual([])
  })

  test('would be caught with one: with its own data in PostgreSQL it has its client', async () => {
    expect(await packagesOf('PostgreSQL')).toContain('pg')
  })
})

describe('a process in which drivers run', () => {
  test('can read neither key nor data of the server that started it, nor its environment', async () => {
    await using storage = await createStorage('SQLite')
    await using server = await ServerProcess.start(storage)
    await use(server.client)
    const children = hostChildrenOf(server.pid)
    expect(children.length).toBeGreaterThan(0)
    for (const child of children) server.recorder.record('process', `${child.commandLine}\n${child.environment}\n`)
    expect(children.map(child => child.environment)).toEqual(children.map(() => ''))

    // The real processes' own permissions, with a connector type that tries.
    const granted = [...(children[0]?.commandLine ?? '').matchAll(/--allow-fs-read=(\S+)/g)].map(
      match => match[1] ?? '',
    )
    expect(granted).toEqual(connectorHostReadRoots(sourcePaths.codeFolders))
    const madeUp = realpathSync(fileOf('../connectors/host'))
    const host = createConnectorHost({ childEntry, readRoots: [...granted, madeUp], queueWaitMs: 15_000 })
    try {
      for (const name of ['master.key', 'patchbay.db', 'patchbay.db-wal']) {
        const secretFile = join(storage.directory, name)
        expect(existsSync(secretFile), name).toBe(true)
        const target = `${secretFile}|${join(madeUp, 'made-up-child.ts')}`
        const { messages } = await play(host, testJob('inspectsSandbox', { target }))
        expect(evidenceOf(messages, 'CONNECT')).toMatchObject({
          environment: '{}',
          'read of the secret file': 'ERR_ACCESS_DENIED',
          'read of the secret file by a detour': 'ERR_ACCESS_DENIED',
          "read of the parent's environment": 'ERR_ACCESS_DENIED',
          'read of own code': 'ALLOWED',
        })
      }
    } finally {
      await host.close()
    }
  })

  test('is not started at all where it could read the data', async () => {
    const inside = join(sourcePaths.migrationsDirectory, '..', 'src', 'data')
    const config = loadConfig({ NODE_ENV: 'test', PORT: '0', DATA_DIR: inside }, { envFile: null })
    await expect(startPatchbay(config, sourcePaths, createLogger('silent'))).rejects.toThrow('Move it out')
    expect(existsSync(inside)).toBe(false)
  })
})

test('more tests than one workspace may run are refused as data, on every way in, and run once there is room', async () => {
  await using app = await RecordedApp.start('SQLite', { TEST_CONCURRENCY: '3' })
  await using proxy = await HoldingProxy.start(postgres.port, 'orders')
  const target = (database: string) => ({ draft: source.config({ port: proxy.port, schemas: [database] }) })
  const running = ['public', 'pg_catalog'].map(schema =>
    app.client.subscribe('WebSocket', WatchTestDocument, { input: { target: target(schema) } }),
  )
  const ids = await Promise.all(
    running.map(async stream => asType(await stream.until(() => true), 'ConnectionTestPlanned').test.id),
  )
  const input = { target: { draft: source.config() } }
  const refusal = { __typename: 'RateLimitedError', code: 'RATE_LIMITED' }
  const { testConnection } = await app.client.request(RunTestDocument, { input })
  expect(testConnection).toMatchObject(refusal)
  for (const transport of transports) {
    expect(await app.client.subscribe(transport, WatchTestDocument, { input }).all()).toMatchObject([refusal])
  }
  for (const id of ids) await app.client.request(CancelTestDocument, { id })
  const { testConnection: afterwards } = await app.client.request(RunTestDocument, { input })
  expect(asType(afterwards, 'TestConnectionSuccess').test.status).toBe('PASSED_WITH_WARNINGS')
})
