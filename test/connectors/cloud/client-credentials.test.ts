import { describe, expect, it } from 'vitest'
import { clientCredentialsToken } from '../../../src/connectors/cloud/client-credentials.ts'
import { HttpCallError } from '../../../src/connectors/cloud/http-caller.ts'
import { CloudDouble, callerAt } from './cloud-double.ts'

const fields = { clientId: 'auth.clientId', clientSecret: 'auth.clientSecret', scope: 'auth.scope' }

async function ask(status: number, body: unknown, client = { clientId: 'client', clientSecret: 'client-secret-4Kd' }) {
  await using double = await CloudDouble.start(response => {
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  const caller = await callerAt(double)
  try {
    const signal = AbortSignal.timeout(10_000)
    const asked = { ...client, path: '/oauth/token', scope: 'a b', signal, budgetMs: 5_000, fields }
    return { token: await clientCredentialsToken(caller, asked), received: double.received }
  } finally {
    caller.close()
  }
}

const refusal = async (status: number, body: unknown) => {
  const error: unknown = await ask(status, body).catch((caught: unknown) => caught)
  if (!(error instanceof HttpCallError)) throw new Error(`It has come to ${String(error)}.`)
  expect(JSON.stringify(error.problem)).not.toContain('client-secret-4Kd')
  return error.problem
}

describe('an access token for a client', () => {
  it('is asked for as RFC 6749 says: the client signs in by Basic, with both parts encoded', async () => {
    const client = { clientId: 'a:b ü', clientSecret: 'p%s+:ß' }
    const { token, received } = await ask(
      200,
      { access_token: 'tok', token_type: 'bearer', expires_in: '3600' },
      client,
    )
    expect(token).toMatchObject({ token: 'tok', expiresInSeconds: 3_600 })
    const [request] = received
    expect(request).toMatchObject({ method: 'POST', path: '/oauth/token' })
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      grant_type: 'client_credentials',
      scope: 'a b',
    })
    const basic = Buffer.from(String(request?.headers.authorization).replace('Basic ', ''), 'base64').toString()
    expect(basic).toBe('a%3Ab+%C3%BC:p%25s%2B%3A%C3%9F')
  })

  it.each([
    [
      401,
      { error: 'invalid_client', error_description: 'Unknown client' },
      'CLOUD_CREDENTIALS_REJECTED',
      'auth.clientSecret',
    ],
    [400, { error: 'invalid_client' }, 'CLOUD_CREDENTIALS_REJECTED', 'auth.clientSecret'],
    [400, { error: 'invalid_scope' }, 'CLOUD_REQUEST_INVALID', 'auth.scope'],
    [400, { error: 'unauthorized_client' }, 'CLOUD_ACCESS_DENIED', 'auth.clientId'],
    [403, {}, 'CLOUD_ACCESS_DENIED', 'auth.clientId'],
    [404, {}, 'CLOUD_RESOURCE_NOT_FOUND', 'account'],
    [400, { error: 'unsupported_grant_type' }, 'CLOUD_REQUEST_INVALID', 'auth.clientId'],
    [429, 'slow down', 'CLOUD_THROTTLED', undefined],
    [503, '<html>', 'CLOUD_UNAVAILABLE', undefined],
  ] as const)('is refused with %i %j: %s', async (status, body, code, field) => {
    const problem = await refusal(status, body)
    expect([problem.code, problem.fields[0]]).toEqual([code, field])
    expect(problem.detail).toContain(`HTTP ${status}`)
  })

  it.each([
    [{}],
    [{ access_token: 5 }],
    [{ access_token: 'a b' }],
    [{ access_token: 'line\nbreak' }],
    [{ access_token: 'x'.repeat(70_000) }],
    [{ access_token: 'tok', token_type: 'mac' }],
    [['tok']],
  ])('is none in %j', async body => {
    expect(await refusal(200, body)).toMatchObject({ code: 'PROTOCOL_VIOLATION', fields: ['account'] })
  })
})
