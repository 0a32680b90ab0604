import * as crypto from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ApiTokenStore } from '../../src/db/api-token-store.ts'
import { DatabaseError } from '../../src/db/database-error.ts'
import { WorkspaceScope } from '../../src/db/workspace-scope.ts'
import { createTokenAuthenticator } from '../../src/identity/token-authenticator.ts'
import { apiTokenHash } from '../../src/services/api-token-hash.ts'
import { apiTokenText, newApiTokenParts, parseApiToken } from '../../src/services/api-token-text.ts'
import { scopes } from '../../src/services/viewer.ts'
import { testDatabases } from '../servers/databases.ts'
import { viewerOf } from '../viewers.ts'
import { dayMs, minuteMs, openTokenWorld, refusalOf, type TokenWorld, tokenIdOf } from './token-world.ts'

vi.mock('node:crypto', { spy: true })

const secretOf = (text: string) => parseApiToken(text)?.secret ?? ''
const idOf = (text: string) => parseApiToken(text)?.id ?? ''

describe.each(testDatabases)('API tokens on $name', testDatabase => {
  let world: TokenWorld
  beforeEach(async () => {
    world = await openTokenWorld(testDatabase)
  })
  afterEach(async () => {
    await world.authenticator.settled()
    await world.close()
  })

  test('lets in whoever has one, as itself, in its workspace, with its scopes', async () => {
    const { secret, token } = await world.create(viewerOf('north'), { name: ' Nightly  ', rights: { role: 'analyst' } })
    const { viewer } = await world.authenticator.authenticate(secret)
    expect(viewer).toEqual({
      id: `token:${token.id}`,
      kind: 'API_TOKEN',
      displayName: 'Nightly',
      workspace: WorkspaceScope.of('north'),
      scopes: new Set(['connectors:read', 'datasets:read', 'datasets:query', 'datasets:write']),
      expiresAt: new Date(world.now().getTime() + 90 * dayMs),
      request: null,
    })
    expect(WorkspaceScope.isScope(viewer.workspace)).toBe(true)
  })

  test('refuses every token in which one character is wrong without asking the database', async () => {
    const { secret } = await world.create()
    const asked = vi.fn(() => Promise.reject(new Error('The database was asked.')))
    const authenticator = createTokenAuthenticator({
      store: { findToSignIn: asked, markUsed: asked },
      onFault: () => undefined,
    })
    for (let at = 0; at < secret.length; at++) {
      for (const other of ['0', 'Z', 'a', '_', '-', ' ', 'é']) {
        if (other === secret[at]) continue
        const changed = secret.slice(0, at) + other + secret.slice(at + 1)
        expect(await refusalOf(authenticator.authenticate(changed))).toMatchObject({
          fault: 'MALFORMED',
          viewerId: null,
        })
      }
    }
    expect(asked).not.toHaveBeenCalled()
  })

  test('takes only what begins as its tokens do', async () => {
    const { secret } = await world.create()
    expect(world.authenticator.accepts(secret)).toBe(true)
    for (const other of ['', 'pby', 'PBY_abc', ` ${secret}`, 'eyJhbGciOiJIUzI1NiJ9.e30.x', secret.slice(1)]) {
      expect(world.authenticator.accepts(other)).toBe(false)
    }
  })

  test('refuses an unknown id and a wrong secret alike, and tells nobody whose it was', async () => {
    const { token, secret } = await world.create()
    const other = await world.create(viewerOf('south'))
    const wrong = [
      apiTokenText(newApiTokenParts()),
      apiTokenText({ id: token.id, secret: newApiTokenParts().secret }),
      // The secret of one with the id of another, of another workspace too.
      apiTokenText({ id: token.id, secret: secretOf(other.secret) }),
      apiTokenText({ id: tokenIdOf(other), secret: secretOf(secret) }),
      // What is known of one token by heart.
      apiTokenText({ id: token.id, secret: apiTokenHash(secretOf(secret)).slice(0, 43) }),
      apiTokenText({ id: token.id, secret: '0'.repeat(43) }),
    ]
    const refusals = await Promise.all(wrong.map(text => refusalOf(world.authenticator.authenticate(text))))
    expect(new Set(refusals.map(refusal => JSON.stringify(refusal)))).toEqual(
      new Set([JSON.stringify({ fault: 'INVALID', viewerId: null, message: 'There is no such API token.' })]),
    )
    await expect(world.authenticator.authenticate(secret)).resolves.toBeDefined()
  })

  test('does the same work for an unknown id, a wrong secret and a right one', async () => {
    const { token, secret } = await world.create()
    // Its use is written now, and not again below.
    await world.authenticator.authenticate(secret)
    await world.authenticator.settled()
    const reads = vi.spyOn(world.apiTokenStore, 'findToSignIn')
    const digests = vi.mocked(crypto.createHash)
    const comparisons = vi.mocked(crypto.timingSafeEqual)

    const workFor = async (text: string) => {
      for (const counted of [reads, digests, comparisons]) counted.mockClear()
      await world.authenticator.authenticate(text).catch(() => undefined)
      return {
        reads: reads.mock.calls.length,
        digests: digests.mock.calls.map(([algorithm]) => algorithm),
        comparisons: comparisons.mock.calls.map(([one, two]) => [one.byteLength, two.byteLength]),
      }
    }
    const unknown = await workFor(apiTokenText(newApiTokenParts()))
    const wrong = await workFor(apiTokenText({ id: token.id, secret: newApiTokenParts().secret }))
    const right = await workFor(secret)
    expect(unknown).toEqual({ reads: 1, digests: ['sha256'], comparisons: [[32, 32]] })
    expect(wrong).toEqual(unknown)
    expect(right).toEqual(unknown)

    // One that could not be used any more is not told from another before its secret was compared.
    await world.service.revoke(viewerOf('north'), token.id)
    expect(await workFor(apiTokenText({ id: token.id, secret: newApiTokenParts().secret }))).toEqual(unknown)
    world.later(91 * dayMs)
    expect(await workFor(apiTokenText({ id: token.id, secret: newApiTokenParts().secret }))).toEqual(unknown)
  })

  test('says that one is expired or revoked only to who has its secret, and then whose it was', async () => {
    const expired = await world.create(viewerOf('north'), { expiresInDays: 1 })
    const revoked = await world.create(viewerOf('north'))
    const both = await world.create(viewerOf('north'), { expiresInDays: 1 })
    for (const each of [revoked, both]) await world.service.revoke(viewerOf('north'), tokenIdOf(each))
    world.later(dayMs - 1)
    await expect(world.authenticator.authenticate(expired.secret)).resolves.toBeDefined()
    world.later(1)

    const faults = async (each: typeof expired) => {
      const guess = apiTokenText({ id: tokenIdOf(each), secret: newApiTokenParts().secret })
      const known = await refusalOf(world.authenticator.authenticate(each.secret))
      const guessed = await refusalOf(world.authenticator.authenticate(guess))
      expect(known.viewerId).toBe(`token:${tokenIdOf(each)}`)
      expect(guessed.viewerId).toBeNull()
      return [known.fault, guessed.fault]
    }
    expect(await faults(expired)).toEqual(['EXPIRED', 'INVALID'])
    expect(await faults(revoked)).toEqual(['REVOKED', 'INVALID'])
    expect(await faults(both)).toEqual(['REVOKED', 'INVALID'])
  })

  test('gives no scope that has ceased to exist, and what a scope implies now', async () => {
    const { secret, token } = await world.create(viewerOf('north'), { rights: { scopes: ['datasets:read'] } })
    const { apiTokens } = world.database.tables
    const store = (given: readonly string[]) =>
      world.database.write(tx =>
        tx.update(apiTokens).set({ scopes: given }).where(eq(apiTokens.id, token.id)).returning(),
      )
    await store(['datasets:read', 'datasets:burn', 'constructor', ''])
    expect((await world.authenticator.authenticate(secret)).viewer.scopes).toEqual(new Set(['datasets:read']))
    await store(['connectors:write'])
    expect((await world.authenticator.authenticate(secret)).viewer.scopes).toEqual(
      new Set(['connectors:write', 'connectors:read']),
    )
    await store([])
    expect((await world.authenticator.authenticate(secret)).viewer.scopes).toEqual(new Set())
  })

  test('keeps a digest of the secret and nothing else of it', async () => {
    const { secret, token } = await world.create()
    const [row] = await world.database.read.select().from(world.database.tables.apiTokens)
    const stored = JSON.stringify(row)
    for (let at = 0; at + 8 <= secret.length - 17; at++) expect(stored).not.toContain(secret.slice(17 + at, 25 + at))
    expect(row).toMatchObject({ id: token.id, secretHash: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(JSON.stringify([world.recorded, world.faults])).not.toContain(secret.slice(17))
  })

  describe('a session', () => {
    test('is good until its token is revoked', async () => {
      const { secret, token } = await world.create()
      const session = await world.authenticator.authenticate(secret)
      expect(await session.isStillGood()).toBe(true)
      await world.service.revoke(viewerOf('north'), token.id)
      expect(await session.isStillGood()).toBe(false)
    })

    test('is good until its token expires', async () => {
      const { secret } = await world.create(viewerOf('north'), { expiresInDays: 2 })
      const session = await world.authenticator.authenticate(secret)
      world.later(2 * dayMs - 1)
      expect(await session.isStillGood()).toBe(true)
      world.later(1)
      expect(await session.isStillGood()).toBe(false)
    })

    test.each([
      ['is gone', null],
      ['has another secret', { secretHash: apiTokenHash('another') }],
      ['may do something else', { scopes: ['connectors:read'] }],
    ])('is over when its token %s', async (_, change) => {
      const { secret, token } = await world.create()
      const session = await world.authenticator.authenticate(secret)
      const { apiTokens } = world.database.tables
      const isToken = eq(apiTokens.id, token.id)
      await world.database.write(tx =>
        change === null
          ? tx.delete(apiTokens).where(isToken).returning()
          : tx.update(apiTokens).set(change).where(isToken).returning(),
      )
      expect(await session.isStillGood()).toBe(false)
    })

    test('hears of the revocation by a wake-up with its id', async () => {
      const { token } = await world.create()
      const heard = Promise.withResolvers<string>()
      const stop = world.database.listen(heard.resolve)
      await world.service.revoke(viewerOf('north'), token.id)
      expect(await heard.promise).toBe(`api-token:${token.id}`)
      stop()
    })
  })

  describe('when the database is away', () => {
    const away = (store: Partial<ApiTokenStore>) => {
      const faults: unknown[] = []
      const authenticator = createTokenAuthenticator({
        store: { findToSignIn: world.apiTokenStore.findToSignIn, markUsed: async () => undefined, ...store },
        onFault: fault => void faults.push(fault),
        now: world.now,
      })
      return { authenticator, faults }
    }

    test.each([new DatabaseError('UNAVAILABLE', 'It is away.'), new TypeError('A bug.')])(
      'nobody is let in (%s)',
      async fault => {
        const { secret } = await world.create()
        const { authenticator } = away({ findToSignIn: () => Promise.reject(fault) })
        const refusal = await refusalOf(authenticator.authenticate(secret))
        expect(refusal).toMatchObject({ fault: 'UNAVAILABLE', viewerId: null, cause: fault })
      },
    )

    test('a session cannot be judged, which is neither good nor over', async () => {
      const { secret } = await world.create()
      let isAway = false
      const { authenticator } = away({
        findToSignIn: id => (isAway ? Promise.reject(new Error('Away.')) : world.apiTokenStore.findToSignIn(id)),
      })
      const session = await authenticator.authenticate(secret)
      isAway = true
      expect(await refusalOf(session.isStillGood())).toMatchObject({ fault: 'UNAVAILABLE' })
      isAway = false
      expect(await session.isStillGood()).toBe(true)
    })

    test('that a use cannot be written stops nobody, and is not tried again for a minute', async () => {
      const { secret } = await world.create()
      const markUsed = vi.fn(() => Promise.reject(new Error('The disk is full.')))
      const { authenticator, faults } = away({ markUsed })
      for (let count = 0; count < 5; count++) await authenticator.authenticate(secret)
      await authenticator.settled()
      expect(markUsed).toHaveBeenCalledTimes(1)
      expect(faults).toHaveLength(1)
      world.later(minuteMs)
      await authenticator.authenticate(secret)
      expect(markUsed).toHaveBeenCalledTimes(2)
      await authenticator.settled()
    })
  })

  describe('when a token was last used', () => {
    const lastUsedAt = async (id: string) =>
      (await world.service.findMany(viewerOf('north'), [id]))[0]?.lastUsedAt?.toISOString() ?? null

    test('is known to the minute, with one write a minute however often it is used', async () => {
      const { secret, token } = await world.create()
      const other = await world.create()
      const writes = vi.spyOn(world.apiTokenStore, 'markUsed')
      const use = async (text: string) => {
        await Promise.all(Array.from({ length: 20 }, () => world.authenticator.authenticate(text)))
        await world.authenticator.settled()
      }
      expect(await lastUsedAt(token.id)).toBeNull()
      const first = world.now().toISOString()
      await use(secret)
      world.later(minuteMs - 1)
      await use(secret)
      expect(writes).toHaveBeenCalledTimes(1)
      expect(await lastUsedAt(token.id)).toBe(first)
      world.later(1)
      await use(secret)
      expect(writes).toHaveBeenCalledTimes(2)
      expect(await lastUsedAt(token.id)).toBe(world.now().toISOString())

      await use(other.secret)
      expect(writes).toHaveBeenCalledTimes(3)
      expect(await lastUsedAt(tokenIdOf(other))).toBe(world.now().toISOString())
    })

    test('is not written twice by two processes, and never moves back', async () => {
      const { secret, token } = await world.create()
      const second = createTokenAuthenticator({ store: world.apiTokenStore, onFault: () => undefined, now: world.now })
      await world.authenticator.authenticate(secret)
      await world.authenticator.settled()
      const used = world.now()
      const writes = vi.spyOn(world.apiTokenStore, 'markUsed')
      world.later(1000)
      await second.authenticate(secret)
      await second.settled()
      expect(writes).not.toHaveBeenCalled()
      // Both have read the row before either has written it.
      await world.apiTokenStore.markUsed(
        WorkspaceScope.of('north'),
        token.id,
        world.now(),
        new Date(used.getTime() - 1),
      )
      expect(await lastUsedAt(token.id)).toBe(used.toISOString())
      await world.apiTokenStore.markUsed(WorkspaceScope.of('south'), token.id, world.now(), world.now())
      expect(await lastUsedAt(token.id)).toBe(used.toISOString())
    })

    test('is nothing that a request waits for', async () => {
      const { secret } = await world.create()
      const writing = Promise.withResolvers<void>()
      const authenticator = createTokenAuthenticator({
        store: { findToSignIn: world.apiTokenStore.findToSignIn, markUsed: () => writing.promise },
        onFault: () => undefined,
        now: world.now,
      })
      await expect(authenticator.authenticate(secret)).resolves.toBeDefined()
      writing.resolve()
      await authenticator.settled()
    })

    test('is not moved by whoever is refused', async () => {
      const { token, secret } = await world.create()
      await refusalOf(
        world.authenticator.authenticate(apiTokenText({ id: token.id, secret: newApiTokenParts().secret })),
      )
      await world.service.revoke(viewerOf('north'), token.id)
      await refusalOf(world.authenticator.authenticate(secret))
      await world.authenticator.settled()
      expect(await lastUsedAt(token.id)).toBeNull()
    })
  })

  test('a revocation in the middle of many sign-ins is the last that any of them sees', async () => {
    const { secret, token } = await world.create(viewerOf('north'), { rights: { scopes } })
    let isRevoked = false
    const late: unknown[] = []
    const signIns = Array.from({ length: 60 }, async (_, index) => {
      for (let turn = 0; turn < index % 7; turn++) await new Promise(setImmediate)
      const wasRevoked = isRevoked
      const session = await world.authenticator.authenticate(secret).catch(() => null)
      if (wasRevoked && session) late.push(session)
    })
    const revocations = Array.from({ length: 5 }, () => world.service.revoke(viewerOf('north'), token.id))
    const revoked = await Promise.all(revocations)
    isRevoked = true
    await Promise.all(signIns)
    expect(late).toEqual([])
    expect((await refusalOf(world.authenticator.authenticate(secret))).fault).toBe('REVOKED')
    // Only the first has changed anything.
    expect(new Set(revoked.map(({ revokedAt }) => revokedAt?.getTime())).size).toBe(1)
    expect(idOf(secret)).toBe(token.id)
  })
})
