import { describe, expect, it } from 'vitest'
import { form } from '../../../src/connectors/http-api/form.ts'
import { datasetHeaderNameIssue, headerNameIssue } from '../../../src/connectors/http-api/header-name.ts'
import { apiHeaders, plainHeaders } from '../../../src/connectors/http-api/request-headers.ts'

const configOf = (change: object) =>
  form.schema.parse({ baseUrl: 'https://api.example.com', auth: { none: true }, ...change })
const headersOf = (change: object, own: { name: string; value: string }[] = [], token: string | null = null) =>
  apiHeaders({ config: configOf(change), own, token, hasBody: false })

describe('the headers of a request', () => {
  it.each([
    [{ none: true }, undefined],
    [{ basic: { username: 'ann', password: 'pw' } }, 'Basic YW5uOnB3'],
    [{ basic: { username: 'key' } }, 'Basic a2V5Og=='],
    [{ basic: { username: 'ü', password: '€' } }, `Basic ${Buffer.from('ü:€').toString('base64')}`],
    [{ bearer: { token: 't' } }, 'Bearer t'],
  ])('say who asks: %j', (auth, authorization) => {
    expect(headersOf({ auth })['authorization']).toBe(authorization)
  })

  it('carry a token that was handed out, and a key under its own name', () => {
    expect(headersOf({}, [], 'given')['authorization']).toBe('Bearer given')
    expect(headersOf({ auth: { apiKey: { name: 'X-Key', value: 'Token k' } } })).toMatchObject({ 'x-key': 'Token k' })
    const inUrl = headersOf({ auth: { apiKey: { name: 'key', in: 'QUERY', value: 'k' } } })
    expect(JSON.stringify(inUrl)).not.toContain('"k"')
  })

  it('are those of the connector before those of a dataset, and who asks before all', () => {
    const headers = [
      { name: 'X-Tenant', value: 'connector' },
      { name: 'Authorization', value: 'Custom c' },
    ]
    const own = [
      { name: 'x-tenant', value: 'dataset' },
      { name: 'Accept', value: 'application/vnd.api+json' },
    ]
    expect(headersOf({ headers }, own)).toMatchObject({
      'x-tenant': 'connector',
      accept: 'application/vnd.api+json',
      authorization: 'Custom c',
    })
    expect(headersOf({ headers, auth: { bearer: { token: 't' } } })['authorization']).toBe('Bearer t')
  })

  it('are, elsewhere, none of them', () => {
    expect(Object.keys(plainHeaders()).sort()).toEqual(['accept', 'accept-encoding', 'user-agent'])
  })
})

describe('the name of a header', () => {
  it.each([
    'Host',
    'content-length',
    'Transfer-Encoding',
    'connection',
    'X-Forwarded-For',
    'Sec-Fetch-Mode',
    'Upgrade',
  ])('is not %s', name => {
    expect(headerNameIssue(name)).toContain(name)
  })

  it.each(['', 'a b', 'a:b', 'ü', 'a\r\nb', 'a\0'])('is not %j', name => {
    expect(headerNameIssue(name)).not.toBeNull()
  })

  it('of a dataset says how to answer, never who asks', () => {
    expect(['Accept', 'X-Page', 'prefer'].map(datasetHeaderNameIssue)).toEqual([null, null, null])
    for (const name of ['Authorization', 'Cookie', 'Host', 'Origin', 'Proxy-Authorization', 'X-Forwarded-Host']) {
      expect(datasetHeaderNameIssue(name)).not.toBeNull()
    }
  })
})
