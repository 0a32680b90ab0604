import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RateLimits } from '../../src/rate-limits.ts'
import type { Viewer } from '../../src/services/viewer.ts'
import { viewerOf } from '../viewers.ts'

const who = (workspaceId: string, id: string): Viewer => viewerOf(workspaceId, { id })

/** A clock that stands still unless it is told. */
class Clock {
  ms = 0
  readonly now = (): number => this.ms
  pass(seconds: number): void {
    this.ms += seconds * 1_000
  }
}

function limitsOf(perViewer: number, perWorkspace: number) {
  const clock = new Clock()
  const limits = new RateLimits({ perViewer, perWorkspace }, clock.now)
  /** Whether an operation of so many points was let through. */
  const spend = (points: number, viewer = who('north', 'anna')): boolean => {
    const charge = limits.charge(viewer)
    return charge !== null && !charge.isUnpaid && charge.settle(points) === null
  }
  const status = (viewer = who('north', 'anna')) => {
    const charge = limits.charge(viewer)
    charge?.settle(0)
    return charge?.status()
  }
  return { clock, limits, spend, status }
}

describe('points a minute', () => {
  test('there is none of it where nothing is limited', () => {
    expect(new RateLimits({ perViewer: 0, perWorkspace: 0 }).charge(viewerOf('north'))).toBeNull()
  })

  test('a minute is worth the limit, at once or evenly', () => {
    const { clock, spend } = limitsOf(60, 0)
    expect(spend(50)).toBe(true)
    expect(spend(10)).toBe(true)
    expect(spend(1)).toBe(false)
    clock.pass(1)
    expect(spend(1)).toBe(true)
    expect(spend(1)).toBe(false)
    clock.pass(600)
    expect(spend(60)).toBe(true)
    expect(spend(1)).toBe(false)
  })

  test('an operation that costs too much has cost the point of its request, and is told when to come back', () => {
    const { limits, status, spend } = limitsOf(60, 0)
    spend(30)
    const charge = limits.charge(who('north', 'anna'))
    expect(charge?.settle(50)?.extensions).toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterSeconds: 20,
      http: { status: 429, headers: { 'retry-after': '20' } },
    })
    expect(status()).toMatchObject({ limit: 60, remaining: 29, resetSeconds: 31 })
  })

  test('after the time that a refusal names, the same operation is let through', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 50 }),
        (spent, wanted) => {
          const { clock, limits, spend } = limitsOf(60, 120)
          for (const points of spent) {
            spend(points)
            spend(points, who('north', 'bert'))
          }
          const charge = limits.charge(who('north', 'anna'))
          const refusal = charge?.settle(wanted)
          if (!refusal) return
          clock.pass(Number(refusal.extensions['retryAfterSeconds']))
          expect(charge?.settle(wanted)).toBeNull()
        },
      ),
    )
  })

  test('what costs nothing gives its point back, and is answered when nothing is left', () => {
    const { limits, spend, status } = limitsOf(60, 120)
    expect(status()).toMatchObject({ cost: 0, remaining: 60 })
    spend(60)
    const charge = limits.charge(who('north', 'anna'))
    expect(charge?.isUnpaid).toBe(true)
    expect(charge?.settle(0)).toBeNull()
    expect(charge?.settle(1)?.extensions['code']).toBe('RATE_LIMITED')
    expect(charge?.status()).toMatchObject({ cost: 0, remaining: 0, resetSeconds: 60 })
  })

  test('viewers of one name in two workspaces are two, however the names are put together', () => {
    const { spend } = limitsOf(60, 0)
    expect(spend(60, who('a', 'bc'))).toBe(true)
    expect(spend(60, who('ab', 'c'))).toBe(true)
    expect(spend(1, who('a', 'bc'))).toBe(false)
  })

  test('only who spent something in the last minute is remembered', () => {
    const { clock, limits, spend } = limitsOf(60, 120)
    for (let count = 0; count < 1_000; count++) spend(1, who(`w${count}`, 'anna'))
    expect(limits.remembered).toBe(3_000)
    clock.pass(60)
    spend(1, who('w', 'anna'))
    expect(limits.remembered).toBe(3)
  })
})

