import { describe, expect, it } from 'vitest'
import {
  isPermanent,
  linkedUrl,
  placeOf,
  redirectOf,
  whyNotFollowed,
} from '../../../src/connectors/http-api/redirects.ts'

const api = new URL('https://api.example.com/v1/orders?key=k')
const from = (status: number, location: string | null, method: 'GET' | 'HEAD' | 'POST' = 'GET') =>
  redirectOf({ status, location }, { method, url: api }, 'SAME_ORIGIN')

describe('a redirect', () => {
  it.each([200, 204, 300, 304, 305, 306, 399, 404])('is none with status %s', status => {
    expect(from(status, '/v2')).toBeNull()
  })

  it.each([
    ['/v2/orders', 'https://api.example.com/v2/orders'],
    ['?page=2', 'https://api.example.com/v1/orders?page=2'],
    ['//api.example.com/x', 'https://api.example.com/x'],
    ['https://API.example.com:443/x#there', 'https://api.example.com/x'],
  ])('to %s stays within the API', (location, href) => {
    expect(from(302, location)).toMatchObject({ kind: 'FOLLOW', url: { href } })
  })

  it.each([
    ['https://api.example.com:8443/x', 'OFF_ORIGIN'],
    ['https://www.example.com/x', 'OFF_ORIGIN'],
    ['//evil.example/x', 'OFF_ORIGIN'],
    ['/\\evil.example/x', 'OFF_ORIGIN'],
    ['http://api.example.com/x', 'UNENCRYPTED'],
    ['https://ann:secret@api.example.com/x', 'NOWHERE'],
    ['https://@evil.example/x', 'OFF_ORIGIN'],
    ['javascript:alert(1)', 'NOWHERE'],
    ['file:///etc/passwd', 'NOWHERE'],
    ['http://[', 'NOWHERE'],
    [`/${'x'.repeat(9_000)}`, 'NOWHERE'],
  ])('to %.60s is refused: %s', (location, why) => {
    expect(from(302, location)).toMatchObject({ kind: 'REFUSE', why })
  })

  it('without a place is refused', () => {
    expect(from(302, null)).toMatchObject({ kind: 'REFUSE', why: 'NOWHERE', location: 'nowhere' })
  })

  it('is told without its parameters', () => {
    expect(from(302, 'https://login.example.com/start?state=s3cret')).toMatchObject({
      location: 'https://login.example.com/start',
    })
  })

  it.each([301, 302, 303])('with status %s makes no GET of a POST', status => {
    expect(from(status, '/v2', 'POST')).toMatchObject({ kind: 'REFUSE', why: 'POST' })
    expect(from(status, '/v2', 'HEAD')).toMatchObject({ kind: 'FOLLOW' })
  })

  it.each([307, 308])('with status %s repeats a POST within the API, and nowhere else', status => {
    expect(from(status, '/v2', 'POST')).toMatchObject({ kind: 'FOLLOW' })
    const elsewhere = { status, location: 'https://other.example/v2' }
    expect(redirectOf(elsewhere, { method: 'POST', url: api }, 'ANYWHERE')).toMatchObject({ why: 'POST' })
  })

  it('goes nowhere where the connector follows none, and anywhere encrypted where it follows all', () => {
    expect(redirectOf({ status: 301, location: '/v2' }, { method: 'GET', url: api }, 'NONE')).toMatchObject({
      why: 'NONE_FOLLOWED',
    })
    expect(whyNotFollowed(new URL('https://other.example/'), api, 'ANYWHERE')).toBeNull()
    expect(whyNotFollowed(new URL('http://other.example/'), api, 'ANYWHERE')).toBe('UNENCRYPTED')
    expect(whyNotFollowed(new URL('http://other.example/'), new URL('http://a.example/'), 'ANYWHERE')).toBeNull()
  })

  it('is for good with 301 and 308 only', () => {
    expect([301, 302, 303, 307, 308].filter(isPermanent)).toEqual([301, 308])
  })
})

it('reads a link as a browser would, without its fragment', () => {
  expect(linkedUrl('orders?page=2#x', api)?.href).toBe('https://api.example.com/v1/orders?page=2')
})

it('tells a place in a bounded length, without what turns text around', () => {
  expect(placeOf(new URL(`https://a.example/${'x'.repeat(2_000)}?y`)).length).toBeLessThanOrEqual(300)
})
