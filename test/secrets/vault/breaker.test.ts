import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SecretStoreFault } from '../../../src/secrets/secret-store.ts'
import { Breaker, type Pass } from '../../../src/secrets/vault/breaker.ts'

function newBreaker() {
  const clock = { now: 0 }
  const changes: (SecretStoreFault | null)[] = []
  const breaker = new Breaker({
    now: () => clock.now,
    openMs: 5_000,
    threshold: 3,
    onChange: fault => changes.push(fault),
  })
  return { clock, changes, breaker }
}

const fail = (breaker: Breaker, ...faults: readonly SecretStoreFault[]) => {
  for (const fault of faults) breaker.enter().ended(fault)
}
const refusal = (fault: SecretStoreFault) =>
  expect.objectContaining({ name: 'SecretStoreError', store: 'VAULT', fault })

describe('the breaker', () => {
  test.each(['UNREACHABLE', 'TIMED_OUT', 'NOT_ACTIVE'] as const)('opens after three in a row of %s', fault => {
    const { breaker, changes } = newBreaker()
    fail(breaker, fault, fault)
    breaker.enter().ended(null)
    fail(breaker, fault, fault)
    expect(breaker.fault).toBeNull()
    fail(breaker, fault)
    expect(breaker.fault).toBe(fault)
    expect(() => breaker.enter()).toThrow(refusal(fault))
    expect(changes).toEqual([fault])
  })

  test('opens at once for a sealed server', () => {
    const { breaker } = newBreaker()
    fail(breaker, 'SEALED')
    expect(() => breaker.enter()).toThrow(refusal('SEALED'))
  })

  test.each(['FAILED', 'OVERLOADED', 'FORBIDDEN'] as const)(
    'stays closed whatever number of requests meets %s',
    fault => {
      const { breaker } = newBreaker()
      fail(breaker, 'TIMED_OUT', 'TIMED_OUT', fault, 'TIMED_OUT', fault, fault, fault, fault)
      expect(() => breaker.enter()).not.toThrow()
    },
  )

  test('lets one request through after its time, and none beside it', () => {
    const { breaker, clock, changes } = newBreaker()
    fail(breaker, 'SEALED')
    clock.now = 4_999
    expect(() => breaker.enter()).toThrow(refusal('SEALED'))
    clock.now = 5_000
    const probe = breaker.enter()
    expect(() => breaker.enter()).toThrow(refusal('SEALED'))
    probe.ended('SEALED')
    clock.now = 9_999
    expect(() => breaker.enter()).toThrow(refusal('SEALED'))
    clock.now = 10_000
    breaker.enter().ended(null)
    expect(() => [breaker.enter(), breaker.enter()]).not.toThrow()
    expect(changes).toEqual(['SEALED', null])
  })

  test('closes when the probe is answered, with a fault of its own or without', () => {
    const { breaker, clock } = newBreaker()
    fail(breaker, 'SEALED')
    clock.now = 5_000
    breaker.enter().ended('FAILED')
    expect(() => [breaker.enter(), breaker.enter()]).not.toThrow()
  })

  test('lets another request through in the place of a probe that was given up', () => {
    const { breaker, clock } = newBreaker()
    fail(breaker, 'SEALED')
    clock.now = 5_000
    breaker.enter().abandoned()
    const probe = breaker.enter()
    expect(() => breaker.enter()).toThrow(refusal('SEALED'))
    probe.ended(null)
    expect(breaker.fault).toBeNull()
  })

  test('says what the last fault was, not the first', () => {
    const { breaker, clock, changes } = newBreaker()
    fail(breaker, 'UNREACHABLE', 'UNREACHABLE', 'UNREACHABLE')
    clock.now = 5_000
    breaker.enter().ended('SEALED')
    expect(() => breaker.enter()).toThrow(refusal('SEALED'))
    expect(changes).toEqual(['UNREACHABLE', 'SEALED'])
  })

  test('is not moved by what was sent before it opened or closed', () => {
    const { breaker, clock } = newBreaker()
    const early = [breaker.enter(), breaker.enter(), breaker.enter(), breaker.enter()] as const
    fail(breaker, 'SEALED')
    early[0].ended(null)
    expect(breaker.fault).toBe('SEALED')
    clock.now = 4_000
    early[1].ended('SEALED')
    clock.now = 5_000
    breaker.enter().ended(null)
    for (const each of early.slice(2)) each.ended('SEALED')
    expect(breaker.fault).toBeNull()
  })

  test('believes who asks the server how it is, for what that can tell', () => {
    const { breaker } = newBreaker()
    breaker.failed('SEALED')
    breaker.recovered(fault => fault !== 'TIMED_OUT')
    expect(breaker.fault).toBeNull()
    fail(breaker, 'TIMED_OUT', 'TIMED_OUT', 'TIMED_OUT')
    breaker.recovered(fault => fault !== 'TIMED_OUT')
    expect(breaker.fault).toBe('TIMED_OUT')
  })

  test('opens for a server that serves nothing, however often it says that it is well meanwhile', () => {
    const { breaker } = newBreaker()
    const ruledOut = (fault: SecretStoreFault) => fault !== 'TIMED_OUT'
    for (const fault of ['UNREACHABLE', 'UNREACHABLE', 'TIMED_OUT', 'TIMED_OUT'] as const) {
      fail(breaker, fault)
      breaker.recovered(ruledOut)
      expect(breaker.fault).toBeNull()
    }
    fail(breaker, 'TIMED_OUT')
    expect(breaker.fault).toBe('TIMED_OUT')
  })

  test('in every order of events lets at most one request through while it is open, and never stays open for good', () => {
    const faults = fc.constantFrom<SecretStoreFault | null>(null, 'SEALED', 'TIMED_OUT', 'UNREACHABLE', 'FAILED')
    const event = fc.oneof(
      fc.record({ kind: fc.constant('enter' as const) }),
      fc.record({ kind: fc.constant('end' as const), which: fc.nat(5), fault: faults }),
      fc.record({ kind: fc.constant('abandon' as const), which: fc.nat(5) }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 6_000 }) }),
    )
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), events => {
        const { breaker, clock, changes } = newBreaker()
        const under: { pass: Pass; since: number }[] = []
        const isOpen = () => (changes.at(-1) ?? null) !== null
        const take = (which: number) => under.splice(which % Math.max(1, under.length), 1)[0]?.pass
        for (const each of events) {
          if (each.kind === 'enter') {
            try {
              under.push({ pass: breaker.enter(), since: changes.length })
            } catch {
              expect(isOpen()).toBe(true)
            }
          } else if (each.kind === 'end') take(each.which)?.ended(each.fault)
          else if (each.kind === 'abandon') take(each.which)?.abandoned()
          else clock.now += each.ms
          // Those that were let through since it opened, which only probes were.
          if (isOpen()) expect(under.filter(({ since }) => since === changes.length).length).toBeLessThanOrEqual(1)
        }
        for (const { pass } of under) pass.abandoned()
        clock.now += 5_000
        breaker.enter().ended(null)
        expect(breaker.fault).toBeNull()
      }),
      { numRuns: 500 },
    )
  })
})
