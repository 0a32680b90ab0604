import { getEventListeners } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import { DnsDouble } from '../../servers/dns-double.ts'
import { HostileMysql, resultOf, type Script } from '../../servers/hostile-mysql.ts'
import { errorPacket, status } from '../../servers/hostile-mysql-packets.ts'
import { rows } from '../../servers/hostile-mysql-statements.ts'
import { BlackHole } from '../../servers/hostile-servers.ts'
import { queryMysql, testMysql } from '../../servers/mysql-run.ts'
import type { RunOptions } from '../../servers/type-run.ts'
import { ann, certificate, config, type Line } from './hostile-run.ts'

/** Something that makes one step wait for ever. */
interface Stall extends AsyncDisposable {
  readonly port: number
  readonly change?: Readonly<Record<string, unknown>>
  readonly options?: RunOptions
  /** Throws until the step has got as far as it will. */
  reached(): void
  /** Throws while something of the test is left on the other side. */
  gone(): void
}

/** A server that falls silent at this stage; statements of which it has begun are to be killed, on a second connection. */
const silentAt = (stage: string, kills: boolean) => async (): Promise<Stall> => {
  let silences = 0
  const at = {
    [stage]: () => {
      silences += 1
    },
  }
  const server = await HostileMysql.start({ account: ann, certificate, at })
  return {
    port: server.port,
    reached: () => expect(silences).toBe(1),
    gone: () => {
      expect(server.openConnections).toBe(0)
      expect(server.kills).toEqual(kills ? [101] : [])
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

const stalls: readonly (readonly [step: StepKey, stage: string, start: () => Promise<Stall>])[] = [
  [
    'RESOLVE',
    'the name server',
    async () => {
      const dns = await DnsDouble.start({ 'silent.test': 'SILENT' })
      return {
        port: 3306,
        change: { host: 'silent.test' },
        options: { nameServers: [dns.address] },
        reached: () => expect(dns.questions.length).toBeGreaterThan(0),
        gone: () => {},
        [Symbol.asyncDispose]: () => dns[Symbol.asyncDispose](),
      }
    },
  ],
  [
    'CONNECT',
    'the port',
    async () => {
      const hole = await BlackHole.start()
      return {
        port: hole.port,
        reached: () => {},
        gone: () => {},
        [Symbol.asyncDispose]: () => hole[Symbol.asyncDispose](),
      }
    },
  ],
  ['GREET', 'GREETING', silentAt('GREETING', false)],
  ['SECURE', 'HANDSHAKE', silentAt('HANDSHAKE', false)],
  ['SIGN_IN', 'AUTH_MORE', silentAt('AUTH_MORE', false)],
  ['SIGN_IN', 'WHO', silentAt('WHO', false)],
  ['OPEN', 'BEGIN', silentAt('BEGIN', true)],
  ['OPEN', 'OPEN', silentAt('OPEN', true)],
  ['READ', 'CANDIDATES', silentAt('CANDIDATES', true)],
  ['READ', 'READ', silentAt('READ', true)],
  ['LEAST_PRIVILEGE', 'GRANTS', silentAt('GRANTS', true)],
  ['LEAST_PRIVILEGE', 'ROUTINES', silentAt('ROUTINES', true)],
]

const waiting = () =>
  process.getActiveResourcesInfo().filter(resource => /^(TCP|TLS|QUERY|Query|PIPE|UDP)/.test(resource)).length

describe('cancelling the test of a MySQL connector', () => {
  it.each(stalls)('while %s waits for %s ends it at once and leaves nothing', async (key, _, start) => {
    await using hindrance = await start()
    const before = waiting()
    const cancel = new AbortController()
    const started = Promise.withResolvers<void>()
    const run = testMysql(config(hindrance.port, 'TLS', hindrance.change), {
      ...hindrance.options,
      // Without the cancellation the suite's own time limit would be the first to end it.
      budgetsMs: { [key]: 60_000 },
      signal: cancel.signal,
      onStep: message => {
        if (message.kind === 'STEP_STARTED' && message.stepId === key) started.resolve()
      },
    })
    await started.promise
    await vi.waitFor(() => hindrance.reached(), { timeout: 5_000 })
    cancel.abort()
    const reports = await run
    expect(reports[key]?.status).toBe('CANCELLED')
    await vi.waitFor(() => hindrance.gone(), { timeout: 5_000 })
    await vi.waitFor(() => expect(waiting()).toBeLessThanOrEqual(before), { timeout: 5_000 })
    expect(getEventListeners(cancel.signal, 'abort')).toEqual([])
  })
})

describe('cancelling a query of a MySQL connector', () => {
  /** Runs it until the server is at the statement, cancels, and answers what the server then saw. */
  async function cancelled(line: Line, at: Script = {}, text = 'select sleep(60)'): Promise<HostileMysql> {
    const begun = Promise.withResolvers<void>()
    const interrupted = Promise.withResolvers<void>()
    const server = await HostileMysql.start({
      account: ann,
      ...(line === 'TLS' && { certificate }),
      at: {
        QUERY: async peer => {
          begun.resolve()
          await peer.interrupted
          interrupted.resolve()
          return errorPacket(1317, 'Query execution was interrupted', '70100')
        },
        ...at,
      },
    })
    await using _ = server
    const cancel = new AbortController()
    const run = queryMysql(config(server.port, line), { sql: { text } }, { signal: cancel.signal })
    const outcome = expect(run).rejects.toThrow()
    await begun.promise
    cancel.abort()
    await outcome
    if (Object.keys(at).length === 0) await interrupted.promise
    await vi.waitFor(() => expect(server.openConnections).toBe(0), { timeout: 5_000 })
    return server
  }

  it.each(['clear', 'TLS'] as const)('kills the statement on a second connection like the first (%s)', async line => {
    const server = await cancelled(line)
    expect(server.connections).toBe(2)
    expect(server.kills).toEqual([101])
    expect(server.logins.map(({ username }) => username)).toEqual(['ann', 'ann'])
    const flags = server.logins.map(({ capabilities }) => capabilities)
    expect(flags[1]).toBe(flags[0])
  })

  it('leaves nothing when the server does not answer the second connection', async () => {
    const silent = await cancelled('TLS', { KILL: () => {} })
    expect(silent.kills).toEqual([101])
    let greetings = 0
    const closed = await cancelled('clear', {
      GREETING: (peer, greeting) => {
        greetings += 1
        if (greetings === 1) return greeting
        peer.reset()
        return undefined
      },
    })
    expect(closed.kills).toEqual([])
  })

  it.each([
    ['another statement', [['select sleep(61)']]],
    ['nothing', [[null]]],
    ['no such connection', []],
  ] as const)('kills nothing where the number stands for somebody else, as behind a proxy: %s', async (_, listed) => {
    const server = await cancelled('TLS', {
      PROCESS: () => [...resultOf(rows('PROCESS', ['INFO'], ...listed), status.AUTOCOMMIT)],
    })
    expect(server.statements.at(-1)).toMatch(/PROCESSLIST WHERE ID = 101$/)
    expect(server.kills).toEqual([])
  })

  it('knows its statement by what servers make of it in their lists', async () => {
    const at: Script = {
      PROCESS: () => [
        ...resultOf(rows('PROCESS', ['INFO'], ["select sleep(60), '????' /* ? */ + 1"]), status.AUTOCOMMIT),
      ],
    }
    const server = await cancelled('TLS', at, " \n select sleep(60),\t'😀' /* é */ + 1")
    expect(server.kills).toEqual([101])
  })

  it.each(['GREETING', 'HANDSHAKE', 'AUTH_MORE', 'WHO', 'MODES', 'FENCED', 'BEGIN'])(
    'ends at once while the server is silent at %s',
    async stage => {
      const silent = Promise.withResolvers<void>()
      const at = { [stage]: () => silent.resolve() }
      await using server = await HostileMysql.start({ account: ann, certificate, at })
      const cancel = new AbortController()
      const text = 'select n from numbers'
      const run = queryMysql(config(server.port, 'TLS'), { sql: { text } }, { signal: cancel.signal })
      const outcome = expect(run).rejects.toThrow()
      await silent.promise
      cancel.abort()
      await outcome
      await vi.waitFor(() => expect(server.openConnections).toBe(0), { timeout: 5_000 })
      expect(server.statements).not.toContain(text)
    },
  )

  it('signs in once for a query that ends, and kills nothing', async () => {
    await using server = await HostileMysql.start({ account: ann, certificate })
    const outcome = await queryMysql(config(server.port, 'TLS'), { sql: { text: 'select n from numbers' } })
    expect(outcome).toMatchObject({ kind: 'RESULT' })
    expect(server.logins).toHaveLength(1)
    expect(server.kills).toEqual([])
  })
})
