import type { Json } from './api.ts'
import type { Condition, FormField } from './model.ts'
import { valueAt } from './values.ts'

/** A field with those that lie below it. */
export interface FieldNode {
  readonly field: FormField
  readonly children: readonly FieldNode[]
}

/** Nests the fields of a form: each below the nearest field whose path its own begins with. */
export function nest(fields: readonly FormField[]): readonly FieldNode[] {
  const paths = new Set(fields.map(field => field.path))
  const parentOf = (path: string): string | null => {
    const above = path.split('.').slice(0, -1)
    while (above.length > 0) {
      if (paths.has(above.join('.'))) return above.join('.')
      above.pop()
    }
    return null
  }
  const under = (parent: string | null): FieldNode[] =>
    fields
      .filter(field => field.path !== parent && parentOf(field.path) === parent)
      .map(field => ({ field, children: under(field.path) }))
  return under(null)
}

/** The path of a field in one item of each list around it: `headers.*.value` in item 2 is `headers.2.value`. */
export function placed(path: string, at: string): string {
  const places = at.split('.')
  return path
    .split('.')
    .map((key, index) => (key === '*' ? (places[index] ?? key) : key))
    .join('.')
}

/** The value that a condition looks at: of alternatives the key of the chosen one. */
function conditionValue(whole: Json, fields: readonly FormField[], path: string, at: string): Json | undefined {
  const field = fields.find(each => each.path === path)
  const value = valueAt(whole, placed(path, at)) ?? field?.defaultValue ?? undefined
  return field?.kind === 'ALTERNATIVES' ? Object.keys(value ?? {})[0] : value
}

export function holds(condition: Condition, whole: Json, fields: readonly FormField[], at: string): boolean {
  const value = conditionValue(whole, fields, condition.path, at)
  if (condition.isSet !== null) return condition.isSet === (value !== undefined && value !== null)
  if (condition.oneOf !== null) return condition.oneOf.some(each => each === value)
  return condition.equals === value
}

/** Whether a field is to be shown for what has been filled in so far. `at`: its path with indices in the place of stars. */
export const isVisible = (field: FormField, whole: Json, fields: readonly FormField[], at: string): boolean =>
  field.visibleWhen.every(condition => holds(condition, whole, fields, at))

export const isRequired = (field: FormField, whole: Json, fields: readonly FormField[], at: string): boolean =>
  field.required || (field.requiredWhen !== null && holds(field.requiredWhen, whole, fields, at))
