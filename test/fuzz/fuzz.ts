import fc from 'fast-check'
import { errorCodes } from '../../src/schema/graphql-errors.ts'
import { schema } from '../isolation/tenant-world.ts'
import type { FuzzMemory } from './fuzz-process.ts'
import { FuzzServer } from './fuzz-server.ts'
import type { FuzzRequest } from './operation-writer.ts'
import { requestsOf } from './requests.ts'

export interface FuzzReport {
  readonly documents: number
  readonly seconds: number
  /** How often each status and each code was answered; `data` for answers without errors. */
  readonly answers: Readonly<Record<string, number>>
  /** Of the server's process, after the warm-up, in MB. */
  readonly growth: FuzzMemory
}

export interface FuzzOptions {
  readonly documents: number
  readonly seed: number
  /** Documents after which the server has everything that it keeps, such as parsed documents. */
  readonly warmUp: number
  /** Called after each tenth. */
  readonly onProgress?: (done: number, memory: FuzzMemory) => void
}

/** Sent at once: one request after another would leave the server idle. */
const atOnce = 10
const answerMs = 30_000

/** Sends so many requests, and throws with the first that was not answered as it should. */
export async function fuzz({ documents, seed, warmUp, onProgress }: FuzzOptions): Promise<FuzzReport> {
  await using server = await FuzzServer.start()
  const answers: Record<string, number> = {}
  const begin = performance.now()
  let done = 0
  let early: FuzzMemory | null = null
  const batches = requestsOf(schema, () => server.texts, atOnce)
  const check = fc.asyncProperty(batches, async batch => {
    await Promise.race([Promise.all(batch.map(request => sendWell(server, request, answers))), server.died])
    done += batch.length
    if (early === null && done >= warmUp) early = (await server.state()).memory
    if (onProgress && done % Math.ceil(documents / 10) < atOnce) onProgress(done, (await server.state()).memory)
  })
  await fc.assert(check, { numRuns: Math.ceil(documents / atOnce), seed, endOnFailure: true })
  const { memory: late, faults } = await server.state()
  if (faults !== '') throw new Error(`The server logged faults: ${faults.slice(0, 4_000)}`)
  const { resident, heap } = early ?? late
  return {
    documents: done,
    seconds: (performance.now() - begin) / 1_000,
    answers,
    growth: { resident: late.resident - resident, heap: late.heap - heap },
  }
}

async function sendWell(server: FuzzServer, request: FuzzRequest, answers: Record<string, number>): Promise<void> {
  try {
    await send(server, request, answers)
  } catch (cause) {
    throw new Error(`Not answered well (${String(cause)}): ${JSON.stringify(request)}`, { cause })
  }
}

async function send({ url }: FuzzServer, request: FuzzRequest, answers: Record<string, number>): Promise<void> {
  const isStream = typeof request.query === 'string' && request.query.includes('subscription')
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: isStream ? 'text/event-stream, application/graphql-response+json' : 'application/graphql-response+json',
    },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(answerMs),
  })
  const text = await response.text()
  const count = (what: string) => {
    answers[what] = (answers[what] ?? 0) + 1
  }
  count(`status ${response.status}`)
  if (response.status >= 500) throw new Error(`${response.status}: ${text.slice(0, 2_000)}`)
  for (const code of codesIn(text, response)) {
    if (!known.has(code) || code === 'INTERNAL_SERVER_ERROR') throw new Error(`${code}: ${text.slice(0, 2_000)}`)
    count(code)
  }
}

const known: ReadonlySet<string> = new Set([...errorCodes, 'data'])

/** Throws when the answer is not what GraphQL says: JSON, or events of it. */
function* codesIn(text: string, response: Response): Generator<string> {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false
  const parts = isStream ? [...text.matchAll(/^data: ?(.+)$/gm)].map(([, data = '']) => data) : [text]
  for (const part of parts) {
    const answer = JSON.parse(part) as {
      data?: unknown
      errors?: { message: unknown; extensions?: { code?: unknown } }[]
    }
    if (answer.errors === undefined) {
      if (answer.data === undefined) throw new Error('An answer has neither data nor errors.')
      yield 'data'
    }
    for (const { message, extensions } of answer.errors ?? []) {
      if (typeof message !== 'string' || message === '') throw new Error('An error says nothing.')
      yield String(extensions?.code)
    }
  }
}
