import type { AlternativesNode, FormTreeNode, GroupNode } from '../connectors/form-tree.ts'
import { chosenAlternative, fieldValue } from '../connectors/form-tree-walk.ts'
import type { JsonObject } from '../connectors/json.ts'
import { choiceEnum, type RootNames } from './form-input-types.ts'
import type { ConfigObjectRef, FormTypeDefiner, OutputField, OutputTypeParam } from './form-type-definer.ts'
import { describe, screamingCase } from './form-type-names.ts'
import { isLargeInteger, shapeOf, typeDescription, typeNameOf } from './form-type-shape.ts'

/** The output type of a whole form: every field but secrets. Its values are stored configurations. */
export function rootOutput(
  definer: FormTypeDefiner,
  root: GroupNode | AlternativesNode,
  names: RootNames,
  description: string,
): ConfigObjectRef {
  if (!isVisible(root)) throw new Error(`${names.root} would have no fields: the form has nothing but secrets.`)
  return outputObject(definer, root, names.root, names.prefix, description)
}

/** GraphQL has no empty objects, so a group with nothing but secrets is not shown. */
function isVisible(node: FormTreeNode): boolean {
  if (node.kind === 'group') return [...node.fields.values()].some(isVisible)
  return node.kind !== 'secret' || node.secretWhen !== null
}

function outputObject(
  definer: FormTypeDefiner,
  node: GroupNode | AlternativesNode,
  name: string,
  prefix: string,
  description: string,
): ConfigObjectRef {
  return definer.object(name, shapeOf(node), () => {
    if (node.kind === 'alternatives') return { description, fields: alternativesFields(definer, node, name, prefix) }
    const fields = [...node.fields.values()]
      .filter(isVisible)
      .map(field => [field.key, outputField(definer, node, field, prefix)])
    return { description, fields: Object.fromEntries(fields) }
  })
}

function alternativesFields(
  definer: FormTypeDefiner,
  node: AlternativesNode,
  name: string,
  prefix: string,
): { readonly [key: string]: OutputField } {
  const groups = [...node.alternatives.values()]
  const kinds = groups.map(({ key, label, help }) => [
    screamingCase(key),
    { value: key, description: describe(label, help) },
  ])
  const kind: OutputField = {
    type: definer.enumeration(`${name}Kind`, `Alternatives of "${node.label}".`, Object.fromEntries(kinds)),
    nullable: false,
    description: 'Which alternative is chosen.',
    resolve: parent => chosenAlternative(node, parent)?.key,
  }
  const fields = groups.filter(isVisible).map((group): [string, OutputField] => {
    const groupName = typeNameOf(group, prefix)
    return [
      group.key,
      {
        type: outputObject(definer, group, groupName, groupName, describe(group.label, group.help)),
        nullable: true,
        description: describe(group.label, group.help, 'Null where another alternative is chosen.'),
        resolve: parent => parent[group.key],
      },
    ]
  })
  return { kind, ...Object.fromEntries(fields) }
}

function outputField(definer: FormTypeDefiner, group: GroupNode, node: FormTreeNode, prefix: string): OutputField {
  const isSometimesSecret = node.kind === 'secret'
  return {
    type: outputType(definer, node, prefix),
    nullable: isSometimesSecret || (!node.required && node.defaultValue === undefined),
    description: describe(node.label, node.help, isSometimesSecret && 'Null where it is secret.'),
    resolve: (parent: JsonObject) => fieldValue(group, parent, node.key),
  }
}

function outputType(definer: FormTypeDefiner, node: FormTreeNode, prefix: string): OutputTypeParam {
  switch (node.kind) {
    case 'text':
    case 'secret':
      return 'String'
    case 'integer':
      return isLargeInteger(node) ? 'Float' : 'Int'
    case 'number':
      return 'Float'
    case 'boolean':
      return 'Boolean'
    case 'choice':
      return choiceEnum(definer, node, prefix)
    case 'list':
      return [outputType(definer, node.item, typeNameOf(node, prefix))]
    default: {
      const name = typeNameOf(node, prefix)
      return outputObject(definer, node, name, name, typeDescription(node))
    }
  }
}
