import { isDeepStrictEqual } from 'node:util'
import type { FieldCondition } from './form.ts'
import type { FormTreeNode, GroupNode } from './form-tree.ts'
import { childNode, chosenAlternative, fieldValue, isRecord } from './form-tree-walk.ts'
import type { JsonValue } from './json.ts'

type Value = { readonly [key: string]: unknown }

/** Values of which the other field must have one; null for a condition on whether it is set at all. */
export function wantedValues(condition: FieldCondition): readonly JsonValue[] | null {
  if ('equals' in condition) return [condition.equals]
  return 'oneOf' in condition ? condition.oneOf : null
}

/** Whether a condition holds in the value of the group that has both fields. */
export function holds(condition: FieldCondition, group: GroupNode, value: Value): boolean {
  const given = fieldValue(group, value, condition.field)
  if ('isSet' in condition) return (given !== undefined) === condition.isSet
  const other = group.fields.get(condition.field)
  const word = other?.kind === 'alternatives' ? chosenAlternative(other, given)?.key : given
  return wantedValues(condition)?.some(wanted => wanted === word) ?? false
}

export const isVisible = ({ visibleWhen }: FormTreeNode, group: GroupNode, value: Value): boolean =>
  visibleWhen === null || holds(visibleWhen, group, value)

/** Whether a field must be given. An invisible one never must. */
export const isRequired = (field: FormTreeNode, group: GroupNode, value: Value): boolean =>
  field.required ||
  (field.requiredWhen !== null && holds(field.requiredWhen, group, value) && isVisible(field, group, value))

/** Whether a value says nothing beyond the default of its field: GraphQL fills in defaults that no client has given. */
export function isDefault(node: FormTreeNode, value: unknown, standard: unknown = node.defaultValue): boolean {
  if (value === undefined) return true
  if (standard === undefined) return false
  const holdsFields = node.kind === 'group' || node.kind === 'alternatives'
  if (!holdsFields || !isRecord(value) || !isRecord(standard)) return isDeepStrictEqual(value, standard)
  return Object.entries(value).every(([key, inner]) => {
    const child = childNode(node, key)
    return child !== undefined && isDefault(child, inner, standard[key] ?? child.defaultValue)
  })
}

/** A field whose condition a value breaks. */
export interface ConditionFault {
  readonly segments: readonly string[]
  readonly message: string
}

/**
 * Fields that have no meaning where they are given, and fields that are missing. `isFaulty` tells of fields whose own value
 * is no value of theirs, so that nothing follows from it.
 */
export function* conditionFaults(
  node: FormTreeNode,
  value: unknown,
  isFaulty: (segments: readonly string[]) => boolean,
  segments: readonly string[] = [],
): Generator<ConditionFault> {
  if (node.kind === 'list' && Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield* conditionFaults(node.item, item, isFaulty, [...segments, String(index)])
    }
  }
  if (!isRecord(value)) return
  if (node.kind === 'alternatives') {
    const chosen = chosenAlternative(node, value)
    if (chosen) yield* conditionFaults(chosen, value[chosen.key], isFaulty, [...segments, chosen.key])
  }
  if (node.kind !== 'group') return
  for (const field of node.fields.values()) {
    const at = [...segments, field.key]
    const given = fieldValue(node, value, field.key)
    const known = (condition: FieldCondition | null) => condition && !isFaulty([...segments, condition.field])
    if (field.visibleWhen && known(field.visibleWhen) && !holds(field.visibleWhen, node, value)) {
      if (!isDefault(field, given)) {
        yield { segments: at, message: `Leave it empty unless ${conditionWords(field.visibleWhen, node)}.` }
      }
      continue
    }
    if (field.requiredWhen && known(field.requiredWhen) && given === undefined && isRequired(field, node, value)) {
      yield { segments: at, message: `A value is required when ${conditionWords(field.requiredWhen, node)}.` }
    }
    yield* conditionFaults(field, given, isFaulty, at)
  }
}

/** A condition within a sentence, with the words that a form shows: `"Method" is "POST"`. */
export function conditionWords(condition: FieldCondition, group: GroupNode): string {
  const other = group.fields.get(condition.field)
  const label = `"${other?.label ?? condition.field}"`
  if ('isSet' in condition) return `${label} is ${condition.isSet ? 'given' : 'empty'}`
  const words = (wantedValues(condition) ?? []).map(value => valueWords(other, value))
  return `${label} is ${words.join(' or ')}`
}

function valueWords(node: FormTreeNode | undefined, value: JsonValue): string {
  if (typeof value === 'boolean') return value ? 'turned on' : 'turned off'
  if (node?.kind === 'choice') return `"${node.choices[String(value)]?.label ?? value}"`
  if (node?.kind === 'alternatives') return `"${node.alternatives.get(String(value))?.label ?? value}"`
  return String(value)
}

/**
 * The value of a stored configuration after a patch was merged into it, without what had a meaning only before: stored
 * values of fields that are no longer visible. What the patch itself gives stays, to be refused.
 */
export function withoutInvisible(node: FormTreeNode, merged: unknown, patch: unknown): unknown {
  if (node.kind === 'list' && Array.isArray(merged)) {
    const given = Array.isArray(patch) ? patch : []
    return merged.map((item, index) => withoutInvisible(node.item, item, given[index]))
  }
  if (!isRecord(merged)) return merged
  const given = isRecord(patch) ? patch : {}
  if (node.kind === 'alternatives') {
    const chosen = chosenAlternative(node, merged)
    return chosen ? { [chosen.key]: withoutInvisible(chosen, merged[chosen.key], given[chosen.key]) } : merged
  }
  if (node.kind !== 'group') return merged
  const kept: Record<string, unknown> = { ...merged }
  for (const field of byDependence(node)) {
    if (kept[field.key] === undefined) continue
    kept[field.key] = isVisible(field, node, kept)
      ? withoutInvisible(field, kept[field.key], given[field.key])
      : (given[field.key] ?? undefined)
  }
  return kept
}

const inOrder = new WeakMap<GroupNode, readonly FormTreeNode[]>()

/** The fields of a group, each after the one that decides whether it is visible. */
export function byDependence(group: GroupNode): readonly FormTreeNode[] {
  let ordered = inOrder.get(group)
  if (!ordered) {
    const found = new Set<FormTreeNode>()
    const add = (field: FormTreeNode | undefined): void => {
      if (!field || found.has(field)) return
      if (field.visibleWhen) add(group.fields.get(field.visibleWhen.field))
      found.add(field)
    }
    for (const field of group.fields.values()) add(field)
    ordered = [...found]
    inOrder.set(group, ordered)
  }
  return ordered
}
