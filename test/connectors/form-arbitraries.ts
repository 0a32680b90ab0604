import fc from 'fast-check'
import type { Form } from '../../src/connectors/form.ts'
import { byDependence, isRequired, isVisible } from '../../src/connectors/form-conditions.ts'
import { type FormTreeNode, formTree, type GroupNode, type ListNode } from '../../src/connectors/form-tree.ts'

type Input = Record<string, unknown>

/** Random valid input of a form, as a client would write it: fields with defaults and optional ones may be absent. */
export const validInput = (form: Form): fc.Arbitrary<Input> =>
  new Inputs(true).of(formTree(form).root) as fc.Arbitrary<Input>

/** The same with no regard to what fields mean for each other: each value on its own is one of its field's. */
export const looseInput = (form: Form): fc.Arbitrary<Input> =>
  new Inputs(false).of(formTree(form).root) as fc.Arbitrary<Input>

class Inputs {
  readonly #keepsConditions: boolean

  constructor(keepsConditions: boolean) {
    this.#keepsConditions = keepsConditions
  }

  of(node: FormTreeNode): fc.Arbitrary<unknown> {
    switch (node.kind) {
      case 'text':
        if (node.pattern) return fc.stringMatching(new RegExp(node.pattern))
        // A first letter keeps texts from being empty once they are trimmed.
        return fc
          .string({ unit: 'grapheme-composite', maxLength: 8 })
          .map(text => `x${text}`.slice(0, node.maxLength ?? 99).toWellFormed())
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
        return this.#list(node)
      case 'group':
        return this.#group(node)
      case 'alternatives':
        return fc.oneof(
          ...[...node.alternatives.values()].map(group =>
            (group.fields.size === 0 ? fc.constant(true) : this.#group(group)).map(value => ({ [group.key]: value })),
          ),
        )
    }
  }

  #list(node: ListNode): fc.Arbitrary<unknown[]> {
    const limits = { minLength: node.minLength ?? 0, maxLength: Math.min(node.maxLength ?? 4, 4) }
    const item = this.of(node.item)
    if (!node.isKeyed) return fc.array(item, limits)
    return fc.uniqueArray(item, { ...limits, selector: each => (each as { name: string }).name })
  }

  #group(node: GroupNode): fc.Arbitrary<Input> {
    const fields = [...node.fields.values()]
    const whole = fc.record(Object.fromEntries(fields.map(field => [field.key, this.of(field)])))
    const given = fc.uniqueArray(fc.constantFrom(...fields.map(({ key }) => key)))
    return fc.tuple(whole, given).map(([values, keys]) => this.#part(node, values, new Set(keys)))
  }

  #part(node: GroupNode, values: Input, keys: ReadonlySet<string>): Input {
    const chosen = [...node.fields.values()].filter(field => field.required || keys.has(field.key))
    const input: Input = Object.fromEntries(chosen.map(({ key }) => [key, values[key]]))
    if (!this.#keepsConditions) return input
    // To give a field may make others required, and visible.
    for (let changed = true; changed; ) {
      changed = false
      for (const field of byDependence(node)) {
        if (!isVisible(field, node, input)) delete input[field.key]
        else if (!(field.key in input) && isRequired(field, node, input)) {
          input[field.key] = values[field.key]
          changed = true
        }
      }
    }
    return input
  }
}
