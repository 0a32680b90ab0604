import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canarySecret } from '../canary/secrets.ts'
import { serverCertificate as certificate, root } from '../contract/shared-blocks.ts'
import {
  CancelTestDocument,
  type ConnectorConfigInput,
  RunTestDocument,
  WatchTestDocument,
} from '../generated/graphql.ts'
import { withUser } from '../servers/snowflake-account.ts'
import { SnowflakeDouble } from '../servers/snowflake-double.ts'
import { SnowflakeStorage } from '../servers/snowflake-storage.ts'
import { ServerProcess } from './server-process.ts'
import { createStorage, type Storage } from './storage.ts'
import { asType } from './typed-result.ts'

const password = canarySecret()

const draftOn = (warehouse: string): ConnectorConfigInput => ({
  snowflake: {
    ...{ account: 'myorg-patchbay', username: 'patchbay', warehouse, role: 'READER', database: 'SALES' },
    ...{ auth: { password: { password } }, caCertificates: root.certificate },
  },
})

/** To start the driver's process takes a second, and more on a busy machine. */
const patience = { timeout: 30_000 }

describe('Snowflake, in the whole program', { timeout: 60_000 }, () => {
  let storage: Storage
  let program: ServerProcess
  let snowflake: SnowflakeDouble
  let objects: SnowflakeStorage
  /** Whether statements that read a table go on for ever, from now on. */
  let isEndless = false
  beforeAll(async () => {
    objects = await SnowflakeStorage.start({ certificate, host: 'localhost' })
    snowflake = await SnowflakeDouble.start({
      certificate,
      account: withUser({ password }),
      storage: objects,
      takes: sql => (isEndless && /^\s*select\b[\s\S]*\bfrom\b/i.test(sql) ? { how: 'WITHIN' } : undefined),
    })
    const endpoints = Object.entries(snowflake.endpoints).map(([name, url]) => `${name}=${url}`)
    storage = await createStorage('SQLite')
    program = await ServerProcess.start(storage, {
      environment: { CLOUD_ENDPOINTS: endpoints.join(','), TEST_RATE: '1000' },
    })
  })
  afterAll(async () => {
    await program?.[Symbol.asyncDispose]()
    await storage?.[Symbol.asyncDispose]()
    await snowflake?.[Symbol.asyncDispose]()
    await objects?.[Symbol.asyncDispose]()
  })

  it('wakes no warehouse unless the test may', async () => {
    for (const mayStartCompute of [false, true]) {
      const input = { target: { draft: draftOn('SLEEPING_WH') }, mayStartCompute }
      const { testConnection } = await program.client.request(RunTestDocument, { input })
      const { status, steps } = asType(testConnection, 'TestConnectionSuccess').test
      expect(status, JSON.stringify(steps)).toBe(mayStartCompute ? 'PASSED' : 'PASSED_WITH_WARNINGS')
      expect(snowflake.resumed).toEqual(mayStartCompute ? ['SLEEPING_WH'] : [])
    }
  })

  it('has its statement stopped and its session ended when the test is cancelled', async () => {
    isEndless = true
    const input = { target: { draft: draftOn('COMPUTE_WH') } }
    const stream = program.client.subscribe('SSE', WatchTestDocument, { input })
    const planned = asType(await stream.until(() => true), 'ConnectionTestPlanned')
    await expect.poll(() => snowflake.running, patience).toBe(1)
    const { cancelConnectionTest } = await program.client.request(CancelTestDocument, { id: planned.test.id })
    asType(cancelConnectionTest, 'CancelConnectionTestSuccess')
    const last = (await stream.all()).at(-1)
    expect(last).toMatchObject({ __typename: 'ConnectionTestFinished', test: { status: 'CANCELLED' } })
    await expect.poll(() => snowflake.running, patience).toBe(0)
    expect(snowflake.aborted).toHaveLength(1)
    await expect.poll(() => snowflake.openSessions, patience).toBe(0)
    isEndless = false
  })

  it('has left no line, no file and no telemetry of its driver', async () => {
    const lines = program.output.split('\n').filter(line => line !== '')
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.filter(line => /snowflakedb|snowflake-sdk|"level":"(?:INFO|DEBUG)"/.test(line))).toEqual([])
    expect((await readdir(storage.directory)).filter(name => /snowflake|\.log$/.test(name))).toEqual([])
    expect(snowflake.count('telemetry') + snowflake.count('heartbeat') + snowflake.count('other')).toBe(0)
    expect(snowflake.changes).toEqual([])
  })
})
