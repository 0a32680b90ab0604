import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { SandboxedProcess } from '../src/connectors/host/sandboxed-process.ts'
import { jobOptions, madeUpHost, queryJob } from '../test/connectors/host/made-up-host.ts'
import { builtChild } from './built-child.ts'
import { nowMs } from './event-stream.ts'
import type { Result } from './result.ts'
import { median, quantile } from './statistics.ts'
import { ms, timed } from './timed.ts'

/** From spawn to READY, against Node with an empty program. */
export async function benchStart(): Promise<readonly Result[]> {
  const starts: number[] = []
  const bare: number[] = []
  for (let round = 0; round < 11; round++) {
    bare.push(await timed(() => exitOf(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }))))
    starts.push(await startChild())
  }
  const [first = 0, ...warm] = starts
  return [
    {
      what: 'connector host process, spawn to ready',
      measured: `${ms(median(warm))} (first ${ms(first)})`,
      baseline: `node -e 0, to its end ${ms(median(bare.slice(1)))}`,
      reached: median(warm) / median(bare.slice(1)),
      target: { atMost: 3 },
    },
  ]
}

async function startChild(): Promise<number> {
  const ready = Promise.withResolvers<void>()
  const startedAt = nowMs()
  const { childEntry: entry, readRoots } = builtChild()
  const onMessage = () => {
    ready.resolve()
    return true
  }
  const child = new SandboxedProcess({ entry, readRoots, onMessage, onBreach: () => {} }, 4_096)
  await ready.promise
  const tookMs = nowMs() - startedAt
  child.kill()
  await child.gone
  return tookMs
}

/** A query without rows on a warm process, against a line sent to a process and back. */
export async function benchRoundTrip(): Promise<readonly Result[]> {
  const rounds = 1_000
  const host = madeUpHost()
  const echo = spawn(process.execPath, ['-e', 'process.stdin.pipe(process.stdout)'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  try {
    const job = queryJob('nothing')
    const line = JSON.stringify(job)
    const jobs: number[] = []
    const lines: number[] = []
    for (let round = 0; round < rounds; round++) {
      jobs.push(await timed(() => host.query(job, jobOptions())))
      lines.push(
        await timed(async () => {
          const answered = once(echo.stdout, 'data')
          echo.stdin.write(line)
          await answered
        }),
      )
    }
    const microseconds = (values: readonly number[]) => 1_000 * median(values.slice(rounds / 10))
    return [
      {
        what: 'job without work on a warm host, there and back',
        measured: `${microseconds(jobs).toFixed(0)} µs`,
        baseline: `as many bytes through a pipe ${microseconds(lines).toFixed(0)} µs`,
        reached: microseconds(jobs) / microseconds(lines),
        target: { atMost: 6 },
      },
    ]
  } finally {
    echo.kill()
    await host.close()
  }
}

/** A made-up but plain pattern: people who try a few things in a row, and come back later. */
const workspaces = 8
const visitsEach = 4
const jobsOfAVisit = 4
const jobMs = 100
const betweenJobsMs = 400
const betweenVisitsMs = 4_000

/** How many jobs find a process that is ready. One that does not waits for a process to start. */
export async function benchArrivals(): Promise<readonly Result[]> {
  const host = madeUpHost()
  const random = randomNumbers(7)
  const waits: number[] = []
  const first: number[] = []
  let refused = 0
  try {
    await host.query(queryJob('nothing'), jobOptions({ workspaceId: 'warm-up' }))
    const live = async (workspaceId: string): Promise<void> => {
      for (let visit = 0; visit < visitsEach; visit++) {
        await delay(-Math.log(random()) * betweenVisitsMs)
        for (let job = 0; job < jobsOfAVisit; job++) {
          const startedAt = nowMs()
          const outcome = await host.query(queryJob(`takes ${jobMs}`), jobOptions({ workspaceId }))
          if (outcome.kind === 'PROBLEM') refused += 1
          const wait = nowMs() - startedAt - jobMs
          waits.push(wait)
          if (job === 0) first.push(wait)
          await delay(-Math.log(random()) * betweenJobsMs)
        }
      }
    }
    await Promise.all(Array.from({ length: workspaces }, (_, index) => live(`w${index}`)))
  } finally {
    await host.close()
  }
  const ready = (values: readonly number[]) => values.filter(wait => wait < 20).length / values.length
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`
  return [
    {
      what: `jobs of ${workspaces} workspaces on 4 processes that find one ready, share`,
      measured: `${percent(ready(waits))}, ${refused} of ${waits.length} refused`,
      baseline: `first of a visit ${percent(ready(first))}, wait p99 ${ms(quantile(waits, 0.99))}`,
      reached: ready(waits),
      target: { atLeast: 0.8 },
    },
  ]
}

const exitOf = (child: ChildProcess) => once(child, 'exit')

/** Numbers between 0 and 1, the same in every run (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
