import type { Form } from '../../../src/connectors/form.ts'
import { formFields } from '../../../src/connectors/form-fields.ts'

/** Paths of a form's secrets, and of what decides where they go. */
export function formSecretPaths(form: Form): { readonly secrets: string[]; readonly destinations: string[] } {
  const fields = formFields(form)
  return {
    secrets: fields.filter(({ isSecret }) => isSecret).map(({ path }) => path),
    destinations: fields.filter(({ isDestination }) => isDestination).map(({ path }) => path),
  }
}
