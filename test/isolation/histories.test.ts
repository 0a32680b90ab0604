import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fastSqlite } from './fast-databases.ts'
import { assertAllListed, historyCommands, type Real } from './history-commands.ts'
import { HistoryModel } from './history-model.ts'
import { openTenantWorld, type TenantWorld } from './tenant-world.ts'

const runs = 1_000
const timeLimitMs = 60_000

let world: TenantWorld
beforeAll(async () => {
  world = await openTenantWorld(await fastSqlite.open(), { testConcurrency: 1_000 })
})
afterAll(async () => world[Symbol.asyncDispose]())

/** Tests that wait to be cancelled would go on into the next history. */
async function cancelRest(model: HistoryModel, real: Real): Promise<void> {
  for (const [index, { drafts }] of model.workspaces.entries()) {
    for (const id of drafts.values()) {
      await real.tenants[index]?.run({
        document: 'mutation ($id: ID!) { cancelConnectionTest(input: { id: $id }) { __typename } }',
        variables: { id },
      })
    }
  }
}

test(
  'three workspaces that try everything on everybody never see or touch more than their own',
  async () => {
    let histories = 0
    let commands = 0
    const property = fc.asyncProperty(historyCommands(24), async acts => {
      const number = histories++
      // Earlier histories stay: more and more rows belong to others.
      const tenants = ['a', 'b', 'c'].map(letter => world.tenant(`history-${number}-${letter}`))
      const model = new HistoryModel()
      const real: Real = { tenants, count: 0 }
      try {
        await fc.asyncModelRun(() => ({ model, real }), acts)
        await assertAllListed(model, real)
      } finally {
        commands += real.count
        await cancelRest(model, real)
      }
    })
    const details = await fc.check(property, { numRuns: runs, interruptAfterTimeLimit: timeLimitMs })
    console.info(`${details.numRuns} of ${runs} histories, ${commands} commands`)
    if (details.failed) throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance })
    expect(commands).toBeGreaterThan(0)
  },
  timeLimitMs + 30_000,
)
