import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '../clients/recipes/client.ts'
import { connect } from '../clients/recipes/graphql-sse.ts'
import { createSource } from '../clients/source.ts'
import { connectorStory, type StoryOutcome } from '../clients/story.ts'
import { registered } from '../contract/fixtures.ts'
import type { FixtureServer, TypeFixture } from '../contract/type-fixture.ts'
import { freePort, PostgresServer } from '../servers/postgres.ts'
import { runTypeQuery, runTypeTest } from '../servers/type-run.ts'
import { packageOf, parseTrace, type TracedCalls, tracedCalls } from './traced-calls.ts'

/** What became of one input of a connector type's contract fixture. */
export interface TypeOutcome {
  /** `MYSQL, password` */
  readonly name: string
  /** On the built server. */
  readonly story: StoryOutcome
  /** In a process without the guard, which might stop what nobody should even try. */
  readonly unguarded: { readonly statuses: readonly string[]; readonly rows: unknown }
}

/** What was seen of one server from its start to its end. */
export interface ServerOutcome extends TracedCalls {
  readonly dataDirectory: string
  readonly stdout: string
  readonly exitCode: number | null
  /** Of the API process, when it began and when it ended. */
  readonly environment: { readonly before: unknown; readonly after: unknown }
  /** npm packages that the API process itself has loaded. */
  readonly apiPackages: readonly string[]
}

/**
 * Plays a connector's whole story against the built server, of a real PostgreSQL and of every connector type's double, and
 * prints what was observed as JSON. Meant to be run in a network namespace of its own, where loopback is the only
 * interface.
 */
export interface LoopbackReport {
  readonly interfaces: readonly string[]
  /** What the kernel refused to send for want of a route: here, every packet that is not for loopback. */
  readonly unroutedPackets: number
  /** The same after one deliberate attempt, which shows that the counter counts. */
  readonly unroutedPacketsAfterControl: number
  readonly story: StoryOutcome
  readonly types: readonly TypeOutcome[]
  readonly servers: readonly ServerOutcome[]
  /** Command lines of the processes that the servers left behind in this namespace. */
  readonly processesLeft: readonly string[]
}

const root = join(import.meta.dirname, '..', '..')

// Runs before the server in its process, and tells on a pipe of its own what became of the environment, and what was loaded.
// What stays outside of the bundle is CommonJS.
const witness = `
  import { writeFileSync } from 'node:fs'
  import { createRequire } from 'node:module'
  const { cache } = createRequire('/')
  const before = { ...process.env }
  process.on('exit', () => {
    const told = { before, after: process.env, loaded: Object.keys(cache) }
    writeFileSync(3, JSON.stringify(told))
  })
`

spawnSync('ip', ['link', 'set', 'lo', 'up'])
const directory = await mkdtemp(join(tmpdir(), 'patchbay-loopback-'))
await using postgres = await PostgresServer.start()
try {
  process.stdout.write(JSON.stringify(await observe(postgres)))
} finally {
  await rm(directory, { recursive: true, force: true })
}

interface Served {
  readonly name: string
  readonly fixture: TypeFixture
  readonly server: FixtureServer
}

/** A server for every input that a type's fixture has one for. */
async function serveAll(): Promise<readonly Served[]> {
  const served: Served[] = []
  for (const { name, fixture } of registered) {
    for (const input of fixture.served)
      served.push({ name: `${name}, ${input}`, fixture, server: await fixture.start({ input }) })
  }
  return served
}

async function playType({ name, fixture, server }: Served, client: Client): Promise<TypeOutcome> {
  const { type, reads } = fixture
  const story = await connectorStory(client, {
    config: { [type.inputKey]: server.input },
    query: { [type.inputKey]: reads.query },
  }).catch(cause => Promise.reject(new Error(`${name} has failed.`, { cause })))
  const reports = await runTypeTest(type, server.input, server.surroundings)
  const outcome = await runTypeQuery(type, server.input, reads.query, server.surroundings)
  const statuses = Object.values(reports).map(({ status }) => status)
  return { name, story, unguarded: { statuses, rows: outcome.kind === 'RESULT' ? outcome.result.rows : outcome } }
}

