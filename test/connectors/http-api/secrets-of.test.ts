import { expect, it } from 'vitest'
import { form } from '../../../src/connectors/http-api/form.ts'
import { holdsAny, secretsOf } from '../../../src/connectors/http-api/secrets-of.ts'

const base = { baseUrl: 'https://api.example.com' }

it.each([
  [{ auth: { none: true } }, []],
  [{ auth: { basic: { username: 'ann', password: 'pw' } } }, ['pw']],
  [{ auth: { basic: { username: 'key-that-stands-alone' } } }, ['key-that-stands-alone']],
  [{ auth: { bearer: { token: 't' } } }, ['t']],
  [{ auth: { apiKey: { name: 'key', value: 'k' } } }, ['k']],
  [
    {
      auth: { none: true },
      headers: [
        { name: 'X-A', value: 'open' },
        { name: 'X-B', value: 'closed', secret: true },
      ],
    },
    ['closed'],
  ],
])('of %j are %j', (change, secrets) => {
  expect(secretsOf(form.schema.parse({ ...base, ...change }))).toEqual(secrets)
})

const secret = 'k3y "ü/+&='

it.each([
  secret,
  encodeURIComponent(secret),
  encodeURIComponent(secret).toLowerCase(),
  Buffer.from(secret).toString('base64'),
  Buffer.from(`ann:${secret}`).toString('base64url'),
  Buffer.from(secret).toString('hex'),
])('are found in an address as %s', written => {
  expect(holdsAny([secret], `https://other.example/x?y=${written}`)).toBe(true)
})

it('are not seen in what only looks like one: an address that is signed for whoever has it', () => {
  const signed = `https://files.example/x?X-Amz-Signature=${'a1'.repeat(32)}&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE&token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlc2lnbmF0dXJl`
  expect(holdsAny([secret, 'pw', ''], signed)).toBe(false)
})
