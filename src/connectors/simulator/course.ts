import { type BrowseContext, type Listing, notListed } from '../browse.ts'
import type { SimulatorConfig } from './form.ts'
import { misbehave, takeTime } from './open.ts'
import { simulatedProblem, stepProblem } from './problems.ts'
import { scriptOf, simulatedPlan } from './script.ts'

/** Steps of a test that a list does not take: they come after what it needs. */
const afterwards: readonly string[] = ['READ', 'LEAST_PRIVILEGE']

/**
 * Lists after the way in that a test of the same configuration takes, in the same time and with the same end, as the
 * form's `listing` has it.
 */
export async function inCourse<Item>(
  config: SimulatorConfig,
  { signal, budgetMs }: BrowseContext,
  list: () => Promise<Listing<Item>>,
): Promise<Listing<Item>> {
  const seconds = budgetMs / 1_000
  for (const { key, target, required } of simulatedPlan(config).filter(step => !afterwards.includes(step.key))) {
    const script = scriptOf(config, key, target)
    await takeTime(script, { signal, note: () => {} })
    if (script.outcome === 'PASSED' || script.outcome === 'WARNING') continue
    if (script.outcome !== 'FAILED' && script.outcome !== 'SKIPPED') return misbehave(script.outcome, signal)
    if (required) return notListed(stepProblem(config, key, script, seconds))
  }
  switch (config.listing) {
    case 'ITEMS':
      return list()
    case 'PARTIAL': {
      const listed = await list()
      const problem = simulatedProblem('CONNECTION_RESET', config, { detail: 'every second item is missing', seconds })
      return {
        ...listed,
        items: listed.items.filter((_, index) => index % 2 === 0),
        problem: listed.problem ?? problem,
      }
    }
    case 'FAILED':
      return notListed(simulatedProblem('PERMISSION_DENIED', config, { detail: 'nothing may be listed', seconds }))
    default:
      return misbehave(config.listing, signal)
  }
}
