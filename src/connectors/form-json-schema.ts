import type { Form } from './form.ts'
import { conditionalParts } from './form-condition-schema.ts'
import { type AlternativesNode, type ChoiceNode, type FormTreeNode, formTree, type GroupNode } from './form-tree.ts'
import type { JsonObject, JsonValue } from './json.ts'

/** What a JSON Schema is for. */
export interface JsonSchemaUse {
  /**
   * The stored secrets of a saved configuration need not be given again: none is required, and nothing depends on whether one
   * is given.
   */
  readonly keepsSecrets: boolean
}

/**
 * JSON Schema 2020-12 of a configuration as input, for clients that draw forms from it. It is strict: what it accepts has
 * no unknown fields and exactly one alternative. What fields mean for each other is in it (`visibleWhen`, `requiredWhen`);
 * other rules over several fields stay on the server. What the standard has no word for is under `x-patchbay`.
 *
 * What libraries such as react-jsonschema-form draw from it is right without knowing more: alternatives are a `oneOf` with
 * titles, what may be left out as a whole may be `null`, and fields that are not always visible are properties of a `then`.
 */
export function formJsonSchema(form: Form, use: JsonSchemaUse = { keepsSecrets: false }): JsonObject {
  const { root, sections } = formTree(form)
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...schemaOf(root, use),
    ...hints({ sections: sections.map(({ id, label, help }) => withoutNulls({ id, label, help: help ?? null })) }),
  }
}

function schemaOf(node: FormTreeNode, use: JsonSchemaUse): JsonObject {
  return withoutNulls({
    title: node.path === '' ? null : node.label,
    description: node.help,
    default: node.defaultValue === undefined ? null : asJson(node.defaultValue),
    ...typeOf(node, use),
    ...(node.path === '' ? {} : hints(hintsOf(node))),
  })
}

/** Defaults of groups may name fields as undefined. */
const asJson = (value: JsonValue): JsonValue => JSON.parse(JSON.stringify(value)) as JsonValue

function typeOf(node: FormTreeNode, use: JsonSchemaUse): JsonObject {
  switch (node.kind) {
    case 'text':
    case 'secret':
      return {
        type: 'string',
        minLength: node.minLength,
        maxLength: node.maxLength,
        pattern: node.pattern,
        // A value that is secret only sometimes may be read at other times.
        writeOnly: node.kind === 'secret' && node.secretWhen === null ? true : null,
      }
    case 'integer':
    case 'number':
      return { type: node.kind, minimum: node.minimum, maximum: node.maximum }
    case 'boolean':
      return { type: 'boolean' }
    case 'choice':
      return choiceOf(node)
    case 'list':
      return { type: 'array', items: schemaOf(node.item, use), minItems: node.minLength, maxItems: node.maxLength }
    case 'group':
      return mayBeLeftOut(node)
        ? { anyOf: [absent, { title: node.label, ...fieldsOf(node, use) }] }
        : fieldsOf(node, use)
    case 'alternatives':
      return alternativesOf(node, use)
  }
}

/** Libraries fill in the defaults within every group that they see: this is how they can leave one out. */
const absent = { type: 'null', title: 'None' }

function choiceOf({ choices, required, defaultValue }: ChoiceNode): JsonObject {
  const values = Object.entries(choices).map(([value, { label, help }]) => ({
    const: value,
    title: label,
    description: help,
  }))
  if (required || defaultValue !== undefined) return { type: 'string', oneOf: values }
  // Of words alone libraries would choose the first.
  return { type: ['string', 'null'], oneOf: [{ const: null, title: absent.title }, ...values] }
}

/** Whether there is a difference between leaving it out and giving none of its fields. */
export const mayBeLeftOut = (node: GroupNode | AlternativesNode): boolean =>
  node.path !== '' && !node.required && node.defaultValue === undefined

function alternativesOf(node: AlternativesNode, use: JsonSchemaUse): JsonObject {
  const options = [...node.alternatives.values()].map(group =>
    withoutNulls({
      title: group.label,
      description: group.help,
      type: 'object',
      properties: { [group.key]: { title: group.label, ...fieldsOf(group, use) } },
      required: [group.key],
      additionalProperties: false,
    }),
  )
  return { oneOf: mayBeLeftOut(node) ? [absent, ...options] : options }
}

function fieldsOf(node: GroupNode, use: JsonSchemaUse): JsonObject {
  const fields = [...node.fields.values()]
  // Only an alternative may have no fields: choosing it says it all.
  if (fields.length === 0) return { type: 'boolean', const: true }
  const isStored = (field: FormTreeNode | undefined) => use.keepsSecrets && field?.kind === 'secret'
  const { always, schemas } = conditionalParts(node, field => schemaOf(field, use), isStored)
  const names = fields.map(field => field.key)
  return {
    type: 'object',
    properties: Object.fromEntries(always.map(field => [field.key, schemaOf(field, use)])),
    required: fields.filter(field => field.required && !isStored(field)).map(field => field.key),
    // Beside `additionalProperties` no property of a `then` could be.
    ...(always.length === fields.length ? { additionalProperties: false } : { propertyNames: { enum: names } }),
    ...(schemas.length > 0 && { allOf: schemas }),
  }
}

function hintsOf(node: FormTreeNode): JsonObject {
  return withoutNulls({
    section: node.section,
    placeholder: node.placeholder,
    destination: node.destination || null,
    advanced: node.advanced || null,
    multiline: ('multiline' in node && node.multiline) || null,
    secret: node.kind === 'secret' || null,
    secretWhen: node.kind === 'secret' ? node.secretWhen : null,
    liveOptions: node.liveOptions && { needs: node.liveOptions.needs ?? [] },
  })
}

const hints = (content: JsonObject): JsonObject => (Object.keys(content).length === 0 ? {} : { 'x-patchbay': content })

/** Keywords that say nothing are left out. */
function withoutNulls(keywords: { readonly [keyword: string]: JsonValue }): JsonObject {
  return Object.fromEntries(Object.entries(keywords).filter(([, value]) => value !== null))
}
