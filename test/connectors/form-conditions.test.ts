import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { alternatives, block, choice, defineForm, type Form, field, secret } from '../../src/connectors/form.ts'
import { formFields } from '../../src/connectors/form-fields.ts'
import { formJsonSchema } from '../../src/connectors/form-json-schema.ts'
import { applyPatch } from '../../src/connectors/form-patch.ts'
import { splitSecrets } from '../../src/connectors/form-secrets.ts'
import { assertFormSupported } from '../../src/connectors/form-tree.ts'
import { validateForm } from '../../src/connectors/form-validation.ts'
import { conditionalForm, conditionalForms } from './conditional-forms.ts'
import { looseInput, validInput } from './form-arbitraries.ts'
import { jsonSchemaValidator } from './json-schema-validator.ts'

/** What is wrong with an input beside the shortest that is valid, by path. */
function issues(input: object): Record<string, string> {
  const result = validateForm(conditionalForm, { trust: true, ...input })
  return result.ok ? {} : Object.fromEntries(result.issues.map(({ path, message }) => [path, message]))
}

function stored(input: object) {
  const result = validateForm(conditionalForm, { trust: true, ...input })
  if (!result.ok) throw new Error(JSON.stringify(result.issues))
  const { config, secrets } = splitSecrets(conditionalForm, result.value)
  return { config, secretPaths: new Set(Object.keys(secrets)) }
}

function patched(input: object, patch: object) {
  const { config, secretPaths } = stored(input)
  return applyPatch(conditionalForm, config, secretPaths, patch)
}

describe('a field that is not always visible', () => {
  test('may be given only then, and says in which case', () => {
    expect(issues({ body: 'x' })).toEqual({
      body: 'Leave it empty unless "Method" is "Ask".',
    })
    expect(issues({ method: 'POST', body: 'x' })).toEqual({})
    expect(issues({ method: 'HEAD', expect: 'ANY' })).toEqual({
      expect: 'Leave it empty unless "Method" is "Read" or "Ask".',
    })
    expect(issues({ host: 'there' })).toEqual({
      host: 'Leave it empty unless "Sign-in" is "Key".',
    })
    expect(issues({ auth: { key: { key: 'k', days: 3 } } })).toEqual({
      'auth.key.days': 'Leave it empty unless "Rotates" is turned on.',
    })
    expect(issues({ privateKey: 'k' })).toEqual({
      privateKey: 'Leave it empty unless "Certificate" is given.',
    })
    expect(issues({ token: 't' })).toEqual({
      trust: 'Leave it empty unless "Token" is empty.',
    })
    expect(issues({ rules: [{ name: 'a' }, { name: 'b', password: 'x' }] })).toEqual({
      'rules.1.password': 'Leave it empty unless "Kind" is "Shut".',
    })
  })

  test('has its default otherwise, and may be given that: GraphQL fills in defaults that nobody gave', () => {
    expect(validateForm(conditionalForm, { method: 'HEAD', trust: true })).toMatchObject({
      value: { expect: 'JSON', host: 'here', pages: { size: 5 } },
    })
    expect(issues({ method: 'HEAD', expect: 'JSON', host: 'here', pages: { size: 5 } })).toEqual({})
    expect(issues({ method: 'HEAD', pages: { size: 6 } })).toEqual({
      pages: expect.stringMatching(/^Leave it empty unless/),
    })
    expect(issues({ method: 'HEAD', pages: { name: 'x' } })).toEqual({
      pages: expect.stringMatching(/^Leave it empty unless/),
    })
  })

  test('is judged beside issues elsewhere, but not by a field that has an issue itself', () => {
    expect(issues({ certificate: '', privateKey: 'k', host: 'there' })).toEqual({
      certificate: 'Must not be empty.',
      host: expect.stringMatching(/^Leave it empty unless/),
    })
    expect(issues({ method: 'PUT', body: 'x' })).toEqual({ method: 'Must be one of GET, POST, HEAD.' })
  })
})

describe('a field that is sometimes required', () => {
  test('is missed only then, and says in which case', () => {
    expect(issues({ method: 'POST' })).toEqual({ body: 'A value is required when "Method" is "Ask".' })
    expect(issues({ method: 'POST', body: null })).toEqual({ body: 'A value is required when "Method" is "Ask".' })
    expect(issues({ certificate: 'c' })).toEqual({ privateKey: 'A value is required when "Certificate" is given.' })
    expect(issues({ rules: [{ name: 'a', kind: 'SHUT' }] })).toEqual({
      'rules.0.password': 'A value is required when "Kind" is "Shut".',
    })
  })

  test('is not missed while it is invisible', () => {
    expect(validateForm(conditionalForm, {})).toMatchObject({
      issues: [{ path: 'trust', message: 'A value is required when "Sign-in" is "None".' }],
    })
    expect(validateForm(conditionalForm, { token: 't' })).toMatchObject({ ok: true })
    expect(validateForm(conditionalForm, { auth: { key: { key: 'k' } } })).toMatchObject({ ok: true })
  })
})

