import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { median, quantile } from '../../../bench/statistics.ts'
import { besideServer, makeToken, type TokenDatabase } from '../api-tokens.ts'
import type { AbuseReport } from './abuse.ts'
import { type Answer, post } from './post.ts'

/** A neighbour makes so many requests a second, whatever becomes of the ones before. */
const requestsPerSecond = 15
const neighbours = ['east', 'west', 'south', 'middle', 'harbour'] as const
const abuserTokens = 3
const connectorsEach = 30
/**
 * One request of so many of the first neighbour is a connection test. Only one of them tests, because one place for tests
 * is what a workspace that runs as many as it may leaves to all others.
 */
const testEvery = 10

export interface Window {
  /** Milliseconds until each list and read of the neighbours was answered. */
  readonly reads: readonly number[]
  /** And each of their connection tests. */
  readonly tests: readonly number[]
  /** What went wrong with any of them. */
  readonly faults: readonly string[]
}

/**
 * A quantile of each window, and of those the median: one moment in which the disk or the processors belong to another
 * program spoils one window, and would decide the 99th percentile of all.
 */
export const typical = (windows: readonly Window[], kind: keyof typeof requestsOf, share: number): number =>
  median(windows.map(window => quantile(requestsOf[kind](window), share)))

const requestsOf = {
  all: ({ reads, tests }: Window) => [...reads, ...tests],
  reads: ({ reads }: Window) => reads,
  tests: ({ tests }: Window) => tests,
}

export interface TenantLoad extends AsyncDisposable {
  /** Measures the neighbours for a while: alone, or beside the abuser. */
  measure(mode: 'quiet' | 'abused', ms: number): Promise<Window>
  /** Ends the abuser and tells what it was answered. */
  endAbuse(): Promise<AbuseReport>
}

/** Enough for a neighbour, who asks for a point at a time; production allows more. */
export const tenantLimits = {
  AUTH: 'tokens',
  RATE_LIMIT: '1200',
  RATE_LIMIT_WORKSPACE: '1600',
  STREAMS_PER_VIEWER: '20',
  STREAMS_PER_WORKSPACE: '200',
}

/** One workspace that asks for everything without end, and others that use a running program as they should. */
export async function startTenantLoad(url: string, database: TokenDatabase): Promise<TenantLoad> {
  const [tokens, abusers] = await besideServer(database, async opened => {
    const made = async (workspace: string) => (await makeToken(opened, { workspace })).token
    const ofNeighbours = []
    for (const workspace of neighbours) ofNeighbours.push(await made(workspace))
    const ofAbuser = []
    for (let count = 0; count < abuserTokens; count++) ofAbuser.push(await made('abuser'))
    return [ofNeighbours, ofAbuser] as const
  })
  const ids = await Promise.all([...tokens, abusers[0] ?? ''].map(token => seed(url, token)))
  const { abuser, isSpent, report } = startAbuser(url, abusers)
  const tell = (word: string) => abuser.stdin.write(`${word}\n`)
  // Before anything is measured, code is compiled, and what the abuser may spend at once is spent.
  await measureNeighbours(url, tokens, ids, 2_000)
  tell('go')
  await isSpent
  tell('rest')

  return {
    async measure(mode, ms) {
      tell(mode === 'abused' ? 'go' : 'rest')
      // What the other mode has left behind.
      await delay(300)
      const window = await measureNeighbours(url, tokens, ids, ms)
      tell('rest')
      return window
    },
    endAbuse() {
      abuser.stdin.end()
      return report
    },
    async [Symbol.asyncDispose]() {
      abuser.kill('SIGKILL')
    },
  }
}

function startAbuser(url: string, tokens: readonly string[]) {
  const script = fileURLToPath(new URL('abuse.ts', import.meta.url))
  const child = spawn(process.execPath, [script, url, ...tokens], { stdio: ['pipe', 'pipe', 'inherit'] })
  let output = ''
  const { promise: isSpent, resolve, reject } = Promise.withResolvers<void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (output.includes('\n')) resolve()
  })
  const report = once(child, 'close').then(() => JSON.parse(output.slice(output.indexOf('\n'))) as AbuseReport)
  // Of one that was killed nobody asks.
  report.catch(reject)
  isSpent.catch(() => undefined)
  return { abuser: child, isSpent, report }
}

const create = `mutation ($name: String!) {
  createConnector(input: { name: $name, config: { simulator: {} } }) {
    __typename
    ... on CreateConnectorSuccess { connector { id } }
  }
}`

/** Some connectors to list and read; answers their ids. */
async function seed(url: string, token: string): Promise<readonly string[]> {
  const ids: string[] = []
  for (let count = 0; count < connectorsEach; count++) {
    const variables = { name: `Connector ${count}` }
    const { body } = await post(url, token, JSON.stringify({ query: create, variables }))
    const [, id] = /"id":"([^"]+)"/.exec(body) ?? []
    if (id === undefined) throw new Error(`No connector was made: ${body}`)
    ids.push(id)
  }
  return ids
}

const list = '{ connectors(first: 10) { nodes { id name version updatedAt } } }'
const read = 'query ($id: ID!) { node(id: $id) { ... on Connector { id name formData secrets { path isSet } } } }'
const testBody = JSON.stringify({
  query:
    'mutation { testConnection(input: { target: { draft: { simulator: {} } } }) { ... on TestConnectionSuccess { test { status } } } }',
})

/** Requests begin at their times, so that a slow answer does not keep the next ones from being asked. */
async function measureNeighbours(
  url: string,
  tokens: readonly string[],
  ids: readonly (readonly string[])[],
  ms: number,
): Promise<Window> {
  const reads: number[] = []
  const tests: number[] = []
  const faults: string[] = []
  const ask = async (token: string, body: string): Promise<void> => {
    const startedAt = performance.now()
    const answer = await post(url, token, body)
    const times = body === testBody ? tests : reads
    times.push(performance.now() - startedAt)
    // That it ran, and was not refused: on processors that everybody wants its steps may take longer than they should.
    const fault = faultOf(answer, body === testBody ? '"status":' : '"data":{')
    if (fault !== null) faults.push(fault)
  }
  const gapMs = 1_000 / requestsPerSecond
  const neighbour = async (token: string, index: number): Promise<void> => {
    const asked: Promise<void>[] = []
    const beganAt = performance.now() + (index * gapMs) / tokens.length
    for (let turn = 0; turn * gapMs < ms; turn++) {
      await delay(Math.max(0, beganAt + turn * gapMs - performance.now()))
      asked.push(ask(token, bodyOf(turn, index, ids[index] ?? [])))
    }
    await Promise.all(asked)
  }
  await Promise.all(tokens.map(neighbour))
  return { reads, tests, faults }
}

function bodyOf(turn: number, neighbour: number, ids: readonly string[]): string {
  if (neighbour === 0 && turn % testEvery === testEvery - 1) return testBody
  if (turn % 2 === 0) return JSON.stringify({ query: list })
  return JSON.stringify({ query: read, variables: { id: ids[turn % ids.length] } })
}

const faultOf = ({ status, body }: Answer, expected: string): string | null =>
  status === 200 && body.includes(expected) && !body.includes('"errors"') ? null : `${status} ${body.slice(0, 300)}`
