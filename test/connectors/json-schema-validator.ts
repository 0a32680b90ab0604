import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { Form } from '../../src/connectors/form.ts'
import { formJsonSchema, type JsonSchemaUse } from '../../src/connectors/form-json-schema.ts'

/** The JSON Schema of a form under a validator that knows nothing of forms. */
export const jsonSchemaValidator = (form: Form, use?: JsonSchemaUse): ValidateFunction =>
  new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    keywords: ['x-patchbay'],
    formats: {},
  }).compile(formJsonSchema(form, use))
