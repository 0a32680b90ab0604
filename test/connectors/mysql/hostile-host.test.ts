import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import type { ConnectorHost } from '../../../src/connectors/host/connector-host.ts'
import { residentMb } from '../../../src/connectors/host/resident-memory.ts'
import { mysql } from '../../../src/connectors/mysql/index.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { type Behaviour, HostileMysql, resultOf, type Script } from '../../servers/hostile-mysql.ts'
import {
  authMore,
  columnCount,
  columnDefinition,
  endOfRows,
  errorPacket,
  localInfile,
  ok,
  status,
  textRow,
} from '../../servers/hostile-mysql-packets.ts'
import { driverPids, hostTypeQuery, hostTypeTest, realHost } from '../../servers/type-host.ts'
import type { Reports } from '../../servers/type-run.ts'
import { expectFailure, expectPass, expectQueryProblem } from './expectations.ts'
import { ann, certificate, config } from './hostile-run.ts'

const inTransaction = status.AUTOCOMMIT | status.IN_TRANSACTION | status.READ_ONLY
const header = [columnCount(1), columnDefinition({ name: 'n' }), endOfRows(inTransaction)]
const piece = Buffer.alloc(0xff_ffff, 0x78)
/** A row of one value of so many megabytes, really sent as far as anybody takes it. */
const giant =
  (megabytes: number): Behaviour =>
  async peer => {
    await peer.send(peer.frame(...header))
    for (let left = megabytes * 1_048_576; left > 0 && !peer.closed; left -= piece.length)
      await peer.send(peer.frameAnnouncing(piece.length, piece))
  }
const repeated =
  (packet: Buffer, ...before: readonly Buffer[]): Behaviour =>
  async peer => {
    await peer.send(peer.frame(...before))
    // Numbers begin again after 256 packets, so that the same bytes can be sent again and again.
    const many = peer.frame(...Array.from({ length: 256 * Math.ceil(256 / (packet.length + 4)) }, () => packet))
    while (!peer.closed) await peer.send(many)
  }
const only =
  (...payloads: readonly Buffer[]): Behaviour =>
  async peer => {
    await peer.send(peer.frame(...payloads))
  }

const budgetMs = 8_000
const keys: readonly StepKey[] = ['GREET', 'SECURE', 'SIGN_IN', 'OPEN', 'READ', 'LEAST_PRIVILEGE']
const budgetsOf = (milliseconds: number) => Object.fromEntries(keys.map(key => [key, milliseconds]))
const query = { sql: { text: 'select n from numbers' } }
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
  await using server = await HostileMysql.start({ at, account: ann, certificate })
  await using sound = await HostileMysql.start({ account: ann, certificate })
  // The child that will be had, with the driver loaded.
  expect(await hostTypeQuery(host, mysql, config(sound.port, 'TLS'), query)).toMatchObject({ kind: 'RESULT' })
  const before = driverPids()
  expect(before).toHaveLength(1)
  const peaks: number[] = []
  const watch = setInterval(() => peaks.push(residentMb(before[0] ?? 0) ?? 0), 20)
  const result = await run(server.port).finally(() => clearInterval(watch))
  expect(Math.max(0, ...peaks)).toBeLessThan(maxResidentMb)
  await vi.waitFor(() => expect(server.openConnections).toBe(0), { timeout: 2_000, interval: 5 })
  expect(await hostTypeQuery(host, mysql, config(sound.port, 'TLS'), query)).toMatchObject({ kind: 'RESULT' })
  await vi.waitFor(() => expect(driverPids()).toHaveLength(1), { timeout: 2_000, interval: 5 })
  return result
}

describe('a child of the connector host', () => {
  it('tests and queries a sound MySQL server, with the driver that it has in its sandbox', async () => {
    await using server = await HostileMysql.start({ account: { ...ann, cached: false }, certificate })
    const { outcome, reports } = await hostTypeTest(host, mysql, config(server.port, 'TLS'))
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expect(expectPass(reports as Reports)).toEqual({})
    expect(await hostTypeQuery(host, mysql, config(server.port, 'TLS'), query)).toMatchObject({
      kind: 'RESULT',
      result: { rows: [['one'], ['two']] },
    })
  })
})

