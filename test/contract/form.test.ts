import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Form } from '../../src/connectors/form.ts'
import { formFields } from '../../src/connectors/form-fields.ts'
import { applyPatch } from '../../src/connectors/form-patch.ts'
import { joinSecrets, splitSecrets } from '../../src/connectors/form-secrets.ts'
import { assertFormSupported, type FormTreeNode, formTree } from '../../src/connectors/form-tree.ts'
import { isLeaf, isRecord, walkNodes, walkValues } from '../../src/connectors/form-tree-walk.ts'
import { validateForm } from '../../src/connectors/form-validation.ts'
import { looseInput, validInput } from '../connectors/form-arbitraries.ts'
import { invalidDefaults } from '../connectors/invalid-defaults.ts'
import { jsonSchemaValidator } from '../connectors/json-schema-validator.ts'
import { registered, registeredInputs } from './fixtures.ts'
import { carelessInput, nearInput } from './near-input.ts'
import { parseInput } from './shared-blocks.ts'
import type { Input, TypeFixture } from './type-fixture.ts'

/** Valid input of a type: beside one of its fixture's, and let through by the form. */
const inputsOf = ({ type, inputs }: TypeFixture): fc.Arbitrary<Input> =>
  fc.oneof(...Object.values(inputs).map(input => nearInput(type.form, input))).filter(input => {
    return validateForm(type.form, input).ok
  })

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe.each(registered)('the form of $name', ({ name, fixture }) => {
  const { form, queryForm } = fixture.type
  const forms: readonly (readonly [string, Form])[] = [
    ['configuration', form],
    ['query', queryForm],
  ]

  test.each(forms)('is one that every generator understands, with defaults that are valid (%s)', (_, each) => {
    expect(() => assertFormSupported(each, name)).not.toThrow()
    expect(invalidDefaults(each.schema)).toEqual([])
  })

  test.each(forms)('says of every field what it is called and what it is for (%s)', (_, each) => {
    const fields = formFields(each).filter(({ path }) => path !== '')
    expect(fields.length).toBeGreaterThan(0)
    expect(fields.filter(({ label }) => label.trim() === '').map(({ path }) => path)).toEqual([])
    // The items of a list are what the list says.
    const items = (path: string) => path.endsWith('*')
    expect(fields.filter(({ path, help }) => !items(path) && !help).map(({ path }) => path)).toEqual([])
  })

  test('puts every field into a section, and has no empty one', () => {
    const sections = form.sections.map(({ id }) => id)
    expect(sections.length).toBeGreaterThan(0)
    const used = new Set(formFields(form).map(({ section }) => section))
    expect([...used].sort()).toEqual([...sections].sort())
  })

  test('loses nothing on the way to the database, to the client and back', () => {
    fc.assert(
      fc.property(inputsOf(fixture), input => {
        const value = parseInput(fixture.type, input)
        const { config, secrets } = splitSecrets(form, value)
        expect(asJson(config)).toEqual(config)
        expect(joinSecrets(form, config, secrets)).toEqual(asJson(value))
        // What was made of an input is an input, of which the same is made.
        expect(splitSecrets(form, parseInput(fixture.type, asJson(value) as Input))).toEqual({ config, secrets })
        const paths = new Set(Object.keys(secrets))
        const unchanged = { ok: true, config, newSecrets: {}, keptSecretPaths: expect.toSatisfy(same(paths)) }
        expect(applyPatch(form, config, paths, {})).toEqual(unchanged)
        // A client that fills its form with `formData` and sends all of it back.
        expect(applyPatch(form, config, paths, asJson(config))).toEqual(unchanged)
      }),
      { numRuns: 50 },
    )
  })

  test('keeps everything that was given', () => {
    const { root } = formTree(form)
    for (const [inputName, input] of Object.entries(fixture.inputs)) {
      const value = parseInput(fixture.type, input)
      for (const { node, value: given, segments } of walkValues(root, input)) {
        if (given === undefined || !isLeaf(node)) continue
        const kept = segments.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], value)
        expect(typeof kept, `${inputName}: ${segments.join('.')}`).toBe(typeof given)
        if (node.kind !== 'text' && node.kind !== 'secret') expect(kept).toEqual(given)
      }
    }
  })

  test('has a JSON Schema that accepts what the server accepts', () => {
    const accepts = jsonSchemaValidator(form)
    let seen = 0
    // Random texts are seldom what a form wants: what it lets through all the same counts too.
    fc.assert(
      fc.property(fc.oneof(inputsOf(fixture), validInput(form)), input => {
        if (!validateForm(form, input).ok) return
        seen += 1
        expect(accepts(input), JSON.stringify(accepts.errors)).toBe(true)
      }),
      { numRuns: 100 },
    )
    expect(seen).toBeGreaterThan(20)
  })
})

