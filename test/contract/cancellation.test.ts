import { getEventListeners } from 'node:events'
import { describe, expect, test, vi } from 'vitest'
import { fixtures, registered } from './fixtures.ts'
import { places, usePlaces } from './places.ts'
import { planOf, sceneCases, stepsOf } from './scenes.ts'

usePlaces()

describe.each(places)('cancelling a test $where', place => {
  test.each(sceneCases)('of $name while $step waits ends it there, and leaves nothing', async ({ fixture, start }) => {
    await using scene = await start()
    const { stepId } = scene
    const cancel = new AbortController()
    const started = Promise.withResolvers<void>()
    const reports = await place.leavesNothing(fixture.type, scene.left, async () => {
      const run = place.test(fixture.type, scene.input, {
        ...scene.surroundings,
        // Without the cancellation the suite's own time limit would be the first to end it.
        budgetsMs: { [stepId]: 60_000 },
        signal: cancel.signal,
        onStep: message => {
          if (message.kind === 'STEP_STARTED' && message.stepId === stepId) started.resolve()
        },
      })
      await Promise.race([started.promise, run])
      await vi.waitFor(() => scene.reached(), { timeout: 5_000, interval: 5 })
      cancel.abort()
      return run
    })
    expect(getEventListeners(cancel.signal, 'abort')).toEqual([])
    const ids = planOf(fixture, scene.input).map(({ id }) => id)
    const at = ids.indexOf(stepId)
    expect(Object.keys(reports)).toEqual(ids)
    for (const id of ids.slice(0, at)) expect(['PASSED', 'WARNING'], id).toContain(reports[id]?.status)
    const ended = ids.slice(at).map(id => reports[id])
    const cancelled = { status: 'CANCELLED', problem: null, evidence: [] }
    expect(ended).toEqual(ended.map(() => expect.objectContaining(cancelled)))
    // What had not begun took no time.
    expect(ended.map(report => report?.durationMs !== null)).toEqual(ended.map((_, index) => index === 0))
  })
})

test.each(registered)('every step of $name is one of the cases, or cannot be silent', ({ name, fixture }) => {
  const cases = sceneCases.filter(each => each.fixture === fixtures[name]).map(({ step }) => step)
  expect(cases.length).toBeGreaterThan(0)
  const silent = Object.keys(fixture.neverSilent)
  expect(
    stepsOf(fixture)
      .filter(key => !cases.includes(key))
      .sort(),
  ).toEqual(silent.sort())
})
