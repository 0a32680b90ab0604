import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newSigningKey, type SigningKey } from '../identity/jwt/signing-key.ts'
import { audience, issuer, tokenOf } from '../identity/jwt/world.ts'
import { JwksDouble } from '../servers/jwks-double.ts'
import { startTenants, type Tenants } from './tenants.ts'

const key = newSigningKey('ES256', 'first')
const who = '{ viewer { id kind displayName workspaceId scopes expiresAt } }'
const workspaceClaim = 'https://patchbay.example.com/workspace'

/** Of now, for `seconds`. */
function tokenFor(claims: object = {}, seconds = 300, signer: SigningKey = key): string {
  const now = Math.floor(Date.now() / 1_000)
  const usual = {
    iss: issuer,
    aud: audience,
    sub: 'ada',
    name: 'Ada Lovelace',
    [workspaceClaim]: 'north',
    groups: ['data team'],
  }
  const times = { iat: now - 60, exp: now + seconds }
  const header = { alg: signer.alg, kid: signer.kid, typ: 'at+jwt' }
  return tokenOf(header, { ...usual, ...times, ...claims }, data => signer.signatureOf(data))
}

async function startWith(provider: JwksDouble): Promise<Tenants> {
  return startTenants({
    auth: 'jwt, tokens',
    environment: {
      JWT_ISSUER: issuer,
      JWT_AUDIENCE: audience,
      JWT_JWKS_URL: provider.keysUrl,
      JWT_WORKSPACE_CLAIM: workspaceClaim,
      JWT_ROLES_CLAIM: 'groups',
      JWT_ROLES: 'data team=reader+connectors:test',
    },
  })
}

const post = (tenants: Tenants, authorization: string | null, query: string) =>
  tenants.withAuthorization(authorization).raw(JSON.stringify({ query }))

describe('the API with JSON Web Tokens', () => {
  let provider: JwksDouble
  let tenants: Tenants
  const given: string[] = []
  const bearer = (token: string) => {
    given.push(token)
    return `Bearer ${token}`
  }
  beforeAll(async () => {
    provider = await JwksDouble.start([key.jwk])
    tenants = await startWith(provider)
  })
  afterAll(async () => {
    await tenants?.[Symbol.asyncDispose]()
    await provider?.[Symbol.asyncDispose]()
  })

  it('knows whose token it is, and what it may do', async () => {
    const ada = tenants.withAuthorization(bearer(tokenFor()))
    expect((await ada.fetchGraphql(who)).data).toEqual({
      viewer: {
        id: 'user:ada',
        kind: 'USER',
        displayName: 'Ada Lovelace',
        workspaceId: 'north',
        scopes: expect.arrayContaining(['CONNECTORS_READ', 'CONNECTORS_TEST', 'DATASETS_READ']),
        expiresAt: expect.any(String),
      },
    })
    const refused = await ada.fetchGraphql('{ apiTokens(first: 1) { nodes { id } } }')
    expect(refused.errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['FORBIDDEN'])
    expect(provider.requests).toHaveLength(1)
  })

  it('lets an API token in beside', async () => {
    const program = await tenants.tenant('south')
    expect((await program.fetchGraphql(who)).data).toMatchObject({
      viewer: { kind: 'API_TOKEN', workspaceId: 'south' },
    })
  })

  it('answers what is not good all alike', async () => {
    const none = { alg: 'none', kid: 'first' }
    const tokens = {
      forged: tokenFor({}, 300, newSigningKey('ES256', 'first')),
      unsigned: tokenOf(none, { iss: issuer, aud: audience, sub: 'ada', [workspaceClaim]: 'north' }, null),
      'for another audience': tokenFor({ aud: 'https://other.example.com' }),
      'of another issuer': tokenFor({ iss: `${issuer}/` }),
      'without a workspace': tokenFor({ [workspaceClaim]: undefined }),
      'for a workspace that cannot be': tokenFor({ [workspaceClaim]: '../north' }),
      'with an unknown key': tokenFor({}, 300, newSigningKey('ES256', 'second')),
    }
    const answers = new Set<string>()
    for (const token of Object.values(tokens)) {
      const response = await post(tenants, bearer(token), who)
      expect(response.status).toBe(401)
      const { errors } = (await response.json()) as {
        readonly errors: readonly { message: string; extensions: object }[]
      }
      const [error] = errors
      answers.add(
        JSON.stringify([
          response.headers.get('www-authenticate'),
          error?.message,
          { ...error?.extensions, requestId: '' },
        ]),
      )
    }
    expect([...answers]).toEqual([expect.stringContaining('UNAUTHENTICATED')])
  })

  it('says that a token has expired, so that clients get another one', async () => {
    const response = await post(tenants, bearer(tokenFor({}, -31)), who)
    expect(response.status).toBe(401)
    expect(await response.text()).toMatch(/expired/)
  })

  it('writes no token into its log', async () => {
    expect(given.length).toBeGreaterThan(8)
    for (const token of given) {
      for (const part of token.split('.').filter(text => text !== '')) expect(tenants.log()).not.toContain(part)
    }
  })

  it('ends streams when the token is no longer good', async () => {
    // Good for five seconds more, with the tolerance.
    const ada = tenants.withAuthorization(bearer(tokenFor({}, -25)))
    const codes: unknown[] = []
    const stream = ada.subscribe(`subscription {
      testConnection(input: { target: { draft: { simulator: { scenario: HANG } } } }) { __typename }
    }`)
    for await (const { errors = [] } of stream) codes.push(...errors.map(({ extensions }) => extensions?.['code']))
    expect(codes).toEqual(['UNAUTHENTICATED'])
    expect((await ada.fetchGraphql(who)).status).toBe(401)
  })
})

it('an outage of the provider is no refusal', async () => {
  await using provider = await JwksDouble.start([key.jwk])
  provider.misbehave({ status: 503 })
  await using tenants = await startWith(provider)
  const response = await post(tenants, `Bearer ${tokenFor()}`, who)
  expect(response.status).toBe(503)
  expect(await response.text()).toContain('UNAVAILABLE')
  expect(tenants.log()).toContain('answered with the status 503')
  // API tokens need nobody else.
  const program = await tenants.tenant('north')
  expect((await program.fetchGraphql(who)).status).toBe(200)
})