describe('a child of the connector host, tested against a hostile MySQL server', () => {
  it.each<[string, Script, StepKey, ProblemCode]>([
    ['sends one value of 600 MB', { OPEN: giant(600) }, 'OPEN', 'PROTOCOL_VIOLATION'],
    [
      'sends an error of 64 MB',
      { OPEN: only(errorPacket(1105, 'x'.repeat(64 * 1_048_576))) },
      'OPEN',
      'PROTOCOL_VIOLATION',
    ],
    ['sends empty rows for ever', { OPEN: repeated(textRow(['']), ...header) }, 'OPEN', 'PROTOCOL_VIOLATION'],
    [
      'announces 16 MB',
      { WELCOME: async peer => peer.send(peer.frameAnnouncing(0xff_ffff), Buffer.alloc(65_536)) },
      'SIGN_IN',
      'PROTOCOL_VIOLATION',
    ],
    ['asks for a file of the child', { OPEN: only(localInfile('/proc/self/environ')) }, 'OPEN', 'PROTOCOL_VIOLATION'],
    [
      'asks for the password in rounds',
      { AUTH_MORE: repeated(authMore(Buffer.from([3]))) },
      'SIGN_IN',
      'PROTOCOL_VIOLATION',
    ],
    ['has a million columns', { OPEN: only(columnCount(1_000_000)) }, 'OPEN', 'PROTOCOL_VIOLATION'],
    ['is cut off in an OK', { BEGIN: only(Buffer.from([0])) }, 'OPEN', 'PROTOCOL_VIOLATION'],
    ['welcomes without end', { BEGIN: repeated(ok(inTransaction)) }, 'OPEN', 'PROTOCOL_VIOLATION'],
    [
      'names columns like properties of every object',
      {
        OPEN: () =>
          resultOf({ stage: '', columns: [{ name: '__proto__' }], rows: [['{"polluted":true}']] }, inTransaction),
      },
      'OPEN',
      'PROTOCOL_VIOLATION',
    ],
  ])('that %s is told as it is, and the next one served', { timeout: 60_000 }, async (_, at, step, code) => {
    const { outcome, reports } = await survives(at, port =>
      hostTypeTest(host, mysql, config(port, 'TLS'), { budgetsMs: budgetsOf(budgetMs) }),
    )
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    const known = reports as Reports
    expectFailure(known, step, code)
    expect(known[step]?.durationMs).toBeLessThan(budgetMs)
  })

  it.each<[string, Script, ProblemCode | 'TRUNCATED']>([
    ['one value of 600 MB', { QUERY: giant(600) }, 'RESULT_TOO_LARGE'],
    ['rows for ever', { QUERY: repeated(textRow(['x'.repeat(100)]), ...header) }, 'TRUNCATED'],
    ['rows of one byte for ever', { QUERY: repeated(textRow(['x']), ...header) }, 'TRUNCATED'],
    ['a request for a file', { QUERY: only(localInfile('/etc/passwd')) }, 'PROTOCOL_VIOLATION'],
  ])(
    'that sends %s to a preview is told as it is, and the next one served',
    { timeout: 60_000 },
    async (_, at, expected) => {
      const outcome = await survives(at, port => hostTypeQuery(host, mysql, config(port, 'TLS'), query))
      if (expected === 'TRUNCATED') expect(outcome).toMatchObject({ kind: 'RESULT', result: { truncated: true } })
      else expectQueryProblem(outcome, { code: expected })
    },
  )

  it('that falls silent at any stage is used again, or gone', async () => {
    for (const stage of [
      'GREETING',
      'AUTH_MORE',
      'WELCOME',
      'WHO',
      'OPEN',
      'CANDIDATES',
      'GRANTS',
      'KILL',
      'GOODBYE',
    ]) {
      const at = { [stage]: () => {}, ...(stage === 'KILL' && { OPEN: () => {} }) }
      await using server = await HostileMysql.start({ at, account: ann, certificate })
      const { outcome } = await hostTypeTest(host, mysql, config(server.port, 'TLS'), { budgetsMs: budgetsOf(300) })
      expect(outcome, stage).toEqual({ kind: 'COMPLETED' })
      await vi.waitFor(() => expect(server.openConnections, stage).toBe(0), { timeout: 3_000, interval: 5 })
      await vi.waitFor(() => expect(driverPids().length).toBeLessThanOrEqual(1), { timeout: 3_000, interval: 5 })
    }
  })
})
