import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type StepKey, stepKeys } from '../../../src/connectors/connection-test.ts'
import { evidenceKinds, problemCodes, remedyKinds } from '../../../src/connectors/simulator/outcomes.ts'
import { issuesOf, planOf, playHere } from './simulate.ts'

const kinds = <K extends string>(table: Readonly<Record<K, unknown>>) =>
  fc.array(fc.constantFrom(...(Object.keys(table) as K[])), { maxLength: 4 })

const detail = fc.string({ unit: fc.constantFrom(...'abc 123'), minLength: 1, maxLength: 40 }).map(text => `x${text}x`)

/** What a step of the property does; a hang is short, and its budget too small for any other delay. */
const step = fc.record({
  outcome: fc.constantFrom('PASSED', 'PASSED', 'WARNING', 'FAILED', 'SKIPPED', 'HANG', 'THROW'),
  problem: fc.constantFrom(...problemCodes),
  detail,
  fields: fc.array(fc.constantFrom('host', 'port', 'auth.password.password', 'no.such.field'), { maxLength: 3 }),
  remedies: kinds(remedyKinds),
  evidence: kinds(evidenceKinds),
  required: fc.boolean(),
  planned: fc.boolean(),
})
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

const script = fc.tuple(...stepKeys.map(() => step)).map(steps => new Map(stepKeys.map((key, at) => [key, steps[at]])))
const steps = script.filter(map => [...map.values()].some(each => each?.planned))

const inputOf = (map: ReadonlyMap<StepKey, Step | undefined>) => ({
  steps: [...map].map(([step, each]) => ({ step, ...each, ...(each?.outcome === 'HANG' && { budgetMs: 50 }) })),
})

/** What the engine must make of a step by itself. */
const statusOf = ({ outcome }: Step) => (outcome === 'HANG' || outcome === 'THROW' ? 'FAILED' : outcome)

it('whatever a script says is what the engine reports', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async map => {
      const input = inputOf(map)
      expect(issuesOf(input)).toEqual({})
      const plan = planOf(input)
      const test = await playHere(input)

      expect(test.steps.map(({ id, budgetMs, required, target }) => ({ id, budgetMs, required, target }))).toEqual(
        plan.map(({ id, budgetMs, required, target }) => ({ id, budgetMs, required, target })),
      )
      expect(new Set(plan.map(({ key }) => key))).toEqual(
        new Set([...map].filter(([, each]) => each?.planned).map(([key]) => key)),
      )
      let blockedBy: string | null = null
      for (const ended of test.steps) {
        const wanted = map.get(ended.key) as Step
        if (blockedBy !== null) {
          const nothing = {
            status: 'SKIPPED',
            blockedBy,
            problem: null,
            evidence: [],
            durationMs: null,
            startedAt: null,
          }
          expect(ended).toMatchObject(nothing)
          continue
        }
        const status = statusOf(wanted)
        expect(ended).toMatchObject({ status, blockedBy: null, required: wanted.required })
        expect(ended.durationMs).not.toBeNull()
        if (wanted.outcome === 'PASSED') expect(ended.problem).toBeNull()
        else if (wanted.outcome === 'THROW') {
          expect(ended.problem).toMatchObject({ code: 'UNCLASSIFIED', detail: expect.stringContaining(ended.id) })
        } else {
          const { problem: code, detail: words, fields } = wanted
          expect(ended.problem).toMatchObject({ code, detail: words, fields })
          expect(ended.problem?.remedies.map(({ kind }) => kind)).toEqual(wanted.remedies)
        }
        if (wanted.outcome !== 'HANG' && wanted.outcome !== 'THROW') {
          const shown = ended.evidence.map(({ kind }) => kind).filter((kind, at, all) => kind !== all[at - 1])
          expect(shown).toEqual(wanted.evidence.filter((kind, at, all) => kind !== all[at - 1]))
        }
        if (wanted.required && (status === 'FAILED' || status === 'SKIPPED')) blockedBy = ended.id
      }
      const ran = test.steps.filter(each => each.blockedBy === null)
      const bad = ran.some(each => each.problem !== null)
      expect(test.status).toBe(blockedBy !== null ? 'FAILED' : bad ? 'PASSED_WITH_WARNINGS' : 'PASSED')
    }),
    { numRuns: 150 },
  )
}, 120_000)
