import RjsfForm from '@rjsf/core'
import type { ErrorSchema, RJSFSchema, UiSchema } from '@rjsf/utils'
import { type CustomValidatorOptionsType, customizeValidator } from '@rjsf/validator-ajv8'
import Ajv2020 from 'ajv/dist/2020.js'
import type { ReactNode } from 'react'
import type { JsonObject } from './api.ts'
import type { Form, Issue } from './model.ts'

// The two classes differ in their types alone.
const validator = customizeValidator({ AjvClass: Ajv2020 as unknown as AjvClass })

type AjvClass = NonNullable<CustomValidatorOptionsType['AjvClass']>

export interface SchemaFormProps {
  readonly form: Form
  readonly value: JsonObject
  readonly issues: readonly Issue[]
  /** Whether secrets that are left empty are kept. */
  readonly isEdit: boolean
  onChange(value: JsonObject): void
}

/** The same form drawn by a library, which knows nothing but the JSON Schema and its hints. */
export function SchemaForm({ form, value, issues, isEdit, onChange }: SchemaFormProps): ReactNode {
  return (
    <RjsfForm
      className="schema-form"
      // The server's schema is what the library calls one.
      schema={(isEdit ? form.editSchema : form.jsonSchema) as RJSFSchema}
      uiSchema={{ ...(form.uiSchema as UiSchema), 'ui:submitButtonOptions': { norender: true } }}
      validator={validator}
      formData={value}
      extraErrors={toErrors(issues)}
      showErrorList={false}
      noHtml5Validate
      omitExtraData
      liveOmit
      onChange={({ formData }) => onChange((formData ?? {}) as JsonObject)}
    />
  )
}

/** Errors as the library wants them: nested as the fields are. */
function toErrors(issues: readonly Issue[]): ErrorSchema {
  const root: Nested = {}
  for (const { path, message } of issues) {
    let at = root
    for (const key of path === '' ? [] : path.split('.')) at = at[key] ??= {}
    at.__errors = [...(at.__errors ?? []), message]
  }
  return root as ErrorSchema
}

interface Nested {
  [key: string]: Nested
  // biome-ignore lint/suspicious/noExplicitAny: the library keeps its own list under a key beside the fields.
  __errors?: any
}
