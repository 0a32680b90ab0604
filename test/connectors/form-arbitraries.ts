import fc from 'fast-check'
import type { Form } from '../../src/connectors/form.ts'
import { type FormTreeNode, formTree, type GroupNode, type ListNode } from '../../src/connectors/form-tree.ts'

/** Random valid input of a form, as a client would write it: fields with defaults and optional ones may be absent. */
export function validInput(form: Form): fc.Arbitrary<Record<string, unknown>> {
  return inputOf(formTree(form).root) as fc.Arbitrary<Record<string, unknown>>
}

function inputOf(node: FormTreeNode): fc.Arbitrary<unknown> {
  switch (node.kind) {
    case 'text':
      if (node.pattern) return fc.stringMatching(new RegExp(node.pattern))
      // A first letter keeps texts from being empty once they are trimmed.
      return fc
        .string({ unit: 'grapheme-composite', maxLength: 8 })
        .map(text => `x${text}`.slice(0, node.maxLength ?? 99))
    case 'secret':
      // Long enough that no other value holds it by chance.
      return fc.uuid().map(id => `secret "${id}"\n`)
    case 'integer':
      return fc.integer({ min: node.minimum ?? -1000, max: Math.min(node.maximum ?? 1000, 2 ** 40) })
    case 'number':
      return fc.double({ min: node.minimum ?? -1000, max: node.maximum ?? 1000, noNaN: true }).map(value => value + 0)
    case 'boolean':
      return fc.boolean()
    case 'choice':
      return fc.constantFrom(...Object.keys(node.choices))
    case 'list':
      return listOf(node)
    case 'group':
      return groupOf(node)
    case 'alternatives':
      return fc.oneof(
        ...[...node.alternatives.values()].map(group =>
          (group.fields.size === 0 ? fc.constant(true) : groupOf(group)).map(value => ({ [group.key]: value })),
        ),
      )
  }
}

function listOf(node: ListNode): fc.Arbitrary<unknown[]> {
  const limits = { minLength: node.minLength ?? 0, maxLength: Math.min(node.maxLength ?? 4, 4) }
  const item = inputOf(node.item)
  if (!node.isKeyed) return fc.array(item, limits)
  return fc.uniqueArray(item, { ...limits, selector: each => (each as { name: string }).name })
}

function groupOf(node: GroupNode): fc.Arbitrary<object> {
  const fields = [...node.fields.values()]
  return fc.record(Object.fromEntries(fields.map(field => [field.key, inputOf(field)])), {
    requiredKeys: fields.filter(field => field.required).map(field => field.key),
  })
}
