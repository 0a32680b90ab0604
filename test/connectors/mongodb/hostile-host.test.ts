import type { Document } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import type { ConnectorHost } from '../../../src/connectors/host/connector-host.ts'
import { residentMb } from '../../../src/connectors/host/resident-memory.ts'
import { mongodb } from '../../../src/connectors/mongodb/index.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { proves } from '../../proofs/proves.ts'
import { DnsDouble } from '../../servers/dns-double.ts'
import { type Behaviour, MongoDouble, type MongoOptions } from '../../servers/mongo-double.ts'
import { answerTo, message, rawDocument, rawElement, rawFindAnswer } from '../../servers/mongo-messages.ts'
import { driverPids, hostTypeQuery, hostTypeTest, openSockets, realHost } from '../../servers/type-host.ts'
import { type Reports, sourceOf } from '../../servers/type-run.ts'
import { WatchedListeners } from '../../servers/watched-listeners.ts'
import { plannedKeys } from './expectations.ts'
import { ann, budgetsOf, certificate, config, data, find, password } from './hostile-run.ts'

const megabyte = Buffer.alloc(1_048_576, 0x78)
const budgetMs = 8_000
const budgets = budgetsOf(budgetMs)
/** A child that has loaded the driver takes some 140 MB; it is killed at 400. */
const maxResidentMb = 300

/** An answer of so many megabytes, really sent as far as anybody takes it. */
const huge =
  (megabytes: number): Behaviour =>
  async ({ peer, request }) => {
    if (!request) return
    await peer.send(answerTo(request, Buffer.alloc(0), { length: megabytes * 1_048_576 }))
    for (let sent = 0; sent < megabytes && !peer.closed; sent++) await peer.send(megabyte)
  }
const pieces =
  (...parts: readonly Buffer[]): Behaviour =>
  async ({ peer }) => {
    await peer.send(...parts)
  }
const flood: Behaviour = async ({ peer }) => {
  const many = Buffer.concat(Array.from({ length: 1_000 }, () => message({ ok: 1 }, { responseTo: 4_711 })))
  while (!peer.closed) await peer.send(many)
}
const rounds =
  (count: number): Behaviour =>
  ({ answer }) => {
    const said = answer['speculativeAuthenticate'] as Document
    const text = Buffer.from(said['payload'].buffer).toString().replace(/i=\d+/, `i=${count}`)
    return { ...answer, speculativeAuthenticate: { ...said, payload: Buffer.from(text) } }
  }
/** A document that is nested as deeply as 16 MB allow. */
function nested(levels: number): Buffer {
  const bytes = Buffer.alloc(levels * 8 + 5)
  for (let level = 0; level <= levels; level++) {
    bytes.writeInt32LE((levels - level) * 8 + 5, level * 7)
    if (level < levels) bytes.write('\x03a\0', level * 7 + 4, 'latin1')
  }
  return bytes
}

const nulls = (count: number, name: (index: number) => string): Buffer =>
  rawDocument(Array.from({ length: count }, (_, index) => rawElement(10, name(index))))

/** Code whose scope is not its own, but each time the whole rest of the document: every level doubles the work. */
function overlappingScopes(levels: number): Buffer {
  let rest = rawDocument([rawElement(10, 'end')])
  for (let level = 0; level < levels; level++) {
    const head = (behind: number) => {
      const bytes = Buffer.alloc(13)
      bytes.writeInt32LE(13)
      bytes.writeInt32LE(behind, 4)
      return rawElement(15, 'c', bytes)
    }
    // Each text is said to end where the rest begins.
    const second = head(13 - 8 + 3)
    rest = rawDocument([head(13 - 8 + second.length + 3), second, rawElement(3, 'r', rest)])
  }
  return rest
}

let host: ConnectorHost
beforeAll(() => {
  host = realHost()
})
afterAll(async () => {
  await host.close()
  await vi.waitFor(() => expect(driverPids()).toEqual([]))
})

const start = (options: MongoOptions = {}) => MongoDouble.start({ data, accounts: [ann], ...options })
const test = (input: unknown, budgetsMs = budgets) => hostTypeTest(host, mongodb, input, { budgetsMs })
const query = (input: unknown) => hostTypeQuery(host, mongodb, input, find())

