import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineForm, field } from '../../src/connectors/form.ts'
import { joinSecrets, secretFields, splitSecrets } from '../../src/connectors/form-secrets.ts'
import { madeUpForm } from './made-up-form.ts'
import { validValue } from './made-up-values.ts'

describe('secrets of a form', () => {
  test('splitting and joining are inverse', () => {
    fc.assert(
      fc.property(validValue, value => {
        const { config, secrets } = splitSecrets(madeUpForm, value)
        expect(JSON.parse(JSON.stringify(config))).toEqual(config)
        expect(joinSecrets(madeUpForm, config, secrets)).toEqual(value)
      }),
    )
  })

  test('no secret value is left in the configuration', () => {
    let seen = 0
    fc.assert(
      fc.property(validValue, value => {
        const { config, secrets } = splitSecrets(madeUpForm, value)
        const text = JSON.stringify(config)
        for (const secret of Object.values(secrets)) {
          seen += 1
          expect(text).not.toContain(JSON.stringify(secret).slice(1, -1))
        }
      }),
    )
    expect(seen).toBeGreaterThan(0)
  })

  test('every stored secret is one of the secret fields of its configuration', () => {
    fc.assert(
      fc.property(validValue, value => {
        const { config, secrets } = splitSecrets(madeUpForm, value)
        const paths = secretFields(madeUpForm, config).map(({ secretPath }) => secretPath)
        expect(new Set(paths).size).toBe(paths.length)
        expect(paths).toEqual(expect.arrayContaining(Object.keys(secrets)))
      }),
    )
  })

  test('fields are those of the chosen alternatives and the list items, items by name', () => {
    const config = {
      baseUrl: 'https://a',
      auth: { cloud: { deployment: { serverless: true } } },
      headers: [
        { name: 'plain', value: 'v', isSecret: false },
        { name: 'a.b%', isSecret: true },
      ],
      routes: [{ name: 'r', keys: [{ name: 'k' }] }],
    }
    expect(secretFields(madeUpForm, config)).toEqual([
      { path: 'auth.cloud.accessKey', secretPath: 'auth.cloud.accessKey' },
      { path: 'auth.cloud.sessionToken', secretPath: 'auth.cloud.sessionToken' },
      { path: 'headers.1.value', secretPath: 'headers.a%2Eb%25.value' },
      { path: 'routes.0.keys.0.key', secretPath: 'routes.r.keys.k.key' },
    ])
  })

  test('names that look like paths cannot reach the secrets of others', () => {
    const value = (name: string) => ({ auth: { none: true }, routes: [{ name, keys: [{ name: 'k', key: 'K' }] }] })
    const paths = ['r.keys.k', 'r', 'r%2Ekeys', '__proto__'].map(name =>
      Object.keys(splitSecrets(madeUpForm, value(name)).secrets),
    )
    expect(new Set(paths.flat()).size).toBe(4)
  })

  test('joining fills in defaults that the form gained since, and drops fields that it lost', () => {
    expect(joinSecrets(madeUpForm, { baseUrl: 'https://a', auth: { none: true }, gone: 1 }, {})).toMatchObject({
      retries: 3,
      limits: { seconds: 10, burst: { size: 5 } },
    })
    expect(joinSecrets(madeUpForm, { gone: 1 }, {})).not.toHaveProperty('gone')
  })

  test('a transform that answers another type is a mistake of the form, found before it is stored', () => {
    const form = defineForm({ fields: { count: field(z.string().transform(Number), { label: 'Count' }) } })
    expect(() => splitSecrets(form, form.schema.parse({ count: '5' }))).toThrow('"count" made a number')
  })
})
