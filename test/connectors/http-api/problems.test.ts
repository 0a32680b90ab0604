import { describe, expect, it } from 'vitest'
import { form } from '../../../src/connectors/http-api/form.ts'
import { type Asked, aboutRequest, redirectProblem, statusProblem } from '../../../src/connectors/http-api/problems.ts'
import { redirectOf } from '../../../src/connectors/http-api/redirects.ts'
import { hintsOf } from '../type-expectations.ts'

const askedOf = (baseUrl: string, path = '/me', change: object = {}): Asked => ({
  config: form.schema.parse({ baseUrl, auth: { none: true }, ...change }),
  purpose: 'TEST',
  method: 'GET',
  path,
})

function refusedRedirect(asked: Asked, status: number, location: string) {
  const from = new URL(asked.config.baseUrl + asked.path)
  const redirect = redirectOf({ status, location }, { method: asked.method, url: from }, asked.config.redirects)
  if (redirect?.kind !== 'REFUSE') throw new Error('It is followed.')
  return redirectProblem(asked, redirect, { status, from })
}

describe('a redirect that is not followed', () => {
  it.each([
    ['http://api.example.com/v1', 302, 'https://api.example.com/v1/me', 'https://api.example.com/v1'],
    ['https://example.com/v1', 301, 'https://www.example.com/v1/me', 'https://www.example.com/v1'],
    ['https://example.com/v1', 308, 'https://api.example.com/v2/me', 'https://api.example.com/v2'],
  ])('from %s by %s to %s leads to the base URL %s', (baseUrl, status, location, value) => {
    expect(refusedRedirect(askedOf(baseUrl), status, location)).toMatchObject({
      code: 'REDIRECT_OFF_ORIGIN',
      remedies: [{ kind: 'SET_FIELD', field: 'baseUrl', value }],
    })
  })

  it.each([
    ['https://example.com/v1', 302, 'https://www.example.com/v1/me'],
    ['https://example.com/v1', 301, 'https://login.example.com/start?next=/v1/me'],
    ['https://example.com/v1', 301, 'http://example.com/v1/me'],
  ])('from %s by %s to %s leads to none', (baseUrl, status, location) => {
    expect(refusedRedirect(askedOf(baseUrl), status, location).remedies).toEqual([])
  })

  it('tells no parameters, and why a POST is not sent on', () => {
    const asked = { ...askedOf('https://example.com', '/search?key=s3cret'), method: 'POST' as const }
    const found = refusedRedirect(asked, 302, 'https://example.com/there?key=s3cret')
    expect(found).toMatchObject({ code: 'REDIRECT_REFUSED', detail: 'By status 302 a POST would become a GET.' })
    expect(JSON.stringify(found)).not.toContain('s3cret')
  })
})

describe('a status', () => {
  const refusal = { status: 401, words: null, retryAfterMs: null }

  it.each([
    [{}, ['auth'], []],
    [
      {
        headers: [
          { name: 'X-A', value: 'a' },
          { name: 'Authorization', value: 'k', secret: true },
        ],
      },
      ['headers.1.value', 'auth'],
      ['REENTER_SECRET headers.1.value'],
    ],
    [
      {
        auth: {
          oauthClientCredentials: { tokenUrl: 'https://login.example.com/token', clientId: 'c', clientSecret: 's' },
        },
      },
      ['auth.oauthClientCredentials.audience', 'auth.oauthClientCredentials.scopes'],
      [],
    ],
  ])('401 marks who asks: %j', (change, fields, remedies) => {
    expect(hintsOf(statusProblem(askedOf('https://a.example', '/', change), refusal))).toEqual({ fields, remedies })
  })

  it('401 to a key that stands alone marks the key', () => {
    const asked = askedOf('https://a.example', '/', { auth: { basic: { username: 'key' } } })
    const hints = { fields: ['auth.basic.username', 'auth.basic.password'], remedies: [] }
    expect(hintsOf(statusProblem(asked, refusal))).toEqual(hints)
  })

  it.each([401, 403])('%s of another server marks no credentials: it was shown none', status => {
    const asked = askedOf('https://a.example', '/me', { auth: { bearer: { token: 't' } }, redirects: 'ANYWHERE' })
    const found = statusProblem(asked, { ...refusal, status, elsewhere: 'https://b.example/x' })
    expect(hintsOf(found)).toEqual({ fields: ['redirects', 'baseUrl', 'probe.path'], remedies: [] })
    expect(found.detail).toContain('https://b.example/x')
  })

  it('tells in which request of a dataset it came', () => {
    const asked: Asked = { ...askedOf('https://a.example', '/orders?key=s3cret'), purpose: 'QUERY' }
    const found = statusProblem(asked, { ...refusal, status: 404, words: 'No such thing' })
    expect(found).toMatchObject({ fields: ['path'], detail: 'No such thing (HTTP 404)' })
    expect(found.message).toContain('GET /orders with status 404')
    expect(aboutRequest('HTTP_TIMED_OUT', asked).message).not.toContain('s3cret')
  })

  it('429 tells when to come back', () => {
    const asked = askedOf('https://a.example')
    expect(statusProblem(asked, { status: 429, words: 'Slow down', retryAfterMs: 1_500 })).toMatchObject({
      params: { retryAfterSeconds: 2 },
      detail: 'The API wants to be left alone for 2 s. Slow down (HTTP 429)',
    })
  })
})