describe.each(
  registered.flatMap(({ name, fixture }) => [
    { name, which: 'configuration', form: fixture.type.form, inputs: Object.values(fixture.inputs) },
    { name, which: 'query', form: fixture.type.queryForm, inputs: [fixture.reads.query] },
  ]),
)('the $which form of $name', ({ form, inputs }) => {
  const { root } = formTree(form)
  const accepts = jsonSchemaValidator(form)

  test('means the same for the server and for its JSON Schema, as far as fields depend on each other', () => {
    const seen = { kept: 0, broken: 0 }
    // Random texts are seldom what a form wants, but any will do to see what becomes of the fields beside them.
    const carelessly = fc.oneof(...inputs.map(input => carelessInput(form, input)), looseInput(form))
    fc.assert(
      fc.property(carelessly, input => {
        const result = validateForm(form, input)
        const isBroken = !result.ok && result.issues.some(({ message }) => conditionMessage.test(message))
        // What else the server refuses, the schema need not know.
        if (!result.ok && !isBroken) return
        expect({ input, accepted: accepts(input) }).toEqual({ input, accepted: result.ok })
        seen[isBroken ? 'broken' : 'kept'] += 1
      }),
      { numRuns: 200 },
    )
    const hasConditions = [...walkNodes(root)].some(node => node.visibleWhen ?? node.requiredWhen)
    if (hasConditions) expect(Math.min(seen.kept, seen.broken)).toBeGreaterThan(0)
    else expect(seen.broken).toBe(0)
  })

  test('finds one wrong value at its own path, as its JSON Schema does', () => {
    const spoilt = fc
      .constantFrom(...inputs)
      .chain(input =>
        fc.tuple(fc.constant(input), fc.constantFrom(...leavesIn(root, input)), fc.constantFrom(...nothings)),
      )
    fc.assert(
      fc.property(spoilt, ([input, segments, wrong]) => {
        const value = withValue(input, segments, wrong)
        const result = validateForm(form, value)
        expect(result.ok ? [] : result.issues.map(({ path }) => path)).toContain(segments.join('.'))
        expect(accepts(value)).toBe(false)
      }),
      { numRuns: 100 },
    )
  })
})

/** What is a value of no field that holds one value. */
const nothings = [[], {}, [1], { key: 'value' }]
const conditionMessage = /^Leave it empty unless |^A value is required when /

/** Where an input has a value, as keys and indices. */
const leavesIn = (root: FormTreeNode, input: Input): readonly (readonly string[])[] =>
  [...walkValues(root, input)].flatMap(({ node, value, segments }) => {
    const given = segments.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], input)
    return isLeaf(node) && value !== undefined && given !== undefined ? [segments] : []
  })

function withValue(holder: unknown, [segment, ...rest]: readonly string[], value: unknown): unknown {
  if (segment === undefined) return value
  if (Array.isArray(holder)) {
    return holder.map((item, index) => (String(index) === segment ? withValue(item, rest, value) : item))
  }
  const record = holder as Readonly<Record<string, unknown>>
  return { ...record, [segment]: withValue(record[segment], rest, value) }
}

/** Mistakes that can be seen in an input's shape, at every place where they can be made. */
function* mistakes(node: FormTreeNode, value: unknown): Generator<{ what: string; value: unknown }> {
  const at = node.path || 'the form'
  if (isRecord(value) && (node.kind === 'group' || node.kind === 'alternatives')) {
    yield { what: `an unknown field in ${at}`, value: { ...value, unknownField: 1 } }
    yield { what: `a text in place of ${at}`, value: 'text' }
    const children = node.kind === 'group' ? node.fields : node.alternatives
    for (const [key, child] of children) {
      const { [key]: inner, ...others } = value
      if (inner === undefined) {
        if (node.kind === 'alternatives') yield { what: `${key} too in ${at}`, value: { ...value, [key]: true } }
        continue
      }
      if (child.required || node.kind === 'alternatives') yield { what: `no ${child.path}`, value: others }
      for (const mistake of mistakes(child, inner)) yield { ...mistake, value: { ...others, [key]: mistake.value } }
    }
  } else if (node.kind === 'list' && Array.isArray(value)) {
    yield { what: `a number in place of ${at}`, value: 1 }
    const [first, ...others] = value
    if (first === undefined) return
    for (const mistake of mistakes(node.item, first)) yield { ...mistake, value: [mistake.value, ...others] }
  } else {
    yield { what: `a list in place of ${at}`, value: [value] }
    if (node.kind === 'choice') yield { what: `another word for ${at}`, value: 'NO_SUCH_WORD' }
    if (node.kind === 'integer') {
      yield { what: `half of ${at}`, value: 1.5 }
      if (node.minimum !== null) yield { what: `too little ${at}`, value: node.minimum - 1 }
      if (node.maximum !== null) yield { what: `too much ${at}`, value: node.maximum + 1 }
    }
    if ((node.kind === 'text' || node.kind === 'secret') && node.maxLength !== null) {
      yield { what: `too long a ${at}`, value: 'x'.repeat(node.maxLength + 1) }
    }
  }
}

describe.each(registeredInputs)('mistakes in the input "$inputName" of $name', ({ fixture, input }) => {
  test('are refused by the server and by the JSON Schema alike', () => {
    const { form } = fixture.type
    const accepts = jsonSchemaValidator(form)
    expect(accepts(input), JSON.stringify(accepts.errors)).toBe(true)
    const made = [...mistakes(formTree(form).root, input)]
    expect(made.length).toBeGreaterThan([...walkNodes(formTree(form).root)].length / 10)
    for (const { what, value } of made) {
      expect({ what, server: validateForm(form, value).ok, schema: accepts(value) }).toEqual({
        what,
        server: false,
        schema: false,
      })
    }
  })
})

const same = (expected: ReadonlySet<string>) => (paths: Iterable<string>) => isDeepStrictEqual(new Set(paths), expected)
