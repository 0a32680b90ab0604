import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg, { type QueryConfig } from 'pg'
import { PostgresServer } from '../test/servers/postgres.ts'
import { nowMs, subscribe } from './event-stream.ts'
import type { Result } from './result.ts'
import { ServerProcess } from './server-process.ts'
import { loggedStatements } from './statement-log.ts'
import { median, quantile } from './statistics.ts'

const rounds = 80
const warmUps = 5
const account = { username: 'reader', password: 'reader-password' } as const

const testSubscription = /* GraphQL */ `
  subscription Test($input: TestConnectionInput!) {
    testConnection(input: $input) {
      __typename
      ... on ConnectionTestStepFinished { step { id startedAt durationMs } }
      ... on ConnectionTestEvent { sequence at test { status } }
      ... on RateLimitedError { retryAfterSeconds }
      ... on Error { message }
    }
  }
`

interface TestEvent {
  readonly __typename: string
  readonly at: string
  /** Missing in refusals. */
  readonly test?: { readonly status: string }
  readonly retryAfterSeconds?: number
  readonly step?: { readonly id: string; readonly startedAt: string | null; readonly durationMs: number | null }
}

interface Run {
  readonly totalMs: number
  readonly firstEventMs: number
  /** From the end of each step to the arrival of its event. */
  readonly stepDelaysMs: readonly number[]
}

/** A passing streamed test of PostgreSQL on a warm host, against the same statements by `pg` in this process. */
export async function benchConnectionTest(): Promise<readonly Result[]> {
  const directory = await mkdtemp(join(tmpdir(), 'patchbay-bench-'))
  await using postgres = await PostgresServer.start({ settings: { log_statement: 'all' } })
  const patchbay = await ServerProcess.start([join(import.meta.dirname, '..', 'dist', 'main.js')], {
    DATA_DIR: join(directory, 'data'),
  })
  try {
    await postgres.sql(
      `create role ${account.username} login password '${account.password}';
       revoke create on schema public from public;
       create table orders (id int, item text); insert into orders values (1, 'lamp');
       grant select on orders to ${account.username}`,
    )
    const logged = postgres.log.length
    await testOnce(patchbay.port, postgres.port)
    const statements = loggedStatements(postgres.log.slice(logged), account.username)
    await postgres.sql("alter system set log_statement = 'none'")
    await postgres.reload()

    for (let round = 0; round < warmUps; round++) {
      await testOnce(patchbay.port, postgres.port)
      await rawOnce(postgres.port, statements)
    }
    const runs: Run[] = []
    const raw: number[] = []
    for (let round = 0; round < rounds; round++) {
      raw.push(await rawOnce(postgres.port, statements))
      runs.push(await testOnce(patchbay.port, postgres.port))
    }
    return report(runs, raw, statements.length)
  } finally {
    await patchbay.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

function report(runs: readonly Run[], raw: readonly number[], statementCount: number): readonly Result[] {
  const total = median(runs.map(run => run.totalMs))
  const firstEvents = runs.map(run => run.firstEventMs)
  const delays = runs.flatMap(run => run.stepDelaysMs)
  const ms = (value: number) => `${value.toFixed(1)} ms`
  return [
    {
      what: 'passing PostgreSQL test, request to last event',
      measured: ms(total),
      baseline: `pg, the same ${statementCount} statements ${ms(median(raw))}`,
      reached: total / median(raw),
      target: { atMost: 1.3 },
    },
    {
      what: 'first event of a streamed test, p99, ms',
      measured: ms(quantile(firstEvents, 0.99)),
      baseline: `median ${ms(median(firstEvents))}`,
      reached: quantile(firstEvents, 0.99),
      target: { atMost: 150 },
    },
    {
      what: "a step's end to the arrival of its event, p99, ms",
      measured: ms(quantile(delays, 0.99)),
      baseline: `median ${ms(median(delays))}`,
      reached: quantile(delays, 0.99),
      target: { atMost: 20 },
    },
  ]
}

async function testOnce(port: number, postgresPort: number): Promise<Run> {
  const postgres = {
    host: '127.0.0.1',
    port: postgresPort,
    auth: { password: account },
    tls: { mode: 'DISABLE' },
  }
  const body = JSON.stringify({
    query: testSubscription,
    // A key for each, so that no test attaches to the one before.
    variables: { input: { target: { draft: { postgres } }, attemptKey: crypto.randomUUID() } },
  })
  const startedAt = nowMs()
  const arrived = await subscribe(port, body)
  // The shape that the document selects.
  const events = arrived.map(({ arrivedAt, data }) => ({
    arrivedAt,
    event: (data as { data: { testConnection: TestEvent } }).data.testConnection,
  }))
  const [first] = events
  const last = events.at(-1)
  if (last?.event.retryAfterSeconds !== undefined) {
    // The server lets one workspace start only so many tests a minute.
    await delay(last.event.retryAfterSeconds * 1_000)
    return testOnce(port, postgresPort)
  }
  if (!first || !last || !/^PASSED/.test(last.event.test?.status ?? '')) {
    throw new Error(`The test did not pass: ${JSON.stringify(last?.event)}`)
  }
  return {
    totalMs: last.arrivedAt - startedAt,
    firstEventMs: first.arrivedAt - startedAt,
    stepDelaysMs: events.flatMap(({ arrivedAt, event: { step } }) =>
      step?.startedAt && step.durationMs !== null ? [arrivedAt - Date.parse(step.startedAt) - step.durationMs] : [],
    ),
  }
}

async function rawOnce(port: number, statements: readonly QueryConfig[]): Promise<number> {
  const startedAt = nowMs()
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: account.username,
    password: account.password,
    database: 'postgres',
    ssl: false,
  })
  await client.connect()
  for (const statement of statements) await client.query(statement)
  await client.end()
  return nowMs() - startedAt
}