async function observe(database: PostgresServer): Promise<LoopbackReport> {
  const source = await createSource(database)
  const served = await serveAll()
  const processesBefore = await processesHere()
  const stories: StoryOutcome[] = []
  const types: TypeOutcome[] = []
  const servers: ServerOutcome[] = []
  // Where a server must be told of doubles by its settings, they have a server of their own.
  for (const [settings, those] of Map.groupBy(served, ({ server }) => JSON.stringify(server.settings ?? {}))) {
    const observed = await observeServer(JSON.parse(settings) as Settings, async client => {
      if (stories.length === 0) stories.push(await connectorStory(client, source))
      for (const each of those) types.push(await playType(each, client))
    })
    servers.push(observed)
  }
  for (const { server: double } of served) await double[Symbol.asyncDispose]()

  const processesLeft = [...(await processesHere())].filter(([pid]) => !processesBefore.has(pid))
  const unroutedPackets = await countUnrouted()
  await sendNowhere()
  const [story] = stories
  if (!story) throw new Error('There are no types.')
  return {
    interfaces: [...(await readFile('/proc/net/dev', 'utf8')).matchAll(/^\s*(\S+):/gm)].map(match => match[1] ?? ''),
    unroutedPackets,
    unroutedPacketsAfterControl: await countUnrouted(),
    story,
    types,
    servers,
    processesLeft: processesLeft.map(([, command]) => command),
  }
}

type Settings = Readonly<Record<string, string>>

async function observeServer(settings: Settings, play: (client: Client) => Promise<void>): Promise<ServerOutcome> {
  const home = await mkdtemp(join(directory, 'server-'))
  const dataDirectory = join(home, 'data')
  const workingDirectory = join(home, 'cwd')
  const traceFile = join(home, 'trace')
  await mkdir(workingDirectory)
  const port = await freePort()
  const watched = `--import=data:text/javascript,${encodeURIComponent(witness)}`
  const traceOptions = ['--follow-forks', '--quiet=all', '--string-limit=4096', `--trace=${tracedCalls}`]
  const server = spawn(
    'strace',
    [...traceOptions, `--output=${traceFile}`, process.execPath, watched, join(root, 'dist', 'main.js')],
    {
      cwd: workingDirectory,
      env: {
        ...settings,
        PORT: String(port),
        DATA_DIR: dataDirectory,
        HOME: workingDirectory,
        TMPDIR: workingDirectory,
      },
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    },
  )
  const exited = once(server, 'exit')
  // Both are pipes by `stdio`.
  const stdout = textOf(server.stdio[1] as Readable)
  const witnessed = textOf(server.stdio[3] as Readable)
  await untilListening(port, () => server.exitCode !== null)

  const client = connect(`http://127.0.0.1:${port}/graphql`)
  try {
    await play(client)
  } finally {
    client.close()
    // Also where something has failed: whoever has started this would wait for it.
    for (const pid of await childrenOf(server.pid)) process.kill(pid, 'SIGTERM')
  }
  const [exitCode] = (await exited) as [number | null]
  // As the witness writes it.
  const { loaded, ...environment } = JSON.parse(await witnessed) as ServerOutcome['environment'] & { loaded: string[] }
  return {
    dataDirectory,
    stdout: await stdout,
    exitCode,
    environment,
    apiPackages: [...new Set(loaded.flatMap(path => packageOf(path) ?? []))],
    ...parseTrace(await readFile(traceFile, 'utf8'), workingDirectory),
  }
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}

async function untilListening(port: number, hasExited: () => boolean): Promise<void> {
  for (;;) {
    const socket = connectTcp(port, '127.0.0.1')
    const listening = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (listening) return
    if (hasExited()) throw new Error('The server did not start.')
    await delay(20)
  }
}

async function childrenOf(pid: number | undefined): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.trim().split(' ').filter(Boolean).map(Number)
}

/** Process id -> command line, of every process in this network namespace but this one. */
async function processesHere(): Promise<ReadonlyMap<string, string>> {
  const here = await readlink('/proc/self/ns/net')
  const found = new Map<string, string>()
  for (const pid of (await readdir('/proc')).filter(name => /^\d+$/.test(name) && name !== String(process.pid))) {
    // Processes come and go while this looks.
    const namespace = await readlink(`/proc/${pid}/ns/net`).catch(() => '')
    if (namespace !== here) continue
    found.set(pid, (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' '))
  }
  return found
}

async function countUnrouted(): Promise<number> {
  const [header = '', values = ''] = (await readFile('/proc/net/snmp', 'utf8'))
    .split('\n')
    .filter(line => line.startsWith('Ip:'))
  const ipv4 = values.split(' ')[header.split(' ').indexOf('OutNoRoutes')]
  const ipv6 = /Ip6OutNoRoutes\s+(\d+)/.exec(await readFile('/proc/net/snmp6', 'utf8'))?.[1]
  return Number(ipv4) + Number(ipv6)
}

async function sendNowhere(): Promise<void> {
  const socket = connectTcp(9, '192.0.2.1')
  await once(socket, 'connect').catch(() => {})
  socket.destroy()
}
