import { getEventListeners } from 'node:events'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import { PostgresServer, superuser, uniqueName } from '../../servers/postgres.ts'
import { testPostgres } from '../../servers/postgres-run.ts'

/** Something that makes one step wait for ever. */
interface Stall extends AsyncDisposable {
  readonly config: Readonly<Record<string, unknown>>
  /** Throws until the step has got as far as it will. */
  reached(): void | Promise<void>
  /** Throws while something of the test is left on the other side. */
  gone(): void | Promise<void>
}

let server: PostgresServer
beforeAll(async () => {
  server = await PostgresServer.start()
  await server.sql('create table readings (id int)')
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
})

/** A real server on which the step's own statement waits for a lock. */
async function behindLock(lock: string): Promise<Stall> {
  const username = uniqueName('waiting')
  await server.sql(`create role ${username} login password 'pw'; grant select on readings to ${username}`)
  const holder = new pg.Client({
    host: '127.0.0.1',
    port: server.port,
    user: superuser.username,
    password: superuser.password,
    database: 'postgres',
    ssl: false,
  })
  await holder.connect()
  await holder.query(`begin; lock table ${lock} in access exclusive mode`)
  const sessions = async (condition: string) =>
    (await holder.query(`select pid from pg_stat_activity where usename = '${username}' and ${condition}`)).rows.length
  return {
    config: { port: server.port, auth: { password: { username, password: 'pw' } }, tls: { mode: 'DISABLE' } },
    reached: async () => {
      await holder.query('select pg_stat_clear_snapshot()')
      expect(await sessions("wait_event_type = 'Lock'")).toBe(1)
    },
    gone: async () => {
      await holder.query('select pg_stat_clear_snapshot()')
      expect(await sessions('true')).toBe(0)
    },
    [Symbol.asyncDispose]: () => holder.end(),
  }
}

/** Where a real server is at work; every other step is one of `test/contract/cancellation.test.ts`. */
const stalls: { readonly [K in StepKey]?: () => Promise<Stall> } = {
  READ: () => behindLock('readings'),
  LEAST_PRIVILEGE: () => behindLock('pg_catalog.pg_foreign_server'),
}

const waiting = () =>
  process.getActiveResourcesInfo().filter(resource => /^(TCP|TLS|QUERY|Query|PIPE|UDP)/.test(resource)).length

describe('cancelling the test of a PostgreSQL connector', () => {
  it.each(Object.entries(stalls))('while %s waits ends it at once and leaves nothing', async (key, start) => {
    await using hindrance = await start()
    const before = waiting()
    const cancel = new AbortController()
    const started = Promise.withResolvers<void>()
    const run = testPostgres(
      { host: '127.0.0.1', auth: { password: { username: 'ann', password: 'pw' } }, ...hindrance.config },
      {
        // Without the cancellation the suite's own time limit would be the first to end it.
        budgetsMs: { [key]: 60_000 },
        signal: cancel.signal,
        onStep: message => {
          if (message.kind === 'STEP_STARTED' && message.stepId === key) started.resolve()
        },
      },
    )
    await started.promise
    await vi.waitFor(() => hindrance.reached(), { timeout: 5_000 })
    cancel.abort()
    const reports = await run
    expect(reports[key as StepKey]?.status).toBe('CANCELLED')
    await vi.waitFor(() => hindrance.gone(), { timeout: 5_000 })
    await vi.waitFor(() => expect(waiting()).toBeLessThanOrEqual(before), { timeout: 5_000 })
    expect(getEventListeners(cancel.signal, 'abort')).toEqual([])
  })
})
