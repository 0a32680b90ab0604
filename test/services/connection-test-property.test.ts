import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StepReport, TestSnapshot } from '../../src/connectors/connection-test.ts'
import { problem } from '../../src/connectors/problem.ts'
import type { Database } from '../../src/db/database.ts'
import { testDatabases } from '../servers/databases.ts'
import {
  ada,
  collect,
  draft,
  foldWhole,
  openTestWorld,
  stepIds,
  stored,
  type TestWorld,
} from './connection-test-world.ts'
import { FakeConnectorHost } from './fake-connector-host.ts'

const fault = problem('UNCLASSIFIED')
const report: fc.Arbitrary<StepReport> = fc
  .constantFrom('PASSED', 'WARNING', 'FAILED', 'SKIPPED', 'CANCELLED')
  .map(status => ({ status, evidence: [], problem: status === 'WARNING' || status === 'FAILED' ? fault : null }))

type Action =
  /** The next step that is open starts and ends, as a well-behaved host tells it. */
  | { readonly kind: 'RUN'; readonly report: StepReport }
  | { readonly kind: 'START' | 'NOTE'; readonly step: string }
  | { readonly kind: 'FINISH'; readonly step: string; readonly report: StepReport }
  | {
      readonly kind:
        | 'TURN'
        | 'SKIP_REST'
        | 'COMPLETE'
        | 'CRASH'
        | 'THROW'
        | 'CANCEL'
        | 'FAIL_WRITE'
        | 'FAIL_AFTER_COMMIT'
        | 'SUBSCRIBE'
        | 'SWEEP'
    }

const step = fc.constantFrom(...stepIds, 'TUNNEL')
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('RUN' as const), report }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('START' as const, 'NOTE' as const), step }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('FINISH' as const), step, report }) },
  { weight: 4, arbitrary: fc.constantFrom('TURN' as const, 'SUBSCRIBE' as const).map(kind => ({ kind })) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('SKIP_REST' as const, 'COMPLETE' as const, 'CRASH' as const, 'THROW' as const, 'CANCEL' as const)
      .map(kind => ({ kind })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('FAIL_WRITE' as const, 'FAIL_AFTER_COMMIT' as const, 'SWEEP' as const)
      .map(kind => ({ kind })),
  },
)

const passing: Action = { kind: 'RUN', report: { status: 'PASSED', evidence: [], problem: null } }
const failing: Action = { kind: 'RUN', report: { status: 'FAILED', evidence: [], problem: fault } }
/** What a host really does, with a disturbance here and there. */
const plausible: fc.Arbitrary<readonly Action[]> = fc
  .tuple(
    fc.nat(stepIds.length),
    fc.constantFrom<readonly Action[]>([], [{ kind: 'CANCEL' }], [{ kind: 'CRASH' }], [failing, { kind: 'SKIP_REST' }]),
    fc.array(fc.tuple(fc.nat(8), action), { maxLength: 2 }),
    fc.boolean(),
  )
  .map(([passed, ending, disturbances, slowly]) => {
    const turn: readonly Action[] = slowly ? [{ kind: 'TURN' }] : []
    const script = [...Array.from({ length: passed }, () => [passing, ...turn]).flat(), ...ending, ...turn]
    for (const [at, disturbance] of disturbances) script.splice(at, 0, disturbance)
    return script
  })
const scripts = fc.oneof(
  { weight: 2, arbitrary: plausible },
  { weight: 1, arbitrary: fc.array(action, { maxLength: 14 }) },
)

/** What no test may claim. */
function assertHonest({ status, steps, problem: why }: TestSnapshot) {
  expect(steps.filter(({ status: state }) => state === 'PENDING' || state === 'RUNNING')).toEqual([])
  expect(status === 'ERRORED').toBe(why !== null)
  for (const each of steps)
    if (['PASSED', 'WARNING', 'FAILED'].includes(each.status)) expect(each.startedAt).not.toBeNull()
  const required = steps.filter(each => each.required)
  if (status === 'PASSED') expect(steps.every(each => each.status === 'PASSED')).toBe(true)
  if (status === 'PASSED_WITH_WARNINGS') {
    expect(required.every(each => each.status === 'PASSED' || each.status === 'WARNING')).toBe(true)
  }
  if (status === 'FAILED')
    expect(required.some(each => each.status === 'FAILED' || each.status === 'SKIPPED')).toBe(true)
  const firstFailure = steps.findIndex(each => each.required && each.status === 'FAILED')
  if (firstFailure !== -1) {
    expect(steps.slice(firstFailure + 1).every(each => each.status === 'SKIPPED' || each.status === 'CANCELLED')).toBe(
      true,
    )
  }
}

