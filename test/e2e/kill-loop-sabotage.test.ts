import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleChild, type Program } from './kill-loop/bundle-child.ts'
import { Campaign } from './kill-loop/campaign.ts'
import { openDepot, type PrimaryStore } from './kill-loop/depot.ts'
import type { Sabotage } from './kill-loop/messages.ts'
import { killAtRandom } from './kill-loop/random-kills.ts'

let program: Program
beforeAll(async () => {
  program = await bundleChild()
})
afterAll(() => program[Symbol.asyncDispose]())

const maxKills = 40

/** What the kill loop shows is worth as much as what it would notice. */
test.each<{ sabotage: Sabotage; primary: PrimaryStore; noticed: RegExp }>([
  { sabotage: 'STORES_LATE', primary: 'vault', noticed: /is unreadable: MISSING/ },
  { sabotage: 'FORGETS_TO_RETIRE', primary: 'sealed', noticed: /is stuck in ACTIVE/ },
  { sabotage: 'REAPER_FORGETS_ROW_ONLY', primary: 'vault', noticed: /orphan/ },
  { sabotage: 'AUDITS_LATE', primary: 'sealed', noticed: /but audited as/ },
])('the kill loop notices a server that does it wrong: $sabotage', { timeout: 120_000 }, async each => {
  const { sabotage, primary, noticed } = each
  await using depot = await openDepot('SQLite', primary)
  await using campaign = await Campaign.start(program.file, depot, sabotage)
  await killAtRandom(campaign, sabotage === 'STORES_LATE' || sabotage === 'AUDITS_LATE' ? maxKills : 5)
  await campaign.finish()
  expect(campaign.violations.join('\n')).toMatch(noticed)
})
