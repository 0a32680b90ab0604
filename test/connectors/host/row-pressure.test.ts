import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createConnectorHost } from '../../../src/connectors/host/child-pool.ts'
import type { ConnectorHost, QueryPart } from '../../../src/connectors/host/connector-host.ts'
import type { QueryJob } from '../../../src/connectors/host/protocol.ts'
import { connectorHostReadRoots } from '../../../src/connectors/host/read-roots.ts'
import { residentMb } from '../../../src/connectors/host/resident-memory.ts'
import { proves } from '../../proofs/proves.ts'
import { CountingProxy } from '../../servers/counting-proxy.ts'
import { PostgresServer, superuser } from '../../servers/postgres.ts'
import { parseConfig } from '../../servers/postgres-run.ts'
import { environmentFor } from '../../servers/type-run.ts'
import { childPids, jobOptions } from './made-up-host.ts'

const megabyte = 2 ** 20

let server: PostgresServer
let host: ConnectorHost

beforeAll(async () => {
  server = await PostgresServer.start()
  host = createConnectorHost({
    childEntry: new URL('../../../src/connectors/host/child.ts', import.meta.url),
    readRoots: connectorHostReadRoots([new URL('../../../src/', import.meta.url)]),
    queueWaitMs: 15_000,
    maxChildren: 1,
  })
})
afterAll(async () => {
  await host?.close()
  await server?.[Symbol.asyncDispose]()
})

async function stream(text: string, port = server.port): Promise<AsyncGenerator<QueryPart, void, void>> {
  const config = { host: '127.0.0.1', port, auth: { password: superuser }, tls: { mode: 'DISABLE' } }
  const job: QueryJob = {
    kind: 'QUERY',
    typeName: 'POSTGRES',
    config: parseConfig(config),
    query: { sql: { text } },
    limits: { maxRows: 10_000_000, maxBytes: 10_000 * megabyte },
    environment: await environmentFor(),
  }
  return host.stream(job, jobOptions({ deadlineMs: 120_000 }))
}

async function endOf(parts: AsyncIterable<QueryPart>): Promise<{ rows: number; last: QueryPart | undefined }> {
  let rows = 0
  let last: QueryPart | undefined
  for await (const part of parts) {
    if (part.kind === 'ROWS') rows += part.count
    last = part
  }
  return { rows, last }
}

const childMb = () => residentMb(childPids('/connectors/host/child.ts')[0] ?? 0) ?? 0
const ownMb = () => residentMb(process.pid) ?? 0
const complete = { kind: 'COMPLETE', truncated: false }

describe('a result of 200 MB', () => {
  const text = 'select repeat(md5(n::text), 32) as line from generate_series(1, 200000) as n'
  /** What a process may weigh more while the second half of the rows comes than it did during the first, of 100 MB each. */
  const maxGainMb = 80

  test('waits in the database while its reader takes a break, and arrives whole', { timeout: 120_000 }, async () => {
    await using proxy = await CountingProxy.start(server.port)
    const parts = await stream(text, proxy.port)
    expect(await parts.next()).toMatchObject({ value: { kind: 'COLUMNS' } })
    const first = await parts.next()
    if (first.value?.kind !== 'ROWS') throw new Error('There are no rows.')
    const before = { child: childMb(), own: ownMb() }
    expect(before.child).toBeGreaterThan(0)
    // Until nothing moves any more.
    let seen = -1
    await vi.waitFor(
      () => {
        const last = seen
        seen = proxy.sentBytes
        expect(seen).toBe(last)
      },
      { timeout: 30_000, interval: 500 },
    )
    // The rest is in the server: not in the child, not here, and not in the buffers between.
    expect(proxy.sentBytes).toBeLessThan(20 * megabyte)
    expect(await server.sql("select state from pg_stat_activity where application_name = 'patchbay'")).toHaveLength(1)
    expect(childMb()).toBeLessThan(before.child + 40)
    expect(ownMb()).toBeLessThan(before.own + 40)

    const { rows, last } = await endOf(parts)
    expect(rows + first.value.count).toBe(200_000)
    expect(last).toEqual(complete)
    expect(proxy.sentBytes).toBeGreaterThan(190 * megabyte)
  })

  test('passes through two processes that do not grow with it', { timeout: 120_000 }, async () => {
    const samples: { child: number; own: number }[] = []
    let rows = 0
    for await (const part of await stream(text)) {
      if (part.kind !== 'ROWS') continue
      rows += part.count
      samples.push({ child: childMb(), own: ownMb() })
    }
    expect(rows).toBe(200_000)
    const half = samples.length >> 1
    for (const process of ['child', 'own'] as const) {
      const most = (part: typeof samples) => Math.max(...part.map(sample => sample[process]))
      expect(most(samples.slice(half)), process).toBeLessThan(most(samples.slice(0, half)) + maxGainMb)
    }
  })
})

describe('a result whose rows', () => {
  test('are small first and huge then passes all the same', { timeout: 120_000 }, async () => {
    // A guess from the first rows would have 4 MB of small rows fetched at once: 40,000 times 5 MB.
    const text = `
      select repeat('x', case when n <= 40000 then 10 else 5000000 end) from generate_series(1, 40060) as n`
    const parts = await stream(text)
    const { rows, last } = await endOf(parts)
    expect(last).toEqual(complete)
    expect(rows).toBe(40_060)
  })

  test.each([
    ["select repeat('x', 20000000)", '16 MB in one row'],
    ["select repeat('x', 60000000)", '32 MB'],
    ["select 1 from generate_series(1, 10) as n where n < 5 union all select length(repeat('x', 10))", null],
  ])('are those of %s end as what they are', async (text, limit) => {
    const { last } = await endOf(await stream(text))
    if (limit === null) expect(last).toEqual(complete)
    else {
      expect(last).toMatchObject({ kind: 'PROBLEM', problem: { code: 'RESULT_TOO_LARGE', params: { limit } } })
      proves('POSTGRES', 'RESULT_TOO_LARGE', 'REAL_SERVER')
    }
  })

  test('are no longer wanted leaves nothing in the database, and the child serves on', async () => {
    const pids = childPids('/connectors/host/child.ts')
    for await (const part of await stream('select generate_series(1, 100000000)')) {
      if (part.kind === 'ROWS') break
    }
    await vi.waitFor(
      async () =>
        expect(await server.sql("select 1 from pg_stat_activity where application_name = 'patchbay'")).toEqual([]),
      { timeout: 10_000 },
    )
    expect((await endOf(await stream('select 1'))).last).toEqual(complete)
    expect(childPids('/connectors/host/child.ts')).toEqual(pids)
  })
})
