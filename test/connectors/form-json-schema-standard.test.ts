import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Form } from '../../src/connectors/form.ts'
import { formJsonSchema } from '../../src/connectors/form-json-schema.ts'
import { validateForm } from '../../src/connectors/form-validation.ts'
import { postgres } from '../../src/connectors/postgres/index.ts'
import { validInput } from './form-arbitraries.ts'
import { madeUpForm } from './made-up-form.ts'

const validatorOf = (form: Form) =>
  new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    keywords: ['x-patchbay'],
    formats: {},
  }).compile(formJsonSchema(form))

describe('form JSON Schema under an independent validator', () => {
  it('accepts what the server accepts', () => {
    const accepts = validatorOf(madeUpForm)
    fc.assert(
      fc.property(validInput(madeUpForm), input => {
        // Rules over several fields are the server's alone.
        fc.pre(validateForm(madeUpForm, input).ok)
        expect(accepts(input), JSON.stringify(accepts.errors)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  const good = { host: 'db.example.com', auth: { password: { username: 'reader', password: 'x' } } }
  it.each([
    ['a complete configuration', good, true],
    ['no host', { auth: good.auth }, false],
    ['a port out of range', { ...good, port: 70_000 }, false],
    ['two ways of signing in', { ...good, auth: { ...good.auth, clientCertificate: { username: 'reader' } } }, false],
    ['no way of signing in', { ...good, auth: {} }, false],
    ['an unknown field', { ...good, sslmode: 'require' }, false],
    ['a word outside a choice', { ...good, tls: { mode: 'PREFER' } }, false],
  ])('agrees with the server about %s', (_, input, expected) => {
    expect(validateForm(postgres.form, input).ok).toBe(expected)
    expect(validatorOf(postgres.form)(input)).toBe(expected)
  })
})
