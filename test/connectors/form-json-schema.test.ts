import { describe, expect, test } from 'vitest'
import { formJsonSchema } from '../../src/connectors/form-json-schema.ts'
import { madeUpForm, madeUpQueryForm } from './made-up-form.ts'

const schema = formJsonSchema(madeUpForm)
const properties = schema['properties'] as { readonly [key: string]: unknown }

describe('JSON Schema of a form', () => {
  test('is strict and names what is required', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      required: ['baseUrl', 'auth'],
      additionalProperties: false,
      'x-patchbay': {
        sections: [
          { id: 'network', label: 'Network', help: 'Where to connect.' },
          { id: 'access', label: 'Access' },
        ],
      },
    })
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema)
  })

  test('carries titles, help, limits, defaults and hints', () => {
    expect(properties['baseUrl']).toEqual({
      title: 'Base URL',
      description: 'Where the source answers.',
      type: 'string',
      pattern: '^https?:\\/\\/[a-z]{1,20}$',
      'x-patchbay': { section: 'network', destination: true },
    })
    expect(properties['mode']).toEqual({
      title: 'Mode',
      default: 'SAFE',
      type: 'string',
      oneOf: [
        { const: 'SAFE', title: 'Safe', description: 'Slow and sure.' },
        { const: 'FAST', title: 'Fast', description: 'Quick.' },
      ],
    })
    expect(properties['retries']).toEqual({ title: 'Retries', default: 3, type: 'integer', minimum: 0, maximum: 10 })
    expect(properties['tags']).toEqual({
      title: 'Tags',
      default: [],
      type: 'array',
      items: { title: 'Tags', type: 'string', minLength: 1, maxLength: 10 },
      maxItems: 4,
    })
    expect(properties['limits']).toMatchObject({
      default: {},
      type: 'object',
      required: [],
      additionalProperties: false,
    })
  })

  test('alternatives are a choice of objects with exactly one property, by their labels', () => {
    expect(properties['auth']).toMatchObject({
      title: 'Sign-in',
      oneOf: [
        { title: 'No sign-in', properties: { none: { const: true } }, required: ['none'], additionalProperties: false },
        {
          title: 'User name and password',
          type: 'object',
          properties: { basic: { required: ['username', 'password'], additionalProperties: false } },
          required: ['basic'],
        },
        { title: 'Token' },
        { title: 'Cloud identity' },
      ],
    })
    expect(formJsonSchema(madeUpQueryForm)).toMatchObject({
      oneOf: [{ required: ['path'] }, { properties: { everything: { const: true } } }],
    })
  })

  test('what may be left out as a whole may be null', () => {
    expect(properties['proxy']).toMatchObject({
      anyOf: [
        { type: 'null', title: 'None' },
        { title: 'Proxy', type: 'object', required: ['host'] },
      ],
    })
  })

  test('secrets that are kept are not required', () => {
    const kept = formJsonSchema(madeUpForm, { keepsSecrets: true })
    expect(kept).toMatchObject({
      required: ['baseUrl', 'auth'],
      properties: {
        auth: { oneOf: [{}, { properties: { basic: { required: ['username'] } } }, {}, {}] },
        headers: { items: { required: ['name'] } },
      },
    })
  })

  test('secrets are write-only, unless another field decides it', () => {
    expect(properties['proxy']).toMatchObject({
      anyOf: [{}, { properties: { password: { writeOnly: true, 'x-patchbay': { secret: true } } } }],
    })
    expect(properties['headers']).toMatchObject({
      items: { properties: { value: { 'x-patchbay': { secret: true, secretWhen: 'isSecret' } } } },
    })
    expect(properties).not.toHaveProperty(['headers', 'items', 'properties', 'value', 'writeOnly'])
  })
})
