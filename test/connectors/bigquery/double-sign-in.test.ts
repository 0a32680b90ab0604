import { createPrivateKey } from 'node:crypto'
import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { GoogleRefusal } from '../../servers/google-refusals.ts'
import { GoogleRights } from '../../servers/google-rights.ts'
import { googleScopes } from '../../servers/google-scopes.ts'
import { GoogleSignIn, type SignInOptions } from '../../servers/google-sign-in.ts'
import { GoogleTokens } from '../../servers/google-tokens.ts'
import { helper, helperGrants, reader } from './bigquery-run.ts'

const noon = 1_800_000_000

function signInAt(change: Partial<SignInOptions> = {}) {
  const now = () => noon * 1_000
  const tokens = new GoogleTokens(now)
  const options = { accounts: [reader, helper], disabled: [], revokedKeys: [], rights: new GoogleRights(helperGrants) }
  return { tokens, signIn: new GoogleSignIn({ ...options, tokens, now, ...change }) }
}

interface Assertion {
  readonly account?: typeof reader
  readonly header?: object
  readonly claims?: object
}

async function formOf({ account = reader, header = {}, claims = {} }: Assertion = {}): Promise<URLSearchParams> {
  const payload = {
    iss: reader.email,
    aud: 'https://oauth2.googleapis.com/token',
    iat: noon,
    exp: noon + 3_600,
    scope: googleScopes.bigquery,
    ...claims,
  }
  const assertion = await new SignJWT(payload)
    .setProtectedHeader({ alg: 'RS256', kid: reader.key.id, ...header })
    .sign(createPrivateKey(account.key.privateKey))
  return new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion })
}

function refusalOf(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    if (error instanceof GoogleRefusal) return error.body
    throw error
  }
  throw new Error('It was let in.')
}

describe("the double of Google's token endpoint", () => {
  it('gives a token for what was asked for, as long as the assertion is good', async () => {
    const { signIn, tokens } = signInAt()
    const answer = signIn.exchange(await formOf({ claims: { exp: noon + 600 } })) as { access_token: string }
    expect(answer).toMatchObject({ expires_in: 599, token_type: 'Bearer' })
    expect(tokens.find(answer.access_token)).toMatchObject({ email: reader.email, scopes: [googleScopes.bigquery] })
    expect(signIn.tokenInfo(answer.access_token)).toMatchObject({ email: reader.email, expires_in: '600' })
  })

  const long = /^Invalid JWT: Token must be a short-lived token/
  it.each<[string, Assertion, Partial<SignInOptions>, string, RegExp]>([
    ['the key of another', { account: helper }, {}, 'invalid_grant', /^Invalid JWT Signature\.$/],
    ['an unknown key id', { header: { kid: 'x' } }, {}, 'invalid_grant', /^Invalid JWT Signature\.$/],
    ['a deleted key', {}, { revokedKeys: [reader.key.id] }, 'invalid_grant', /^Invalid JWT Signature\.$/],
    ['nobody', { claims: { iss: 'x@y.iam.gserviceaccount.com' } }, {}, 'invalid_grant', /account not found$/],
    ['an account turned off', {}, { disabled: [reader.email] }, 'invalid_grant', /account disabled$/],
    ['another audience', { claims: { aud: 'https://evil.example/token' } }, {}, 'invalid_grant', /audience check/],
    ['a long life', { claims: { exp: noon + 3_601 } }, {}, 'invalid_grant', long],
    ['the future', { claims: { iat: noon + 301, exp: noon + 900 } }, {}, 'invalid_grant', long],
    ['the past', { claims: { iat: noon - 3_901, exp: noon - 301 } }, {}, 'invalid_grant', long],
    ['no scope', { claims: { scope: '' } }, {}, 'invalid_scope', /./],
    ['a scope that there is not', { claims: { scope: 'everything' } }, {}, 'invalid_scope', /./],
    ['somebody else', { claims: { sub: 'ann@example.com' } }, {}, 'unauthorized_client', /./],
  ])('refuses an assertion with %s', async (_, assertion, change, error, description) => {
    const { signIn } = signInAt(change)
    const form = await formOf(assertion)
    expect(refusalOf(() => signIn.exchange(form))).toEqual({
      error,
      error_description: expect.stringMatching(description),
    })
  })

  it.each([-300, 300])('lets clocks differ by %i seconds', async seconds => {
    const { signIn } = signInAt()
    const form = await formOf({ claims: { iat: noon + seconds, exp: noon + seconds + 3_600 } })
    expect(signIn.exchange(form)).toHaveProperty('access_token')
  })

  it('lets whoever may make tokens of another account do so, for an hour at most', () => {
    const { signIn, tokens } = signInAt()
    const caller = tokens.issue(helper.email, [googleScopes.cloudPlatform])
    const ask = (email: string, body: object) => signIn.impersonate(caller, email, body as Record<string, unknown>)
    const scope = [googleScopes.bigquery]
    const { accessToken } = ask(reader.email, { scope, lifetime: '300s' }) as { accessToken: string }
    expect(tokens.find(accessToken)).toMatchObject({ email: reader.email, expiresAt: (noon + 300) * 1_000 })
    const codeOf = (email: string, body: object) =>
      (refusalOf(() => ask(email, body)) as { error: { code: number } }).error.code
    expect(codeOf(reader.email, { scope, lifetime: '3601s' })).toBe(400)
    expect(codeOf(reader.email, {})).toBe(400)
    expect(codeOf(helper.email, { scope })).toBe(403)
    expect(codeOf('nobody@acme-analytics.iam.gserviceaccount.com', { scope })).toBe(403)
  })
})
