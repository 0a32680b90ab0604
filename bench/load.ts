import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ServerProcess } from './server-process.ts'
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
  readonly requests: number
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
    requests: { average: number; total: number }
    latency: { p50: number; p99: number }
    non2xx: number
    errors: number
  }
  if (report.non2xx + report.errors > 0) throw new Error(`${report.non2xx + report.errors} requests to ${url} failed.`)
  const { requests, latency } = report
  return { requestsPerSecond: requests.average, requests: requests.total, p50Ms: latency.p50, p99Ms: latency.p99 }
}

export interface ServedLoad extends LoadResult {
  /** Of the server: on a machine that is shared, steadier than its rate. */
  readonly cpuMsPerRequest: number
}

/** Runs each load once in every round, one after the other, so that all of them meet the same disturbances. */
export async function runInterleaved<Name extends string>(
  loads: Readonly<Record<Name, { readonly load: Load; readonly server: ServerProcess }>>,
  rounds: number,
): Promise<Readonly<Record<Name, ServedLoad>>> {
  const names = Object.keys(loads) as Name[]
  const results = Object.fromEntries(names.map(name => [name, [] as LoadResult[]])) as Record<Name, LoadResult[]>
  const cpuMs = Object.fromEntries(names.map(name => [name, 0])) as Record<Name, number>
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const { load, server } = loads[name]
      const before = await server.cpuMs()
      results[name].push(await runLoad(load))
      cpuMs[name] += (await server.cpuMs()) - before
    }
  }
  const summary = (name: Name) => ({
    requestsPerSecond: median(results[name].map(result => result.requestsPerSecond)),
    requests: results[name].reduce((sum, result) => sum + result.requests, 0),
    p50Ms: median(results[name].map(result => result.p50Ms)),
    p99Ms: median(results[name].map(result => result.p99Ms)),
    cpuMsPerRequest: cpuMs[name] / results[name].reduce((sum, result) => sum + result.requests, 0),
  })
  return Object.fromEntries(names.map(name => [name, summary(name)])) as Record<Name, ServedLoad>
}
