import type { PlannedStep } from '../connectors/connection-test.ts'
import type { ValidateConnectorConfigInput, ValidConnectorConfig } from '../services/connectors.ts'
import {
  ExternalKeyTakenError,
  NameTakenError,
  NotFoundError,
  SecretReentryRequiredError,
  ValidationError,
} from '../services/errors.ts'
import { toConfigInput } from './config-input.ts'
import { type ConnectorRefInput, toConnectorRef } from './connector-ref.ts'
import type { SchemaParts } from './nouns.ts'
import type { TestConnectionInputRef } from './test-connection-input.ts'

/** `Query.validateConnectorConfig`: the checks of saving, without saving. */
export function defineValidateConnectorConfig({ builder, stepKey, forms }: SchemaParts, start: TestConnectionInputRef) {
  const step = builder.objectRef<PlannedStep>('PlannedTestStep').implement({
    description: 'A step that a connection test of just this configuration would have.',
    fields: t => ({
      key: t.field({ type: stepKey, description: 'What it establishes.', resolve: parent => parent.key }),
      target: t.exposeString('target', { nullable: true, description: 'The endpoint, when there are several.' }),
      title: t.exposeString('title', { description: 'What it does, for a reader.' }),
      required: t.exposeBoolean('required', {
        description: 'Whether the steps after it make no sense once it failed.',
      }),
      budgetMs: t.exposeInt('budgetMs', { description: 'How long it may take, in milliseconds.' }),
    }),
  })
  const target = builder.inputType('ValidateConnectorConfigTarget', {
    description: 'What to validate.',
    isOneOf: true,
    fields: t => ({
      draft: t.field({ type: forms.configInput, required: false, description: 'A configuration that is not saved.' }),
      edit: t.field({
        type: start.edit,
        required: false,
        description: 'A saved connector as it would be after a change.',
      }),
    }),
  })
  const input = builder.inputType('ValidateConnectorConfigInput', {
    description: 'What to validate.',
    fields: t => ({
      target: t.field({ type: target, description: 'The configuration, or a change to one.' }),
      name: t.string({
        required: false,
        description: 'The name it would get. When left out, an edit keeps its name, and no name of a draft is checked.',
      }),
      externalKey: t.string({
        required: false,
        description: 'The external key it would get. When left out, an edit keeps its key.',
      }),
    }),
  })
  const success = builder.objectRef<ValidConnectorConfig>('ValidateConnectorConfigSuccess').implement({
    description: 'Saving would be let through.',
    fields: t => ({
      formData: t.field({
        type: 'JSON',
        description: 'The configuration as it would be stored: defaults filled in, texts repaired, without secrets.',
        resolve: parent => parent.formData,
      }),
      testPlan: t.field({
        type: [step],
        description: 'What a connection test of it would do, in order.',
        resolve: parent => parent.testPlan,
      }),
    }),
  })
  builder.queryField('validateConnectorConfig', t =>
    t.field({
      type: success,
      description:
        'Checks a configuration as `createConnector` and `updateConnector` would, and saves nothing. Nothing is dialled, and no stored secret is read.',
      authScopes: { scope: 'connectors:write' },
      extensions: { postOnly: true },
      args: { input: t.arg({ type: input, description: 'What to validate.' }) },
      errors: {
        types: [ValidationError, NotFoundError, NameTakenError, ExternalKeyTakenError, SecretReentryRequiredError],
        directResult: true,
        union: { description: 'What `validateConnectorConfig` answers.' },
      },
      resolve: (_root, { input }, { services, viewer }) => services.connectors.validate(viewer, toServiceInput(input)),
    }),
  )
}

interface GivenInput {
  readonly target: {
    readonly draft?: object | null
    readonly edit?: { readonly connector: ConnectorRefInput; readonly config: object } | null
  }
  readonly name?: string | null | undefined
  readonly externalKey?: string | null | undefined
}

function toServiceInput({ target, name, externalKey }: GivenInput): ValidateConnectorConfigInput {
  const { draft, edit } = target
  const naming = { ...(name != null && { name }), ...(externalKey !== undefined && { externalKey }) }
  if (edit) {
    return {
      ...naming,
      target: { edit: { connector: toConnectorRef(edit.connector), config: toConfigInput(edit.config) } },
    }
  }
  return { ...naming, target: { draft: toConfigInput(draft ?? {}) } }
}
