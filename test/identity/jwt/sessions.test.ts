import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { newSigningKey } from './signing-key.ts'
import { JwtWorld, noonSeconds } from './world.ts'

const first = newSigningKey('ES256', 'first')
const second = newSigningKey('ES256', 'second')
const start = () => JwtWorld.start({ key: first })
const long = { exp: noonSeconds + 86_400 * 3 }

describe('a session', () => {
  it('is good until its token has expired, with the tolerance', async () => {
    await using world = await start()
    const session = await world.authenticator.authenticate(world.token())
    world.pass(540 + 29)
    expect(await session.isStillGood()).toBe(true)
    world.pass(1)
    expect(await session.isStillGood()).toBe(false)
    world.pass(3_600)
    expect(await session.isStillGood()).toBe(false)
  })

  it('is not good before its token is, when the clock was set back', async () => {
    await using world = await start()
    const session = await world.authenticator.authenticate(world.token())
    world.pass(-3_600)
    expect(await session.isStillGood()).toBe(false)
    world.pass(3_600)
    expect(await session.isStillGood()).toBe(true)
  })

  it('ends when its key was removed, without any other request', async () => {
    await using world = await start()
    const session = await world.authenticator.authenticate(world.token(long))
    world.provider.publish(second.jwk)
    world.pass(599)
    expect(await session.isStillGood()).toBe(true)
    world.pass(1)
    expect(await session.isStillGood()).toBe(false)
    expect(await session.isStillGood()).toBe(false)
  })

  it('goes on when there is another key beside its own', async () => {
    await using world = await start()
    const session = await world.authenticator.authenticate(world.token(long))
    world.provider.publish(first.jwk, second.jwk)
    world.pass(600)
    expect(await session.isStillGood()).toBe(true)
  })

  it('goes on through an outage of a day, and not longer', async () => {
    await using world = await start()
    const session = await world.authenticator.authenticate(world.token(long))
    world.provider.misbehave({ status: 500 })
    world.pass(86_399)
    expect(await session.isStillGood()).toBe(true)
    await expect.poll(() => world.changes).toHaveLength(1)
    world.pass(31)
    await expect(session.isStillGood()).rejects.toMatchObject({ fault: 'UNAVAILABLE' })
    world.provider.misbehave(null)
    world.pass(30)
    expect(await session.isStillGood()).toBe(true)
  })

  it('is asked by thousands of streams for little', async () => {
    await using world = await start()
    const verify = vi.spyOn(crypto.subtle, 'verify')
    onTestFinished(() => verify.mockRestore())
    const token = world.token(long)
    const sessions = await Promise.all(Array.from({ length: 5_000 }, () => world.authenticator.authenticate(token)))
    const asked = async () => new Set(await Promise.all(sessions.map(session => session.isStillGood())))
    for (let round = 0; round < 10; round += 1) {
      world.pass(4)
      expect(await asked()).toEqual(new Set([true]))
    }
    await world.authenticator.authenticate(token)
    expect(verify).toHaveBeenCalledTimes(1)
    world.provider.publish(first.jwk, second.jwk)
    world.pass(600)
    expect(await asked()).toEqual(new Set([true]))
    expect(verify).toHaveBeenCalledTimes(2)
    expect(world.provider.requests).toHaveLength(2)
    world.provider.publish(second.jwk)
    world.pass(600)
    expect(await asked()).toEqual(new Set([false]))
    expect(verify).toHaveBeenCalledTimes(2)
    // The reading that was due, and one to look for the key that is gone.
    expect(world.provider.requests).toHaveLength(4)
  })
})
