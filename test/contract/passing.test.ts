import { describe, expect, test } from 'vitest'
import type { PlannedStep, StepKey } from '../../src/connectors/connection-test.ts'
import type { HostedReports } from '../servers/type-host.ts'
import { registered } from './fixtures.ts'
import { type Place, places, usePlaces } from './places.ts'
import { direct, hasTunnel, planOf, type Scene, throughTunnel } from './scenes.ts'
import type { TypeFixture } from './type-fixture.ts'

usePlaces()

/** What became of every step: its problem, if it has one. */
const outcomes = (reports: HostedReports) =>
  Object.entries(reports).map(([id, { status, problem }]) => ({ id, status, code: problem?.code ?? null }))

const expected = (plan: readonly PlannedStep[], warnings: NonNullable<TypeFixture['warnings']>) =>
  plan.map(({ id, key }) => {
    const code = warnings[id] ?? warnings[key] ?? null
    return { id, status: code === null ? 'PASSED' : 'WARNING', code }
  })

const served = registered.flatMap(({ name, fixture }) => fixture.served.map(input => ({ name, fixture, input })))

/** Runs a test to its end, and asserts that every step passed, showed something, and left nothing. */
async function assertPasses(place: Place, fixture: TypeFixture, scene: Omit<Scene, 'stepId' | 'reached'>) {
  const run = () => place.test(fixture.type, scene.input, scene.surroundings)
  const reports = await place.leavesNothing(fixture.type, scene.left, run)
  const plan = planOf(fixture, scene.input)
  expect(outcomes(reports), JSON.stringify(reports)).toEqual(expected(plan, fixture.warnings ?? {}))
  // Addresses are not shown before EGRESS has passed, and an account without rights to write has nothing to show.
  const mayBeSilent: readonly StepKey[] = ['RESOLVE', 'LEAST_PRIVILEGE']
  const silent = plan.filter(({ id, key }) => !mayBeSilent.includes(key) && reports[id]?.evidence.length === 0)
  expect(silent.map(({ id }) => id)).toEqual([])
}

const tunnelled = registered.filter(({ fixture }) => hasTunnel(fixture))

describe.each(places)('a test $where', place => {
  test.each(served)('of $name, "$input", passes step by step, and leaves nothing', async ({ fixture, input }) => {
    await using server = await fixture.start({ input })
    await assertPasses(place, fixture, direct(server))
  })

  test.each(tunnelled)('of $name passes through a tunnel, and leaves nothing', async ({ fixture }) => {
    await using scene = await throughTunnel(await fixture.start())
    await assertPasses(place, fixture, scene)
  })
})
