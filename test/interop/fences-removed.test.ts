import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Fence, keyFences, type Suites, storeFences } from '../isolation/fences.ts'
import { namedFences } from '../isolation/named-fences.ts'
import { ScratchCopy } from '../isolation/scratch-copy.ts'

const fences: readonly Fence[] = [...storeFences(), ...keyFences(), ...namedFences]

/** As many copies as there are runs at once. */
const atOnce = 2
const copies: ScratchCopy[] = []
const results = new Map<Fence, Promise<string | null>>()

/** Null when the suites have noticed. */
async function survival(copy: ScratchCopy, fence: Fence): Promise<string | null> {
  try {
    const { passed, failed } = await copy.runWithout(fence)
    if (failed > 0) return null
    return passed === 0 ? 'No test was run.' : `${passed} tests pass without it.`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

beforeAll(async () => {
  for (let index = 0; index < atOnce; index++) copies.push(await ScratchCopy.make())
  const free: (ScratchCopy | Promise<ScratchCopy>)[] = [...copies]
  for (const fence of fences) {
    const copy = Promise.resolve(free.shift() as ScratchCopy)
    const result = copy.then(each => survival(each, fence))
    results.set(fence, result)
    free.push(result.then(() => copy))
  }
})
afterAll(async () => {
  await Promise.all(copies.map(copy => copy[Symbol.asyncDispose]()))
})

test.each(fences.map(fence => ({ fence, name: fence.name })))('$name', { timeout: 1_200_000 }, async ({ fence }) => {
  expect(await results.get(fence), `Nothing notices that this fence is gone: ${fence.name}`).toBeNull()
})

test('with all fences in place the same suites pass', { timeout: 1_200_000 }, async () => {
  await Promise.all(results.values())
  const [copy] = copies
  if (!copy) throw new Error('There is no copy.')
  const files = new Set(fences.flatMap(({ suites }: { suites: Suites }) => suites.files))
  const run = await copy.run({ files: [...files].filter(file => !file.endsWith('twins.test.ts')) })
  expect(run.failure).toBeNull()
  expect(run.passed).toBeGreaterThan(100)
})
