import { describe, expect, test } from 'vitest'
import { proves } from '../proofs/proves.ts'
import { child, usePlaces } from './places.ts'
import { distinctCases, planOf } from './scenes.ts'

usePlaces()

/** Long enough for what comes before the silence in the same step, such as an SSH key exchange, on a busy machine. */
const budgetMs = 1_000
/** What a step may take beyond its budget, on a busy machine. */
const graceMs = 2_000

// That a type tidies up by itself is shown by what ends in the same way, by cancelling it.
describe('a test in a child of the connector host', () => {
  test.each(distinctCases)('of $name ends $step at its own budget, says so there, and leaves nothing', async each => {
    const { name, fixture, timeout, ends } = each
    await using scene = await each.start()
    const { stepId } = scene
    const reports = await child.leavesNothing(fixture.type, scene.left, () =>
      child.test(fixture.type, scene.input, { ...scene.surroundings, budgetsMs: { [stepId]: budgetMs } }),
    )
    await scene.reached()
    const ids = planOf(fixture, scene.input).map(({ id }) => id)
    const at = ids.indexOf(stepId)
    expect(Object.keys(reports)).toEqual(ids)
    for (const id of ids.slice(0, at)) expect(['PASSED', 'WARNING'], id).toContain(reports[id]?.status)

    const report = reports[stepId]
    expect(report).toMatchObject({ status: ends, problem: { code: timeout } })
    expect(fixture.type.problems).toContain(timeout)
    // A step may end a little earlier by itself, to show what it has.
    expect(report?.durationMs).toBeGreaterThanOrEqual(budgetMs * 0.75)
    expect(report?.durationMs).toBeLessThan(budgetMs + graceMs)
    // What it goes on without had a share of the budget.
    if (ends === 'FAILED') expect(report?.problem?.message).toContain(`${budgetMs / 1_000} s`)
    expect(report?.problem?.message).not.toMatch(/\?|undefined|null|NaN|[{}]|\[object/)

    const later = ids.slice(at + 1).map(id => reports[id])
    const skipped = { status: 'SKIPPED', blockedBy: stepId, problem: null, evidence: [], durationMs: null }
    const after = ends === 'FAILED' ? skipped : { status: expect.stringMatching(/^(PASSED|WARNING)$/) }
    expect(later).toEqual(later.map(() => expect.objectContaining(after)))
    // The simulator says what it is told to.
    if (fixture.type.category !== 'DEVELOPMENT') proves(name, timeout, 'DOUBLE')
  })
})
