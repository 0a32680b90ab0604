import type fc from 'fast-check'
import { validateForm } from '../../src/connectors/form-validation.ts'
import { validInput } from './form-arbitraries.ts'
import { madeUpForm } from './made-up-form.ts'

/** Random valid input of the made-up form; its one rule over several fields is kept by hand. */
export const validRaw: fc.Arbitrary<Record<string, unknown>> = validInput(madeUpForm).map(input =>
  input['mode'] === 'FAST' ? { ...input, retries: 5 } : input,
)

/** The validated value of it. */
export const validValue = validRaw.map(raw => {
  const result = validateForm(madeUpForm, raw)
  if (!result.ok) throw new Error(`Not valid: ${JSON.stringify(result.issues)}`)
  return result.value
})

/** The shortest configuration of the made-up form. */
export const minimal = { baseUrl: 'https://example', auth: { none: true } }