describe('points of a workspace', () => {
  test('one workspace takes nothing from another', () => {
    const { spend } = limitsOf(0, 120)
    expect(spend(90)).toBe(true)
    expect(spend(30)).toBe(false)
    expect(spend(90, who('south', 'anna'))).toBe(true)
  })

  test('no viewer alone takes the last quarter, also without a limit of its own', () => {
    const { status, spend } = limitsOf(0, 120)
    expect(status()).toMatchObject({ limit: 90 })
    expect(spend(90)).toBe(true)
    expect(spend(1)).toBe(false)
    expect(spend(12, who('north', 'bert'))).toBe(true)
  })

  test('the last quarter is for viewers who have spent less than a tenth of it within a minute', () => {
    const { clock, spend, status } = limitsOf(60, 120)
    const [anna, bert, carl] = ['anna', 'bert', 'carl'].map(name => who('north', name))
    expect(spend(50, anna)).toBe(true)
    expect(spend(40, bert)).toBe(true)
    // 30 of 120 are left.
    expect(spend(10, anna)).toBe(false)
    expect(status(carl)).toMatchObject({ remaining: 12 })
    expect(spend(12, carl)).toBe(true)
    expect(spend(1, carl)).toBe(false)
    clock.pass(60)
    expect(spend(60, anna)).toBe(true)
  })

  test('while others ask without end, a viewer who asks for a tenth is never refused', () => {
    const { clock, spend } = limitsOf(60, 120)
    const greedy = ['anna', 'bert'].map(name => who('north', name))
    const modest = who('north', 'carl')
    let refused = 0
    for (let second = 0; second < 600; second++) {
      for (const viewer of greedy) while (spend(1, viewer));
      if (second % 5 === 0 && !spend(1, modest)) refused++
      clock.pass(1)
    }
    expect(refused).toBe(0)
  })
})

describe('against a model', () => {
  interface Model {
    readonly spent: { viewer: number; points: number; at: number }[]
  }
  // So that a second is worth a whole number of points in each bucket.
  const perViewer = 300
  const perWorkspace = 600

  /** What is left of a bucket, by playing back everything that was ever spent, second by second. */
  const leftOf = ({ spent }: Model, limit: number, now: number, isIts: (viewer: number) => boolean): number => {
    let left = limit
    for (let second = 0; second <= now; second++) {
      if (second > 0) left = Math.min(limit, left + limit / 60)
      for (const { viewer, points, at } of spent) if (at === second && isIts(viewer)) left = Math.max(0, left - points)
    }
    return left
  }

  test('exactly what a playback of everything allows is let through', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ viewer: fc.nat(2), points: fc.integer({ min: 1, max: 100 }) }) },
      fc.record({ seconds: fc.integer({ min: 1, max: 90 }) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        const { clock, limits } = limitsOf(perViewer, perWorkspace)
        const model: Model = { spent: [] }
        let now = 0
        for (const each of steps) {
          if ('seconds' in each) {
            now += each.seconds
            clock.pass(each.seconds)
            continue
          }
          const { viewer, points } = each
          const may = (cost: number): boolean => {
            const isIts = (other: number) => other === viewer
            const isLittle = cost <= leftOf(model, perWorkspace / 10, now, isIts)
            const shared = leftOf(model, perWorkspace, now, () => true) - cost
            return cost <= leftOf(model, perViewer, now, isIts) && shared >= (isLittle ? 0 : perWorkspace / 4)
          }
          const isPaid = may(1)
          const isAllowed = isPaid ? may(points) : false
          const charge = limits.charge(who('north', String(viewer)))
          expect(charge?.isUnpaid).toBe(!isPaid)
          expect(charge?.settle(points) === null).toBe(isAllowed)
          if (isPaid) model.spent.push({ viewer, points: isAllowed ? points : 1, at: now })
        }
      }),
      { numRuns: 500 },
    )
  })
})
