import { describe, expect, test } from 'vitest'
import { formFields } from '../../src/connectors/form-fields.ts'
import { madeUpForm, madeUpQueryForm } from './made-up-form.ts'

const fields = formFields(madeUpForm)
const field = (path: string) => fields.find(each => each.path === path)

describe('fields of a form', () => {
  test('come in drawing order: without a section first, then by section, groups before their fields', () => {
    expect(fields.map(each => each.order)).toEqual(fields.map((_, index) => index))
    expect(fields.map(({ section, path }) => `${section ?? ''}|${path}`)).toEqual([
      '|title',
      '|mode',
      '|retries',
      '|maxBytes',
      '|ratio',
      '|tags',
      '|tags.*',
      '|modes',
      '|modes.*',
      '|routes',
      '|routes.*',
      '|routes.*.name',
      '|routes.*.keys',
      '|routes.*.keys.*',
      '|routes.*.keys.*.name',
      '|routes.*.keys.*.key',
      '|limits',
      '|limits.seconds',
      '|limits.burst',
      '|limits.burst.size',
      'network|baseUrl',
      'network|hosts',
      'network|hosts.*',
      'network|hosts.*.host',
      'network|hosts.*.port',
      'network|proxy',
      'network|proxy.host',
      'network|proxy.port',
      'network|proxy.password',
      'access|auth',
      'access|auth.basic.username',
      'access|auth.basic.password',
      'access|auth.token.token',
      'access|auth.cloud.deployment',
      'access|auth.cloud.deployment.cluster.clusterId',
      'access|auth.cloud.accessKey',
      'access|auth.cloud.sessionToken',
      'access|headers',
      'access|headers.*',
      'access|headers.*.name',
      'access|headers.*.value',
      'access|headers.*.isSecret',
      'access|headers.*.weight',
    ])
  })

  test('say everything that a client needs to draw them', () => {
    expect(field('baseUrl')).toEqual({
      path: 'baseUrl',
      label: 'Base URL',
      help: 'Where the source answers.',
      placeholder: null,
      section: 'network',
      order: 20,
      kind: 'TEXT',
      required: true,
      defaultValue: null,
      isSecret: false,
      secretWhen: null,
      isDestination: true,
      isAdvanced: false,
      options: [],
      minLength: null,
      maxLength: null,
      minimum: null,
      maximum: null,
      pattern: '^https?:\\/\\/[a-z]{1,20}$',
      visibleWhen: [],
      requiredWhen: null,
      liveOptions: null,
    })
    expect(field('mode')).toMatchObject({
      kind: 'CHOICE',
      defaultValue: 'SAFE',
      options: [{ value: 'SAFE', label: 'Safe', help: 'Slow and sure.' }, { value: 'FAST' }],
    })
    expect(field('retries')).toMatchObject({
      kind: 'INTEGER',
      defaultValue: 3,
      minimum: 0,
      maximum: 10,
      required: false,
    })
    expect(field('ratio')).toMatchObject({ kind: 'NUMBER', minimum: 0, maximum: 1 })
    expect(field('tags')).toMatchObject({ kind: 'LIST', maxLength: 4, defaultValue: [] })
    expect(field('tags.*')).toMatchObject({ kind: 'TEXT', label: 'Tags', maxLength: 10 })
    expect(field('proxy.port')).toMatchObject({ isDestination: true })
    expect(field('limits')).toMatchObject({ kind: 'GROUP', defaultValue: {} })
    expect(field('limits.burst.size')).toMatchObject({ isAdvanced: true })
  })

  test('of an alternative are visible when it is chosen', () => {
    expect(field('auth')).toMatchObject({
      kind: 'ALTERNATIVES',
      options: [
        { value: 'none', label: 'No sign-in', help: null },
        { value: 'basic' },
        { value: 'token' },
        { value: 'cloud' },
      ],
    })
    const chosen = (path: string, key: string) => ({ path, equals: key, oneOf: null, isSet: null })
    expect(field('auth.basic.username')?.visibleWhen).toEqual([chosen('auth', 'basic')])
    expect(field('auth.cloud.deployment')?.visibleWhen).toEqual([chosen('auth', 'cloud')])
    expect(field('auth.cloud.deployment.cluster.clusterId')?.visibleWhen).toEqual([
      chosen('auth', 'cloud'),
      chosen('auth.cloud.deployment', 'cluster'),
    ])
  })

  test('tell secrets, also those that depend on another field', () => {
    expect(fields.filter(each => each.isSecret).map(each => each.path)).toEqual([
      'routes.*.keys.*.key',
      'proxy.password',
      'auth.basic.password',
      'auth.token.token',
      'auth.cloud.accessKey',
      'auth.cloud.sessionToken',
      'headers.*.value',
    ])
    expect(field('auth.token.token')?.kind).toBe('MULTILINE_TEXT')
    expect(field('headers.*.value')?.secretWhen).toMatchObject({ path: 'headers.*.isSecret', equals: true })
    expect(field('proxy.password')?.secretWhen).toBeNull()
  })

  test('of a form whose root is a choice follow a field with the empty path', () => {
    expect(formFields(madeUpQueryForm)).toMatchObject([
      {
        path: '',
        kind: 'ALTERNATIVES',
        label: 'Query',
        required: true,
        options: [{ value: 'path' }, { value: 'everything' }],
      },
      { path: 'path.path', visibleWhen: [{ path: '', equals: 'path' }] },
    ])
  })
})
