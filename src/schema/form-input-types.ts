import type { AlternativesNode, ChoiceNode, FormTreeNode, GroupNode } from '../connectors/form-tree.ts'
import { chosenAlternative, fieldValue, isRecord } from '../connectors/form-tree-walk.ts'
import type { ConfigInputRef, FormTypeDefiner, InputField, InputTypeParam } from './form-type-definer.ts'
import { describe } from './form-type-names.ts'
import { isLargeInteger, shapeOf, typeDescription, typeNameOf } from './form-type-shape.ts'

/** INPUT creates, with defaults; PATCH changes: all optional, no defaults. */
export type InputMode = 'Input' | 'Patch'

export interface RootNames {
  /** Of the root's own type, without suffix: `PostgresConfig`. */
  readonly root: string
  /** Of everything below: `Postgres`. */
  readonly prefix: string
}

/** The input type of a whole form. */
export function rootInput(
  definer: FormTypeDefiner,
  root: GroupNode | AlternativesNode,
  names: RootNames,
  mode: InputMode,
  description: string,
): ConfigInputRef {
  return new InputTypes(definer, mode).object(root, names.root, names.prefix, description)
}

/** The enum of a choice, the same in inputs and outputs. */
export function choiceEnum(definer: FormTypeDefiner, node: ChoiceNode, prefix: string) {
  const values = Object.entries(node.choices).map(
    ([value, choice]): [string, { value: string; description: string }] => [
      value,
      { value, description: describe(choice.label, choice.help) },
    ],
  )
  return definer.enumeration(typeNameOf(node, prefix), `Values of "${node.label}".`, Object.fromEntries(values))
}

class InputTypes {
  readonly #definer: FormTypeDefiner
  readonly #mode: InputMode

  constructor(definer: FormTypeDefiner, mode: InputMode) {
    this.#definer = definer
    this.#mode = mode
  }

  object(
    node: GroupNode | AlternativesNode,
    name: string,
    prefix: string,
    description: string,
    isListItem = false,
  ): ConfigInputRef {
    return this.#definer.input(`${name}${this.#mode}`, { of: shapeOf(node), isListItem }, () => {
      if (node.kind === 'alternatives') {
        const fields = [...node.alternatives.values()].map(group => [group.key, this.#alternative(group, prefix)])
        return { description: `${description} Give exactly one.`, isOneOf: true, fields: Object.fromEntries(fields) }
      }
      const fields = [...node.fields.values()].map(field => [field.key, this.#field(field, prefix, isListItem)])
      return { description, fields: Object.fromEntries(fields) }
    })
  }

  #alternative(group: GroupNode, prefix: string): InputField {
    const isEmpty = group.fields.size === 0
    const name = typeNameOf(group, prefix)
    return {
      type: isEmpty ? 'Boolean' : this.object(group, name, name, describe(group.label, group.help)),
      required: false,
      description: describe(group.label, group.help, isEmpty && 'Must be true.'),
    }
  }

  #field(node: FormTreeNode, prefix: string, isInListItem: boolean): InputField {
    const isPatch = this.#mode === 'Patch'
    // The name is what a patched item is found by.
    const required = isPatch ? isInListItem && node.key === 'name' : node.required || node.defaultValue !== undefined
    const hasDefault = !isPatch && node.defaultValue !== undefined
    const description = describe(
      node.label,
      node.help,
      node.kind === 'secret' &&
        (node.secretWhen === null ? 'A secret: never shown again.' : `A secret if \`${node.secretWhen}\` is true.`),
      isPatch && node.kind === 'list' && node.isKeyed && 'Items of stored names are merged, others must be complete.',
    )
    const type = this.#typeOf(node, prefix)
    return { type, required, description, ...(hasDefault && { defaultValue: withGroups(node, node.defaultValue) }) }
  }

  #typeOf(node: FormTreeNode, prefix: string): InputTypeParam {
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
        return choiceEnum(this.#definer, node, prefix)
      case 'list':
        return [this.#itemType(node.item, typeNameOf(node, prefix), node.isKeyed)]
      default: {
        const name = typeNameOf(node, prefix)
        return this.object(node, name, name, typeDescription(node))
      }
    }
  }

  #itemType(item: FormTreeNode, prefix: string, isKeyed: boolean): InputTypeParam {
    // Only items with names can be patched: other lists are replaced whole.
    const types = this.#mode === 'Patch' && !isKeyed ? new InputTypes(this.#definer, 'Input') : this
    if (item.kind !== 'group') return types.#typeOf(item, prefix)
    const name = typeNameOf(item, prefix)
    return types.object(item, name, name, typeDescription(item), types.#mode === 'Patch')
  }
}

/**
 * A default with the defaults of the groups inside it. GraphQL.js takes a default as it stands, without the defaults
 * of its fields, and the zod plugin refuses a value that lacks a required input object. Scalars come from the form.
 */
function withGroups(node: FormTreeNode, value: unknown): unknown {
  if (!isRecord(value)) return value
  if (node.kind === 'alternatives') {
    const chosen = chosenAlternative(node, value)
    return chosen ? { [chosen.key]: withGroups(chosen, value[chosen.key]) } : value
  }
  if (node.kind !== 'group') return value
  const groups = [...node.fields.values()].flatMap((field): [string, unknown][] => {
    const inner = fieldValue(node, value, field.key)
    return isRecord(inner) ? [[field.key, withGroups(field, inner)]] : []
  })
  return { ...value, ...Object.fromEntries(groups) }
}
