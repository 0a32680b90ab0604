import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Session } from '../../src/identity/authenticator.ts'
import { soleViewer } from '../../src/services/viewer.ts'
import { type SessionEnd, SessionWatch } from '../../src/session-watch.ts'
import { viewerOf } from '../viewers.ts'

let wakeUp: (topic: string) => void = () => {}
let isListening = false
const listen = (listener: (topic: string) => void) => {
  wakeUp = listener
  isListening = true
  return () => {
    isListening = false
  }
}
let watch: SessionWatch
beforeEach(() => {
  vi.useFakeTimers()
  watch = new SessionWatch({ listen })
})
afterEach(() => {
  watch.close()
  vi.useRealTimers()
})

type Answer = boolean | 'throws' | 'hangs'

function sessionOf({ id = 'token:1', expiresInMs }: { readonly id?: string; readonly expiresInMs?: number } = {}) {
  const kind = id.startsWith('token:') ? ('API_TOKEN' as const) : ('USER' as const)
  const expiresAt = expiresInMs === undefined ? null : new Date(Date.now() + expiresInMs)
  const control = { answer: true as Answer, asked: 0, ends: [] as SessionEnd[] }
  const session: Session = {
    viewer: viewerOf('north', { id, kind, expiresAt }),
    isStillGood: async () => {
      control.asked++
      if (control.answer === 'throws') throw new Error('The database is away.')
      return control.answer === 'hangs' ? new Promise<boolean>(() => {}) : control.answer
    },
  }
  return { session, control, onEnd: (end: SessionEnd) => void control.ends.push(end) }
}
const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1000)

describe('a session with streams', () => {
  test('is over within 5 s of the end of its credential, and is told so once', async () => {
    const { session, control, onEnd } = sessionOf()
    watch.watch(session, onEnd)
    await seconds(60)
    expect(control.ends).toEqual([])
    control.answer = false
    await seconds(5)
    expect(control.ends).toEqual(['INVALID'])
    await seconds(60)
    expect(control.ends).toHaveLength(1)
    expect(watch.count).toBe(0)
  })

  test('is over soon after its beginning when the credential ended in between', async () => {
    const { session, control, onEnd } = sessionOf()
    control.answer = false
    watch.watch(session, onEnd)
    await seconds(1)
    expect(control.ends).toEqual(['INVALID'])
  })

  test('is over as soon as its token is revoked, and no other one is asked about', async () => {
    const [one, other] = [sessionOf(), sessionOf({ id: 'token:2' })]
    watch.watch(one.session, one.onEnd)
    watch.watch(other.session, other.onEnd)
    await seconds(1)
    one.control.answer = false
    const { asked } = other.control
    wakeUp('api-token:1')
    wakeUp('connection-test:1')
    await vi.advanceTimersByTimeAsync(1)
    expect(one.control.ends).toEqual(['INVALID'])
    expect(other.control).toMatchObject({ ends: [], asked })
  })

  test('is asked about again when it is revoked while an answer of before is on its way', async () => {
    const { session, control, onEnd } = sessionOf()
    const answers: PromiseWithResolvers<boolean>[] = []
    watch.watch(
      {
        ...session,
        isStillGood: () => {
          const answer = Promise.withResolvers<boolean>()
          answers.push(answer)
          return answer.promise
        },
      },
      onEnd,
    )
    await seconds(1)
    wakeUp('api-token:1')
    wakeUp('api-token:1')
    expect(answers).toHaveLength(1)
    answers[0]?.resolve(true)
    await vi.advanceTimersByTimeAsync(1)
    expect(answers).toHaveLength(2)
    answers[1]?.resolve(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(control.ends).toEqual(['INVALID'])
  })

  test('is over when it expires, to the second', async () => {
    const { session, control, onEnd } = sessionOf({ expiresInMs: 9_300 })
    const expiry = Number(session.viewer.expiresAt)
    watch.watch({ ...session, isStillGood: async () => Date.now() < expiry }, onEnd)
    await seconds(9)
    expect(control.ends).toEqual([])
    await seconds(1)
    expect(control.ends).toEqual(['EXPIRED'])
  })

  test('is over when it expires, also while nobody can be asked', async () => {
    const { session, control, onEnd } = sessionOf({ expiresInMs: 10_000 })
    control.answer = 'throws'
    watch.watch(session, onEnd)
    await seconds(9)
    expect(control.ends).toEqual([])
    await seconds(2)
    expect(control.ends).toEqual(['EXPIRED'])
  })

  test('may expire in a year', async () => {
    const { session, control, onEnd } = sessionOf({ expiresInMs: 365 * 24 * 3600 * 1000 })
    watch.watch(session, onEnd)
    await seconds(10)
    expect(control).toMatchObject({ ends: [], asked: 3 })
  })

  test.each(['throws', 'hangs'] as const)('goes on for 30 s where asking %s, and then is over', async answer => {
    const { session, control, onEnd } = sessionOf()
    watch.watch(session, onEnd)
    await seconds(10)
    control.answer = answer
    await seconds(25)
    expect(control.ends).toEqual([])
    await seconds(20)
    expect(control.ends).toEqual(['UNAVAILABLE'])
  })

  test('goes on when it could be asked about again in time', async () => {
    const { session, control, onEnd } = sessionOf()
    watch.watch(session, onEnd)
    for (let outage = 0; outage < 3; outage++) {
      control.answer = 'throws'
      await seconds(20)
      control.answer = true
      await seconds(5)
    }
    await seconds(60)
    expect(control.ends).toEqual([])
  })
})

describe('watching costs', () => {
  test('one question every few seconds for all streams of a token', async () => {
    const token = sessionOf()
    for (let count = 0; count < 1_000; count++) watch.watch({ ...token.session }, token.onEnd)
    expect(watch.count).toBe(1)
    await seconds(40)
    expect(token.control.asked).toBeLessThanOrEqual(11)
    token.control.answer = false
    await seconds(5)
    expect(token.control.ends).toHaveLength(1_000)
  })

  test('nothing once the streams are gone, however often they come and go', async () => {
    const [token, user] = [sessionOf(), sessionOf({ id: 'user:ada' })]
    for (let count = 0; count < 1_000; count++) {
      const leave = [watch.watch(token.session, token.onEnd), watch.watch(user.session, user.onEnd)]
      for (const each of leave) each()
      for (const each of leave) each()
    }
    expect(watch.count).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
    await seconds(60)
    expect([token.control, user.control]).toMatchObject([{ asked: 0 }, { asked: 0 }])
  })

  test('nothing for whom nobody can take anything back', async () => {
    watch.watch({ viewer: soleViewer, isStillGood: async () => false }, () => expect.unreachable())
    await seconds(60)
    expect(watch.count).toBe(0)
  })

  test('nothing after the end', () => {
    const { session, onEnd } = sessionOf()
    watch.watch(session, onEnd)
    expect(isListening).toBe(true)
    watch.close()
    expect([watch.count, vi.getTimerCount(), isListening]).toEqual([0, 0, false])
  })
})

test('of one user each token is asked about by itself', async () => {
  const [old, fresh] = [sessionOf({ id: 'user:ada' }), sessionOf({ id: 'user:ada' })]
  watch.watch(old.session, old.onEnd)
  watch.watch(fresh.session, fresh.onEnd)
  old.control.answer = false
  await seconds(5)
  expect([old.control.ends, fresh.control.ends]).toEqual([['INVALID'], []])
})