/** Runs it against the double, and asserts that one child is left that serves the next one: the same, or one in place of one that has grown. */
async function survives<T>(options: MongoOptions, run: (port: number) => Promise<T>): Promise<T> {
  await using server = await start(options)
  await using sound = await start()
  // The child that will be had, with the driver loaded.
  expect(await query(config(sound.port, 'clear'))).toMatchObject({ kind: 'RESULT' })
  const before = driverPids()
  expect(before).toHaveLength(1)
  const peaks: number[] = []
  const watch = setInterval(() => peaks.push(residentMb(before[0] ?? 0) ?? 0), 20)
  const result = await run(server.port).finally(() => clearInterval(watch))
  expect(Math.max(0, ...peaks)).toBeLessThan(maxResidentMb)
  await vi.waitFor(() => expect(server.openConnections).toBe(0), { timeout: 2_000, interval: 5 })
  expect(await query(config(sound.port, 'clear'))).toMatchObject({ kind: 'RESULT' })
  await vi.waitFor(() => expect(driverPids()).toHaveLength(1), { timeout: 2_000, interval: 5 })
  return result
}

function failureIn(reports: Reports): { key: StepKey | undefined; code: ProblemCode | undefined } {
  const key = plannedKeys.find(each => reports[each]?.status === 'FAILED')
  return { key, code: key && reports[key]?.problem?.code }
}

