import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Failpoint, failpoints } from '../../src/db/failpoint.ts'
import { bundleChild, type Program } from './kill-loop/bundle-child.ts'
import { Campaign } from './kill-loop/campaign.ts'
import { type DatabaseKind, type Depot, databaseKinds, openDepot, type PrimaryStore } from './kill-loop/depot.ts'
import type { Passings } from './kill-loop/messages.ts'
import { type MutationUnderFire, mutationsUnderFire, pendingReaped } from './kill-loop/mutations-under-fire.ts'

let program: Program
beforeAll(async () => {
  program = await bundleChild()
})
afterAll(() => program[Symbol.asyncDispose]())

const settings = databaseKinds.flatMap(database =>
  (['sealed', 'vault'] as const).map(primary => ({ database, primary })),
)

/** Everywhere in all of it, counted where the process died. */
const killedAt = new Map<Failpoint, number>()

describe.each(settings)('on $database with secrets in $primary, killed at every failpoint', ({ database, primary }) => {
  let depot: Depot
  let campaign: Campaign
  beforeAll(async () => {
    depot = await openDepot(database as DatabaseKind, primary as PrimaryStore)
    campaign = await Campaign.start(program.file, depot)
    // The first one makes the keys of the workspace too.
    await underFire(campaign, mutationsUnderFire(primary)[0], null)
  })
  afterAll(async () => {
    await campaign[Symbol.asyncDispose]()
    await depot[Symbol.asyncDispose]()
  })

  test.each(mutationsUnderFire(primary))('$name loses nothing', { timeout: 120_000 }, async mutation => {
    const passings = await underFire(campaign, mutation, null)
    const { onlyLastPassings = Number.POSITIVE_INFINITY } = mutation
    const shots = Object.entries(passings).flatMap(([failpoint, times]) =>
      Array.from({ length: times }, (_, before) => ({ failpoint: failpoint as Failpoint, passing: before + 1 })).slice(
        -onlyLastPassings,
      ),
    )
    expect(shots.length).toBeGreaterThan(0)
    for (const shot of shots) {
      await underFire(campaign, mutation, shot)
      if (await campaign.hasSurvived()) continue
      killedAt.set(shot.failpoint, (killedAt.get(shot.failpoint) ?? 0) + 1)
      await campaign.revive()
      await campaign.send(pendingReaped)
      expect(campaign.violations.splice(0), `after ${shot.failpoint}, passed ${shot.passing} times`).toEqual([])
    }
  })

  test('nothing is left behind in the end', async () => {
    const end = await campaign.finish()
    expect(campaign.violations.splice(0)).toEqual([])
    expect(end.connectors.length).toBeGreaterThan(0)
    expect(end.stored).toHaveLength(end.connectors.filter(({ store }) => store !== null).length)
  })
})

test('each failpoint has killed', () => {
  console.info(`Kills: ${JSON.stringify(Object.fromEntries(killedAt))}`)
  expect([...killedAt.keys()].toSorted()).toEqual([...failpoints].toSorted())
})

/** Carries it out, killed at the shot if there is one; answers what it has passed if not. */
async function underFire(
  campaign: Campaign,
  mutation: MutationUnderFire | undefined,
  shot: { readonly failpoint: Failpoint; readonly passing: number } | null,
): Promise<Passings> {
  await campaign.tidy(6)
  const commands = (await mutation?.prepare(campaign)) ?? []
  await campaign.ask({ kind: 'COUNT' })
  if (shot) await campaign.ask({ kind: 'ARM', ...shot })
  await Promise.all(commands.map(command => campaign.send(command)))
  if (shot) return {}
  return campaign.ask<Passings>({ kind: 'COUNT' })
}
