import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { alternatives, block, choice, defineForm, type Form, field, secret } from '../../src/connectors/form.ts'
import { assertFormSupported, formTree } from '../../src/connectors/form-tree.ts'
import { walkNodes } from '../../src/connectors/form-tree-walk.ts'
import { madeUpForm, madeUpQueryForm } from './made-up-form.ts'

const meta = { label: 'Label' }
const formOf = (fields: z.ZodRawShape): Form => defineForm({ fields })
const text = z.string()

describe('the tree of a form', () => {
  test('is built once and holds every field by its path', () => {
    const { root } = formTree(madeUpForm)
    expect(formTree(madeUpForm).root).toBe(root)
    const paths = [...walkNodes(root)].map(node => node.path)
    expect(paths).toEqual(
      expect.arrayContaining(['auth.cloud.deployment.cluster.clusterId', 'routes.*.keys.*.key', 'tags.*']),
    )
    expect(new Set(paths).size).toBe(paths.length)
  })

  test('accepts forms that all generators understand', () => {
    expect(() => assertFormSupported(madeUpForm, 'MADE_UP')).not.toThrow()
    expect(() => assertFormSupported(madeUpQueryForm, 'MADE_UP')).not.toThrow()
  })

  test('looks through transforms at what clients send', () => {
    const form = formOf({
      a: field(
        z
          .string()
          .max(5)
          .transform(value => value.trim())
          .optional(),
        meta,
      ),
      b: field(z.preprocess(value => value, z.int().min(1)).default(2), meta),
    })
    expect([...walkNodes(formTree(form).root)].slice(1)).toMatchObject([
      { path: 'a', kind: 'text', maxLength: 5, required: false },
      { path: 'b', kind: 'integer', minimum: 1, required: false, defaultValue: 2 },
    ])
  })

  test('a shared block can be given another label where it is used', () => {
    const shared = block({ a: field(text, meta) }, { label: 'Shared', typeName: 'Shared' })
    const form = formOf({ one: shared, two: field(shared.optional(), { label: 'Two' }) })
    expect([...walkNodes(formTree(form).root)]).toMatchObject([
      {},
      { path: 'one', label: 'Shared', required: true },
      {},
      { path: 'two', kind: 'group', label: 'Two', typeName: 'Shared', required: false },
      {},
    ])
  })

  const unsupported: { readonly [reason: string]: { readonly fields: z.ZodRawShape; readonly path: string } } = {
    'has no label': { fields: { a: text }, path: 'a' },
    'has no label: wrap': { fields: { a: block({ b: field(text, meta).min(1) }, meta) }, path: 'a.b' },
    '"nullable" is not supported': { fields: { a: field(text.nullable(), meta) }, path: 'a' },
    '"date" is not supported': { fields: { a: field(z.array(z.date()), meta) }, path: 'a.*' },
    '"union" is not supported': { fields: { a: field(z.union([z.string(), z.int()]), meta) }, path: 'a' },
    '"lazy" is not supported': {
      fields: {
        a: field(
          z.lazy(() => text),
          meta,
        ),
      },
      path: 'a',
    },
    'declare it with block()': { fields: { a: field(z.object({ b: field(text, meta) }), meta) }, path: 'a' },
    'has no fields': { fields: { a: block({}, meta) }, path: 'a' },
    'cannot hold list items': { fields: { a: field(z.array(z.array(text)), meta) }, path: 'a.*' },
    'cannot hold secret items': { fields: { a: field(z.array(secret(text, meta)), meta) }, path: 'a.*' },
    'need a required text field "name"': {
      fields: { a: field(z.array(block({ key: secret(text, meta) }, meta)), meta) },
      path: 'a.*',
    },
    'a secret must be text': { fields: { a: secret(z.int() as never, meta) }, path: 'a' },
    'a secret cannot have a default': { fields: { a: secret(text, meta).default('x') }, path: 'a' },
    'secretWhen must name a boolean sibling': {
      fields: { flag: field(z.boolean().optional(), meta), a: secret(text, { ...meta, secretWhen: 'flag' }) },
      path: 'a',
    },
    'regex() has no message': { fields: { a: field(text.regex(/a/), meta) }, path: 'a' },
    'bounds must be inclusive': { fields: { a: field(z.number().gt(1), meta) }, path: 'a' },
    camelCase: { fields: { snake_case: field(text, meta) }, path: 'snake_case' },
    SCREAMING_CASE: { fields: { a: choice({ lower: { label: 'L', help: 'L.' } }, meta) }, path: 'a' },
    '"kind" is taken': { fields: { a: alternatives({ kind: { label: 'K', fields: {} } }, meta) }, path: 'a' },
    'ends with a full stop': { fields: { a: field(text, { label: 'Label.' }) }, path: 'a' },
    'is no sentence': { fields: { a: field(text, { label: 'Label', help: 'no stop' }) }, path: 'a' },
    'there is no section': { fields: { a: field(text, { label: 'Label', section: 'gone' }) }, path: 'a' },
  }
  test.each(Object.entries(unsupported))('refuses at start: %s', (reason, { fields, path }) => {
    const check = () => assertFormSupported(formOf(fields), 'MADE_UP')
    expect(check).toThrow(reason)
    expect(check).toThrow(`MADE_UP: form field "${path}"`)
  })
})