describe('a patch that ends the condition of a field', () => {
  test('has its stored value forgotten', () => {
    expect(patched({ method: 'POST', body: 'x', expect: 'ANY' }, { method: 'HEAD' })).toMatchObject({
      ok: true,
      config: expect.objectContaining({ method: 'HEAD', expect: 'JSON' }),
    })
    const result = patched({ method: 'POST', body: 'x' }, { method: 'GET' })
    expect(result.ok && result.config).not.toHaveProperty('body')
    expect(patched({ pages: { size: 6, name: 'x' } }, { method: 'HEAD' })).toMatchObject({
      ok: true,
      config: expect.objectContaining({ pages: { size: 5 } }),
    })
  })

  test('has its stored secret forgotten, and those that depended on it', () => {
    const certified = { certificate: 'c', privateKey: 'k', passphrase: 'p' }
    expect(patched(certified, {})).toMatchObject({ keptSecretPaths: ['privateKey', 'passphrase'] })
    expect(patched(certified, { certificate: null })).toMatchObject({ ok: true, keptSecretPaths: [] })
    expect(
      patched({ rules: [{ name: 'a', kind: 'SHUT', password: 'x' }] }, { rules: [{ name: 'a', kind: 'OPEN' }] }),
    ).toMatchObject({ ok: true, keptSecretPaths: [] })
  })

  test('cannot give it at the same time', () => {
    expect(patched({ method: 'POST', body: 'x' }, { method: 'GET', body: 'y' })).toMatchObject({
      ok: false,
      issues: [{ path: 'body', message: 'Leave it empty unless "Method" is "Ask".' }],
    })
    expect(patched({}, { certificate: null, privateKey: 'k' })).toMatchObject({
      ok: false,
      issues: [{ path: 'privateKey' }],
    })
    // What it has anyway is nothing new.
    expect(patched({ expect: 'ANY' }, { method: 'HEAD', expect: 'JSON' })).toMatchObject({ ok: true })
    expect(patched({ method: 'POST', body: 'x' }, { method: 'GET', body: null })).toMatchObject({ ok: true })
  })

  test('cannot clear what is required, and a stored secret counts as given', () => {
    const certified = { certificate: 'c', privateKey: 'k', passphrase: 'p' }
    expect(patched(certified, { certificate: 'd' })).toMatchObject({ ok: true })
    expect(patched(certified, { privateKey: null })).toMatchObject({
      ok: false,
      issues: [{ path: 'privateKey', message: 'A value is required when "Certificate" is given.' }],
    })
    expect(patched({ method: 'POST', body: 'x' }, { body: null })).toMatchObject({
      ok: false,
      issues: [{ path: 'body' }],
    })
  })
})

describe('conditions as clients see them', () => {
  const byPath = new Map(formFields(conditionalForm).map(each => [each.path, each]))
  const none = { equals: null, oneOf: null, isSet: null }

  test('have whole paths, and all that must hold', () => {
    expect(byPath.get('method')).toMatchObject({ visibleWhen: [], requiredWhen: null })
    const post = { ...none, path: 'method', equals: 'POST' }
    expect(byPath.get('body')).toMatchObject({ required: false, visibleWhen: [post], requiredWhen: post })
    expect(byPath.get('expect')?.visibleWhen).toEqual([{ ...none, path: 'method', oneOf: ['GET', 'POST'] }])
    expect(byPath.get('passphrase')?.visibleWhen).toEqual([{ ...none, path: 'privateKey', isSet: true }])
    expect(byPath.get('auth.key.days')?.visibleWhen).toEqual([
      { ...none, path: 'auth', equals: 'key' },
      { ...none, path: 'auth.key.rotates', equals: true },
    ])
    expect(byPath.get('pages.size')?.visibleWhen).toEqual([{ ...none, path: 'method', equals: 'GET' }])
    expect(byPath.get('rules.*.password')?.visibleWhen).toEqual([{ ...none, path: 'rules.*.kind', equals: 'SHUT' }])
  })

  test('are in the JSON Schema of a new configuration, and of one whose secrets are kept as far as they can be known', () => {
    const fresh = jsonSchemaValidator(conditionalForm)
    const kept = jsonSchemaValidator(conditionalForm, { keepsSecrets: true })
    const both = (input: object) => [fresh(input), kept(input)]
    expect(both({ trust: true, method: 'POST' })).toEqual([false, false])
    expect(both({ trust: true, certificate: 'c' })).toEqual([false, true])
    expect(both({ trust: true, certificate: 'c', passphrase: 'p' })).toEqual([false, true])
    expect(both({ auth: { key: {} } })).toEqual([false, true])
    expect(both({ trust: true, rules: [{ name: 'a', kind: 'SHUT' }] })).toEqual([false, true])
    expect(both({ trust: true, privateKey: 'k' })).toEqual([false, false])
    expect(formJsonSchema(conditionalForm)).not.toHaveProperty(['properties', 'body'])
  })
})

