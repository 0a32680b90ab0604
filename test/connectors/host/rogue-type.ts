import { execSync } from 'node:child_process'
import dgram, { createSocket } from 'node:dgram'
import dns from 'node:dns'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http, { createServer as createHttpServer } from 'node:http'
import http2 from 'node:http2'
import net, { type NetConnectOpts, Socket } from 'node:net'
import { setPriority } from 'node:os'
import { kill } from 'node:process'
import { createInterface } from 'node:readline'
import tls from 'node:tls'
import { z } from 'zod'
import { defineConnector, passed, plannedStep, type TestRun } from '../../../src/connectors/define.ts'
import { defineForm, field } from '../../../src/connectors/form.ts'

/** What a server tells the made-up driver to do; it does all of it, and tells the server what came out. */
export type Order =
  /** `addresses`: what the driver's own lookup answers. */
  | { readonly do: 'CONNECT'; readonly options: object; readonly addresses?: readonly string[] }
  /** By a `connect` that was kept from before the guard was there. */
  | { readonly do: 'CONNECT_AS_BEFORE'; readonly options: object; readonly addresses?: readonly string[] }
  | { readonly do: 'CONNECT_TLS' | 'CONNECT_WITH_OWN_BLOCK_LIST'; readonly options: object }
  | { readonly do: 'FETCH' | 'HTTP_GET' | 'CONNECT_HTTP2' | 'OPEN_WEB_SOCKET'; readonly url: string }
  | { readonly do: 'READ'; readonly path: string }
  | { readonly do: 'SEND_DATAGRAM'; readonly port: number }
  | { readonly do: 'ASK_NAME_SERVER'; readonly server: string }
  | { readonly do: Exclude<SimpleOrder, 'STOP'> | 'STOP' }

type SimpleOrder = keyof typeof simpleOrders | 'STOP'

/** Evaluated before the entry calls anything: what a module could have kept. */
const connectAsBefore = Socket.prototype.connect as (this: Socket, options: object) => Socket

const internals = net as unknown as {
  _createServerHandle(address: string, port: number, family: number): unknown
  BoundSocket: new (options: object) => unknown
}
const datagramInternals = dgram as unknown as {
  _createSocketHandle(address: string, port: number, type: string): unknown
}
const processInternals = process as unknown as {
  _kill(pid: number, signal: number): unknown
  _debugProcess(pid: number): unknown
}

const simpleOrders = {
  TELL_ENVIRONMENT: () => JSON.stringify(process.env),
  TELL_PARENTS_ENVIRONMENT: () => readFileSync(`/proc/${process.ppid}/environ`, 'latin1'),
  LISTEN: () => net.createServer().listen(0, '127.0.0.1'),
  LISTEN_ON_SOCKET_FILE: () => net.createServer().listen('/tmp/patchbay-rogue.sock'),
  LISTEN_HTTP: () => createHttpServer().listen(0, '127.0.0.1'),
  LISTEN_TLS: () => tls.createServer().listen(0, '127.0.0.1'),
  LISTEN_BY_HANDLE: () => internals._createServerHandle('127.0.0.1', 0, 4),
  BIND: () => new internals.BoundSocket({ host: '127.0.0.1', port: 0 }),
  BIND_DATAGRAM: () => createSocket('udp4').bind(0),
  MAKE_DATAGRAM_SOCKET: () => new dgram.Socket('udp4' as never),
  MAKE_DATAGRAM_HANDLE: () => datagramInternals._createSocketHandle('127.0.0.1', 0, 'udp4'),
  SIGNAL_PARENT: () => kill(process.ppid, 0),
  SIGNAL_PARENT_NATIVELY: () => processInternals._kill(process.ppid, 0),
  DEBUG_PARENT: () => processInternals._debugProcess(process.ppid),
  SLOW_PARENT: () => setPriority(process.ppid, 19),
  NATIVE_SOCKETS: () => (process as unknown as { binding(name: string): unknown }).binding('tcp_wrap'),
  RUN: () => execSync('true'),
} as const

async function obey(order: Order): Promise<unknown> {
  switch (order.do) {
    case 'CONNECT':
      return await connected(new Socket().connect(withLookup(order) as NetConnectOpts))
    case 'CONNECT_AS_BEFORE':
      return await connected(connectAsBefore.call(new Socket(), withLookup(order)))
    case 'CONNECT_TLS':
      return await connected(tls.connect(order.options))
    case 'CONNECT_WITH_OWN_BLOCK_LIST': {
      const blockList = new net.BlockList()
      const socket = new Socket({ blockList } as object)
      socket.connect(order.options as NetConnectOpts)
      // Nor afterwards, while the connection has not begun.
      Reflect.set(socket, 'blockList', blockList)
      return await connected(socket)
    }
    case 'FETCH':
      return await (await fetch(order.url)).text()
    case 'HTTP_GET':
      return await once(http.get(order.url), 'response')
    case 'CONNECT_HTTP2':
      await once(http2.connect(order.url), 'connect')
      return 'connected'
    case 'OPEN_WEB_SOCKET':
      return await webSocketOpened(order.url)
    case 'READ':
      return readFileSync(order.path, 'latin1')
    case 'SEND_DATAGRAM':
      return createSocket('udp4').send('hello', order.port, '127.0.0.1')
    case 'ASK_NAME_SERVER': {
      const resolver = new dns.promises.Resolver({ timeout: 2_000, tries: 1 })
      resolver.setServers([order.server])
      return await resolver.resolve4('ordered.test')
    }
    case 'STOP':
      return null
    default:
      return await simpleOrders[order.do]()
  }
}

