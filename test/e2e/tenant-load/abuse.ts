import { constants, setPriority } from 'node:os'
import { post } from './post.ts'

// A process of its own: asks for everything that costs a server something, as fast as it is answered, from several API
// tokens of one workspace, while its standard input says so: "go", "rest", and its end. Says "spent" once all that it may
// spend at once is spent, and reports as JSON at the end.

/** Of every status and GraphQL code that was met, how often. */
export interface AbuseReport {
  readonly answers: Readonly<Record<string, number>>
  /** 429s that did not say when to come back. */
  readonly withoutRetryAfter: number
  readonly failures: readonly string[]
}

const [url = '', ...tokens] = process.argv.slice(2)
const loops = 8

// Its machine is another one in truth: here it gets what the server and the neighbours leave.
setPriority(constants.priority.PRIORITY_LOW)

const operation = (query: string) => JSON.stringify({ query })
const page = 'id name version createdAt updatedAt description externalKey'
let turn = 0

/** One of each kind in turn. */
const bodies: readonly (() => string)[] = [
  () => operation(`{ connectors(first: 100) { nodes { ${page} datasets(first: 4) { nodes { id name } } } } }`),
  () => operation(`{ connectors(first: 100, filter: { search: "${turn}" }) { totalCount nodes { ${page} } } }`),
  () =>
    operation(
      `mutation { testConnection(input: { target: { draft: { simulator: { port: ${1 + (turn % 60_000)} } } }, waitSeconds: 0 }) { __typename } }`,
    ),
  () =>
    operation(
      `subscription { testConnection(input: { target: { draft: { simulator: { port: ${1 + (turn % 60_000)} } } } }) { __typename } }`,
    ),
  () => operation(`{ viewer { ${'nothing '.repeat(9)} } } # ${turn} ${'#'.repeat(20_000)}`),
  () => operation(`{ connectors(first: 100) { nodes { tests(first: 50) { nodes { steps { id } } } } } } # ${turn}`),
  () => operation(`{ viewer ${'{ viewer '.repeat(300)}${'}'.repeat(300)} } # ${turn}`),
  () => `{ "query": "${turn}`,
  () => JSON.stringify({ query: '{ viewer { id } }', variables: { text: 'x'.repeat(300_000) } }),
  () => JSON.stringify({ documentId: `unknown${turn}` }),
]

const dearest = operation(
  `{ ${'abcd'.replace(/./g, `$&: connectors(first: 100) { nodes { ${page} ${'ghij'.replace(/./g, '$&: name ')} } } `)} }`,
)

const answers: Record<string, number> = {}
const failures: string[] = []
let withoutRetryAfter = 0
let isGoing = false
let isOver = false
let wake = Promise.withResolvers<void>()

const testOnce = (port: number) =>
  operation(
    `mutation { testConnection(input: { target: { draft: { simulator: { port: ${port} } } } }) { ... on RateLimitedError { reason } } }`,
  )

async function spendTests(token: string): Promise<void> {
  await wake.promise
  for (let port = 1; !(await post(url, token, testOnce(port))).body.includes('TOO_MANY_STARTS'); port++);
}

async function spendPoints(token: string): Promise<void> {
  while ((await post(url, token, dearest)).status !== 429);
}

async function loop(token: string): Promise<void> {
  while (!isOver) {
    if (!isGoing) await wake.promise
    const body = bodies[turn++ % bodies.length]?.() ?? ''
    const isStream = body.includes('subscription')
    try {
      const { status, headers, body: text } = await post(url, token, body, isStream ? 'text/event-stream' : undefined)
      const [, code = ''] = /"code":"([A-Z_]+)"/.exec(text) ?? []
      const key = `${status} ${code}`.trim()
      answers[key] = (answers[key] ?? 0) + 1
      if (status === 429 && !(Number(headers['retry-after']) > 0)) withoutRetryAfter++
    } catch (error) {
      // A body that is refused for its size may be cut off while it is sent.
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
      if (code !== 'EPIPE' && code !== 'ECONNRESET') failures.push(code)
    }
  }
}

process.stdin.setEncoding('utf8').on('data', (text: string) => {
  isGoing = text.trim().endsWith('go')
  if (!isGoing) return
  wake.resolve()
  wake = Promise.withResolvers()
})
process.stdin.once('end', () => {
  isOver = true
  isGoing = true
  wake.resolve()
})

await Promise.all(tokens.map(spendTests))
await Promise.all(tokens.map(spendPoints))
process.stdout.write('spent\n')
await Promise.all(Array.from({ length: loops }, (_, index) => loop(tokens[index % tokens.length] ?? '')))
const report: AbuseReport = { answers, withoutRetryAfter, failures: failures.slice(0, 10) }
process.stdout.write(JSON.stringify(report), () => process.exit(0))