describe('the server and a JSON Schema validator', () => {
  const agree = (form: Form, accepts: (input: unknown) => boolean, input: unknown) =>
    expect({ input, accepted: accepts(input) }).toEqual({ input, accepted: validateForm(form, input).ok })

  test('agree on what the fields of random forms mean for each other', () => {
    let [accepted, refused] = [0, 0]
    const withInputs = conditionalForms.chain(form =>
      fc.tuple(fc.constant(form), fc.array(looseInput(form), { minLength: 20, maxLength: 20 })),
    )
    fc.assert(
      fc.property(withInputs, ([form, inputs]) => {
        const accepts = jsonSchemaValidator(form)
        for (const input of inputs) {
          agree(form, accepts, input)
          if (accepts(input)) accepted += 1
          else refused += 1
        }
      }),
      { numRuns: 60 },
    )
    expect(Math.min(accepted, refused)).toBeGreaterThan(100)
  })

  test('both accept what keeps the conditions, and a patch of nothing changes none of it', () => {
    const withInput = fc
      .oneof(fc.constant(conditionalForm), conditionalForms)
      .chain(form => fc.tuple(fc.constant(form), validInput(form)))
    fc.assert(
      fc.property(withInput, ([form, input]) => {
        const result = validateForm(form, input)
        if (!result.ok) throw new Error(JSON.stringify(result.issues))
        agree(form, jsonSchemaValidator(form), input)
        const { config, secrets } = splitSecrets(form, result.value)
        const paths = new Set(Object.keys(secrets))
        const unchanged = { ok: true, config, newSecrets: {} }
        expect(applyPatch(form, config, paths, {})).toMatchObject(unchanged)
        expect(applyPatch(form, config, paths, config)).toMatchObject(unchanged)
      }),
      { numRuns: 80 },
    )
  })
})

describe('a form is refused at start', () => {
  const text = (meta: object = {}) => field(z.string().optional(), { label: 'Text', ...meta })
  const flag = field(z.boolean().default(false), { label: 'Flag' })
  const words = choice({ A: { label: 'A', help: 'A.' } }, { label: 'Words' }).optional()
  const refusals: readonly (readonly [string, z.ZodRawShape, RegExp])[] = [
    ['for a field that does not exist', { a: text({ visibleWhen: { field: 'b', isSet: true } }) }, /no field "b"/],
    [
      'for a value that is not possible',
      { words, a: text({ visibleWhen: { field: 'words', equals: 'B' } }) },
      /can never be "B"/,
    ],
    [
      'for the value of a text',
      { b: text(), a: text({ visibleWhen: { field: 'b', equals: 'x' } }) },
      /can never be "x"/,
    ],
    [
      'for the value of a secret',
      {
        b: secret(z.string().optional(), { label: 'Secret' }),
        a: text({ requiredWhen: { field: 'b', oneOf: ['x'] } }),
      },
      /can never be "x"/,
    ],
    ['for no value at all', { flag, a: text({ visibleWhen: { field: 'flag', oneOf: [] } }) }, /never holds/],
    ['for what is always set', { flag, a: text({ requiredWhen: { field: 'flag', isSet: true } }) }, /always set/],
    [
      'for a circle',
      { a: text({ visibleWhen: { field: 'b', isSet: true } }), b: text({ visibleWhen: { field: 'a', isSet: true } }) },
      /depends on itself/,
    ],
    [
      'for a field that requires itself',
      { a: text({ requiredWhen: { field: 'a', isSet: true } }) },
      /depends on itself/,
    ],
    [
      'for a required field that is not always visible',
      { flag, a: field(z.string(), { label: 'Text', visibleWhen: { field: 'flag', equals: true } }) },
      /must be optional or have a default/,
    ],
    [
      'for a default that is sometimes required',
      { flag, a: field(z.string().default('x'), { label: 'Text', requiredWhen: { field: 'flag', equals: true } }) },
      /without a default/,
    ],
    [
      'for items of a list',
      {
        flag,
        a: field(z.array(block({ b: text() }, { label: 'Item', visibleWhen: { field: 'flag', equals: true } })), {
          label: 'List',
        }),
      },
      /no fields beside it/,
    ],
    [
      'for an alternative that does not exist',
      {
        auth: alternatives({ none: { label: 'None', fields: {} } }, { label: 'Auth' }),
        a: text({ visibleWhen: { field: 'auth', equals: 'key' } }),
      },
      /can never be "key"/,
    ],
  ]
  test.each(refusals)('%s', (_, fields, message) => {
    expect(() => assertFormSupported(defineForm({ fields }), 'MADE_UP')).toThrow(message)
  })
})
