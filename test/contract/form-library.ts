import RjsfForm from '@rjsf/core'
import { createSchemaUtils, type RJSFSchema, type UiSchema } from '@rjsf/utils'
import { customizeValidator } from '@rjsf/validator-ajv8'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import type { Form } from '../../src/connectors/form.ts'
import { formJsonSchema, type JsonSchemaUse } from '../../src/connectors/form-json-schema.ts'
import { formUiSchema } from '../../src/connectors/form-ui-schema.ts'

const validator = customizeValidator({ AjvClass: Ajv2020 as never })

/** What a client has: everything has passed through JSON. */
const asClient = <T>(value: unknown): T => JSON.parse(JSON.stringify(value)) as T

/** A form in the hands of react-jsonschema-form, as it comes: with none of its settings changed. */
export function formLibrary(form: Form, use?: JsonSchemaUse) {
  const schema = asClient<RJSFSchema>(formJsonSchema(form, use))
  const uiSchema = asClient<UiSchema>(formUiSchema(form))
  const utils = createSchemaUtils(validator, schema)
  return {
    /** What the form holds when it is opened with this. */
    opened: (formData?: unknown): unknown => asClient(utils.getDefaultFormState(schema, formData)),
    /** What it submits with `omitExtraData`: without what is no longer shown. */
    submitted: (formData: unknown): unknown => asClient(utils.omitExtraData(schema, formData)),
    errors: (formData: unknown): readonly string[] =>
      validator.validateFormData(formData, schema).errors.map(({ stack }) => stack),
    /** HTML; the id of a field is `root_` and its path with underscores. */
    drawn: (formData?: unknown): string =>
      renderToStaticMarkup(createElement(RjsfForm, { schema, uiSchema, validator, formData })),
  }
}
