import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ApiTokenRow } from '../../src/db/rows.ts'
import { apiTokenHash } from '../../src/services/api-token-hash.ts'
import { parseApiToken } from '../../src/services/api-token-text.ts'
import type { CreateApiTokenInput } from '../../src/services/api-tokens.ts'
import { ValidationError } from '../../src/services/errors.ts'
import { maxActiveTokens } from '../../src/services/issue-api-token.ts'
import { type Role, roles } from '../../src/services/roles.ts'
import { type Scope, scopes } from '../../src/services/viewer.ts'
import { dayMs, openTokenWorld, type TokenWorld } from '../identity/token-world.ts'
import { testDatabases } from '../servers/databases.ts'
import { viewerOf } from '../viewers.ts'

const withScopes = (id: string, ...given: Scope[]) => viewerOf('north', { id, displayName: id, scopes: new Set(given) })
const admin = viewerOf('north', { id: 'user:admin', displayName: 'Admin' })
const grace = withScopes('user:grace', 'tokens:manage', 'connectors:read', 'datasets:read')
const alan = withScopes('user:alan', 'tokens:manage', 'datasets:read')
const stranger = viewerOf('south', { id: 'user:admin' })

const issuesOf = async (attempt: Promise<unknown>) => {
  const error = await attempt.catch(reason => reason)
  if (!(error instanceof ValidationError)) throw error
  return error.issues.map(({ path, inputPath, message }) => ({ path, inputPath: inputPath.join('.'), message }))
}

