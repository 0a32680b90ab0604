import { readFileSync } from 'node:fs'
import pg from 'pg'
import Cursor from 'pg-cursor'
import { createConnectorHost } from '../src/connectors/host/child-pool.ts'
import type { ConnectorHost } from '../src/connectors/host/connector-host.ts'
import type { QueryJob } from '../src/connectors/host/protocol.ts'
import { residentMb } from '../src/connectors/host/resident-memory.ts'
import { postgres } from '../src/connectors/postgres/index.ts'
import { childPids, jobOptions } from '../test/connectors/host/made-up-host.ts'
import { PostgresServer, superuser } from '../test/servers/postgres.ts'
import { environmentFor } from '../test/servers/postgres-run.ts'
import { builtChild } from './built-child.ts'
import { nowMs } from './event-stream.ts'
import type { Result } from './result.ts'
import { median } from './statistics.ts'
import { ms, timed } from './timed.ts'

const rows = 200_000
const sql = `select repeat('x', 1000) from generate_series(1, ${rows})`

/** The same rows through the host and by `pg` in this process, in turns. */
export async function benchRows(): Promise<readonly Result[]> {
  await using server = await PostgresServer.start()
  const host = createConnectorHost({ ...builtChild(), maxChildren: 1 })
  try {
    const raw: Cost[] = []
    const hosted: Streamed[] = []
    for (let round = 0; round < 5; round++) {
      raw.push(await costOf(() => readRaw(server.port)))
      hosted.push(await stream(host, server.port))
    }
    const most = (pick: (run: Streamed) => number) => Math.max(...hosted.map(pick))
    const middle = (runs: readonly Cost[]): Cost => ({
      tookMs: median(runs.map(run => run.tookMs)),
      cpuMs: median(runs.map(run => run.cpuMs)),
    })
    const inWords = ({ tookMs, cpuMs }: Cost) => `${Math.round(rows / tookMs)}k rows/s, ${ms(cpuMs)} CPU`
    return [
      {
        what: '200,000 rows of 1 KB through the host, rate',
        measured: inWords(middle(hosted)),
        baseline: `pg-cursor in process ${inWords(middle(raw))}`,
        reached: middle(raw).tookMs / middle(hosted).tookMs,
        target: { atLeast: 0.7 },
      },
      {
        what: 'memory that the host process gains with the second 100,000 rows, MB',
        measured: `${most(run => run.childMb).toFixed(0)} MB at most`,
        baseline: '100 MB of rows',
        reached: most(run => run.childGainMb),
        target: { atMost: 80 },
      },
      {
        what: 'memory that the reading process gains with the second 100,000 rows, MB',
        measured: `${most(run => run.ownMb).toFixed(0)} MB at most`,
        baseline: '100 MB of rows',
        reached: most(run => run.ownGainMb),
        target: { atMost: 80 },
      },
    ]
  } finally {
    await host.close()
  }
}

interface Cost {
  readonly tookMs: number
  /** Of this process and the host's together. */
  readonly cpuMs: number
}

interface Streamed extends Cost {
  readonly childMb: number
  readonly childGainMb: number
  readonly ownMb: number
  readonly ownGainMb: number
}

async function stream(host: ConnectorHost, port: number): Promise<Streamed> {
  const config = postgres.form.schema.parse({
    host: '127.0.0.1',
    port,
    auth: { password: superuser },
    tls: { mode: 'DISABLE' },
  })
  const job: QueryJob = {
    kind: 'QUERY',
    typeName: 'POSTGRES',
    config,
    query: postgres.queryForm.schema.parse({ sql: { text: sql } }),
    limits: { maxRows: 2 * rows, maxBytes: 2 ** 40 },
    environment: await environmentFor(),
  }
  const childSamples: number[] = []
  const ownSamples: number[] = []
  let read = 0
  let pid: number | undefined
  let childCpuMs = 0
  const startedAt = nowMs()
  const ownCpu = process.cpuUsage()
  for await (const part of host.stream(job, jobOptions({ deadlineMs: 60_000 }))) {
    if (part.kind === 'PROBLEM') throw new Error(JSON.stringify(part.problem))
    if (part.kind !== 'ROWS') continue
    read += part.rows.length
    if (pid === undefined) {
      pid = childPids('connector-host')[0] ?? 0
      childCpuMs = processorMs(pid)
    }
    childSamples.push(residentMb(pid) ?? 0)
    ownSamples.push(process.memoryUsage.rss() / 2 ** 20)
  }
  const tookMs = nowMs() - startedAt
  const cpuMs = spentMs(process.cpuUsage(ownCpu)) + processorMs(pid ?? 0) - childCpuMs
  if (read !== rows) throw new Error(`${read} rows came.`)
  // Of the second half over the first: what a process has come to need by then is not memory of rows.
  const gain = (samples: readonly number[]) => {
    const half = samples.length >> 1
    return Math.max(...samples.slice(half)) - Math.max(...samples.slice(0, half))
  }
  return {
    tookMs,
    cpuMs,
    childMb: Math.max(...childSamples),
    childGainMb: gain(childSamples),
    ownMb: Math.max(...ownSamples),
    ownGainMb: gain(ownSamples),
  }
}

async function readRaw(port: number): Promise<void> {
  const { username: user, password } = superuser
  const client = new pg.Client({ host: '127.0.0.1', port, user, password, database: 'postgres', ssl: false })
  await client.connect()
  const cursor = client.query(new Cursor(sql, undefined, { rowMode: 'array' }))
  let read = 0
  for (;;) {
    const batch = await cursor.read(1_000)
    if (batch.length === 0) break
    read += batch.length
  }
  await client.end()
  if (read !== rows) throw new Error(`${read} rows came.`)
}

async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const before = process.cpuUsage()
  const tookMs = await timed(work)
  return { tookMs, cpuMs: spentMs(process.cpuUsage(before)) }
}

const spentMs = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000

/** Processor time of another process so far, in steps of 10 ms; Linux tells it in the 14th and 15th field. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? []
  return 10 * (Number(fields[11]) + Number(fields[12]))
}
