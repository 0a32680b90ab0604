import fc from 'fast-check'
import type { Form } from '../../src/connectors/form.ts'
import { byDependence, isVisible } from '../../src/connectors/form-conditions.ts'
import { type FormTreeNode, formTree, type GroupNode } from '../../src/connectors/form-tree.ts'
import { childNode, isRecord } from '../../src/connectors/form-tree-walk.ts'
import type { Input } from './type-fixture.ts'

/**
 * Random input beside one that is valid: what may be left out is left out at times, numbers, booleans and choices are any
 * that the form allows, and what is not visible then is left out. Texts stay as they are: what makes them valid is known to
 * nobody but the form. Rules over several fields may refuse what comes of it.
 */
export const nearInput = (form: Form, input: Input): fc.Arbitrary<Input> =>
  carelessInput(form, input).map(careless => visibleOf(formTree(form).root, careless) as Input)

/** The same with no regard to what fields mean for each other. */
export const carelessInput = (form: Form, input: Input): fc.Arbitrary<Input> =>
  near(formTree(form).root, input) as fc.Arbitrary<Input>

function visibleOf(node: FormTreeNode, value: unknown): unknown {
  if (node.kind === 'list' && Array.isArray(value)) return value.map(item => visibleOf(node.item, item))
  if (!isRecord(value) || (node.kind !== 'group' && node.kind !== 'alternatives')) return value
  const visible: Record<string, unknown> = { ...value }
  if (node.kind === 'group') {
    for (const field of byDependence(node)) if (!isVisible(field, node, visible)) delete visible[field.key]
  }
  const entries = Object.entries(visible).map(([key, inner]): [string, unknown] => {
    const child = childNode(node, key)
    return [key, child ? visibleOf(child, inner) : inner]
  })
  return Object.fromEntries(entries)
}

function near(node: FormTreeNode, value: unknown): fc.Arbitrary<unknown> {
  switch (node.kind) {
    case 'integer':
      return fc.integer({ min: node.minimum ?? -1_000, max: Math.min(node.maximum ?? 1_000, 2 ** 40) })
    case 'boolean':
      return fc.boolean()
    case 'choice':
      return fc.constantFrom(...Object.keys(node.choices))
    case 'group':
      return nearGroup(node, value)
    case 'alternatives': {
      const [key = '', chosen] = Object.entries(isRecord(value) ? value : {})[0] ?? []
      const group = node.alternatives.get(key)
      return group && group.fields.size > 0 ? near(group, chosen).map(inner => ({ [key]: inner })) : fc.constant(value)
    }
    case 'list':
      return Array.isArray(value) ? fc.tuple(...value.map(item => near(node.item, item))) : fc.constant(value)
    default:
      return fc.constant(value)
  }
}

function nearGroup(node: GroupNode, value: unknown): fc.Arbitrary<object> {
  const given = isRecord(value) ? value : {}
  const fields = [...node.fields.values()].filter(({ key, kind }) => key in given || guessable.includes(kind))
  return fc.record(Object.fromEntries(fields.map(field => [field.key, near(field, given[field.key])])), {
    requiredKeys: fields.filter(field => field.required).map(field => field.key),
  })
}

/** What can be made up where the input has none. */
const guessable = ['integer', 'boolean', 'choice']
