import { describe, expect, test } from 'vitest'
import { formUiSchema } from '../../src/connectors/form-ui-schema.ts'
import { madeUpForm, madeUpQueryForm } from './made-up-form.ts'

const ui = formUiSchema(madeUpForm)

describe('the UI schema of a form', () => {
  test('has the fields in drawing order: by section, what belongs to none first', () => {
    expect(ui['ui:order']).toEqual([
      ...['title', 'mode', 'retries', 'maxBytes', 'ratio', 'tags', 'modes', 'routes', 'limits'],
      ...['baseUrl', 'hosts', 'proxy'],
      ...['auth', 'headers'],
    ])
    expect(ui['limits']).toMatchObject({ 'ui:order': ['seconds', 'burst'] })
  })

  test('says which section a field belongs to and what is shown on demand, where that begins', () => {
    expect(ui['baseUrl']).toEqual({ 'ui:classNames': 'section-network' })
    expect(ui['maxBytes']).toEqual({ 'ui:classNames': 'advanced' })
    expect(ui['limits']).toMatchObject({ burst: { 'ui:classNames': 'advanced', size: {} } })
    expect(ui['proxy']).toMatchObject({ 'ui:classNames': 'section-network', anyOf: [{}, { host: {} }] })
  })

  test('hides secrets while they are typed, except those of several lines', () => {
    expect(ui['auth']).toMatchObject({
      oneOf: [
        { none: { 'ui:widget': 'hidden' } },
        { basic: { username: {}, password: { 'ui:widget': 'password', 'ui:autocomplete': 'new-password' } } },
        { token: { token: { 'ui:widget': 'textarea' } } },
        { cloud: { deployment: { oneOf: [{}, { serverless: { 'ui:widget': 'hidden' } }] } } },
      ],
    })
    expect(ui['headers']).toMatchObject({ items: { value: { 'ui:widget': 'password' } } })
  })

  test('has examples to show in empty fields', () => {
    expect(ui['title']).toEqual({ 'ui:placeholder': 'My source' })
  })

  test('of a form whose root is a choice has one for each', () => {
    expect(formUiSchema(madeUpQueryForm)).toMatchObject({
      oneOf: [{ path: { 'ui:order': ['path'] } }, { everything: { 'ui:widget': 'hidden' } }],
    })
  })
})
