import { randomUUID } from 'node:crypto'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import type { Authenticator } from '../../src/identity/authenticator.ts'
import { createJwtAuthenticator } from '../../src/identity/jwt/create-jwt-authenticator.ts'
import { plainSecret } from '../canary/secrets.ts'
import { issueCertificate } from '../servers/certificates.ts'
import { installOidcProvider, oidcProviderHome } from './oidc-provider-install.ts'
import { ServerChild } from './server-child.ts'

const installation = await installOidcProvider()
const name = 'JSON Web Tokens of oidc-provider, a certified one'
if (installation.installed) describe(name, onOidcProvider)
else it(name, context => context.skip(installation.reason))

function onOidcProvider(): void {
  const root = issueCertificate({ commonName: 'Interop Root', authority: true })
  const certificate = issueCertificate({ commonName: 'login', issuer: root, names: ['127.0.0.1'], usage: 'server' })
  const client = { id: 'data-team', secret: plainSecret() }
  const algorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const
  const audienceOf = (algorithm: string) => `https://patchbay.example.com/${algorithm}`
  const elsewhere = 'https://other.example.com'
  const trusted = getCACertificates('default')
  let provider: ServerChild
  let issuer: string

  const privateKey = async (alg: string): Promise<JWK> => {
    const pair = await generateKeyPair(alg, { extractable: true })
    return { ...(await exportJWK(pair.privateKey)), kid: `key-of-${alg}`, alg, use: 'sig' }
  }

  beforeAll(async () => {
    provider = await ServerChild.start('oidc-provider-process.ts', oidcProviderHome, {
      key: certificate.key,
      certificate: certificate.certificate,
      clients: [
        {
          client_id: client.id,
          client_secret: client.secret,
          token_endpoint_auth_method: 'client_secret_post',
          grant_types: ['client_credentials'],
          redirect_uris: [],
          response_types: [],
          scope: 'connectors:read datasets:read billing',
        },
      ],
      resource: audienceOf('RS256'),
      scope: 'connectors:read datasets:read billing',
      algorithms: Object.fromEntries(algorithms.map(algorithm => [audienceOf(algorithm), algorithm])),
      claims: { 'https://patchbay.example.com/workspace': 'north', app: { label: 'Data team' } },
      jwks: { keys: await Promise.all(algorithms.map(privateKey)) },
    })
    issuer = `https://127.0.0.1:${provider.port}`
    // As NODE_EXTRA_CA_CERTS does it for a process that is started.
    setDefaultCACertificates([...trusted, root.certificate])
  })
  afterAll(async () => {
    setDefaultCACertificates(trusted)
    await provider?.[Symbol.asyncDispose]()
  })

  const authenticatorOf = (settings: Readonly<Record<string, string>> = {}): Authenticator => {
    const environment = {
      AUTH: 'jwt',
      JWT_ISSUER: issuer,
      JWT_AUDIENCE: algorithms.map(audienceOf).join(','),
      JWT_JWKS_URL: `${issuer}/jwks`,
      JWT_ALGORITHMS: algorithms.join(','),
      JWT_WORKSPACE_CLAIM: 'https://patchbay.example.com/workspace',
      JWT_ROLES_CLAIM: 'scope',
      JWT_NAME_CLAIM: 'app.label',
      ...settings,
    }
    const { jwt } = loadConfig(environment, { envFile: null })
    if (jwt === null) throw new Error('There are no settings.')
    return createJwtAuthenticator(jwt)
  }

  const tokenFor = async (resource: string, headers: Readonly<Record<string, string>> = {}): Promise<string> => {
    const response = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers,
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: client.id,
        client_secret: client.secret,
        scope: 'connectors:read datasets:read billing',
        resource,
      }),
    })
    const { access_token: token } = (await response.json()) as { readonly access_token: string }
    expect(response.status).toBe(200)
    return token
  }

  it.each(algorithms)('recognises whom it gave a token with %s', async algorithm => {
    const session = await authenticatorOf().authenticate(await tokenFor(audienceOf(algorithm)))
    expect(session.viewer).toMatchObject({
      id: 'user:data-team',
      kind: 'USER',
      displayName: 'Data team',
      workspace: { id: 'north' },
      scopes: new Set(['connectors:read', 'datasets:read']),
    })
    const seconds = ((session.viewer.expiresAt?.getTime() ?? 0) - Date.now()) / 1_000
    expect(seconds).toBeGreaterThan(500)
    expect(seconds).toBeLessThanOrEqual(600)
    expect(await session.isStillGood()).toBe(true)
  })

  it('refuses its tokens for others, and those of others', async () => {
    const token = await tokenFor(audienceOf('RS256'))
    const faultOf = (settings: Readonly<Record<string, string>>, given = token) =>
      authenticatorOf(settings)
        .authenticate(given)
        .then(
          () => 'ACCEPTED',
          ({ fault }: { readonly fault: string }) => fault,
        )
    expect(await faultOf({})).toBe('ACCEPTED')
    expect(await faultOf({}, await tokenFor(elsewhere))).toBe('INVALID')
    expect(await faultOf({ JWT_ISSUER: `${issuer}/` })).toBe('INVALID')
    expect(await faultOf({ JWT_ALGORITHMS: 'ES256' })).toBe('INVALID')
    expect(await faultOf({ JWT_WORKSPACE_CLAIM: 'workspace' })).toBe('INCOMPLETE')
    expect(await faultOf({ JWT_JWKS_URL: `${issuer}/elsewhere` })).toBe('UNAVAILABLE')
    const [header, payload, signature] = token.split('.')
    const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as object
    const changed = Buffer.from(JSON.stringify({ ...claims, scope: 'workspace:admin' })).toString('base64url')
    expect(await faultOf({}, `${header}.${changed}.${signature}`)).toBe('INVALID')
  })

  it('refuses a token that is bound to a key (DPoP)', async () => {
    const { publicKey, privateKey: key } = await generateKeyPair('ES256')
    const proof = await new SignJWT({ htm: 'POST', htu: `${issuer}/token`, jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(publicKey) })
      .setIssuedAt()
      .sign(key)
    const token = await tokenFor(audienceOf('RS256'), { dpop: proof })
    await expect(authenticatorOf().authenticate(token)).rejects.toMatchObject({ fault: 'INVALID', message: /"cnf"/ })
    await expect(authenticatorOf().authenticate(proof)).rejects.toMatchObject({ fault: 'INVALID' })
  })
}
