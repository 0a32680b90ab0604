import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineForm, field, type LiveOptions, secret } from '../../src/connectors/form.ts'
import { formFields } from '../../src/connectors/form-fields.ts'
import { formJsonSchema } from '../../src/connectors/form-json-schema.ts'
import { assertFormSupported } from '../../src/connectors/form-tree.ts'
import { builtInConnectorTypes } from '../../src/connectors/registry.ts'

const formOf = (schema: z.ZodType, liveOptions: LiveOptions) =>
  defineForm({
    fields: {
      shop: field(schema, { label: 'Shop', liveOptions }),
      city: field(z.string().optional(), { label: 'City' }),
    },
  })
const optional = z.string().optional()
const text = z.string().min(3)

describe('a field whose values can be listed', () => {
  it('says so to those who draw it, without its stand-in', () => {
    const form = formOf(text, { needs: ['city'], standIn: 'none yet' })
    expect(formFields(form).map(({ path, liveOptions }) => [path, liveOptions])).toEqual([
      ['shop', { needs: ['city'] }],
      ['city', null],
    ])
    expect(formJsonSchema(form)).toMatchObject({
      properties: { shop: { 'x-patchbay': { liveOptions: { needs: ['city'] } } } },
    })
    expect(JSON.stringify([formFields(form), formJsonSchema(form)])).not.toContain('none yet')
    expect(formFields(formOf(optional, {}))[0]?.liveOptions).toEqual({ needs: [] })
  })

  it.each<readonly [string, z.ZodType, LiveOptions]>([
    ['optional text', optional, {}],
    ['text with a default', z.string().default('x'), { needs: ['city'] }],
    ['required text with a stand-in', text, { standIn: 'none yet' }],
    ['a list of text', z.array(z.string()).default([]), {}],
  ])('may be %s', (_name, schema, liveOptions) => {
    expect(() => assertFormSupported(formOf(schema, liveOptions), 'SHOP')).not.toThrow()
  })

  it.each<readonly [string, string, z.ZodType, LiveOptions]>([
    ['required without a stand-in', 'need a standIn', text, {}],
    ['given a stand-in that is no value of it', 'no value that it can have', text, { standIn: 'x' }],
    ['given a stand-in that it does not need', 'only a required field', optional, { standIn: 'none yet' }],
    ['a number', 'only text and lists of text', z.int().optional(), {}],
    ['a list of numbers', 'only text and lists of text', z.array(z.int()).default([]), {}],
    ['in need of what there is not', 'need "town"', optional, { needs: ['town'] }],
    ['in need of itself', 'need "shop"', optional, { needs: ['shop'] }],
  ])('cannot be %s', (_name, reason, schema, liveOptions) => {
    expect(() => assertFormSupported(formOf(schema, liveOptions), 'SHOP')).toThrow(reason)
  })

  it('cannot be a secret', () => {
    const form = defineForm({ fields: { key: secret(z.string().optional(), { label: 'Key', liveOptions: {} }) } })
    expect(() => assertFormSupported(form, 'SHOP')).toThrow('only text and lists of text')
  })

  it('belongs to a type that can list', () => {
    const live = builtInConnectorTypes.filter(({ form }) => formFields(form).some(each => each.liveOptions !== null))
    expect(live.length).toBeGreaterThan(0)
    expect(live.filter(type => !type.loadBrowse).map(({ name }) => name)).toEqual([])
  })
})
