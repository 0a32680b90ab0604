import { expect, it } from 'vitest'
import { HttpApiDouble } from '../../servers/http-api-double.ts'
import { answer, inTurn } from '../../servers/http-api-faults.ts'
import { SnowflakeOauth } from '../../servers/snowflake-oauth.ts'
import { certificate, inputFor, queryApi, resultOf, trusting, valuesOf } from './http-api-run.ts'

const client = { clientId: 'patchbay', clientSecret: 'client-secret-4Vq' }

/** An API that takes each token for so many requests. */
async function withTokens<T>(
  uses: number,
  work: (api: HttpApiDouble, input: object, tokens: SnowflakeOauth) => Promise<T>,
) {
  const clients = { [client.clientId]: { secret: client.clientSecret, user: 'PATCHBAY', scopes: ['orders.read'] } }
  await using oauth = await SnowflakeOauth.start({ certificate, clients })
  const used = new Map<string, number>()
  const isToken = (token: string): boolean => {
    used.set(token, (used.get(token) ?? 0) + 1)
    return oauth.issuer.tokens.has(token) && (used.get(token) ?? 0) <= uses
  }
  await using api = await HttpApiDouble.start({ certificate, access: { kind: 'BEARER', isToken } })
  const auth = { oauthClientCredentials: { ...client, tokenUrl: oauth.tokenUrl, scopes: 'orders.read' } }
  return await work(api, inputFor(api, { auth, ...trusting }), oauth)
}
const pages = { path: '/link/orders', pagination: { linkHeader: {} } }

it('replaces a token that ends in the middle of a run by another one', () =>
  withTokens(2, async (_, input, { requests }) => {
    expect(valuesOf(await queryApi(input, pages))).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(requests).toHaveLength(2)
  }))

it('replaces it once: a second that ends at once is a fault', () =>
  withTokens(1, async (_, input, { requests }) => {
    expect(await queryApi(input, pages)).toMatchObject({ kind: 'PROBLEM', problem: { code: 'HTTP_UNAUTHORIZED' } })
    expect(requests).toHaveLength(2)
  }))

it('asks for no other where the first is never taken', () =>
  withTokens(0, async (api, input, { requests }) => {
    expect(await queryApi(input, pages)).toMatchObject({ kind: 'PROBLEM', problem: { code: 'HTTP_UNAUTHORIZED' } })
    expect([api.requests.length, requests.length]).toEqual([1, 1])
  }))

it('waits for another no longer than the query may take', async () => {
  const token = answer('{"access_token":"token-8Rd","token_type":"bearer"}')
  await using idp = await HttpApiDouble.start({ certificate, at: { '/token': inTurn(token, () => {}) } })
  const first = answer('[1]', { link: '</orders?page=2>; rel="next"' })
  await using api = await HttpApiDouble.start({
    certificate,
    at: { '/orders': inTurn(first, answer('{}', {}, 401)) },
  })
  const auth = { oauthClientCredentials: { ...client, tokenUrl: `${idp.url}/token` } }
  const query = { path: '/orders', pagination: { linkHeader: {} }, caps: { maxSeconds: 1 } }
  expect(resultOf(await queryApi(inputFor(api, { auth, ...trusting }), query))).toMatchObject({
    rows: [[1, null]],
    truncated: true,
  })
  expect(idp.requests).toHaveLength(2)
}, 8_000)
