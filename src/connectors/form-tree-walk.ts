import { KeptSecret } from './form.ts'
import type { AlternativesNode, FormTreeNode, GroupNode, SecretNode } from './form-tree.ts'

/** Whether a value is an object with fields, as forms have them. */
export function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof KeptSecret)
}

/** The alternative that a value has chosen; null where it is not exactly one that exists. */
export function chosenAlternative(node: AlternativesNode, value: unknown): GroupNode | null {
  if (!isRecord(value)) return null
  const given = Object.keys(value).filter(key => value[key] !== undefined && value[key] !== null)
  const [key] = given
  return given.length === 1 && key !== undefined ? (node.alternatives.get(key) ?? null) : null
}

/** What a node holds under a key or index; undefined where there is no such thing. */
export function childNode(node: FormTreeNode, segment: string): FormTreeNode | undefined {
  if (node.kind === 'group') return node.fields.get(segment)
  if (node.kind === 'alternatives') return node.alternatives.get(segment)
  return node.kind === 'list' ? node.item : undefined
}

/** Every node below and including this one, parents first, in the order of declaration. */
export function* walkNodes(node: FormTreeNode): Generator<FormTreeNode> {
  yield node
  if (node.kind === 'group') for (const child of node.fields.values()) yield* walkNodes(child)
  if (node.kind === 'alternatives') for (const child of node.alternatives.values()) yield* walkNodes(child)
  if (node.kind === 'list') yield* walkNodes(node.item)
}

/** Whether it holds one value and no further fields. */
export const isLeaf = (node: FormTreeNode): boolean =>
  node.kind !== 'group' && node.kind !== 'alternatives' && node.kind !== 'list'

export const holdsSecrets = (node: FormTreeNode): boolean => [...walkNodes(node)].some(each => each.kind === 'secret')

/** The value of a field, or its default where the value is absent. */
export function fieldValue(group: GroupNode, value: { readonly [key: string]: unknown }, key: string): unknown {
  const given = Object.hasOwn(value, key) ? value[key] : undefined
  return given ?? group.fields.get(key)?.defaultValue
}

/** Whether a secret field's value is secret in this group: some depend on a boolean beside them. */
export function isSecretHere(node: SecretNode, group: GroupNode, value: { readonly [key: string]: unknown }): boolean {
  return node.secretWhen === null || fieldValue(group, value, node.secretWhen) === true
}

/** One field of a value, absent ones included. */
export interface Visit {
  readonly node: FormTreeNode
  readonly value: unknown
  /** Keys and indices from the form's root. */
  readonly segments: readonly string[]
  /** The same with list items by their name, where items have names: stable when the list is reordered. */
  readonly stableSegments: readonly string[]
  /** For a secret field: whether its value is secret here. */
  readonly isSecret: boolean
}

/**
 * Every field that exists in a value: of groups that are present, of the chosen alternatives, of each list item.
 * Values of any shape may be given; what does not fit is not entered.
 */
export function* walkValues(node: FormTreeNode, value: unknown): Generator<Visit> {
  yield* visit({ node, value, segments: [], stableSegments: [], isSecret: false })
}

function* visit(at: Visit): Generator<Visit> {
  yield at
  const { node, value } = at
  if (node.kind === 'list' && Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const stable = node.isKeyed && isRecord(item) ? escapeName(item['name']) : String(index)
      yield* visit(step(at, node.item, item, String(index), stable))
    }
  }
  if (!isRecord(value)) return
  if (node.kind === 'alternatives') {
    const chosen = chosenAlternative(node, value)
    if (chosen) yield* visit(step(at, chosen, value[chosen.key], chosen.key))
  }
  if (node.kind === 'group') {
    for (const [key, child] of node.fields) {
      const isSecret = child.kind === 'secret' && isSecretHere(child, node, value)
      yield* visit({ ...step(at, child, fieldValue(node, value, key), key), isSecret })
    }
  }
}

const step = (at: Visit, node: FormTreeNode, value: unknown, segment: string, stable = segment): Visit => ({
  node,
  value,
  segments: [...at.segments, segment],
  stableSegments: [...at.stableSegments, stable],
  isSecret: false,
})

/** A name as one segment of a dotted path, so that no two names can make the same path. */
export const escapeName = (name: unknown): string => String(name).replaceAll('%', '%25').replaceAll('.', '%2E')
