import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { pipeline, Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { createServer as createTlsServer } from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ConnectorHost } from '../../../src/connectors/host/connector-host.ts'
import type { StepMessage } from '../../../src/connectors/host/protocol.ts'
import type { Problem } from '../../../src/connectors/problem.ts'
import { proves } from '../../proofs/proves.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import { DnsDouble } from '../../servers/dns-double.ts'
import { ScriptedServer, silentServer } from '../../servers/hostile-servers.ts'
import { WatchedListeners } from '../../servers/watched-listeners.ts'
import { jobOptions, play, statuses } from './made-up-host.ts'
import { RogueServer, rogueHost, rogueJob } from './rogue-server.ts'
import type { Order } from './rogue-type.ts'

let host: ConnectorHost
/** On what 0.0.0.0 and :: lead to: denied addresses that would nevertheless be reached. */
let listeners: WatchedListeners

beforeAll(async () => {
  host = rogueHost()
  listeners = await WatchedListeners.start(['127.0.0.1', '::1'])
})
afterAll(async () => {
  await host.close()
  await listeners[Symbol.asyncDispose]()
})

const problemOf = (messages: readonly StepMessage[]): Problem | null => {
  const end = messages.find(message => message.kind === 'STEP_FINISHED')
  return end?.kind === 'STEP_FINISHED' ? end.report.problem : null
}

/** What a driver was answered that obeyed each order of a server in an allowed place. */
async function obeyed(orders: readonly Order[], network: Parameters<typeof rogueJob>[0]['network'] = undefined) {
  await using server = await RogueServer.start(orders)
  const { messages } = await play(host, rogueJob({ port: server.port, ...(network ? { network } : {}) }))
  expect(statuses(messages)).toEqual(['CONNECT PASSED'])
  return server.received
}

