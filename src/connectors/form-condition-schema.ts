import type { FieldCondition } from './form.ts'
import { wantedValues } from './form-conditions.ts'
import type { FormTreeNode, GroupNode } from './form-tree.ts'
import { childNode, isRecord } from './form-tree-walk.ts'
import type { JsonObject, JsonValue } from './json.ts'

/**
 * The conditions of a group's fields as JSON Schema: `always` are the fields that are always visible, `schemas` say of the
 * others when they are properties, and of all when they are required. `isUnknown` tells of fields that are not seen, so that
 * nothing can depend on them and none of them can be demanded.
 */
export function conditionalParts(
  group: GroupNode,
  schemaOf: (field: FormTreeNode) => JsonObject,
  isUnknown: (field: FormTreeNode | undefined) => boolean,
): { readonly always: readonly FormTreeNode[]; readonly schemas: readonly JsonObject[] } {
  const always: FormTreeNode[] = []
  const schemas: JsonObject[] = []
  const known = (condition: FieldCondition | null) =>
    condition !== null && !isUnknown(group.fields.get(condition.field)) ? conditionSchema(condition, group) : null
  for (const field of group.fields.values()) {
    const visible = known(field.visibleWhen)
    const required = isUnknown(field) ? null : known(field.requiredWhen)
    if (visible === null) always.push(field)
    else schemas.push(ifThen(visible, { properties: { [field.key]: schemaOf(field) } }, absentOrDefault(field)))
    if (required !== null) {
      schemas.push(ifThen(visible === null ? required : { allOf: [visible, required] }, { required: [field.key] }))
    }
  }
  return { always, schemas }
}

const ifThen = (condition: JsonObject, then: JsonObject, otherwise?: JsonObject): JsonObject => ({
  if: condition,
  then,
  ...(otherwise && { else: otherwise }),
})

/** That a condition holds for the group's value. An absent field has its default. */
function conditionSchema(condition: FieldCondition, group: GroupNode): JsonObject {
  const { field } = condition
  if ('isSet' in condition) {
    const isSet = { required: [field] }
    return condition.isSet ? isSet : { not: isSet }
  }
  const other = group.fields.get(field)
  const values = wantedValues(condition) ?? []
  const isAlternatives = other?.kind === 'alternatives'
  const standard =
    isAlternatives && isRecord(other.defaultValue) ? Object.keys(other.defaultValue)[0] : other?.defaultValue
  const hasValue = isAlternatives
    ? { type: 'object', anyOf: values.map(key => ({ required: [key] })) }
    : { enum: [...values] }
  const mayBeAbsent = values.some(value => value === standard)
  return { properties: { [field]: hasValue }, ...(!mayBeAbsent && { required: [field] }) }
}

/**
 * That a field without meaning is not given, or has its default. By `not`: libraries that draw forms take every `properties`
 * for something to draw.
 */
function absentOrDefault(field: FormTreeNode): JsonObject {
  const given = { required: [field.key] }
  const standard = defaultSchema(field, field.defaultValue)
  return { not: standard === false ? given : { ...given, not: { properties: { [field.key]: standard } } } }
}

/** That a value says nothing beyond a default; false where there is none. */
function defaultSchema(node: FormTreeNode, standard: JsonValue | undefined): JsonObject | false {
  if (standard === undefined) return false
  if ((node.kind !== 'group' && node.kind !== 'alternatives') || !isRecord(standard)) return { const: standard }
  const children = node.kind === 'group' ? [...node.fields.keys()] : Object.keys(standard)
  const properties = children.flatMap((key): [string, JsonObject | boolean][] => {
    const child = childNode(node, key)
    return child ? [[key, defaultSchema(child, (standard[key] as JsonValue | undefined) ?? child.defaultValue)]] : []
  })
  return { type: 'object', properties: Object.fromEntries(properties), additionalProperties: false }
}
