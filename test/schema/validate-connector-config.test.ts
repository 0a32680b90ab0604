import { graphql } from 'graphql'
import { describe, expect, test } from 'vitest'
import { plannedStep } from '../../src/connectors/define.ts'
import { validateForm } from '../../src/connectors/form-validation.ts'
import { ConnectorRegistry } from '../../src/connectors/registry.ts'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { buildSchema } from '../../src/schema/index.ts'
import type { ValidateConnectorConfigInput } from '../../src/services/connectors.ts'
import { NameTakenError, SecretReentryRequiredError, ValidationError } from '../../src/services/errors.ts'
import { conditionalForm } from '../connectors/conditional-forms.ts'
import { madeUpType } from '../connectors/made-up-form.ts'
import { dataOf, schemaWorld } from './schema-world.ts'

const document = `query Validate($input: ValidateConnectorConfigInput!) {
  validateConnectorConfig(input: $input) {
    __typename
    ... on Error { code }
    ... on ValidationError { issues { path inputPath message } }
    ... on SecretReentryRequiredError { changedFields }
    ... on ValidateConnectorConfigSuccess { formData testPlan { key title target required budgetMs } }
  }
}`

function worldThat(answer: () => ReturnType<typeof valid>) {
  const asked: ValidateConnectorConfigInput[] = []
  const world = schemaWorld({
    connectors: {
      validate: async (_viewer, input) => {
        asked.push(input)
        return answer()
      },
    },
  })
  return { ...world, asked }
}

const valid = () => ({
  formData: { baseUrl: 'https://example' },
  testPlan: [plannedStep('RESOLVE', 'Look', { target: 'example' }), plannedStep('LEAST_PRIVILEGE', 'See')],
})

describe('validateConnectorConfig', () => {
  test('answers what would be stored, and the plan of its test', async () => {
    const world = worldThat(valid)
    const config = { madeUp: { baseUrl: 'https://example', auth: { none: true } } }
    const input = { target: { draft: config }, name: 'New', externalKey: null }
    expect(dataOf(await world.run(document, { input }))['validateConnectorConfig']).toEqual({
      __typename: 'ValidateConnectorConfigSuccess',
      formData: { baseUrl: 'https://example' },
      testPlan: [
        { key: 'RESOLVE', title: 'Look', target: 'example', required: true, budgetMs: 3000 },
        { key: 'LEAST_PRIVILEGE', title: 'See', target: null, required: false, budgetMs: 10_000 },
      ],
    })
    expect(world.asked).toMatchObject([
      {
        name: 'New',
        externalKey: null,
        target: { draft: { inputKey: 'madeUp', value: { baseUrl: 'https://example' } } },
      },
    ])
  })

  test('takes a change to a saved connector', async () => {
    const world = worldThat(valid)
    const connector = { id: encodeGlobalId('Connector', 'one') }
    const input = { target: { edit: { connector, config: { madeUp: { title: null } } } } }
    dataOf(await world.run(document, { input }))
    expect(world.asked).toEqual([
      { target: { edit: { connector: { id: 'one' }, config: { inputKey: 'madeUp', value: { title: null } } } } },
    ])
  })

  test('is refused as saving is', async () => {
    const input = { target: { draft: { madeUp: { baseUrl: 'https://example', auth: { none: true } } } } }
    const issue = { path: 'baseUrl', inputPath: ['target', 'draft', 'madeUp', 'baseUrl'], message: 'No.' }
    const refusals = [
      [new ValidationError([issue]), { __typename: 'ValidationError', code: 'VALIDATION_FAILED', issues: [issue] }],
      [new NameTakenError('connector', 'New'), { __typename: 'NameTakenError', code: 'NAME_TAKEN' }],
      [
        new SecretReentryRequiredError(['baseUrl'], ['auth.token.token']),
        { __typename: 'SecretReentryRequiredError', code: 'SECRET_REENTRY_REQUIRED', changedFields: ['baseUrl'] },
      ],
    ] as const
    for (const [refusal, answer] of refusals) {
      const world = worldThat(() => {
        throw refusal
      })
      expect(dataOf(await world.run(document, { input }))['validateConnectorConfig']).toEqual(answer)
    }
  })

  test('needs the scope that saving needs', async () => {
    const world = schemaWorld({}, ['connectors:read', 'connectors:test'])
    const input = { target: { draft: { madeUp: { baseUrl: 'https://example', auth: { none: true } } } } }
    expect((await world.run(document, { input })).errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' })
  })
})

test('defaults that GraphQL fills into fields without meaning are no fault', async () => {
  const schema = buildSchema(new ConnectorRegistry([madeUpType('CONDITIONAL', 'conditional', conditionalForm)]))
  const world = worldThat(valid)
  const input = { target: { draft: { conditional: { method: 'HEAD', trust: true } } } }
  const answer = await graphql({ schema, source: document, contextValue: world.context, variableValues: { input } })
  expect(answer.errors).toBeUndefined()
  const [asked] = world.asked
  const value = asked && 'draft' in asked.target ? asked.target.draft.value : undefined
  expect(value).toMatchObject({ method: 'HEAD', expect: 'JSON', host: 'here' })
  expect(validateForm(conditionalForm, value)).toMatchObject({ ok: true })
})