describe('a connection to a denied address', () => {
  const dial = (port: number): readonly Order[] => [
    { do: 'CONNECT', options: { host: '0.0.0.0', port } },
    { do: 'CONNECT', options: { host: '::', port } },
    { do: 'CONNECT', options: { host: '::ffff:0.0.0.0', port } },
    { do: 'CONNECT', options: { host: '0:0:0:0:0:0:0:0', port: String(port) } },
    { do: 'CONNECT', options: { host: '0', port } },
    { do: 'CONNECT', options: { host: '0x0.0', port } },
    { do: 'CONNECT', options: { host: '00000', port } },
    { do: 'CONNECT', options: { host: 'server.named', port }, addresses: ['0.0.0.0'] },
    { do: 'CONNECT', options: { host: 'server.named', port, family: 4 }, addresses: ['0.0.0.0'] },
    // One denied candidate among others denies the name.
    { do: 'CONNECT', options: { host: 'server.named', port }, addresses: ['127.0.0.1', '::', '0.0.0.0'] },
    { do: 'CONNECT', options: { host: 'server.named', port, autoSelectFamily: false }, addresses: ['::'] },
    { do: 'CONNECT', options: { host: '0.0.0.0', port, localAddress: '127.0.0.1', lookup: null } },
    { do: 'CONNECT_TLS', options: { host: '0.0.0.0', port } },
    { do: 'CONNECT_WITH_OWN_BLOCK_LIST', options: { host: '0.0.0.0', port } },
    { do: 'FETCH', url: `http://0.0.0.0:${port}/` },
    { do: 'FETCH', url: `http://[::]:${port}/` },
    { do: 'FETCH', url: `http://0:${port}/` },
    { do: 'HTTP_GET', url: `http://0.0.0.0:${port}/` },
    { do: 'CONNECT_HTTP2', url: `http://0.0.0.0:${port}/` },
  ]

  test('is refused before a packet is sent, however a driver comes by the address', async () => {
    const orders = dial(listeners.port)
    expect(await obeyed(orders)).toEqual(orders.map(() => 'EGRESS_DENIED'))
    expect(listeners.connections).toEqual([])
  })

  test('is refused to a WebSocket', async () => {
    expect(await obeyed([{ do: 'OPEN_WEB_SOCKET', url: `ws://0.0.0.0:${listeners.port}/` }])).toEqual(['failed'])
    expect(listeners.connections).toEqual([])
  })

  test('is refused by Node itself to whoever kept the unguarded `connect`', async () => {
    const { port } = listeners
    const orders: readonly Order[] = [
      { do: 'CONNECT_AS_BEFORE', options: { host: '0.0.0.0', port } },
      { do: 'CONNECT_AS_BEFORE', options: { host: '127.0.0.1', port } },
      { do: 'CONNECT_AS_BEFORE', options: { host: 'server.named', port }, addresses: ['127.0.0.1', '::1'] },
    ]
    expect(await obeyed(orders)).toEqual(orders.map(() => 'ERR_IP_BLOCKED'))
    expect(listeners.connections).toEqual([])
  })

  test('is refused while an allowed one beside it works', async () => {
    await using peer = await silentServer()
    const there = { host: '127.0.0.1', port: peer.port }
    const orders: readonly Order[] = [
      { do: 'CONNECT', options: there },
      { do: 'CONNECT', options: { ...there, host: 'server.named' }, addresses: ['127.0.0.1'] },
      { do: 'CONNECT', options: { ...there, host: '0.0.0.0' } },
    ]
    expect(await obeyed(orders)).toEqual(['connected', 'connected', 'EGRESS_DENIED'])
    expect(peer.connections).toBe(2)
    // A socket ends with its job, also when the driver forgets it.
    await vi.waitFor(() => expect(peer.openConnections).toBe(0))
  })

  test.each(['127.0.0.1', '127.1', '0x7f.1', '2130706433', '017700000001', '::ffff:127.0.0.1', '::1', 'localhost'])(
    'ends the step of a driver that dials %s as EGRESS_DENIED',
    async literal => {
      const closed = { egress: { allowLoopback: false } }
      const job = rogueJob({ host: literal, port: listeners.port, network: closed })
      const { messages } = await play(host, job)
      expect(problemOf(messages)).toMatchObject({ code: 'EGRESS_DENIED', detail: null, params: {} })
      expect(listeners.connections).toEqual([])
      proves('ANY', 'EGRESS_DENIED', 'DOUBLE')
    },
  )

  test('ends a query of a driver that dials it as EGRESS_DENIED', async () => {
    const { config, environment } = rogueJob({ port: listeners.port, network: {} })
    const limits = { maxRows: 1, maxBytes: 1_000 }
    const job = { kind: 'QUERY', typeName: 'ROGUE', config, query: {}, limits, environment } as const
    expect(await host.query(job, jobOptions())).toMatchObject({ kind: 'PROBLEM', problem: { code: 'EGRESS_DENIED' } })
    expect(listeners.connections).toEqual([])
  })
})

test('what is no connection is refused as well: socket files, datagrams, listening, signals, processes', async () => {
  await using dns = await DnsDouble.start({})
  const [, port] = dns.address.split(':')
  const orders: readonly Order[] = [
    { do: 'CONNECT', options: { path: '/var/run/docker.sock' } },
    { do: 'CONNECT_TLS', options: { path: '/var/run/docker.sock' } },
    { do: 'CONNECT', options: { path: '\0abstract' } },
    { do: 'SEND_DATAGRAM', port: Number(port) },
    { do: 'BIND_DATAGRAM' },
    { do: 'MAKE_DATAGRAM_SOCKET' },
    { do: 'MAKE_DATAGRAM_HANDLE' },
    { do: 'LISTEN' },
    { do: 'LISTEN_ON_SOCKET_FILE' },
    { do: 'LISTEN_HTTP' },
    { do: 'LISTEN_TLS' },
    { do: 'LISTEN_BY_HANDLE' },
    { do: 'BIND' },
    { do: 'SIGNAL_PARENT' },
    { do: 'SIGNAL_PARENT_NATIVELY' },
    { do: 'DEBUG_PARENT' },
    { do: 'SLOW_PARENT' },
    // These are refused by Node's permissions.
    { do: 'NATIVE_SOCKETS' },
    { do: 'RUN' },
  ]
  const denied = orders.map(() => 'EGRESS_DENIED')
  expect(await obeyed(orders)).toEqual([...denied.slice(0, -2), 'ERR_ACCESS_DENIED', 'ERR_ACCESS_DENIED'])
  expect(dns.questions).toEqual([])
})

