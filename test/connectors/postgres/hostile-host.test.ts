import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import type { ConnectorHost } from '../../../src/connectors/host/connector-host.ts'
import { residentMb } from '../../../src/connectors/host/resident-memory.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { proves } from '../../proofs/proves.ts'
import { type Behaviour, HostilePostgres, type Script } from '../../servers/hostile-postgres.ts'
import {
  announcing,
  authentication,
  complete,
  dataRow,
  errorResponse,
  message,
  ready,
  rowDescription,
} from '../../servers/hostile-postgres-messages.ts'
import { driverPids, realHost } from '../../servers/type-host.ts'
import { expectFailure } from './expectations.ts'
import { hostQuery, hostTest } from './hostile-host.ts'
import { config, password } from './hostile-run.ts'

const megabyte = Buffer.alloc(1_048_576, 0x78)
/** A row of one value of so many megabytes, really sent as far as anybody takes it. */
const value =
  (megabytes: number, before: readonly Buffer[], last: readonly Buffer[]): Behaviour =>
  async peer => {
    const head = Buffer.alloc(6)
    head.writeInt16BE(1, 0)
    head.writeInt32BE(megabytes * 1_048_576, 2)
    await peer.send(...before, announcing('D', 6 + megabytes * 1_048_576, head))
    for (let sent = 0; sent < megabytes && !peer.closed; sent++) await peer.send(megabyte)
    return Buffer.concat(last)
  }
const repeated =
  (bytes: Buffer, before: readonly Buffer[] = []): Behaviour =>
  async peer => {
    await peer.send(...before)
    const many = Buffer.concat(Array.from({ length: Math.ceil(65_536 / bytes.length) }, () => bytes))
    while (!peer.closed) await peer.send(many)
  }
const end = [complete('SELECT 1'), ready('T')]
const column = rowDescription([{ name: 'database' }])
const budgetMs = 8_000
const budgets = Object.fromEntries(
  ['GREET', 'SECURE', 'SIGN_IN', 'OPEN', 'READ', 'LEAST_PRIVILEGE'].map(key => [key, budgetMs]),
)
/** A child that has loaded the driver takes some 100 MB, and a value of 20 MB several times its size; it is killed at 400. */
const maxResidentMb = 380

let host: ConnectorHost
beforeAll(() => {
  host = realHost()
})
afterAll(async () => {
  await host.close()
  await vi.waitFor(() => expect(driverPids()).toEqual([]))
})

/** Runs it against the double, and asserts that one child is left that serves the next one: the same, or one in place of one that has grown. */
async function survives<T>(at: Script, run: (port: number) => Promise<T>): Promise<T> {
  await using server = await HostilePostgres.start({ at, password })
  await using sound = await HostilePostgres.start({ password })
  // The child that will be had, with the driver loaded.
  expect(await hostQuery(host, config(sound.port, 'clear'))).toMatchObject({ kind: 'RESULT' })
  const before = driverPids()
  expect(before).toHaveLength(1)
  const peaks: number[] = []
  const watch = setInterval(() => peaks.push(residentMb(before[0] ?? 0) ?? 0), 20)
  const result = await run(server.port).finally(() => clearInterval(watch))
  expect(Math.max(0, ...peaks)).toBeLessThan(maxResidentMb)
  await vi.waitFor(() => expect(server.openConnections).toBe(0), { timeout: 2_000, interval: 5 })
  expect(await hostQuery(host, config(sound.port, 'clear'))).toMatchObject({ kind: 'RESULT' })
  await vi.waitFor(() => expect(driverPids()).toHaveLength(1), { timeout: 2_000, interval: 5 })
  return result
}