describe.each(testDatabases)('the API token service on $name', testDatabase => {
  let world: TokenWorld
  beforeEach(async () => {
    world = await openTokenWorld(testDatabase)
  })
  afterEach(() => world.close())

  const namesSeenBy = async (viewer: typeof admin, filter = {}) =>
    (await world.service.page(viewer, { first: 100, after: null }, filter)).rows.map(({ name }) => name)

  describe('creating', () => {
    test('answers the token once, and keeps what is known of it', async () => {
      const { token, secret } = await world.create(grace, { name: '  Nightly\u0065\u0301 ', expiresInDays: 7 })
      const parts = parseApiToken(secret)
      expect(parts?.id).toBe(token.id)
      expect(token).toEqual({
        workspaceId: 'north',
        id: token.id,
        name: 'Nightlyé',
        secretHash: apiTokenHash(parts?.secret ?? ''),
        scopes: ['connectors:read', 'datasets:read'],
        createdAt: world.now(),
        createdById: 'user:grace',
        createdBy: 'user:grace',
        expiresAt: new Date(world.now().getTime() + 7 * dayMs),
        lastUsedAt: null,
        revokedAt: null,
        revokedBy: null,
      })
      expect(await world.service.findMany(grace, [token.id])).toEqual([token])
    })

    test('gives it 90 days unless told otherwise, and never more than 365', async () => {
      const days = async (expiresInDays?: number | null) => {
        const { token } = await world.create(grace, { ...(expiresInDays !== undefined && { expiresInDays }) })
        return (token.expiresAt.getTime() - token.createdAt.getTime()) / dayMs
      }
      expect([await days(), await days(null), await days(1), await days(365)]).toEqual([90, 90, 1, 365])
      for (const wrong of [0, -1, 366, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(await issuesOf(days(wrong))).toEqual([
          { path: 'expiresInDays', inputPath: 'expiresInDays', message: 'Must be from 1 to 365 days.' },
        ])
      }
    })

    test('takes any name of 1 to 100 characters, also one that another token has', async () => {
      const [one, two] = [await world.create(grace, { name: 'CI' }), await world.create(grace, { name: 'CI' })]
      expect(one.token.id).not.toBe(two.token.id)
      await world.create(grace, { name: '𝒳'.repeat(100) })
      for (const name of ['', '   ', '\u200b', 'a'.repeat(101), 'a\nb', 'a\0b', '\ud800', 'a\u202eb']) {
        expect(await issuesOf(world.create(grace, { name }))).toMatchObject([{ path: 'name', inputPath: 'name' }])
      }
    })

    test('tells of all mistakes at once', async () => {
      const wrong = { name: '', rights: { scopes: [] }, expiresInDays: 0 }
      expect((await issuesOf(world.create(grace, wrong))).map(({ path }) => path)).toEqual([
        'name',
        'rights.scopes',
        'expiresInDays',
      ])
    })

    test.each(Object.keys(roles) as Role[])('gives the scopes of the role %s as they are now', async role => {
      const { token } = await world.create(admin, { rights: { role } })
      expect(new Set(token.scopes)).toEqual(new Set(roles[role]))
    })

    test('shows what a scope implies as given too', async () => {
      const { token } = await world.create(admin, { rights: { scopes: ['workspace:admin', 'connectors:test'] } })
      expect(token.scopes).toEqual(['connectors:read', 'connectors:test', 'tokens:manage', 'workspace:admin'])
    })

    test.each(scopes)('nobody gives %s who does not have it', async scope => {
      const others = scopes.filter(each => each !== scope)
      const viewer = viewerOf('north', { scopes: new Set(others) })
      const [issue] = await issuesOf(world.create(viewer, { rights: { scopes: [scope] } }))
      expect(issue).toMatchObject({ path: 'rights.scopes', inputPath: 'rights.scopes' })
      expect(issue?.message).toContain(scope)
      const [ofRole] = await issuesOf(world.create(viewer, { rights: { role: 'admin' } }))
      expect(ofRole).toMatchObject({ path: 'rights.role', message: expect.stringContaining(scope) })
      expect(await world.service.count(admin, {})).toBe(0)
      expect(world.recorded).toEqual([])
    })

    test('a token makes tokens with its own scopes at most, which outlive it', async () => {
      const parent = await world.create(grace, {
        rights: { scopes: ['tokens:manage', 'datasets:read'] },
        expiresInDays: 1,
      })
      const { viewer } = await world.authenticator.authenticate(parent.secret)
      const child = await world.create(viewer, { rights: { scopes: ['datasets:read'] }, expiresInDays: 30 })
      expect(child.token).toMatchObject({ createdById: `token:${parent.token.id}`, createdBy: parent.token.name })
      await issuesOf(world.create(viewer, { rights: { scopes: ['connectors:read'] } }))
      await world.service.revoke(grace, parent.token.id)
      expect((await world.authenticator.authenticate(child.secret)).viewer.scopes).toEqual(new Set(['datasets:read']))
      await world.authenticator.settled()
    })

    test.each([
      ['revoked', (id: string) => world.service.revoke(grace, id)],
      ['expired', async () => world.later(dayMs)],
    ] as const)('a token that was %s after it was recognised makes none', async (_, end) => {
      const rights = { scopes: ['tokens:manage', 'datasets:read'] } as const
      const parent = await world.create(grace, { rights, expiresInDays: 1 })
      const { viewer } = await world.authenticator.authenticate(parent.secret)
      await world.create(viewer, { rights })
      await end(parent.token.id)
      const recorded = world.recorded.length
      expect(await issuesOf(world.create(viewer, { rights }))).toMatchObject([{ path: 'rights.scopes' }])
      expect(await world.service.count(viewer, {})).toBe(1)
      expect(world.recorded).toHaveLength(recorded)
      await world.authenticator.settled()
    })

    test('a workspace has 1000 that can be used, however many are asked for at once', async () => {
      const { apiTokens } = world.database.tables
      const { token } = await world.create(grace)
      const rows = (count: number, change: Partial<ApiTokenRow>) =>
        Array.from({ length: count }, (_, index) => ({ ...token, ...change, id: `${change.name}${index}` }))
      const filler = [
        ...rows(maxActiveTokens - 4, { name: 'live' }),
        ...rows(20, { name: 'revoked', revokedAt: world.now() }),
        ...rows(20, { name: 'expired', expiresAt: world.now() }),
        ...rows(20, { name: 'elsewhere', workspaceId: 'south' }),
      ]
      await world.database.write(async tx => {
        for (let start = 0; start < filler.length; start += 500) {
          await tx
            .insert(apiTokens)
            .values(filler.slice(start, start + 500))
            .returning({ id: apiTokens.id })
        }
      })
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => world.create(grace)))
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'LIMIT_REACHED', limit: 1000 })
      }
      expect(await world.service.count(admin, { status: 'ACTIVE' })).toBe(maxActiveTokens)
      await world.service.revoke(grace, token.id)
      await world.create(grace)
    }, 60_000)

    test('is in the audit log, in the transaction that makes it', async () => {
      const { token, secret } = await world.create(grace)
      expect(world.recorded).toEqual([
        {
          actor: grace,
          action: 'CREATE_API_TOKEN',
          target: { kind: 'API_TOKEN', id: token.id, name: 'CI' },
          changedFields: ['name', 'scopes', 'expiresAt'],
          details: { scopes: 'connectors:read datasets:read', expiresAt: token.expiresAt.toISOString() },
        },
      ])
      expect(JSON.stringify(world.recorded)).not.toContain(parseApiToken(secret)?.secret)
      world.failing.audit = true
      await expect(world.create(grace)).rejects.toThrow('The audit log is full.')
      await expect(world.service.revoke(grace, token.id)).rejects.toThrow('The audit log is full.')
      expect(await world.service.count(grace, { status: 'ACTIVE' })).toBe(1)
    })

    test('is refused where no token lets anybody in', async () => {
      const closed = await openTokenWorld(testDatabase, { takesTokens: false })
      try {
        await expect(closed.create(admin)).rejects.toMatchObject({ code: 'API_TOKENS_OFF' })
        expect(await closed.service.count(admin, {})).toBe(0)
      } finally {
        await closed.close()
      }
    })
  })

  describe('what a viewer sees and revokes', () => {
    beforeEach(async () => {
      for (const [viewer, name] of [
        [grace, 'of Grace'],
        [alan, 'of Alan'],
        [stranger, 'of a stranger'],
        [admin, 'of the admin'],
      ] as const) {
        await world.create(viewer, { name, rights: { scopes: ['datasets:read'] } })
        world.later(1)
      }
    })
    const all = ['of the admin', 'of Alan', 'of Grace']
    const idsOf = async (viewer: typeof admin) =>
      (await world.service.page(viewer, { first: 100, after: null }, {})).rows.map(({ id }) => id)

    test('are the own ones, and with workspace:admin those of everybody in the workspace', async () => {
      expect(await namesSeenBy(admin)).toEqual(all)
      expect(await namesSeenBy(admin, { createdByViewer: true })).toEqual(['of the admin'])
      expect(await namesSeenBy(admin, { createdByViewer: false })).toEqual(all)
      expect(await namesSeenBy(grace)).toEqual(['of Grace'])
      expect(await namesSeenBy(grace, { createdByViewer: false })).toEqual(['of Grace'])
      expect(await namesSeenBy(stranger)).toEqual(['of a stranger'])
      expect(await namesSeenBy(withScopes('user:nobody', 'tokens:manage'))).toEqual([])
      expect(await Promise.all([admin, grace, stranger].map(viewer => world.service.count(viewer, {})))).toEqual([
        3, 1, 1,
      ])
    })

    test('nobody else finds or revokes one: it is as if there were none', async () => {
      const [id = ''] = await idsOf(alan)
      const refusals: unknown[] = []
      const before = await world.service.findMany(alan, [id])
      for (const viewer of [grace, stranger, withScopes('user:alan'), withScopes('user:x', 'tokens:manage')]) {
        expect(await world.service.findMany(viewer, [id])).toEqual([null])
        for (const each of [id, 'AbCdEfGhIjKl', '', '\0', '\ud800']) {
          refusals.push(await world.service.revoke(viewer, each).catch(error => `${error.code}: ${error.message}`))
        }
      }
      expect(new Set(refusals)).toEqual(new Set(['NOT_FOUND: There is no such API token.']))
      expect(await world.service.findMany(alan, [id])).toEqual(before)
      expect(world.recorded.filter(({ action }) => action === 'REVOKE_API_TOKEN')).toEqual([])
      expect(
        before.map(
          token => token && [grace, stranger, admin, alan].map(viewer => world.service.mayRevoke(viewer, token)),
        ),
      ).toEqual([[false, true, true, true]])
    })

    test('revoking once is for good, and again changes nothing', async () => {
      const [id = ''] = await idsOf(alan)
      const at = world.now()
      const revoked = await world.service.revoke(admin, id)
      expect(revoked).toMatchObject({ id, revokedAt: at, revokedBy: 'Admin' })
      world.later(dayMs)
      expect(await world.service.revoke(alan, id)).toEqual(revoked)
      expect(await world.service.findMany(alan, [id])).toEqual([revoked])
      const entries = world.recorded.filter(({ action }) => action === 'REVOKE_API_TOKEN')
      expect(entries).toEqual([
        {
          actor: admin,
          action: 'REVOKE_API_TOKEN',
          target: { kind: 'API_TOKEN', id, name: 'of Alan' },
          changedFields: ['revokedAt'],
        },
        {
          actor: alan,
          action: 'REVOKE_API_TOKEN',
          target: { kind: 'API_TOKEN', id, name: 'of Alan' },
          changedFields: [],
        },
      ])
    })

    test('lists by status, of which every token has one', async () => {
      const [ofAdmin = '', ofAlan = ''] = await idsOf(admin)
      await world.service.revoke(admin, ofAlan)
      const { token } = await world.create(grace, { name: 'short', expiresInDays: 1 })
      world.later(dayMs)
      const byStatus = async () => ({
        ACTIVE: await namesSeenBy(admin, { status: 'ACTIVE' }),
        EXPIRED: await namesSeenBy(admin, { status: 'EXPIRED' }),
        REVOKED: await namesSeenBy(admin, { status: 'REVOKED' }),
      })
      expect(await byStatus()).toEqual({
        ACTIVE: ['of the admin', 'of Grace'],
        EXPIRED: ['short'],
        REVOKED: ['of Alan'],
      })
      const rows = await world.service.findMany(admin, [ofAdmin, ofAlan, token.id])
      expect(rows.map(row => row && world.service.status(row))).toEqual(['ACTIVE', 'REVOKED', 'EXPIRED'])
      expect(await world.service.count(admin, { status: 'EXPIRED' })).toBe(1)
      // An expired one can still be revoked, and then counts as that.
      await world.service.revoke(admin, token.id)
      expect(await byStatus()).toMatchObject({ EXPIRED: [], REVOKED: ['short', 'of Alan'] })
    })

    test('comes in pages, each token once, also of those made at the same instant', async () => {
      const inputs = Array.from({ length: 23 }, (_, index): Partial<CreateApiTokenInput> => ({ name: `n${index}` }))
      for (const input of inputs) await world.create(grace, input)
      const seen: string[] = []
      for (let after: string | null = null; ; ) {
        const page = await world.service.page(grace, { first: 5, after }, {})
        seen.push(...page.rows.map(({ id }) => id))
        after = page.cursors.at(-1) ?? null
        if (!page.hasNextPage) break
      }
      expect(seen).toHaveLength(24)
      expect(new Set(seen)).toEqual(new Set(await idsOf(grace)))
      const [cursor = ''] = (await world.service.page(grace, { first: 1, after: null }, {})).cursors
      await expect(world.service.page(grace, { first: 1, after: cursor }, { status: 'ACTIVE' })).rejects.toThrow(
        'This cursor does not belong to this list',
      )
    })
  })
})
