import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../test/servers/postgres.ts'
import type { LoopDelay } from './loop-delay.ts'
import type { Result } from './result.ts'
import { post, ServerProcess } from './server-process.ts'
import { median } from './statistics.ts'

const rounds = 4
const phaseMs = 6_000
const pollEveryMs = 50
const password = 'secret-of-ann'

const testMutation = /* GraphQL */ `
  mutation Test($input: TestConnectionInput!) {
    testConnection(input: $input) {
      __typename
      ... on TestConnectionSuccess { test { status steps { key status problem { code } } } }
      ... on RateLimitedError { retryAfterSeconds }
    }
  }
`

/** By how much the API process is late while hostile servers are tested, against the same process with nothing to do. */
export async function benchHostile(): Promise<readonly Result[]> {
  const directory = await mkdtemp(join(tmpdir(), 'patchbay-bench-'))
  const delayPort = await freePort()
  await using hostile = await startHostile()
  const patchbay = await ServerProcess.start(
    ['--import', join(import.meta.dirname, 'loop-delay.ts'), join(import.meta.dirname, '..', 'dist', 'main.js')],
    {
      DATA_DIR: join(directory, 'data'),
      LOOP_DELAY_PORT: String(delayPort),
      // As many at once as by default; but not so few a minute that most of the time none runs.
      TEST_RATE: '10000',
    },
  )
  try {
    const idle: Phase[] = []
    const beside: Phase[] = []
    const ended = new Map<string, number>()
    await phase(patchbay, delayPort, 2_000)
    for (let round = 0; round < rounds; round++) {
      idle.push(await phase(patchbay, delayPort, phaseMs))
      const stop = startTests(patchbay.port, hostile.ports, ended)
      beside.push(await phase(patchbay, delayPort, phaseMs))
      await stop()
    }
    return report(idle, beside, hostile.ports.length, ended)
  } finally {
    await patchbay.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

async function startHostile(): Promise<AsyncDisposable & { readonly ports: readonly number[] }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'servers', 'hostile.ts')], {
    env: { HOSTILE_PASSWORD: password },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    // What `servers/hostile.ts` writes.
    ports: JSON.parse(line.toString()) as number[],
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

interface Phase extends LoopDelay {
  /** Processor time that the process used, as a share of the time that passed. */
  readonly cpu: number
  /** Of `{ __typename }`, asked 20 times a second. */
  readonly answerMs: number
}

/** Measures for a while, with a little to do. */
async function phase(server: ServerProcess, delayPort: number, forMs: number): Promise<Phase> {
  await readDelay(delayPort)
  const cpuBefore = await server.cpuMs()
  const beganAt = performance.now()
  const answers: number[] = []
  for (const until = performance.now() + forMs; performance.now() < until; ) {
    const startedAt = performance.now()
    await post(server.port, '{"query":"{ __typename }"}')
    answers.push(performance.now() - startedAt)
    await delay(pollEveryMs)
  }
  const cpu = ((await server.cpuMs()) - cpuBefore) / (performance.now() - beganAt)
  return { ...(await readDelay(delayPort)), answerMs: median(answers), cpu }
}

async function readDelay(port: number): Promise<LoopDelay> {
  const socket = connect(port, '127.0.0.1')
  const [line] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  // What `loop-delay.ts` writes.
  return JSON.parse(line.toString()) as LoopDelay
}

/** Tests every server in an endless loop of its own, until the result is called, which waits for what runs. */
function startTests(port: number, servers: readonly number[], ended: Map<string, number>): () => Promise<void> {
  let isOver = false
  const loops = servers.map(async server => {
    while (!isOver) {
      const outcome = await testOnce(port, server)
      ended.set(outcome, (ended.get(outcome) ?? 0) + 1)
    }
  })
  return async () => {
    isOver = true
    await Promise.all(loops)
  }
}

async function testOnce(port: number, server: number): Promise<string> {
  const postgres = {
    host: '127.0.0.1',
    port: server,
    auth: { password: { username: 'ann', password } },
    tls: { mode: 'DISABLE' },
  }
  const input = { target: { draft: { postgres } }, attemptKey: crypto.randomUUID() }
  const answer = await post(port, JSON.stringify({ query: testMutation, variables: { input } }))
  // The shape that the document selects.
  const { data } = JSON.parse(answer) as { data: { testConnection: Outcome } }
  const { retryAfterSeconds, test, __typename } = data.testConnection
  if (retryAfterSeconds !== undefined) await delay(100)
  const failed = test?.steps.find(({ status }) => status === 'FAILED')
  return failed ? `${failed.key} ${failed.problem?.code}` : (test?.status ?? __typename)
}

interface Outcome {
  readonly __typename: string
  readonly retryAfterSeconds?: number
  readonly test?: {
    readonly status: string
    readonly steps: readonly {
      readonly key: string
      readonly status: string
      readonly problem: { readonly code: string } | null
    }[]
  }
}

function report(
  idle: readonly Phase[],
  beside: readonly Phase[],
  servers: number,
  ended: ReadonlyMap<string, number>,
): readonly Result[] {
  const tests = [...ended.values()].reduce((sum, count) => sum + count, 0)
  const percent = (phases: readonly Phase[]) => `${Math.round(100 * median(phases.map(({ cpu }) => cpu)))} %`
  console.error(`  processor time of the API process: ${percent(idle)} idle, ${percent(beside)} beside the tests`)
  console.error([...ended].map(([outcome, count]) => `  ${count} x ${outcome}`).join('\n'))
  const line = (what: string, of: (phase: Phase) => number, note: string): Result => ({
    what: `API process while ${servers} hostile servers are tested, ${what}`,
    measured: `${median(beside.map(of)).toFixed(1)} ms`,
    baseline: `idle ${median(idle.map(of)).toFixed(1)} ms${note}`,
    reached: median(beside.map(of)) / median(idle.map(of)),
    target: { atMost: 2 },
  })
  return [
    line('event-loop delay p99', ({ p99 }) => p99, `; ${tests} tests ended`),
    line('answer to { __typename }, median', ({ answerMs }) => answerMs, ''),
  ]
}
