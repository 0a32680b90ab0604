import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { createConnectorHost } from '../src/connectors/host/child-pool.ts'
import type { ConnectorHost, QueryPart } from '../src/connectors/host/connector-host.ts'
import { residentMb } from '../src/connectors/host/resident-memory.ts'
import { childPids, jobOptions } from '../test/connectors/host/made-up-host.ts'
import { CountingProxy } from '../test/servers/counting-proxy.ts'
import { environmentFor } from '../test/servers/type-run.ts'
import { builtChild } from './built-child.ts'
import { nowMs } from './event-stream.ts'
import type { Result } from './result.ts'
import { rowCount } from './row-shape.ts'
import { type RowSource, rowSources } from './row-sources.ts'
import { median } from './statistics.ts'
import { ms, timed } from './timed.ts'

const usualRounds = 7
const megabyte = 2 ** 20

/** The same rows through the host, read and not read, and by the driver in this process, in turns. */
export async function benchRows(): Promise<readonly Result[]> {
  const results: Result[] = []
  for (const start of rowSources) {
    await using source = await start()
    // A child serves many queries in its life: of one type, as here, more often than not.
    const host = createConnectorHost({ ...builtChild(), maxChildren: 1 })
    try {
      results.push(...(await benchSource(host, source)))
    } finally {
      await host.close()
    }
  }
  return results
}

async function benchSource(host: ConnectorHost, source: RowSource): Promise<readonly Result[]> {
  const raw: Cost[] = []
  const passedOn: Streamed[] = []
  const read: Streamed[] = []
  for (let round = 0; round < (source.rounds ?? usualRounds); round++) {
    raw.push(await rawCost(source))
    passedOn.push(await stream(host, source, part => part.release()))
    read.push(await stream(host, source, readPart))
  }
  const baseline = `${source.raw}: ${inWords(raw)}`
  const ratio = (runs: readonly Cost[]) => median(raw.map(run => run.tookMs)) / median(runs.map(run => run.tookMs))
  const most = (pick: (run: Streamed) => number) => Math.max(...passedOn.slice(1).map(pick))
  return [
    {
      what: `${source.name}: 200,000 rows of 1 KB, passed on`,
      measured: inWords(passedOn),
      baseline,
      reached: ratio(passedOn),
      target: { atLeast: 0.7 },
    },
    {
      what: `${source.name}: the same, read as values`,
      measured: inWords(read),
      baseline,
      reached: ratio(read),
      target: { atLeast: 0.25 },
    },
    {
      what: `${source.name}: memory that the host process gains with the second half, MB`,
      measured: `${most(run => run.childMb).toFixed(0)} MB at most`,
      baseline: '100 MB of rows',
      reached: most(run => run.childGainMb),
      target: { atMost: 40 },
    },
    {
      what: `${source.name}: memory that the reading process gains, MB`,
      measured: `${most(run => run.ownMb).toFixed(0)} MB at most`,
      baseline: '100 MB of rows',
      reached: most(run => run.ownGainMb),
      target: { atMost: 40 },
    },
    {
      what: `${source.name}: sent while the reader takes a break, MB`,
      measured: 'after the first rows',
      baseline: '200 MB of rows',
      reached: (await sentToIdleReader(host, source)) / megabyte,
      target: { atMost: 20 },
    },
  ]
}

type RowsPart = Extract<QueryPart, { kind: 'ROWS' }>

function readPart(part: RowsPart): void {
  const read = part.read()
  if (read.kind === 'PROBLEM') throw new Error(JSON.stringify(read.problem))
  part.release()
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

function inWords(runs: readonly Cost[]): string {
  const rate = rowCount / median(runs.map(run => run.tookMs))
  return `${Math.round(rate)}k rows/s, ${ms(median(runs.map(run => run.cpuMs)))} CPU`
}

async function openStream(host: ConnectorHost, { type, config, query }: RowSource, port: number) {
  const job = {
    kind: 'QUERY',
    typeName: type.name,
    config: type.form.schema.parse(config(port)),
    query: type.queryForm.schema.parse(query),
    limits: { maxRows: 2 * rowCount, maxBytes: 2 ** 40 },
    environment: await environmentFor(),
  } as const
  return host.stream(job, jobOptions({ deadlineMs: 60_000 }))
}

async function stream(host: ConnectorHost, source: RowSource, take: (part: RowsPart) => void): Promise<Streamed> {
  const childSamples: number[] = []
  const ownSamples: number[] = []
  let read = 0
  let parts = 0
  let pid: number | undefined
  let childCpuMs = 0
  const startedAt = nowMs()
  const ownCpu = process.cpuUsage()
  for await (const part of await openStream(host, source, source.port)) {
    if (part.kind === 'PROBLEM') throw new Error(JSON.stringify(part.problem))
    if (part.kind === 'COLUMNS') {
      pid = childPids('connector-host')[0] ?? 0
      childCpuMs = processorMs(pid)
    }
    if (part.kind !== 'ROWS') continue
    read += part.count
    take(part)
    parts += 1
    // Not of every part: looking takes time too.
    if (parts % 20 !== 1) continue
    childSamples.push(residentMb(pid ?? 0) ?? 0)
    ownSamples.push(process.memoryUsage.rss() / megabyte)
  }
  const tookMs = nowMs() - startedAt
  const cpuMs = spentMs(process.cpuUsage(ownCpu)) + processorMs(pid ?? 0) - childCpuMs
  if (read !== rowCount) throw new Error(`${read} rows came.`)
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

/** Bytes that the server can get rid of until nothing moves any more, when nobody takes more than the first rows. */
async function sentToIdleReader(host: ConnectorHost, source: RowSource): Promise<number> {
  await using proxy = await CountingProxy.start(source.port)
  const parts = await openStream(host, source, proxy.port)
  for (;;) {
    const { value: part } = await parts.next()
    if (part?.kind === 'ROWS') break
    if (part?.kind !== 'COLUMNS') throw new Error(JSON.stringify(part))
  }
  for (let before = -1; before < proxy.sentBytes; await delay(500)) before = proxy.sentBytes
  const sent = proxy.sentBytes
  await parts.return()
  return sent
}

async function rawCost(source: RowSource): Promise<Cost> {
  const before = process.cpuUsage()
  const tookMs = await timed(async () => {
    const read = await source.readRaw()
    if (read !== rowCount) throw new Error(`${read} rows came.`)
  })
  return { tookMs, cpuMs: spentMs(process.cpuUsage(before)) }
}

const spentMs = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000

/** Processor time of another process so far, in steps of 10 ms; Linux tells it in the 14th and 15th field. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? []
  return 10 * (Number(fields[11]) + Number(fields[12]))
}
