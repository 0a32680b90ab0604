import { getEventListeners } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import { DnsDouble } from '../../servers/dns-double.ts'
import { BlackHole, silentServer } from '../../servers/hostile-servers.ts'
import { testMongodb } from '../../servers/mongodb-run.ts'
import type { RunOptions } from '../../servers/type-run.ts'
import { config, startDouble } from './hostile-run.ts'

/** Something that makes one step wait for ever. */
interface Stall extends AsyncDisposable {
  readonly input: Record<string, unknown>
  readonly options?: RunOptions
  /** Throws until the step has got as far as it will. */
  reached(): void
  /** Throws while something of the test is left on the other side. */
  gone(): void
}

/** A sound server that falls silent at a stage. */
async function silentAt(stage: string): Promise<Stall> {
  let silences = 0
  const silence = () => {
    silences += 1
  }
  const server = await startDouble('clear', { at: { [stage]: silence } })
  return {
    input: config(server.port, 'clear'),
    reached: () => expect(silences).toBeGreaterThan(0),
    gone: () => {
      expect(server.openConnections).toBe(0)
      expect(server.openCursors).toBe(0)
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

const stalls: { readonly [K in StepKey]?: () => Promise<Stall> } = {
  RESOLVE: async () => {
    const dns = await DnsDouble.start({ 'silent.test': 'SILENT' })
    return {
      input: config(0, 'clear', { hosts: [{ host: 'silent.test' }] }),
      options: { nameServers: [dns.address] },
      reached: () => expect(dns.questions.length).toBeGreaterThan(0),
      gone: () => {},
      [Symbol.asyncDispose]: () => dns[Symbol.asyncDispose](),
    }
  },
  CONNECT: async () => {
    const hole = await BlackHole.start()
    return {
      input: config(hole.port, 'clear'),
      reached: () => {},
      gone: () => {},
      [Symbol.asyncDispose]: () => hole[Symbol.asyncDispose](),
    }
  },
  SECURE: async () => {
    const peer = await silentServer()
    return {
      input: config(peer.port, 'TLS'),
      reached: () => expect(peer.received.length).toBeGreaterThan(0),
      gone: () => expect(peer.openConnections).toBe(0),
      [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
    }
  },
  GREET: () => silentAt('hello'),
  TOPOLOGY: async () => {
    // Its other member accepts, and says nothing.
    const peer = await silentServer()
    const server = await startDouble('clear', {
      hello: () => ({
        isWritablePrimary: false,
        ismaster: false,
        secondary: true,
        setName: 'rs0',
        hosts: [server.host, `127.0.0.1:${peer.port}`],
        me: server.host,
      }),
    })
    return {
      input: config(server.port, 'clear'),
      reached: () => expect(peer.received.length).toBeGreaterThan(0),
      gone: () => expect([peer.openConnections, server.openConnections]).toEqual([0, 0]),
      [Symbol.asyncDispose]: async () => {
        await peer[Symbol.asyncDispose]()
        await server[Symbol.asyncDispose]()
      },
    }
  },
  SIGN_IN: () => silentAt('saslContinue'),
  OPEN: () => silentAt('buildInfo'),
  READ: () => silentAt('find'),
  LEAST_PRIVILEGE: () => silentAt('connectionStatus'),
}

const waiting = () =>
  process.getActiveResourcesInfo().filter(resource => /^(TCP|TLS|QUERY|Query|PIPE|UDP)/.test(resource)).length

describe('cancelling the test of a MongoDB connector', () => {
  it.each(Object.entries(stalls))('while %s waits ends it at once and leaves nothing', async (key, start) => {
    await using hindrance = await start()
    const before = waiting()
    const cancel = new AbortController()
    const started = Promise.withResolvers<void>()
    const run = testMongodb(hindrance.input, {
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
    expect(reports[key as StepKey]?.status).toBe('CANCELLED')
    await vi.waitFor(() => hindrance.gone(), { timeout: 5_000 })
    await vi.waitFor(() => expect(waiting()).toBeLessThanOrEqual(before), { timeout: 5_000 })
    expect(getEventListeners(cancel.signal, 'abort')).toEqual([])
  })
})
