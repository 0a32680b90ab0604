import type { AlternativesNode, FormTreeNode, GroupNode } from '../connectors/form-tree.ts'
import type { JsonValue } from '../connectors/json.ts'
import { describe, pascalCase } from './form-type-names.ts'

const maxInt32 = 2 ** 31 - 1

/** GraphQL's `Int` has 32 bits; integers that may be larger travel as `Float`, which holds them exactly. */
export const isLargeInteger = (node: FormTreeNode): boolean =>
  node.kind === 'integer' && ((node.maximum ?? 0) > maxInt32 || (node.minimum ?? 0) < -maxInt32 - 1)

/** Name of a node's types without their suffix. Shared parts name themselves, others by their place. */
export const typeNameOf = (node: FormTreeNode, prefix: string): string =>
  ('typeName' in node ? node.typeName : null) ?? (node.key === '*' ? prefix : prefix + pascalCase(node.key))

/** The description of a node's types. A type that fields share is described as what it is, not as its first place. */
export const typeDescription = (node: GroupNode | AlternativesNode): string => {
  const { label, help } = node.kind === 'group' ? node.typeWords : node
  return describe(label, help)
}

/** All that the GraphQL types of a node depend on: equal shapes make equal types. */
export function shapeOf(node: FormTreeNode): JsonValue {
  switch (node.kind) {
    case 'group':
      return [...node.fields.values()].map(fieldShape)
    case 'alternatives':
      return { oneOf: [...node.alternatives.values()].map(fieldShape) }
    case 'list':
      return { list: shapeOf(node.item), isKeyed: node.isKeyed }
    case 'choice':
      return { choices: node.choices, typeName: node.typeName }
    case 'secret':
      return { secretWhen: node.secretWhen }
    default:
      return isLargeInteger(node) ? 'large integer' : node.kind
  }
}

function fieldShape(node: FormTreeNode): JsonValue {
  const { key, label, help, required, defaultValue } = node
  return { key, label, help, required, defaultValue: defaultValue ?? null, shape: shapeOf(node) }
}
