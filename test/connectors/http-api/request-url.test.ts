import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBaseUrl } from '../../../src/connectors/http-api/base-url.ts'
import { pathIssue } from '../../../src/connectors/http-api/path-text.ts'
import {
  requestUrl,
  targetOf,
  withoutParameters,
  withParameters,
} from '../../../src/connectors/http-api/request-url.ts'

const base = readBaseUrl('https://api.example.com/v1/')

describe('the URL of a request', () => {
  it('has the path below the base URL, as it was written', () => {
    const url = requestUrl(base, '/orders/a%20b?filter[x]=%7B1%7D&q=a+b', [])
    expect(targetOf(url)).toBe('/v1/orders/a%20b?filter[x]=%7B1%7D&q=a+b')
  })

  it('has the parameters behind those of the path, each as often as it is given', () => {
    const url = requestUrl(base, '/orders?a=1', [
      ['a', '2'],
      ['a', '3'],
      ['ü&=', 'ä +#'],
    ])
    expect(targetOf(url)).toBe('/v1/orders?a=1&a=2&a=3&%C3%BC%26%3D=%C3%A4%20%2B%23')
    expect([...url.searchParams]).toEqual([
      ['a', '1'],
      ['a', '2'],
      ['a', '3'],
      ['ü&=', 'ä +#'],
    ])
  })

  it('never leaves the base URL, whatever path the form lets through', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'/.%2eE5cC:@?#&;\\ab\t '), maxLength: 20 }), text => {
        const path = `/${text}`
        fc.pre(pathIssue(path) === null)
        const url = requestUrl(base, path, [['p', text]])
        expect(url.origin).toBe('https://api.example.com')
        expect(url.pathname.startsWith('/v1/')).toBe(true)
        expect(url.username + url.password + url.hash).toBe('')
      }),
    )
  })

  it('is refused where it would, form or not', () => {
    expect(() => requestUrl(base, '/../admin', [])).toThrow('leaves')
    expect(() => requestUrl(base, '@evil.example/', [])).toThrow('leaves')
  })

  it('takes parameters in the place of those with the same name, however these are written', () => {
    const url = new URL('https://a.example/x?%70age=1&q=a%20b&page&page=3')
    expect(withParameters(url, [['page', '7']]).search).toBe('?q=a%20b&page=7')
    expect(withoutParameters(url, (_, value) => value === 'a b').search).toBe('?%70age=1&page&page=3')
  })
})
