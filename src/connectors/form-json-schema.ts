import type { Form } from './form.ts'
import { type FormTreeNode, formTree, type GroupNode } from './form-tree.ts'
import type { JsonObject, JsonValue } from './json.ts'

/**
 * JSON Schema 2020-12 of what creates a configuration, for clients that draw forms from it. It is strict: what it
 * accepts has no unknown fields and exactly one alternative. Rules over several fields stay on the server. What the
 * standard has no word for is under `x-patchbay`.
 */
export function formJsonSchema(form: Form): JsonObject {
  const { root, sections } = formTree(form)
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...schemaOf(root),
    ...hints({ sections: sections.map(({ id, label, help }) => withoutNulls({ id, label, help: help ?? null })) }),
  }
}

function schemaOf(node: FormTreeNode): JsonObject {
  return withoutNulls({
    title: node.path === '' ? null : node.label,
    description: node.help,
    default: node.defaultValue ?? null,
    ...typeOf(node),
    ...(node.path === '' ? {} : hints(hintsOf(node))),
  })
}

function typeOf(node: FormTreeNode): JsonObject {
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
      return {
        type: 'string',
        oneOf: Object.entries(node.choices).map(([value, { label, help }]) => ({
          const: value,
          title: label,
          description: help,
        })),
      }
    case 'list':
      return { type: 'array', items: schemaOf(node.item), minItems: node.minLength, maxItems: node.maxLength }
    case 'group':
      return groupType(node)
    case 'alternatives': {
      const groups = [...node.alternatives.values()]
      return {
        type: 'object',
        properties: Object.fromEntries(groups.map(group => [group.key, schemaOf(group)])),
        additionalProperties: false,
        minProperties: 1,
        maxProperties: 1,
        oneOf: groups.map(group => ({ required: [group.key] })),
      }
    }
  }
}

function groupType(node: GroupNode): JsonObject {
  const fields = [...node.fields.values()]
  // Only an alternative may have no fields: choosing it says it all.
  if (fields.length === 0) return { const: true }
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(field => [field.key, schemaOf(field)])),
    required: fields.filter(field => field.required).map(field => field.key),
    additionalProperties: false,
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
  })
}

const hints = (content: JsonObject): JsonObject => (Object.keys(content).length === 0 ? {} : { 'x-patchbay': content })

/** Keywords that say nothing are left out. */
function withoutNulls(keywords: { readonly [keyword: string]: JsonValue }): JsonObject {
  return Object.fromEntries(Object.entries(keywords).filter(([, value]) => value !== null))
}
