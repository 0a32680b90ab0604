import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RateLimitedError } from '../../src/services/errors.ts'
import { FairLimits } from '../../src/services/fair-limits.ts'

const refusal = (limits: FairLimits, workspaceId: string): RateLimitedError => {
  try {
    limits.admit(workspaceId)
  } catch (error) {
    if (error instanceof RateLimitedError) return error
    throw error
  }
  throw new Error('It was admitted.')
}

describe('fair limits', () => {
  test('one workspace may run so many at once, and takes no place from another', () => {
    const limits = new FairLimits({ perWorkspace: 2, perProcess: 3, startsPerMinute: 100 })
    const release = limits.admit('a')
    limits.admit('a')
    expect(refusal(limits, 'a').retryAfterSeconds).toBeGreaterThan(0)
    limits.admit('b')
    refusal(limits, 'b')
    release()
    release()
    limits.admit('b')
    refusal(limits, 'c')
  })

  test('starts are rationed by the minute, and the refusal says when there is one again', () => {
    let now = 0
    const limits = new FairLimits({ perWorkspace: 100, perProcess: 100, startsPerMinute: 6 }, () => now)
    const start = (workspaceId: string) => limits.admit(workspaceId)()
    for (let count = 0; count < 6; count++) start('a')
    expect(refusal(limits, 'a').retryAfterSeconds).toBe(10)
    start('b')
    now += 9_999
    expect(refusal(limits, 'a').retryAfterSeconds).toBe(1)
    now += 1
    start('a')
    refusal(limits, 'a')
    now += 3_600_000
    for (let count = 0; count < 6; count++) start('a')
    refusal(limits, 'a')
  })

  test('a clock that goes backwards gives nothing and breaks nothing', () => {
    let now = 1_000_000
    const limits = new FairLimits({ perWorkspace: 100, perProcess: 100, startsPerMinute: 1 }, () => now)
    limits.admit('a')
    now = 0
    expect(refusal(limits, 'a').retryAfterSeconds).toBe(60)
    now += 60_000
    limits.admit('a')
  })

  test('only workspaces of the last minute are remembered, however busy one of them is', () => {
    let now = 0
    const limits = new FairLimits({ perWorkspace: 1, perProcess: 1, startsPerMinute: 60 }, () => now)
    for (let count = 0; count < 30; count++) limits.admit('busy')()
    for (let minute = 0; minute < 50; minute++) {
      for (let second = 0; second < 60; second++) {
        limits.admit('busy')()
        now += 1_000
      }
      limits.admit(`once in minute ${minute}`)()
    }
    expect(limits.rememberedWorkspaces).toBeLessThan(5)
  })

  test('whatever happens, no limit is passed and every place comes back', () => {
    const options = { perWorkspace: 2, perProcess: 4, startsPerMinute: 1_000_000 }
    const event = fc.record({ workspace: fc.constantFrom('a', 'b', 'c'), ends: fc.boolean() })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), events => {
        const limits = new FairLimits(options)
        const held: { workspace: string; release: () => void }[] = []
        for (const { workspace, ends } of events) {
          const last = ends ? held.pop() : undefined
          last?.release()
          const ofWorkspace = held.filter(each => each.workspace === workspace).length
          const isFull = ofWorkspace >= options.perWorkspace || held.length >= options.perProcess
          if (isFull) refusal(limits, workspace)
          else held.push({ workspace, release: limits.admit(workspace) })
        }
      }),
    )
  })
})
