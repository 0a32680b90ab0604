import { expect, it } from 'vitest'
import { suggestedBaseUrl } from '../../../src/connectors/http-api/suggested-base-url.ts'

const suggested = (baseUrl: string, path: string, to: string) => suggestedBaseUrl({ baseUrl, path, to: new URL(to) })

it.each([
  ['http://api.example.com/v1', '/me', 'https://api.example.com/v1/me', 'https://api.example.com/v1'],
  ['https://example.com/api', '/me?x=1', 'https://www.example.com/api/me?x=1', 'https://www.example.com/api'],
  ['https://example.com/api/v1', '/me', 'https://example.com/api/v2/me', 'https://example.com/api/v2'],
  ['https://example.com', '/', 'https://www.example.com/', 'https://www.example.com'],
  ['https://example.com', '/me', 'https://example.com:8443/me/', 'https://example.com:8443'],
  ['https://example.com', '/ü', 'https://www.example.com/%C3%BC', 'https://www.example.com'],
])('of %s and %s, sent on to %s, it is %s', (baseUrl, path, to, suggestion) => {
  expect(suggested(baseUrl, path, to)).toBe(suggestion)
})

it.each([
  ['https://api.example.com', '/me', 'https://login.example.com/start'],
  ['https://api.example.com', '/me', 'https://api.example.com/me'],
  ['https://api.example.com', '/me', 'https://api.example.com/me/'],
])('there is none of %s and %s, sent on to %s', (baseUrl, path, to) => {
  expect(suggested(baseUrl, path, to)).toBeNull()
})
