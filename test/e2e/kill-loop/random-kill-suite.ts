import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundleChild, type Program } from './bundle-child.ts'
import { Campaign } from './campaign.ts'
import { type DatabaseKind, openDepot } from './depot.ts'
import { killAtRandom } from './random-kills.ts'

const killsPerStore = 150

/** The random half of the kill loop, on one database. */
export function randomKillSuite(database: DatabaseKind): void {
  describe(`on ${database}, killed at random moments while clients are at work`, () => {
    let program: Program
    beforeAll(async () => {
      program = await bundleChild()
    })
    afterAll(() => program[Symbol.asyncDispose]())

    test.each(['sealed', 'vault'] as const)(
      `nothing is lost and nothing is left behind, with secrets in %s`,
      { timeout: 400_000 },
      async primary => {
        await using depot = await openDepot(database, primary)
        await using campaign = await Campaign.start(program.file, depot)
        const { answered, unanswered } = await killAtRandom(campaign, killsPerStore)
        expect(campaign.violations).toEqual([])
        await campaign.finish()
        expect(campaign.violations).toEqual([])
        expect(campaign.kills).toBe(killsPerStore)
        // A loop that kills before or after everything would show nothing.
        expect(answered).toBeGreaterThan(killsPerStore)
        expect(unanswered).toBeGreaterThan(killsPerStore)
        console.info(`${database}, ${primary}: ${killsPerStore} kills, ${answered} answered, ${unanswered} not`)
      },
    )
  })
}
