import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AuthenticationError } from '../../../src/identity/authenticator.ts'
import { claimAt } from '../../../src/identity/jwt/claim-at.ts'
import type { JwtSettings } from '../../../src/identity/jwt/settings.ts'
import { scopesNamed } from '../../../src/services/roles.ts'
import { grantedScopes, type Scope, scopes, type Viewer } from '../../../src/services/viewer.ts'
import { JwtWorld, noonSeconds } from './world.ts'

let world: JwtWorld
beforeAll(async () => {
  world = await JwtWorld.start()
})
afterAll(() => world[Symbol.asyncDispose]())

/** Whom a good token with these claims is of. */
async function viewerOf(claims: object, settings: Partial<JwtSettings> = {}): Promise<Viewer> {
  await using other = await JwtWorld.start({ key: world.key, settings })
  return (await other.authenticator.authenticate(other.token(claims))).viewer
}
const scopesOf = async (claims: object, settings: Partial<JwtSettings> = {}) =>
  [...(await viewerOf(claims, settings)).scopes].sort()
const expected = (...names: readonly string[]) =>
  [...grantedScopes(names.flatMap(name => scopesNamed(name) ?? []))].sort()

describe('a viewer of a JSON Web Token', () => {
  it('is who the provider says, until the token expires', async () => {
    expect(await viewerOf({ sub: 'auth0|5f3c' })).toEqual({
      id: 'user:auth0|5f3c',
      kind: 'USER',
      displayName: 'Ada Lovelace',
      workspace: expect.objectContaining({ id: 'north' }),
      scopes: new Set(['connectors:read', 'datasets:read']),
      expiresAt: new Date((noonSeconds + 540) * 1_000),
      request: null,
    })
  })

  it.each([undefined, null, '', 1, ['ada'], { sub: 'ada' }, 'a'.repeat(256), 'a\0b', '\ud800'])(
    'has a subject, not %j',
    async sub => expect(await world.verdict(world.token({ sub }))).toBe('INCOMPLETE'),
  )

  it('has a subject of up to 255 characters', async () => {
    expect((await viewerOf({ sub: 'a'.repeat(255) })).id).toBe(`user:${'a'.repeat(255)}`)
  })

  it('is named in the log when the token has expired, and not when somebody else has made it', async () => {
    const refusal = (token: string) => world.authenticator.authenticate(token).catch((error: unknown) => error)
    const expired = await refusal(world.token({ exp: noonSeconds - 60, sub: 'ada' }))
    expect(expired).toBeInstanceOf(AuthenticationError)
    expect(expired).toMatchObject({ fault: 'EXPIRED', viewer: { id: 'user:ada', workspace: { id: 'north' } } })
    const nameless = await refusal(world.token({ exp: noonSeconds - 60, workspace: undefined }))
    expect(nameless).toMatchObject({ fault: 'EXPIRED', viewer: null })
    const elsewhere = await refusal(world.token({ exp: noonSeconds - 60, aud: 'https://other.example.com' }))
    expect(elsewhere).toMatchObject({ fault: 'INVALID', viewer: null })
    const [header, payload] = world.token({ exp: noonSeconds - 60 }).split('.')
    const forged = await refusal(`${header}.${payload}.${Buffer.alloc(256).toString('base64url')}`)
    expect(forged).toMatchObject({ fault: 'INVALID', viewer: null })
  })
})

describe('the workspace', () => {
  it('is found by a name, a path, or a name that is a URL', async () => {
    const url = 'https://example.com/workspace'
    const found = async (claims: object, workspaceClaim: string) =>
      (await viewerOf({ workspace: undefined, ...claims }, { workspaceClaim })).workspace.id
    expect(await found({ org_id: 'south' }, 'org_id')).toBe('south')
    expect(await found({ app: { team: { id: 'south' } } }, 'app.team.id')).toBe('south')
    expect(await found({ [url]: 'south', 'https://example': { 'com/workspace': 'north' } }, url)).toBe('south')
    expect(await found({ 'app.team': 'south', app: { team: 'north' } }, 'app.team')).toBe('south')
  })

  it.each([
    undefined,
    null,
    '',
    1,
    true,
    ['north'],
    ['north', 'south'],
    { id: 'north' },
    'north ',
    'north/../south',
    '../north',
    '-north',
    'n'.repeat(65),
    'nørth',
    'north\0',
  ])('is an id and not %j', async workspace => {
    expect(await world.verdict(world.token({ workspace }))).toBe('INCOMPLETE')
  })

  it.each(['__proto__.id', 'constructor.name', 'toString', 'sub.length', 'roles.0', 'roles.length', '__proto__'])(
    'is not found by %s in what every object has',
    async workspaceClaim => {
      await using other = await JwtWorld.start({ key: world.key, settings: { workspaceClaim } })
      expect(await other.verdict(other.token())).toBe('INCOMPLETE')
    },
  )
})