describe('a child of the connector host, tested against a hostile PostgreSQL server', () => {
  it.each<[string, Script, StepKey, ProblemCode]>([
    ['sends one value of 600 MB', { OPEN: value(600, [column], end) }, 'OPEN', 'PROTOCOL_VIOLATION'],
    ['sends one value of 15 MB', { OPEN: value(15, [column], end) }, 'OPEN', 'PROTOCOL_VIOLATION'],
    [
      'sends an error of 64 MB',
      { OPEN: repeated(errorResponse('XX000', 'x'.repeat(64 * 1_048_576))) },
      'OPEN',
      'PROTOCOL_VIOLATION',
    ],
    ['sends empty rows for ever', { OPEN: repeated(dataRow([]), [rowDescription([])]) }, 'OPEN', 'PROTOCOL_VIOLATION'],
    [
      'announces 2 GB',
      { SASL_FINAL: peer => peer.send(announcing('R', 2 ** 31 - 5), megabyte) },
      'SIGN_IN',
      'PROTOCOL_VIOLATION',
    ],
    // Its reader would look for their end for ever.
    [
      'sends an error without an end',
      { OPEN: peer => peer.send(message('E', 'SERROR\0')) },
      'OPEN',
      'PROTOCOL_VIOLATION',
    ],
    // Computed, these would take ten seconds and half an hour.
    [
      'asks for ten million rounds of SCRAM',
      { SASL_CONTINUE: rounds(10_000_000) },
      'SIGN_IN',
      'AUTH_METHOD_UNSUPPORTED',
    ],
    ['asks for 2^31 rounds of SCRAM', { SASL_CONTINUE: rounds(2 ** 31) }, 'SIGN_IN', 'AUTH_METHOD_UNSUPPORTED'],
    [
      'asks for nothing that the driver knows',
      { STARTUP: peer => peer.send(authentication(7)) },
      'SIGN_IN',
      'AUTH_METHOD_UNSUPPORTED',
    ],
    [
      'has an error of which every part looks like one that is known',
      { OPEN: () => Buffer.concat([errorResponse('28000', 'no pg_hba.conf entry '.repeat(350_000)), ready('E')]) },
      'OPEN',
      'HOST_RULE_REJECTED',
    ],
  ])('that %s is told as it is, and the next one served', { timeout: 60_000 }, async (_, at, step, code) => {
    const { outcome, reports } = await survives(at, port => hostTest(host, config(port, 'clear'), budgets))
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expectFailure(reports, step, code)
    expect(reports[step]?.durationMs).toBeLessThan(budgetMs)
    proves('POSTGRES', code, 'DOUBLE')
  })

  it.each<[string, Script, ProblemCode]>([
    ['one value of 600 MB', { QUERY_ROWS: value(600, [], [message('s')]) }, 'RESULT_TOO_LARGE'],
    ['rows for ever', { QUERY_ROWS: repeated(dataRow(['x'.repeat(100)])) }, 'RESULT_TOO_LARGE'],
    ['rows of one byte for ever', { QUERY_ROWS: repeated(dataRow(['x'])) }, 'RESULT_TOO_LARGE'],
  ])(
    'that sends %s to a preview is told as it is, and the next one served',
    { timeout: 60_000 },
    async (_, at, code) => {
      const outcome = await survives(at, port => hostQuery(host, config(port, 'clear')))
      expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code } })
      proves('POSTGRES', code, 'DOUBLE')
    },
  )

  it('that sends one value of 20 MB to a preview of 1 MB leaves it out', { timeout: 60_000 }, async () => {
    const at = { QUERY_ROWS: value(20, [], [message('s')]) }
    const outcome = await survives(at, port => hostQuery(host, config(port, 'clear')))
    expect(outcome).toMatchObject({ kind: 'RESULT', result: { rows: [], truncated: true } })
  })

  it('that falls silent at any stage is used again, or gone', async () => {
    for (const stage of ['ACCEPT', 'STARTUP', 'SASL_FINAL', 'READY', 'OPEN', 'CANDIDATES_ROWS', 'GOODBYE']) {
      await using server = await HostilePostgres.start({ at: { [stage]: () => {} }, password })
      const { outcome } = await hostTest(
        host,
        config(server.port, 'clear'),
        Object.fromEntries(Object.keys(budgets).map(key => [key, 300])),
      )
      expect(outcome).toEqual({ kind: 'COMPLETED' })
      await vi.waitFor(() => expect(server.openConnections).toBe(0), { timeout: 2_000, interval: 5 })
      await vi.waitFor(() => expect(driverPids().length).toBeLessThanOrEqual(1), { timeout: 2_000, interval: 5 })
    }
  })
})

function rounds(count: number): Behaviour {
  return (_, answer) => authentication(11, answer.subarray(9).toString().replace(/i=\d+/, `i=${count}`))
}
