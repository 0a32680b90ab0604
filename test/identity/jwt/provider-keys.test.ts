import { describe, expect, it } from 'vitest'
import { createFetchKeys, KeysUnavailableError } from '../../../src/identity/jwt/fetch-keys.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import type { HttpMisbehaviour } from '../../servers/http-misbehaviour.ts'
import { JwksDouble } from '../../servers/jwks-double.ts'
import { newSigningKey } from './signing-key.ts'
import { JwtWorld } from './world.ts'

const first = newSigningKey('ES256', 'first')
const second = newSigningKey('ES256', 'second')
const json = { 'content-type': 'application/json' }
const minutes = 60
const hours = 3_600

const start = (options: Parameters<typeof JwtWorld.start>[0] = {}) => JwtWorld.start({ key: first, ...options })
const garbage = (world: JwtWorld, index: number) => world.token({}, { kid: `made-up-${index}` })

describe('reading the keys', () => {
  const timeoutMs = 300
  const bad: Readonly<Record<string, readonly [HttpMisbehaviour, RegExp]>> = {
    'a status of 500': [{ status: 500, headers: json, body: '{"keys":[]}' }, /status 500/],
    'a status of 404': [{ status: 404 }, /status 404/],
    'a status of 204': [{ status: 204 }, /status 204/],
    HTML: [{ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' }, /not JSON/],
    'HTML that says it is JSON': [{ status: 200, headers: json, body: '<html>Sign in</html>' }, /not JSON/],
    'half of an answer': [{ status: 200, headers: json, body: '{"keys":[{' }, /not JSON/],
    nothing: [{ status: 200, headers: json, body: '' }, /not JSON/],
    'other JSON': [{ status: 200, headers: json, body: '{"jwks_uri":"https://evil.example"}' }, /Key Set/],
    'a list': [{ status: 200, headers: json, body: '[]' }, /Key Set/],
    null: [{ status: 200, headers: json, body: 'null' }, /Key Set/],
    'keys that are no list': [{ status: 200, headers: json, body: '{"keys":{}}' }, /Key Set/],
    'keys that are no objects': [{ status: 200, headers: json, body: '{"keys":[null,1,"x"]}' }, /Key Set/],
    'more than 100 keys': [
      { status: 200, headers: json, body: JSON.stringify({ keys: Array.from({ length: 101 }, () => first.jwk) }) },
      /100 keys/,
    ],
    'more than 256 KiB': [
      { status: 200, headers: json, body: JSON.stringify({ keys: [first.jwk], more: 'x'.repeat(262_144) }) },
      /262144 bytes/,
    ],
    'something packed': [{ status: 200, headers: { ...json, 'content-encoding': 'gzip' }, body: '{}' }, /packed/],
    'no answer': ['HANG', /took more than 300 ms/],
    'a byte now and then': ['DRIP', /took more than 300 ms/],
    'an answer without end': ['FLOOD', /262144 bytes/],
    'a cut answer': ['CUT', /could not be reached/],
    'a cut connection': ['CUT_AT_ONCE', /could not be reached/],
  }
  it.each(Object.keys(bad))('fails with %s, and hangs up', async name => {
    await using provider = await JwksDouble.start([first.jwk])
    const [how, reason] = bad[name] ?? ['HANG', /^$/]
    provider.misbehave(how)
    const failure = await createFetchKeys({ url: provider.keysUrl, timeoutMs })().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(KeysUnavailableError)
    expect((failure as Error).message).toMatch(reason)
    expect((failure as Error).cause).toBeUndefined()
    await expect.poll(() => provider.openConnections).toBe(0)
  })

  it.each([301, 302, 303, 307, 308])('follows no redirect with %i', async status => {
    await using elsewhere = await JwksDouble.start([first.jwk])
    await using provider = await JwksDouble.start([first.jwk])
    provider.misbehave({ status, headers: { location: elsewhere.keysUrl } })
    await expect(createFetchKeys({ url: provider.keysUrl })()).rejects.toThrow(`status ${status}`)
    expect(elsewhere.connections).toBe(0)
  })

  it('fails where nobody listens', async () => {
    const provider = await JwksDouble.start([])
    const url = provider.keysUrl
    await provider[Symbol.asyncDispose]()
    await expect(createFetchKeys({ url })()).rejects.toThrow('could not be reached: ECONNREFUSED')
  })

  it('trusts no certificate that it cannot verify, whatever the environment says', async () => {
    await using provider = await JwksDouble.start(
      [first.jwk],
      issueCertificate({ commonName: 'x', names: ['127.0.0.1'] }),
    )
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    try {
      await expect(createFetchKeys({ url: provider.keysUrl })()).rejects.toThrow('SELF_SIGNED')
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    }
    expect(provider.requests).toEqual([])
  })

  it('asks for the whole address, whatever the answer is labelled as', async () => {
    await using provider = await JwksDouble.start([])
    provider.misbehave({
      status: 200,
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify({ keys: [first.jwk], more: 1 }),
    })
    expect(await createFetchKeys({ url: provider.keysUrl })()).toEqual({ keys: [first.jwk] })
    expect(provider.requests).toEqual(['/jwks?tenant=north'])
  })
})

describe('the keys of the provider', () => {
  it('are read once for all who come, and then every ten minutes', async () => {
    await using world = await start()
    const release = world.provider.hold()
    const all = Array.from({ length: 100 }, (_, index) => world.verdict(world.token({ sub: `viewer-${index}` })))
    release()
    expect(new Set(await Promise.all(all))).toEqual(new Set(['ACCEPTED']))
    expect(world.provider.requests).toHaveLength(1)
    world.pass(10 * minutes - 1)
    const later = () => world.token({ exp: world.now / 1_000 + 60 })
    expect(await world.verdict(later())).toBe('ACCEPTED')
    expect(world.provider.requests).toHaveLength(1)
    world.pass(1)
    expect(await world.verdict(later())).toBe('ACCEPTED')
    expect(world.provider.requests).toHaveLength(2)
  })

  it('are not asked for because of names that somebody has made up, but once in 30 seconds', async () => {
    await using world = await start()
    expect(await world.verdict(world.token())).toBe('ACCEPTED')
    for (let index = 0; index < 200; index += 1) expect(await world.verdict(garbage(world, index))).toBe('INVALID')
    expect(world.provider.requests).toHaveLength(2)
    world.pass(29)
    expect(await world.verdict(garbage(world, 201))).toBe('INVALID')
    expect(world.provider.requests).toHaveLength(2)
    world.pass(1)
    const all = Array.from({ length: 200 }, (_, index) => world.verdict(garbage(world, index)))
    expect(new Set(await Promise.all(all))).toEqual(new Set(['INVALID']))
    expect(world.provider.requests).toHaveLength(3)
  })

  it('do not go away for a token that nobody has signed', async () => {
    await using world = await start()
    for (const header of [{ alg: 'none' }, { alg: 'HS256' }, { typ: 'logout+jwt' }, { crit: ['x'] }]) {
      expect(await world.verdict(world.token({}, header))).toBe('INVALID')
    }
    expect(world.provider.requests).toEqual([])
  })

  it('rotate in the middle of traffic: nobody with a good token is refused', async () => {
    await using world = await start()
    await world.verdict(world.token())
    world.provider.publish(first.jwk, second.jwk)
    const release = world.provider.hold()
    const withNew = Array.from({ length: 100 }, (_, index) =>
      world.verdict(world.token({ sub: `n${index}` }, {}, second)),
    )
    // Nobody with the old key waits for the request that is held.
    const withOld = Array.from({ length: 100 }, (_, index) => world.verdict(world.token({ sub: `o${index}` })))
    expect(new Set(await Promise.all(withOld))).toEqual(new Set(['ACCEPTED']))
    release()
    expect(new Set(await Promise.all(withNew))).toEqual(new Set(['ACCEPTED']))
    expect(world.provider.requests).toHaveLength(2)
  })

  it('are asked for anew when a key came while an answer was under way', async () => {
    await using world = await start()
    await world.verdict(world.token())
    world.pass(10 * minutes)
    const release = world.provider.hold()
    const session = world.verdict(world.token({ exp: world.now / 1_000 + 60 }))
    await expect.poll(() => world.provider.requests.length).toBe(2)
    // The answer that is held has the keys of before.
    world.provider.publish(first.jwk, second.jwk)
    const withNew = [1, 2, 3].map(index =>
      world.verdict(world.token({ sub: `n${index}`, exp: world.now / 1_000 + 60 }, {}, second)),
    )
    release()
    expect(await Promise.all([session, ...withNew])).toEqual(Array.from({ length: 4 }, () => 'ACCEPTED'))
    expect(world.provider.requests).toHaveLength(3)
  })

  it('that were removed stop being good with the next reading', async () => {
    await using world = await start()
    const token = world.token({ exp: world.now / 1_000 + hours })
    expect(await world.verdict(token)).toBe('ACCEPTED')
    world.provider.publish(second.jwk)
    expect(await world.verdict(token)).toBe('ACCEPTED')
    world.pass(10 * minutes)
    expect(await world.verdict(token)).toBe('INVALID')
    expect(await world.verdict(world.token({ exp: world.now / 1_000 + hours }, {}, second))).toBe('ACCEPTED')
  })

  it('that another one replaced under the same name stop being good too', async () => {
    await using world = await start()
    const token = world.token({ exp: world.now / 1_000 + hours })
    expect(await world.verdict(token)).toBe('ACCEPTED')
    world.provider.publish({ ...second.jwk, kid: 'first' })
    world.pass(10 * minutes)
    expect(await world.verdict(token)).toBe('INVALID')
  })

  it('are none when the provider says so', async () => {
    await using world = await start()
    const token = world.token({ exp: world.now / 1_000 + hours })
    expect(await world.verdict(token)).toBe('ACCEPTED')
    world.provider.publish()
    world.pass(10 * minutes)
    expect(await world.verdict(token)).toBe('INVALID')
    expect(await world.verdict(world.token({ exp: world.now / 1_000 + hours }, { kid: undefined }))).toBe('INVALID')
  })

  it('are read anew when the clock was set back', async () => {
    await using world = await start()
    await world.verdict(world.token())
    world.provider.publish(second.jwk)
    world.pass(-1 * hours)
    const claims = { iat: undefined, nbf: undefined }
    expect(await world.verdict(world.token(claims))).toBe('INVALID')
    expect(await world.verdict(world.token(claims, {}, second))).toBe('ACCEPTED')
  })
})

describe('an outage of the provider', () => {
  const outages: Readonly<Record<string, HttpMisbehaviour>> = {
    '500': { status: 500 },
    'a redirect': { status: 302, headers: { location: 'https://evil.example/jwks' } },
    HTML: { status: 200, headers: { 'content-type': 'text/html' }, body: '<html></html>' },
    'a cut connection': 'CUT_AT_ONCE',
    'no keys': { status: 200, headers: json, body: '{}' },
  }
  const tokenFor = (world: JwtWorld, header: object = {}) =>
    world.token({ exp: world.now / 1_000 + 300, nbf: undefined }, header)

  it.each(Object.keys(outages))('(%s) is not noticed for a day, and then nobody is recognised', async name => {
    await using world = await start()
    expect(await world.verdict(tokenFor(world))).toBe('ACCEPTED')
    world.provider.misbehave(outages[name] ?? 'HANG')
    world.pass(10 * minutes)
    expect(await world.verdict(tokenFor(world))).toBe('ACCEPTED')
    expect(world.changes).toEqual([expect.any(String)])
    // A key that nobody knows may be a new one.
    expect(await world.verdict(tokenFor(world, { kid: 'second' }))).toBe('UNAVAILABLE')
    world.pass(24 * hours - 10 * minutes - 1)
    expect(await world.verdict(tokenFor(world))).toBe('ACCEPTED')
    await expect.poll(() => world.provider.openConnections).toBe(0)
    world.pass(31)
    expect(await world.verdict(tokenFor(world))).toBe('UNAVAILABLE')
    expect(world.changes).toHaveLength(1)
  })

  it('ends as soon as there is an answer', async () => {
    await using world = await start()
    world.provider.misbehave({ status: 503 })
    expect(await world.verdict(tokenFor(world))).toBe('UNAVAILABLE')
    world.provider.misbehave(null)
    // Not with each request: those of the next five seconds are refused without asking.
    world.pass(4)
    expect(await world.verdict(tokenFor(world))).toBe('UNAVAILABLE')
    expect(world.provider.requests).toHaveLength(1)
    world.pass(1)
    expect(await world.verdict(tokenFor(world))).toBe('ACCEPTED')
    expect(world.changes).toEqual(['answered with the status 503', null])
  })

  it('costs the provider a request in 30 seconds, and nobody but the first has to wait for it', async () => {
    await using world = await start()
    await world.verdict(tokenFor(world))
    world.provider.misbehave({ status: 500 })
    world.pass(10 * minutes)
    for (let index = 0; index < 50; index += 1) expect(await world.verdict(tokenFor(world))).toBe('ACCEPTED')
    expect(world.provider.requests).toHaveLength(2)
    world.pass(30)
    const release = world.provider.hold()
    // The request is held, and they are answered.
    for (let index = 0; index < 50; index += 1) expect(await world.verdict(tokenFor(world))).toBe('ACCEPTED')
    await expect.poll(() => world.provider.requests.length).toBe(3)
    world.provider.misbehave(null)
    release()
    await expect.poll(() => world.changes.at(-1)).toBeNull()
  })

  it('that is over brings the keys of now', async () => {
    await using world = await start()
    await world.verdict(tokenFor(world))
    world.provider.misbehave({ status: 500 })
    world.pass(11 * hours)
    expect(await world.verdict(tokenFor(world))).toBe('ACCEPTED')
    world.provider.publish(second.jwk)
    world.provider.misbehave(null)
    world.pass(30)
    await world.verdict(tokenFor(world))
    await expect.poll(() => world.changes.at(-1)).toBeNull()
    expect(await world.verdict(tokenFor(world))).toBe('INVALID')
  })
  it('that ends while a key comes does not keep it waiting', async () => {
    await using world = await start()
    await world.verdict(tokenFor(world))
    world.provider.misbehave({ status: 500 })
    world.pass(10 * minutes)
    expect(await world.verdict(tokenFor(world))).toBe('ACCEPTED')
    world.pass(30)
    const release = world.provider.hold()
    expect(await world.verdict(tokenFor(world))).toBe('ACCEPTED')
    await expect.poll(() => world.provider.requests.length).toBe(3)
    // The answer that is held has the keys of before.
    world.provider.publish(first.jwk, second.jwk)
    world.provider.misbehave(null)
    const withNew = world.verdict(world.token({ exp: world.now / 1_000 + 60, nbf: undefined }, {}, second))
    release()
    expect(await withNew).toBe('ACCEPTED')
    expect(world.provider.requests).toHaveLength(4)
  })
})
