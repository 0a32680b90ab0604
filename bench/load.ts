import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { median } from './statistics.ts'

export interface Load {
  readonly url: string
  readonly body: string
  readonly connections: number
  readonly seconds: number
}

export interface LoadResult {
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Posts `body` as fast as answers come, from a process of its own. Throws when any answer was not 200. */
export async function runLoad({ url, body, connections, seconds }: Load): Promise<LoadResult> {
  const autocannon = fileURLToPath(import.meta.resolve('autocannon'))
  const args = ['--json', '--connections', String(connections), '--duration', String(seconds), '--method', 'POST']
  const request = ['--headers', 'content-type=application/json', '--body', body, url]
  const child = spawn(process.execPath, [autocannon, ...args, ...request], { stdio: ['ignore', 'pipe', 'ignore'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  await once(child, 'close')
  // The shape that autocannon documents for --json.
  const report = JSON.parse(output) as {
    requests: { average: number }
    latency: { p50: number; p99: number }
    non2xx: number
    errors: number
  }
  if (report.non2xx + report.errors > 0) throw new Error(`${report.non2xx + report.errors} requests to ${url} failed.`)
  return { requestsPerSecond: report.requests.average, p50Ms: report.latency.p50, p99Ms: report.latency.p99 }
}

/** Runs each load once in every round, one after the other, so that all of them meet the same disturbances. */
export async function runInterleaved<Name extends string>(
  loads: Readonly<Record<Name, Load>>,
  rounds: number,
): Promise<Readonly<Record<Name, LoadResult>>> {
  const names = Object.keys(loads) as Name[]
  const results = Object.fromEntries(names.map(name => [name, [] as LoadResult[]])) as Record<Name, LoadResult[]>
  for (let round = 0; round < rounds; round++) {
    for (const name of names) results[name].push(await runLoad(loads[name]))
  }
  const summary = (all: readonly LoadResult[]): LoadResult => ({
    requestsPerSecond: median(all.map(result => result.requestsPerSecond)),
    p50Ms: median(all.map(result => result.p50Ms)),
    p99Ms: median(all.map(result => result.p99Ms)),
  })
  return Object.fromEntries(names.map(name => [name, summary(results[name])])) as Record<Name, LoadResult>
}
