import { describe, expect, it } from 'vitest'
import { ConfigError, loadConfig } from '../../../src/config.ts'
import { roles } from '../../../src/services/roles.ts'

const load = (environment: Record<string, string>) => loadConfig(environment, { envFile: null })
const mistakesOf = (environment: Record<string, string>): readonly string[] => {
  try {
    load(environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
}

const needed = {
  AUTH: 'jwt',
  JWT_ISSUER: 'https://login.example.com/',
  JWT_AUDIENCE: 'https://patchbay.example.com, api://patchbay',
  JWT_JWKS_URL: 'https://login.example.com/jwks?tenant=north',
}
const production = { ...needed, NODE_ENV: 'production', MASTER_KEY_FILE: '/run/key' }

describe('the settings of JSON Web Tokens', () => {
  it('are nothing where they are not asked for', () => {
    expect(load({ ...needed, AUTH: 'none' }).jwt).toBeNull()
    expect(load({}).jwt).toBeNull()
  })

  it('need an issuer, an audience and the address of keys', () => {
    for (const environment of [production, needed]) {
      expect(load(environment).jwt).toEqual({
        issuer: 'https://login.example.com/',
        audiences: ['https://patchbay.example.com', 'api://patchbay'],
        keysUrl: 'https://login.example.com/jwks?tenant=north',
        algorithms: ['RS256', 'ES256', 'EdDSA'],
        workspaceClaim: 'workspace',
        rolesClaim: 'roles',
        nameClaim: 'name',
        roles: null,
      })
    }
    expect(mistakesOf({ AUTH: 'jwt' })).toEqual(
      ['JWT_ISSUER', 'JWT_AUDIENCE', 'JWT_JWKS_URL'].map(name => `${name} is not set, which "jwt" in AUTH needs.`),
    )
  })

  it('say what claims and their values mean', () => {
    const { jwt } = load({
      ...needed,
      JWT_ALGORITHMS: 'PS256,ES384',
      JWT_WORKSPACE_CLAIM: 'https://example.com/workspace',
      JWT_ROLES_CLAIM: 'resource_access.patchbay.roles',
      JWT_NAME_CLAIM: 'preferred_username',
      JWT_ROLES: 'data team=analyst+connectors:test, a=b=reader, a=b=audit:read',
    })
    expect(jwt).toMatchObject({
      algorithms: ['PS256', 'ES384'],
      workspaceClaim: 'https://example.com/workspace',
      rolesClaim: 'resource_access.patchbay.roles',
      nameClaim: 'preferred_username',
    })
    expect(jwt?.roles).toEqual(
      new Map([
        ['data team', [...roles.analyst, 'connectors:test']],
        ['a=b', [...roles.reader, 'audit:read']],
      ]),
    )
  })

  it.each([
    ['JWT_ALGORITHMS', 'HS256'],
    ['JWT_ALGORITHMS', 'RS256, HS512'],
    ['JWT_ALGORITHMS', 'none'],
    ['JWT_ALGORITHMS', 'NONE'],
    ['JWT_ALGORITHMS', 'rs256'],
    ['JWT_ALGORITHMS', 'RSA-OAEP'],
    ['JWT_ALGORITHMS', 'dir'],
    ['JWT_ALGORITHMS', ','],
    ['JWT_ISSUER', 'a b'],
    ['JWT_JWKS_URL', 'login.example.com/jwks'],
    ['JWT_JWKS_URL', 'file:///etc/passwd'],
    ['JWT_JWKS_URL', 'data:application/json,{}'],
    ['JWT_JWKS_URL', 'https://login.example.com/jwks#a'],
    ['JWT_JWKS_URL', 'http://login.example.com/jwks'],
    ['JWT_JWKS_URL', 'http://10.0.0.1/jwks'],
    ['JWT_WORKSPACE_CLAIM', 'a b'],
    ['JWT_WORKSPACE_CLAIM', 'app..workspace'],
    ['JWT_ROLES_CLAIM', '.roles'],
    ['JWT_NAME_CLAIM', 'x'.repeat(201)],
    ['JWT_ROLES', 'admin'],
    ['JWT_ROLES', '=admin'],
    ['JWT_ROLES', 'a=nobody'],
    ['JWT_ROLES', 'a=reader+'],
    ['JWT_ROLES', 'a='],
    ['JWT_AUDIENCE', ' , '],
  ])('%s is not %s', (name, value) => {
    const mistakes = mistakesOf({ ...needed, [name]: value })
    expect(mistakes).toEqual([expect.stringMatching(new RegExp(`^${name} `))])
  })

  it('do not tell the password of an address', () => {
    for (const url of ['https://u:canary-password@login.example.com/', 'http://u:canary-password@127.0.0.1/']) {
      const mistakes = mistakesOf({ ...needed, JWT_JWKS_URL: url })
      expect(mistakes).toEqual([expect.stringMatching(/^JWT_JWKS_URL must be an address/)])
      expect(mistakes.join()).not.toContain('canary-password')
    }
  })

  it.each(['http://127.0.0.1:8080/jwks', 'http://localhost/jwks', 'http://[::1]:1/jwks'])(
    'allow %s, but not in production',
    url => {
      expect(load({ ...needed, JWT_JWKS_URL: url }).jwt?.keysUrl).toBe(url)
      expect(mistakesOf({ ...production, JWT_JWKS_URL: url })).toEqual([expect.stringContaining('without encryption')])
    },
  )

  it('leave the provider open to connectors, which may get tokens of the same one', () => {
    expect(load(needed).infrastructureHosts).not.toContain('login.example.com')
  })
})