test('names are resolved by the name servers of the machine, and by no others', async () => {
  await using own = await DnsDouble.start({ 'ordered.test': ['192.0.2.1'] })
  await using foreign = await DnsDouble.start({ 'ordered.test': ['192.0.2.1'] })
  const orders: readonly Order[] = [
    { do: 'ASK_NAME_SERVER', server: own.address },
    { do: 'ASK_NAME_SERVER', server: foreign.address },
  ]
  const network = { egress: { allowLoopback: true }, nameServers: [own.address] }
  expect(await obeyed(orders, network)).toEqual(['192.0.2.1', 'EGRESS_DENIED'])
  expect([own.questions, foreign.questions]).toEqual([['A ordered.test'], []])
})

test('the rules hold for one job: before it and after it nothing is allowed', async () => {
  const script = join(import.meta.dirname, 'guard-life.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [script, String(listeners.port)])
  expect(JSON.parse(stdout)).toEqual({
    before: 'EGRESS_DENIED',
    during: 'connected',
    openSocketAfterwards: 'closed',
    connectingSocketAfterwards: 'closed',
    after: 'EGRESS_DENIED',
  })
  expect(listeners.connections).toHaveLength(1)
})

describe('a server that sends without end', () => {
  const mebibyte = Buffer.alloc(2 ** 20)
  let sentBytes = 0
  /** Sends as fast as it is read. */
  const flood = (socket: Socket) => {
    const endless = new Readable({
      read() {
        sentBytes += mebibyte.length
        this.push(mebibyte)
      },
    })
    pipeline(endless, socket, () => {})
  }
  const plain = () => createServer(flood)
  const encrypted = () => {
    const { certificate, key } = issueCertificate({ commonName: 'flood.test' })
    return createTlsServer({ cert: certificate, key }, flood)
  }

  async function swallow(server: Server, mode: 'SWALLOW' | 'SWALLOW_TLS', kind: 'TEST' | 'QUERY') {
    sentBytes = 0
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const job = rogueJob({ port: (server.address() as AddressInfo).port, mode })
    try {
      if (kind === 'TEST') return problemOf((await play(host, job)).messages)
      const limits = { maxRows: 1, maxBytes: 1_000 }
      const outcome = await host.query({ ...job, kind, query: {}, limits }, jobOptions())
      return outcome.kind === 'PROBLEM' ? outcome.problem : null
    } finally {
      server.close()
    }
  }

  test.each([
    ['in clear', plain, 'SWALLOW', 'TEST', 64],
    ['through TLS on a socket of the driver', encrypted, 'SWALLOW_TLS', 'TEST', 64],
    ['in clear', plain, 'SWALLOW', 'QUERY', 256],
  ] as const)('%s is cut off by the byte budget', async (_how, server, mode, kind, budgetMb) => {
    const problem = await swallow(server(), mode, kind)
    expect(problem).toMatchObject({
      code: 'RESULT_TOO_LARGE',
      params: { limit: `${budgetMb} MB` },
      detail: `The server sent more than ${budgetMb} MB.`,
    })
    expect(sentBytes).toBeGreaterThan(budgetMb * 2 ** 20)
    proves('ANY', 'RESULT_TOO_LARGE', 'DOUBLE')
  })

  test('is not cut off while it stays within the budget', async () => {
    await using server = await ScriptedServer.start(socket => {
      socket.write(Buffer.alloc(8 * 2 ** 20))
      void delay(300).then(() => socket.end())
    })
    const { messages } = await play(host, rogueJob({ port: server.port, mode: 'SWALLOW' }))
    expect(statuses(messages)).toEqual(['CONNECT PASSED'])
  })
})
