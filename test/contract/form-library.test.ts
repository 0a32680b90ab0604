import { describe, expect, test } from 'vitest'
import type { Form } from '../../src/connectors/form.ts'
import { isVisible } from '../../src/connectors/form-conditions.ts'
import { type FormFieldCondition, formFields } from '../../src/connectors/form-fields.ts'
import { applyPatch } from '../../src/connectors/form-patch.ts'
import { splitSecrets } from '../../src/connectors/form-secrets.ts'
import { type FormTreeNode, formTree } from '../../src/connectors/form-tree.ts'
import { chosenAlternative, isRecord } from '../../src/connectors/form-tree-walk.ts'
import { validateForm } from '../../src/connectors/form-validation.ts'
import { registered, registeredInputs } from './fixtures.ts'
import { formLibrary } from './form-library.ts'
import { parseInput } from './shared-blocks.ts'
import type { Input } from './type-fixture.ts'

const forms = registered.flatMap(({ name, fixture }) => [
  { name, which: 'configuration', form: fixture.type.form, inputs: Object.values(fixture.inputs) },
  { name, which: 'query', form: fixture.type.queryForm, inputs: [fixture.reads.query] },
])

/** A client's view: paths and conditions of `FormField`s over the values that the form holds. */
function visibleFields(form: Form, values: unknown): { readonly shown: string[]; readonly hidden: string[] } {
  const fields = formFields(form)
  const byPath = new Map(fields.map(field => [field.path, field]))
  const at = (path: string) =>
    path === ''
      ? values
      : path.split('.').reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), values)
  const holds = ({ path, equals, oneOf, isSet }: FormFieldCondition) => {
    const field = byPath.get(path)
    const given = at(path) ?? field?.defaultValue ?? undefined
    if (isSet !== null) return (given !== undefined) === isSet
    const value = field?.kind === 'ALTERNATIVES' && isRecord(given) ? Object.keys(given)[0] : given
    return (oneOf ?? [equals]).some(wanted => wanted === value)
  }
  /** Of a group that may be left out, and is. */
  const isLeftOut = (path: string): boolean => {
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('.')))
    if (parent === '') return false
    const group = byPath.get(parent)
    return (
      (group?.kind === 'GROUP' && !group.required && group.defaultValue === null && at(parent) == null) ||
      isLeftOut(parent)
    )
  }
  const leaves = fields.filter(({ kind, path }) => !['GROUP', 'ALTERNATIVES'].includes(kind) && !path.includes('*'))
  const [shown, hidden]: [string[], string[]] = [[], []]
  for (const { path, visibleWhen } of leaves) (visibleWhen.every(holds) && !isLeftOut(path) ? shown : hidden).push(path)
  return { shown, hidden }
}

const idOf = (path: string) => `id="root_${path.replaceAll('.', '_')}"`
const drawnIn = (html: string, path: string) =>
  html.includes(idOf(path)) || html.includes(idOf(path).replace(/"$/, '__title"'))

describe.each(forms)('the $which form of $name in a public form library', ({ form, inputs }) => {
  const library = formLibrary(form)

  test('is drawn with just the fields that are visible, opened anew and with every input', () => {
    for (const input of [undefined, ...inputs]) {
      const values = library.opened(input)
      const html = library.drawn(input)
      expect(html).not.toMatch(/Unsupported field|Unknown field type|unsupported-field/i)
      const { shown, hidden } = visibleFields(form, values)
      expect(shown.filter(path => !drawnIn(html, path))).toEqual([])
      expect(hidden.filter(path => drawnIn(html, path))).toEqual([])
    }
  })

  test('finds no fault with what the server accepts, and hands on all of it', () => {
    for (const input of inputs) {
      expect(library.errors(input)).toEqual([])
      const opened = library.opened(input)
      expect(library.errors(opened)).toEqual([])
      expect(validateForm(form, library.submitted(opened))).toEqual(validateForm(form, input))
    }
  })

  test('submits something that the server accepts where only what is required was filled in', () => {
    const untouched = library.opened()
    const filled = inputs.flatMap(input => filledFrom(formTree(form).root, untouched, input) ?? [])
    for (const values of filled) expect(library.errors(values)).toEqual([])
    // Of several fields one may be enough: what was left out may be just that one.
    const accepted = filled.filter(values => validateForm(form, values).ok)
    expect(accepted.length).toBeGreaterThan(0)
    for (const values of accepted) expect(validateForm(form, library.submitted(values))).toMatchObject({ ok: true })
  })
})

/** What is required and empty in an untouched form, from an input that has the same alternatives; null where none fits. */
function filledFrom(node: FormTreeNode, untouched: unknown, input: unknown): unknown {
  if (node.kind === 'alternatives') {
    const chosen = chosenAlternative(node, untouched)
    if (!chosen || !isRecord(untouched) || chosenAlternative(node, input) !== chosen) return null
    const inner = filledFrom(chosen, untouched[chosen.key], (input as Input)[chosen.key])
    return inner === null ? null : { [chosen.key]: inner }
  }
  if (node.kind !== 'group' || !isRecord(untouched)) return untouched
  const filled: Record<string, unknown> = { ...untouched }
  for (const [key, field] of node.fields) {
    const given = isRecord(input) ? input[key] : undefined
    if (
      untouched[key] === undefined ||
      (Array.isArray(untouched[key]) && untouched[key].length === 0 && given !== undefined)
    ) {
      // The passphrase of a key is required by the key.
      const isSecret = field.kind === 'secret' && isVisible(field, node, filled)
      if (field.required || field.kind === 'list' || isSecret) filled[key] = given
      continue
    }
    const inner = filledFrom(field, untouched[key], given ?? field.defaultValue)
    if (inner === null && field.kind === 'alternatives') return null
    filled[key] = inner
  }
  return filled
}

describe.each(registeredInputs)('a saved connector of $name with the input "$inputName"', ({ fixture, input }) => {
  test('can be edited in the form library with its secrets kept', () => {
    const { form } = fixture.type
    const { config, secrets } = splitSecrets(form, parseInput(fixture.type, input))
    const library = formLibrary(form, { keepsSecrets: true })
    const opened = library.opened(config)
    expect(library.errors(opened)).toEqual([])
    const paths = new Set(Object.keys(secrets))
    const result = applyPatch(form, config, paths, library.submitted(opened))
    expect(result).toMatchObject({ ok: true, config, newSecrets: {} })
    expect(result.ok && new Set(result.keptSecretPaths)).toEqual(paths)
  })
})
