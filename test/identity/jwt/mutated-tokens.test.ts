import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasDuplicateNames } from '../../../src/identity/jwt/has-duplicate-names.ts'
import { newSigningKey } from './signing-key.ts'
import { JwtWorld } from './world.ts'

const keys = ['RS256', 'ES256', 'EdDSA'].map(alg => newSigningKey(alg, `the-${alg}`))
let world: JwtWorld
beforeAll(async () => {
  world = await JwtWorld.start({ keys: keys.map(({ jwk }) => jwk) })
})
afterAll(() => world[Symbol.asyncDispose]())

const key = fc.constantFrom(...keys)

describe('a good token', () => {
  it('is not good with any bits turned', async () => {
    let tried = 0
    await fc.assert(
      fc.asyncProperty(key, fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), async (signer, places) => {
        const good = world.token({}, {}, signer)
        const bytes = Buffer.from(good)
        for (const place of places) {
          const bit = place % (bytes.length * 8)
          bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
        }
        const turned = bytes.toString('latin1')
        fc.pre(turned !== good)
        tried += 1
        expect(await world.verdict(turned)).not.toBe('ACCEPTED')
      }),
      { numRuns: 4_000 },
    )
    expect(tried).toBeGreaterThan(3_000)
  })

  it('is not good with any bit of what is encoded turned', async () => {
    await fc.assert(
      fc.asyncProperty(key, fc.nat({ max: 2 }), fc.nat(), async (signer, part, place) => {
        const parts = world.token({}, {}, signer).split('.')
        const bytes = Buffer.from(parts[part] ?? '', 'base64url')
        const bit = place % (bytes.length * 8)
        bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
        parts[part] = bytes.toString('base64url')
        expect(await world.verdict(parts.join('.'))).not.toBe('ACCEPTED')
      }),
      { numRuns: 4_000 },
    )
  })

  it('is not good cut, doubled or with anything put in', async () => {
    await fc.assert(
      fc.asyncProperty(
        key,
        fc.nat(),
        fc.nat({ max: 40 }),
        fc.string({ maxLength: 20 }),
        async (signer, at, count, text) => {
          const good = world.token({}, {}, signer)
          const place = at % (good.length + 1)
          const changed = good.slice(0, place) + text + good.slice(place + count)
          fc.pre(changed !== good)
          expect(await world.verdict(changed)).not.toBe('ACCEPTED')
        },
      ),
      { numRuns: 3_000 },
    )
  })

  it('is not good when its parts are those of several', async () => {
    const claims = fc.record({ sub: fc.constantFrom('ada', 'bob'), roles: fc.constantFrom('admin', 'reader') })
    await fc.assert(
      fc.asyncProperty(fc.tuple(key, claims), fc.tuple(key, claims), fc.nat({ max: 2 }), async (one, two, from) => {
        const [a, b] = [one, two].map(([signer, changes]) => world.token(changes, {}, signer))
        const others = b?.split('.') ?? []
        const mixed =
          a
            ?.split('.')
            .map((part, index) => (index === from ? others[index] : part))
            .join('.') ?? ''
        fc.pre(mixed !== a && mixed !== b)
        expect(await world.verdict(mixed)).not.toBe('ACCEPTED')
      }),
      { numRuns: 1_000 },
    )
  })

  it('is good, whatever else its claims hold', async () => {
    const known = ['iss', 'aud', 'sub', 'exp', 'nbf', 'iat', 'typ', 'cnf', 'events', 'at_hash', 'c_hash', 'token_use']
    const others = fc
      .dictionary(fc.string({ maxLength: 10 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 })
      .filter(claims => !known.some(name => Object.hasOwn(claims, name)))
    await fc.assert(
      fc.asyncProperty(key, others, async (signer, claims) => {
        const token = world.token({ ...claims, workspace: 'north' }, {}, signer)
        fc.pre(token.length <= 8_192)
        expect(await world.verdict(token)).toBe('ACCEPTED')
      }),
      { numRuns: 500 },
    )
  })
})

describe('names within JSON', () => {
  it('are found to be twice there only when they are', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 5 }), text => !hasDuplicateNames(text)))
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.string(), fc.jsonValue(), (before, name, value) => {
        const member = `${JSON.stringify(name)} : ${JSON.stringify(value)}`
        const text = `[${before.map(each => `${JSON.stringify(each)},`).join('')}{${member},"${name.length}-x":[],${member}}]`
        return hasDuplicateNames(text)
      }),
    )
  })
})