describe('a child of the connector host, tested against a hostile MongoDB server', () => {
  it.each<[string, MongoOptions, StepKey, ProblemCode]>([
    ['announces a hello of 600 MB', { at: { hello: huge(600) } }, 'GREET', 'PROTOCOL_VIOLATION'],
    ['sends a list of 600 MB', { at: { listDatabases: huge(600) } }, 'READ', 'PROTOCOL_VIOLATION'],
    [
      'announces messages of no length',
      { at: { listDatabases: pieces(Buffer.alloc(65_536)) } },
      'READ',
      'PROTOCOL_VIOLATION',
    ],
    ['sends answers to nothing for ever', { at: { find: flood } }, 'READ', 'PROTOCOL_VIOLATION'],
    // Computed, these would take ten seconds and half an hour.
    [
      'asks for ten million rounds of SCRAM',
      { at: { signInHello: rounds(10_000_000) } },
      'SIGN_IN',
      'AUTH_METHOD_UNSUPPORTED',
    ],
    ['asks for 2^31 rounds of SCRAM', { at: { signInHello: rounds(2 ** 31) } }, 'SIGN_IN', 'AUTH_METHOD_UNSUPPORTED'],
    ['is silent at the sign-in', { at: { saslContinue: () => {} } }, 'SIGN_IN', 'SIGN_IN_TIMED_OUT'],
    ['is silent at the first question', { at: { buildInfo: () => {} } }, 'OPEN', 'STEP_TIMED_OUT'],
  ])('that %s is told as it is, and the next one served', { timeout: 60_000 }, async (_, options, step, code) => {
    const budgetsMs = code.endsWith('TIMED_OUT') ? budgetsOf(2_000) : budgets
    const { outcome, reports } = await survives(options, port => test(config(port, 'clear'), budgetsMs))
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expect(failureIn(reports as Reports)).toEqual({ key: step, code })
    expect(JSON.stringify(reports)).not.toContain(password)
    proves('MONGODB', code, sourceOf(reports as Reports))
  })

  it.each<[string, () => Document]>([
    ['hosts that are a number', () => ({ setName: 'rs0', hosts: 5 })],
    ['a name that is a number', () => ({ setName: 'rs0', hosts: [], me: 5 })],
    ['a time that is none', () => ({ $clusterTime: { clusterTime: 5, signature: 6 }, operationTime: 7 })],
    ['a document nested without end', () => ({ deep: nested(200_000) })],
  ])('that says %s of itself does not end the child', { timeout: 60_000 }, async (_, hello) => {
    const { outcome } = await survives({ hello }, port => test(config(port, 'clear')))
    expect(outcome).toEqual({ kind: 'COMPLETED' })
  })

  it('that nests an answer as deeply as it can does not end the child', { timeout: 60_000 }, async () => {
    const deep: Behaviour = ({ request }) => (request ? answerTo(request, nested(1_000_000)) : undefined)
    for (const stage of ['hello', 'listDatabases', 'connectionStatus', 'find']) {
      const { outcome, reports } = await survives({ at: { [stage]: deep } }, port => test(config(port, 'clear')))
      expect(outcome).toEqual({ kind: 'COMPLETED' })
      const problems = Object.values(reports as Reports).flatMap(({ problem }) => problem?.code ?? [])
      expect(problems, stage).toEqual(
        expect.arrayContaining([expect.stringMatching(/PROTOCOL_VIOLATION|PRIVILEGES_UNKNOWN|UNCLASSIFIED/)]),
      )
    }
  })

  it.each<[string, MongoOptions]>([
    ['one document of 600 MB', { at: { find: huge(600) } }],
    [
      'documents for ever',
      {
        data: {
          shop: {
            orders: function* () {
              for (;;) yield { a: 'x'.repeat(1_000) }
            },
          },
        },
      },
    ],
    [
      'documents of 15 MB for ever',
      {
        data: {
          shop: {
            orders: function* () {
              for (;;) yield { a: 'x'.repeat(15_000_000) }
            },
          },
        },
      },
    ],
    [
      'two hundred thousand fields',
      {
        data: {
          shop: { orders: [Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`f${index}`, 1]))] },
        },
      },
    ],
  ])(
    'that sends %s to a preview is told as it is, and the next one served',
    { timeout: 90_000 },
    async (_, options) => {
      const outcome = await survives(options, port => query(config(port, 'clear')))
      if (outcome.kind === 'PROBLEM') expect(['RESULT_TOO_LARGE', 'PROTOCOL_VIOLATION']).toContain(outcome.problem.code)
      else expect(outcome.result.rows.length).toBeLessThanOrEqual(100)
    },
  )

  it.each<[string, () => Buffer, ProblemCode]>([
    ['five hundred thousand fields', () => nulls(500_000, index => `f${index}`), 'RESULT_TOO_LARGE'],
    ['six million fields without a name', () => nulls(6_000_000, () => ''), 'RESULT_TOO_LARGE'],
    [
      'a list of two million items',
      () =>
        rawDocument([
          rawElement(
            4,
            'list',
            nulls(2_000_000, index => `${index}`),
          ),
        ]),
      'RESULT_TOO_LARGE',
    ],
    ['code whose scopes overlap', () => overlappingScopes(60), 'PROTOCOL_VIOLATION'],
  ])('that sends one document with %s is told as it is', { timeout: 90_000 }, async (_, document, code) => {
    const answer = rawFindAnswer(document(), 'shop.orders')
    const find: Behaviour = ({ request }) => (request ? answerTo(request, answer) : undefined)
    const outcome = await survives({ at: { find } }, port => query(config(port, 'clear')))
    expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code } })
    proves('MONGODB', code, 'DOUBLE')
  })

  it.each<[string, StepKey]>([
    ['listDatabases', 'READ'],
    ['connectionStatus', 'LEAST_PRIVILEGE'],
  ])('that sends a test millions of fields at %s is told as it is', { timeout: 90_000 }, async (stage, step) => {
    const many: Behaviour = ({ request }) =>
      request
        ? answerTo(
            request,
            nulls(2_000_000, index => index.toString(36)),
          )
        : undefined
    const { outcome, reports } = await survives({ at: { [stage]: many } }, port => test(config(port, 'clear')))
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expect(failureIn(reports as Reports)).toEqual({ key: step, code: 'PROTOCOL_VIOLATION' })
  })

  it('that sends a test as many fields as it takes does not end the child', { timeout: 90_000 }, async () => {
    const many: Behaviour = ({ request }) =>
      request
        ? answerTo(
            request,
            nulls(240_000, index => index.toString(36)),
          )
        : undefined
    const { outcome } = await survives({ at: { listDatabases: many } }, port => test(config(port, 'clear')))
    expect(outcome).toEqual({ kind: 'COMPLETED' })
  })

  it('is fenced off from hosts that the server names, by its own guard too', { timeout: 60_000 }, async () => {
    // 127.0.0.9 is as reachable as the server itself; that it is on this machine is what the operator allows here.
    await using watched = await WatchedListeners.start(['127.0.0.9'])
    await using server = await start({
      hello: () => ({
        isWritablePrimary: false,
        ismaster: false,
        secondary: true,
        setName: 'rs0',
        me: server.host,
        hosts: [server.host, `127.0.0.9:${watched.port}`, '169.254.169.254:80', '10.0.0.1:27017'],
        primary: '169.254.169.254:80',
      }),
    })
    const { outcome, reports } = await test(config(server.port, 'clear'))
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expect(failureIn(reports as Reports).key).toBe('TOPOLOGY')
    // It was asked what it is, which nothing but the policy decides about, and never by the driver.
    expect(watched.connections.length).toBeLessThanOrEqual(2)
    expect(server.signIns).toEqual([])
  })

  it('gets no packet out to a denied address, whoever names it', { timeout: 60_000 }, async () => {
    await using watched = await WatchedListeners.start(['127.0.0.9', '127.0.0.10'])
    const denied = { hosts: [{ host: '127.0.0.9', port: watched.port }] }
    const { reports } = await hostTypeTest(host, mongodb, config(0, 'clear', denied), {
      budgetsMs: budgets,
      egress: { allowLoopback: false },
    })
    expect(failureIn(reports as Reports)).toEqual({ key: 'EGRESS', code: 'EGRESS_DENIED' })
    expect(watched.connections).toEqual([])
  })

  it('finds the servers of an SRV name by the name servers that it is given', { timeout: 60_000 }, async () => {
    await using server = await start()
    await using dns = await DnsDouble.start({
      '_mongodb._tcp.cluster.test.example': { services: [{ host: 'a.test.example', port: server.port }] },
      'a.test.example': ['127.0.0.1'],
    })
    const { hosts: _, ...input } = config(0, 'clear')
    const { reports } = await hostTypeTest(
      host,
      mongodb,
      { ...input, srvHost: 'cluster.test.example' },
      { budgetsMs: budgets, nameServers: [dns.address] },
    )
    expect((reports as Reports).READ?.status).toBe('PASSED')
  })

  it('is left with no socket more after thirty tests than after the first', { timeout: 60_000 }, async () => {
    await using server = await start()
    await test(config(server.port, 'clear'))
    const [child] = driverPids()
    const before = openSockets(child ?? 0)
    for (let run = 0; run < 30; run++) {
      const { outcome } = await test(config(server.port, 'clear'))
      expect(outcome).toEqual({ kind: 'COMPLETED' })
    }
    expect(driverPids()).toEqual([child])
    await vi.waitFor(() => expect(openSockets(child ?? 0)).toBeLessThanOrEqual(before), { timeout: 2_000 })
    expect(server.signIns).toHaveLength(31)
  })

  it('works over TLS as within the program', { timeout: 60_000 }, async () => {
    await using server = await start({ tls: { certificate } })
    const { outcome, reports } = await test(config(server.port, 'TLS'))
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expect(Object.values(reports as Reports).map(({ status }) => status)).toEqual(plannedKeys.map(() => 'PASSED'))
    expect(await query(config(server.port, 'TLS'))).toMatchObject({ kind: 'RESULT' })
  })

  it('that falls silent at any stage is used again, or gone', { timeout: 60_000 }, async () => {
    for (const stage of ['ACCEPT', 'hello', 'signInHello', 'saslContinue', 'buildInfo', 'find', 'endSessions']) {
      await using server = await start({ at: { [stage]: () => {} } })
      const { outcome } = await test(config(server.port, 'clear'), budgetsOf(300))
      expect(outcome).toEqual({ kind: 'COMPLETED' })
      await vi.waitFor(() => expect(server.openConnections).toBe(0), { timeout: 2_000, interval: 5 })
      await vi.waitFor(() => expect(driverPids().length).toBeLessThanOrEqual(1), { timeout: 2_000, interval: 5 })
    }
  })
})