function withLookup({
  options,
  addresses,
}: {
  readonly options: object
  readonly addresses?: readonly string[]
}): object {
  if (!addresses) return options
  const found = addresses.map(address => ({ address, family: net.isIP(address) }))
  const lookup = (_host: string, { all }: { all?: boolean }, callback: (...answer: unknown[]) => void) =>
    all ? callback(null, found) : callback(null, found[0]?.address, found[0]?.family)
  return { ...options, lookup, autoSelectFamily: true }
}

/** Leaves the socket open, as a careless driver would. */
async function connected(socket: Socket): Promise<string> {
  await once(socket, socket instanceof tls.TLSSocket ? 'secureConnect' : 'connect')
  return 'connected'
}

/** A WebSocket does not tell why it failed. */
function webSocketOpened(url: string): Promise<string> {
  const socket = new WebSocket(url)
  return new Promise(resolve => {
    socket.onopen = () => resolve('connected')
    socket.onerror = () => resolve('failed')
  })
}

/** The code of an error, or of the first one behind it that has any. */
function codeOf(error: unknown): string {
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: readonly unknown[] }
  if (typeof code === 'string') return code
  const behind = cause ?? errors?.[0]
  return behind === undefined ? String(error) : codeOf(behind)
}

/** Connects to its server and obeys until it is told to stop. Returns what came out of every order but `STOP`. */
async function follow({ host, port, fails }: RogueConfig): Promise<readonly string[]> {
  const socket = net.connect({ host, port })
  await once(socket, 'connect')
  const outcomes: string[] = []
  for await (const line of createInterface({ input: socket })) {
    const order = JSON.parse(line) as Order
    if (order.do === 'STOP') break
    let outcome: string
    try {
      outcome = String(await obey(order))
    } catch (error) {
      if (fails) throw error
      outcome = codeOf(error)
    }
    outcomes.push(outcome)
    socket.write(`${JSON.stringify(outcome)}\n`)
  }
  socket.end()
  return outcomes
}

/** Reads all that a server sends, in clear or through TLS on a socket of its own. */
async function swallow({ host, port, mode }: RogueConfig): Promise<void> {
  const plain = net.connect({ host, port })
  await once(plain, 'connect')
  const socket = mode === 'SWALLOW_TLS' ? tls.connect({ socket: plain, rejectUnauthorized: false }) : plain
  for await (const _chunk of socket) {
    // Read and forgotten.
  }
}

interface RogueConfig {
  readonly host: string
  readonly port: number
  readonly mode: 'OBEY' | 'SWALLOW' | 'SWALLOW_TLS'
  /** Whether an order that fails ends the step with its error. */
  readonly fails: boolean
}

const act = async (config: RogueConfig): Promise<readonly string[]> => {
  if (config.mode === 'OBEY') return await follow(config)
  await swallow(config)
  return []
}

function startTest(config: RogueConfig): TestRun {
  return {
    steps: {
      CONNECT: async () =>
        passed((await act(config)).map(value => ({ kind: 'TEXT', label: 'outcome', value: value.slice(0, 1_000) }))),
    },
    close: async () => {},
  }
}

/** Its driver is honest, and does whatever the server says. */
export const rogueType = defineConnector({
  name: 'ROGUE',
  inputKey: 'rogue',
  version: 1,
  kind: 'GENERIC',
  category: 'DEVELOPMENT',
  label: 'Rogue',
  description: 'Does what its server says.',
  docsPath: 'connectors/rogue.md',
  keywords: [],
  logo: { color: '#000000', shape: '' },
  maturity: { level: 'STABLE' },
  drivers: [],
  form: defineForm({
    fields: {
      host: field(z.string(), { label: 'Host' }),
      port: field(z.int(), { label: 'Port' }),
      mode: field(z.enum(['OBEY', 'SWALLOW', 'SWALLOW_TLS']).default('OBEY'), { label: 'Mode' }),
      fails: field(z.boolean().default(false), { label: 'Fails' }),
    },
  }),
  queryForm: defineForm({ fields: {} }),
  plan: () => roguePlan,
  problems: [],
  queryBudgetMs: () => 10_000,
  loadSteps: async () => ({ startTest }),
  loadQuery: async () => ({
    runQuery: async config => {
      await act(config)
      return { kind: 'COMPLETE', truncated: false }
    },
  }),
})

export const roguePlan = [plannedStep('CONNECT', 'Connect', { budgetMs: 30_000 })]
