import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { validateForm } from '../../src/connectors/form-validation.ts'
import { validInput } from './form-arbitraries.ts'
import { jsonSchemaValidator } from './json-schema-validator.ts'
import { madeUpForm } from './made-up-form.ts'

describe('form JSON Schema under an independent validator', () => {
  it('accepts what the server accepts', () => {
    const accepts = jsonSchemaValidator(madeUpForm)
    fc.assert(
      fc.property(validInput(madeUpForm), input => {
        // Rules over several fields are the server's alone.
        fc.pre(validateForm(madeUpForm, input).ok)
        expect(accepts(input), JSON.stringify(accepts.errors)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})
