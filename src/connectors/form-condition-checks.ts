import type { FieldCondition } from './form.ts'
import { wantedValues } from './form-conditions.ts'
import type { FormTreeNode } from './form-tree.ts'
import type { JsonValue } from './json.ts'

/** Why a form cannot have the conditions of one of its fields; null when it can. `fields`: of the group that has it. */
export function conditionRefusal(field: FormTreeNode, fields: ReadonlyMap<string, FormTreeNode>): string | null {
  const { visibleWhen, requiredWhen } = field
  if (visibleWhen && field.required) {
    return 'a field with visibleWhen must be optional or have a default: say with requiredWhen when it must be given'
  }
  if (requiredWhen && (field.required || field.defaultValue !== undefined)) {
    return 'only an optional field without a default can have requiredWhen'
  }
  for (const condition of [visibleWhen, requiredWhen]) {
    const refusal = condition && refusalOf(condition, fields.get(condition.field))
    if (refusal) return refusal
  }
  const seen = new Set<string>()
  for (
    let at: FormTreeNode | undefined = field;
    at;
    at = at.visibleWhen ? fields.get(at.visibleWhen.field) : undefined
  ) {
    if (seen.has(at.key)) return 'its visibility depends on itself'
    seen.add(at.key)
  }
  return requiredWhen?.field === field.key ? 'its requirement depends on itself' : null
}

function refusalOf(condition: FieldCondition, other: FormTreeNode | undefined): string | null {
  if (!other) return `there is no field "${condition.field}" beside it`
  const values = wantedValues(condition)
  if (values === null) {
    const isAlwaysSet = other.required || other.defaultValue !== undefined
    return isAlwaysSet ? `the field "${other.key}" is always set` : null
  }
  if (values.length === 0) return 'a condition with no values never holds'
  const impossible = values.find(value => !isPossible(other, value))
  return impossible === undefined
    ? null
    : `the field "${other.key}" can never be ${JSON.stringify(impossible)}, or can be more than one text`
}

/** Free text is no value to depend on: what is the same to a reader need not be the same text. */
function isPossible(node: FormTreeNode, value: JsonValue): boolean {
  switch (node.kind) {
    case 'choice':
      return typeof value === 'string' && Object.hasOwn(node.choices, value)
    case 'alternatives':
      return typeof value === 'string' && node.alternatives.has(value)
    case 'boolean':
      return typeof value === 'boolean'
    case 'integer':
    case 'number': {
      if (typeof value !== 'number' || (node.kind === 'integer' && !Number.isInteger(value))) return false
      return value >= (node.minimum ?? value) && value <= (node.maximum ?? value)
    }
    default:
      return false
  }
}