describe.each(testDatabases)('whatever the host does, on $name', testDatabase => {
  let world: TestWorld
  const fail: { write: 'BEFORE' | 'AFTER' | null } = { write: null }
  let database: Database
  beforeAll(async () => {
    world = await openTestWorld(testDatabase)
    database = {
      ...world.database,
      async write(work) {
        const how = fail.write
        fail.write = null
        if (how === 'BEFORE') throw new Error('disk full')
        const result = await world.database.write(work)
        if (how === 'AFTER') throw new Error('the line dropped after the commit')
        return result
      },
    }
  })
  afterAll(() => world.close())

  test('a test has one end, no gap, and says nothing that was not measured', async () => {
    const host = new FakeConnectorHost()
    const service = world.openService(host, {
      database,
      limits: { startsPerMinute: 1_000_000 },
      timing: { stopGraceMs: 20, sweepMs: 1_000_000, heartbeatMs: 1_000_000 },
    })
    const sweeper = world.openService(new FakeConnectorHost(), { timing: { sweepMs: 1_000_000 } })
    let hosts = 0
    const run = async (actions: readonly Action[], obeys: boolean) => {
      fail.write = null
      host.obeys = obeys
      const row = await service.start(ada, draft(`random-${hosts++}.example`))
      const job = await host.nextJob()
      const stopped = new Promise(resolve => job.options.signal.addEventListener('abort', resolve))
      const early = collect(service, row.id)
      const others: ReturnType<typeof collect>[] = []
      const background: Promise<unknown>[] = []
      let next = 0
      for (const each of actions) {
        if (each.kind === 'RUN') job.run(stepIds[next++] ?? 'LEAST_PRIVILEGE', each.report)
        else if (each.kind === 'START') job.start(each.step)
        else if (each.kind === 'NOTE') job.note(each.step, 'a note')
        else if (each.kind === 'FINISH') job.finish(each.step, each.report)
        else if (each.kind === 'TURN') await new Promise(resolve => setTimeout(resolve, 1))
        else if (each.kind === 'SKIP_REST') job.skipRest('CONNECT')
        else if (each.kind === 'COMPLETE') job.complete()
        else if (each.kind === 'CRASH') job.crash()
        else if (each.kind === 'THROW') job.outcome.reject(new Error('a bug'))
        else if (each.kind === 'CANCEL') background.push(service.cancel(ada, row.id).catch(() => undefined))
        else if (each.kind === 'FAIL_WRITE') fail.write = 'BEFORE'
        else if (each.kind === 'FAIL_AFTER_COMMIT') fail.write = 'AFTER'
        else if (each.kind === 'SUBSCRIBE') others.push(collect(service, row.id))
        else background.push(sweeper.sweep(new Date(Date.now() + 60_000)))
      }
      // Else the end would nearly always come before a cancellation.
      if (actions.some(each => each.kind === 'CANCEL')) await Promise.race([stopped, ...background])
      job.complete()
      const seen = await early
      await Promise.all(background)
      const { test: end, events } = await stored(world, row)
      const snapshot = foldWhole(events)
      expect(end).toMatchObject({ snapshot, status: snapshot.status, leaseOwner: null })
      assertHonest(snapshot)
      expect(seen.map(progress => progress.event)).toEqual(events)
      expect(seen.at(-1)?.snapshot).toEqual(snapshot)
      for (const other of others) expect(await other).toEqual(seen)
      return snapshot.status
    }
    await fc.assert(
      fc.asyncProperty(scripts, fc.boolean(), async (actions, obeys) => {
        await run(actions, obeys)
      }),
      { numRuns: testDatabase.name === 'sqlite' ? 200 : 60, endOnFailure: true },
    )
    // The scripts are worth something only if they lead everywhere.
    expect(await run([passing, passing, passing, passing], true)).toBe('PASSED')
    expect(await run([passing, failing, { kind: 'SKIP_REST' }], true)).toBe('FAILED')
    expect(await run([passing, { kind: 'CRASH' }], true)).toBe('ERRORED')
    expect(await run([passing, { kind: 'CANCEL' }], true)).toBe('CANCELLED')
    await Promise.all([service.close(), sweeper.close()])
  }, 120_000)
})