it('claims that an object only inherits are none', () => {
  const inherited: object = Object.create({ id: 'north' })
  expect(claimAt({ app: inherited }, 'app.id')).toBeUndefined()
  expect(claimAt({ app: { id: 'north' } }, 'app.id')).toBe('north')
})

describe('the scopes', () => {
  it('are those of roles and scopes by their names', async () => {
    expect(await scopesOf({ roles: ['analyst'] })).toEqual(expected('analyst'))
    expect(await scopesOf({ roles: ['auditor', 'reader'] })).toEqual(expected('auditor', 'reader'))
    expect(await scopesOf({ roles: ['connectors:test', 'audit:read'] })).toEqual(
      expected('connectors:test', 'audit:read'),
    )
    expect(await scopesOf({ roles: ['admin'] })).toEqual([...scopes].sort())
  })

  it('are read from a text with spaces, as OAuth writes scopes', async () => {
    expect(await scopesOf({ roles: 'editor  audit:read' })).toEqual(expected('editor', 'audit:read'))
    expect(await scopesOf({ roles: undefined, scope: 'openid connectors:read' }, { rolesClaim: 'scope' })).toEqual([
      'connectors:read',
    ])
    expect(await scopesOf({ roles: undefined, scp: ['connectors:read', 'email'] }, { rolesClaim: 'scp' })).toEqual([
      'connectors:read',
    ])
  })

  it('are found by a path', async () => {
    const claims = { roles: ['admin'], resource_access: { patchbay: { roles: ['reader'] } } }
    expect(await scopesOf(claims, { rolesClaim: 'resource_access.patchbay.roles' })).toEqual(expected('reader'))
    expect(await scopesOf(claims, { rolesClaim: 'resource_access.other.roles' })).toEqual([])
  })

  it('are not those of the claims scope and scp, unless they are set to be', async () => {
    expect(await scopesOf({ roles: [], scope: 'workspace:admin', scp: ['admin'] })).toEqual([])
  })

  it.each([
    undefined,
    null,
    '',
    [],
    ['Admin', 'ADMIN', 'admin ', 'administrator', 'superuser', '*', 'connectors:*', 'connectors', ''],
    'admin,reader',
    ['admin reader'],
    [['admin']],
    [{ admin: true }],
    { admin: true },
    { roles: ['admin'] },
    true,
    1,
    ['__proto__', 'constructor', 'toString', 'hasOwnProperty'],
  ])('are none for %j, and the viewer is a viewer', async roles => {
    expect(await world.verdict(world.token({ roles }))).toBe('ACCEPTED')
    expect(await scopesOf({ roles })).toEqual([])
  })

  it('are those that the operator says, and no others then', async () => {
    const roles = new Map<string, readonly Scope[]>([
      ['data team', ['connectors:read', 'connectors:test']],
      ['3f0c-platform', scopes],
    ])
    expect(await scopesOf({ roles: ['data team', 'admin', 'editor'] }, { roles })).toEqual([
      'connectors:read',
      'connectors:test',
    ])
    expect(await scopesOf({ roles: ['3f0c-platform'] }, { roles })).toEqual([...scopes].sort())
    expect(await scopesOf({ roles: ['admin', 'audit:read'] }, { roles })).toEqual([])
  })
})

describe('the name', () => {
  it.each([
    ['  Ada\n Lovelace\t', 'Ada Lovelace'],
    ['Ada\u202e ecalevoL\u202c', 'Ada ecalevoL'],
    ['A\u0000d\u0007a', 'A d a'],
    ['😀'.repeat(150), '😀'.repeat(100)],
    ['x'.repeat(5_000), 'x'.repeat(100)],
    [undefined, 'ada'],
    [' \u200b\n', 'ada'],
    [['Ada'], 'ada'],
    [1, 'ada'],
  ])('%j becomes %j', async (name, displayName) => {
    expect((await viewerOf({ sub: 'ada', name })).displayName).toBe(displayName)
  })

  it('comes from the claim that is set', async () => {
    const claims = { preferred_username: 'ada', profile: { label: 'Countess' } }
    expect((await viewerOf(claims, { nameClaim: 'preferred_username' })).displayName).toBe('ada')
    expect((await viewerOf(claims, { nameClaim: 'profile.label' })).displayName).toBe('Countess')
  })
})

describe('the authenticator', () => {
  it('leaves API tokens to others', () => {
    expect(world.authenticator.accepts('pby_0123456789ab_abc')).toBe(false)
    expect(world.authenticator.accepts(world.token())).toBe(true)
    expect(world.authenticator.accepts('')).toBe(false)
  })
})
