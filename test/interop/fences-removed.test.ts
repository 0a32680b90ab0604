import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Fence, keyFences, type Suites, storeFences } from '../isolation/fences.ts'
import { namedFences } from '../isolation/named-fences.ts'
import { ScratchCopy } from '../isolation/scratch-copy.ts'

const fences: readonly Fence[] = [...storeFences(), ...keyFences(), ...namedFences]

const nameOf = ({ files, pattern = 'all' }: Suites): string => `${files.join(', ')}: ${pattern}`
/** Each once, however many fences it is for. */
const suites: ReadonlyMap<string, Suites> = new Map(fences.map(fence => [nameOf(fence.suites), fence.suites]))

/** As many copies as there are runs at once. */
const atOnce = 2
const copies: ScratchCopy[] = []
/** What is wrong with a run, by its name; null when it came out as it must. */
const faults = new Map<string, Promise<string | null>>()

async function faultWith(copy: ScratchCopy, wanted: Suites): Promise<string | null> {
  const { passed, failed, failure } = await copy.run(wanted)
  if (failed > 0) return failure ?? 'It failed, and did not say why.'
  return passed === 0 ? 'It has no test.' : null
}

async function faultWithout(copy: ScratchCopy, fence: Fence): Promise<string | null> {
  const { passed, failed } = await copy.runWithout(fence)
  return failed > 0 ? null : `${passed} tests pass without it, and none fails.`
}

/** All at once would take the time of tests that wait: they run in two queues, and each test waits for its own. */
beforeAll(async () => {
  for (let index = 0; index < atOnce; index++) copies.push(await ScratchCopy.make())
  const jobs: (readonly [string, (copy: ScratchCopy) => Promise<string | null>])[] = [
    ...[...suites].map(([name, wanted]) => [name, (copy: ScratchCopy) => faultWith(copy, wanted)] as const),
    ...fences.map(fence => [fence.name + fence.text, (copy: ScratchCopy) => faultWithout(copy, fence)] as const),
  ]
  const settled = jobs.map(([name]) => {
    const { promise, resolve } = Promise.withResolvers<string | null>()
    faults.set(name, promise)
    return resolve
  })
  let next = 0
  const workOff = async (copy: ScratchCopy): Promise<void> => {
    for (let index = next++; index < jobs.length; index = next++) {
      const job = jobs[index]
      if (job) settled[index]?.(await job[1](copy).catch(error => String(error)))
    }
  }
  for (const copy of copies) void workOff(copy)
})
afterAll(async () => {
  await Promise.all(faults.values())
  await Promise.all(copies.map(copy => copy[Symbol.asyncDispose]()))
})

const timeout = 1_200_000

describe('with every fence in place', () => {
  test.each([...suites.keys()])('%s passes', { timeout }, async name => {
    expect(await faults.get(name)).toBeNull()
  })
})

describe('without one fence', () => {
  test.each(fences)('$name: it is noticed', { timeout }, async ({ name, text }) => {
    expect(await faults.get(name + text)).toBeNull()
  })
})
