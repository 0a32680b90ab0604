import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type TokenList, tokenPage } from '../../../src/connectors/aws/token-pages.ts'
import type { ListingPage } from '../../../src/connectors/browse.ts'
import { everyItem } from '../../servers/listing-run.ts'

const never = Number.POSITIVE_INFINITY
const from = (first: number, change: Partial<ListingPage> = {}): ListingPage => ({
  ...{ search: null, first, after: null },
  ...change,
})

/** A service that gives the numbers up to `count` in parts of `size`, and remembers what it was asked. */
function numbers(count: number, size: number, change: Partial<TokenList<number>> = {}) {
  const asked: (string | null)[] = []
  const list: TokenList<number> = {
    id: ['numbers'],
    ask: async (token, wanted) => {
      asked.push(token)
      const begin = Number(token ?? 0)
      const end = Math.min(count, begin + Math.min(size, wanted ?? size))
      const items = Array.from({ length: end - begin }, (_, n) => begin + n)
      return { items, next: end < count ? String(end) : null }
    },
    isWanted: () => true,
    violation: fault => new Error(fault),
    enoughAt: never,
    ...change,
  }
  return { list, asked }
}

describe('pages of a list that a service gives by tokens', () => {
  it('have everything that is wanted once and in order, however it is cut', async () => {
    const sizes = fc.record({
      count: fc.integer({ min: 0, max: 200 }),
      size: fc.integer({ min: 1, max: 60 }),
      first: fc.integer({ min: 1, max: 100 }),
      every: fc.integer({ min: 1, max: 70 }),
      search: fc.constantFrom(null, 'x'),
    })
    await fc.assert(
      fc.asyncProperty(sizes, async ({ count, size, first, every, search }) => {
        const { list } = numbers(count, size, { isWanted: n => n % every === 0 })
        const items = await everyItem(first, page => tokenPage(list, { ...page, search }))
        expect(items).toEqual(Array.from({ length: count }, (_, n) => n).filter(n => n % every === 0))
      }),
    )
  })

  it('are cut where the service gives more than it was asked for', async () => {
    const all = Array.from({ length: 25 }, (_, n) => n)
    const { list } = numbers(0, 1, { ask: async () => ({ items: all, next: null }) })
    expect(await everyItem(10, page => tokenPage(list, from(10, page)))).toEqual(all)
  })

  it('end where it has taken long enough, with something looked at', async () => {
    const { list, asked } = numbers(100, 5, { isWanted: n => n === 99, enoughAt: 0 })
    const page = await tokenPage(list, from(10))
    expect(page).toMatchObject({ items: [], problem: null, next: expect.any(String) })
    expect(asked).toEqual([null])
    expect(await everyItem(10, next => tokenPage(list, from(10, next)))).toEqual([99])
  })

  it('end after so many parts with nothing on them', async () => {
    const { list, asked } = numbers(10_000, 5, { isWanted: () => false })
    expect((await tokenPage(list, from(10, { search: 'x' }))).next).not.toBeNull()
    expect(asked).toHaveLength(20)
  })

  it('have everything once where the service puts less on a part than it did before', async () => {
    const all = Array.from({ length: 40 }, (_, n) => n)
    let size = 16
    const ask = async (token: string | null) => {
      size = Math.max(1, size - 3)
      const begin = Number(token ?? 0)
      const end = begin + size
      return { items: all.slice(begin, end), next: end < all.length ? String(end) : null }
    }
    const { list } = numbers(0, 1, { ask })
    expect(await everyItem(4, page => tokenPage(list, from(4, page)))).toEqual(all)
  })

  it('do not go in circles', async () => {
    const { list } = numbers(0, 1, { ask: async () => ({ items: [], next: 'again' }) })
    await expect(tokenPage(list, from(10))).rejects.toThrow('no progress')
  })

  it('are refused where nobody has given them out, before the service is asked', async () => {
    const { list, asked } = numbers(100, 5)
    const { next } = await tokenPage(list, from(3))
    const others = numbers(100, 5, { id: ['others'] })
    const told = asked.length
    for (const after of ['', '0', 'x.y.z', `${next}`.replace(/^./, '?'), '........0.', `${next}`.slice(0, 9)]) {
      const { items, problem } = await tokenPage(list, from(3, { after }))
      expect({ items, code: problem?.code }, after).toEqual({ items: [], code: 'LISTING_UNSUPPORTED' })
    }
    expect((await tokenPage(others.list, from(3, { after: next }))).problem?.code).toBe('LISTING_UNSUPPORTED')
    expect([asked.length, others.asked.length]).toEqual([told, 0])
  })
})
