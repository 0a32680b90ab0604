import { z } from 'zod'
import type { TestGate } from '../services/connectors.ts'
import {
  ConflictError,
  ConnectionTestFailedError,
  ConnectorInUseError,
  ExternalKeyTakenError,
  IdempotencyKeyReusedError,
  NameTakenError,
  NotFoundError,
  RateLimitedError,
  SecretReentryRequiredError,
  SecretStoreFailedError,
  ValidationError,
} from '../services/errors.ts'
import type { Builder } from './builder.ts'
import { toConfigInput } from './config-input.ts'
import { toConnectionTestId, toConnectorRef, toDatasetId } from './connector-ref.ts'
import { dialsOutToTest } from './dials-out.ts'
import { describedValues } from './enum-values.ts'
import { encodeGlobalId } from './global-id.ts'
import { idsRule, notNull } from './input-rules.ts'
import type { SchemaParts } from './nouns.ts'
import { withoutUndefined } from './without-undefined.ts'

const testGates: Record<TestGate, string> = {
  NONE: 'Save whatever a test says, or without one.',
  REQUIRE_PASS: 'Save only what passed a test: the one that `testId` names, or else one that is run now.',
}

const defineTestGate = (builder: Builder) =>
  builder.enumType('TestGate', {
    description: 'Whether saving depends on a connection test.',
    values: describedValues(testGates),
  })
type TestGateRef = ReturnType<typeof defineTestGate>

export function defineConnectorMutations(parts: SchemaParts): void {
  const testGate = defineTestGate(parts.builder)
  defineCreate(parts, testGate)
  defineUpdate(parts, testGate)
  defineDelete(parts)
}

const inputDescriptions = {
  name: 'Its name, unique in the workspace without regard to case.',
  description: 'Free text: what the connector is for.',
  externalKey: 'A key of your own, unique in the workspace: how automation finds it again.',
  testId: 'A connection test of just this configuration, whose result the connector adopts.',
  testGate: 'Whether saving depends on a connection test.',
} as const

function defineCreate({ builder, nouns, forms }: SchemaParts, testGate: TestGateRef): void {
  const input = builder.inputType('CreateConnectorInput', {
    description: 'What to create.',
    fields: t => ({
      name: t.string({ description: inputDescriptions.name }),
      description: t.string({ required: false, description: inputDescriptions.description }),
      externalKey: t.string({ required: false, description: inputDescriptions.externalKey }),
      config: t.field({ type: forms.configInput, description: 'Its type and configuration.' }),
      testId: t.id({ required: false, description: inputDescriptions.testId }),
      testGate: t.field({ type: testGate, defaultValue: 'NONE', description: inputDescriptions.testGate }),
      idempotencyKey: t.string({
        required: false,
        description:
          'Any text, fresh for each new connector: repeating a request with it for 24 h creates nothing twice.',
      }),
    }),
  })
  builder.mutationField('createConnector', t =>
    t.field({
      type: nouns.connector,
      description: 'Creates a connector.',
      authScopes: { scope: 'connectors:write' },
      extensions: { dialsOut: dialsOutToTest },
      args: { input: t.arg({ type: input, description: 'What to create.' }) },
      errors: {
        types: [
          ValidationError,
          NameTakenError,
          ExternalKeyTakenError,
          ConnectionTestFailedError,
          SecretStoreFailedError,
          IdempotencyKeyReusedError,
          ConflictError,
          RateLimitedError,
        ],
        union: { description: 'What `createConnector` answers.' },
        result: { description: 'The connector was created.' },
        dataField: { name: 'connector', description: 'The new connector.' },
      },
      resolve: (_root, { input }, { services, viewer, signal }) => {
        const { config, testId, ...rest } = withoutUndefined(input)
        return services.connectors.create(
          viewer,
          { ...rest, config: toConfigInput(config), testId: testId == null ? null : toConnectionTestId(testId) },
          signal,
        )
      },
    }),
  )
}

function defineUpdate({ builder, nouns, forms, connectorRef }: SchemaParts, testGate: TestGateRef): void {
  const input = builder.inputType('UpdateConnectorInput', {
    description: 'What to change. What is left out stays as it is; null clears it where that is possible.',
    fields: t => ({
      connector: t.field({ type: connectorRef, description: 'Which connector.' }),
      expectedVersion: t.int({ description: 'The `version` that the change is based on.' }),
      name: t.string({ required: false, description: inputDescriptions.name }),
      description: t.string({ required: false, description: inputDescriptions.description }),
      externalKey: t.string({ required: false, description: inputDescriptions.externalKey }),
      config: t.field({
        type: forms.configPatch,
        required: false,
        description: 'Changes to its configuration. Secrets that are left out are kept.',
      }),
      testId: t.id({ required: false, description: inputDescriptions.testId }),
      testGate: t.field({ type: testGate, defaultValue: 'NONE', description: inputDescriptions.testGate }),
    }),
  })
  const rules = z.looseObject({ name: notNull('A connector needs a name.') })
  builder.mutationField('updateConnector', t =>
    t.field({
      type: nouns.connector,
      description: 'Changes a connector.',
      authScopes: { scope: 'connectors:write' },
      extensions: { dialsOut: dialsOutToTest },
      args: { input: t.arg({ type: input, description: 'What to change.', validate: { schema: rules as never } }) },
      errors: {
        types: [
          ValidationError,
          NotFoundError,
          ConflictError,
          NameTakenError,
          ExternalKeyTakenError,
          SecretReentryRequiredError,
          ConnectionTestFailedError,
          SecretStoreFailedError,
          RateLimitedError,
        ],
        union: { description: 'What `updateConnector` answers.' },
        result: { description: 'The connector was changed.' },
        dataField: { name: 'connector', description: 'The connector as it is now.' },
      },
      resolve: (_root, { input }, { services, viewer, signal }) => {
        const { connector, config, testId, name, ...rest } = withoutUndefined(input)
        return services.connectors.update(
          viewer,
          {
            ...rest,
            connector: toConnectorRef(connector),
            ...(name != null && { name }),
            ...(config != null && { config: toConfigInput(config) }),
            testId: testId == null ? null : toConnectionTestId(testId),
          },
          signal,
        )
      },
    }),
  )
}

interface Deleted {
  readonly connectorId: string
  readonly datasetIds: readonly string[]
}

function defineDelete({ builder, connectorRef }: SchemaParts): void {
  const selection = builder.inputType('DatasetSelection', {
    description: 'Which of the dependent datasets to delete too. The others stay, detached.',
    isOneOf: true,
    fields: t => ({
      none: t.boolean({ required: false, description: 'None of them; must be true.' }),
      all: t.boolean({ required: false, description: 'All that the viewer may see; must be true.' }),
      ids: t.idList({ required: false, description: 'Just these, at most 1000.' }),
    }),
  })
  const input = builder.inputType('DeleteConnectorInput', {
    description: 'What to delete.',
    fields: t => ({
      connector: t.field({ type: connectorRef, description: 'Which connector.' }),
      impactToken: t.string({
        required: false,
        description:
          'From `connectorDeletionPlan`, as proof that the dependents were seen. Not needed when there are none.',
      }),
      datasets: t.field({
        type: selection,
        required: false,
        description: 'Which of the dependent datasets to delete too; none unless given.',
      }),
    }),
  })
  const chosen = z.literal(true, 'Must be true.').nullish()
  const rules = z.looseObject({ datasets: z.looseObject({ none: chosen, all: chosen, ids: idsRule }).nullish() })
  const success = builder.objectRef<Deleted>('DeleteConnectorSuccess').implement({
    description: 'The connector was deleted.',
    fields: t => ({
      deletedConnectorId: t.id({
        description: 'Its global id.',
        resolve: ({ connectorId }) => encodeGlobalId('Connector', connectorId),
      }),
      deletedDatasetIds: t.idList({
        description: 'Global ids of the datasets that were deleted with it.',
        resolve: parent => parent.datasetIds.map(id => encodeGlobalId('Dataset', id)),
      }),
    }),
  })
  builder.mutationField('deleteConnector', t =>
    t.field({
      type: success,
      description:
        'Deletes a connector. When datasets depend on it, the first call only warns, with a plan; works also while the data source is down.',
      authScopes: { scope: 'connectors:delete' },
      args: { input: t.arg({ type: input, description: 'What to delete.', validate: { schema: rules as never } }) },
      errors: {
        types: [ValidationError, NotFoundError, ConnectorInUseError, ConflictError],
        directResult: true,
        union: { description: 'What `deleteConnector` answers.' },
      },
      resolve: (_root, { input }, { services, viewer }) => {
        const { none, all, ids } = input.datasets ?? {}
        return services.connectors.delete(viewer, {
          connector: toConnectorRef(input.connector),
          impactToken: input.impactToken ?? null,
          datasets:
            none || all ? { none: none ?? false, all: all ?? false } : ids ? { ids: ids.map(toDatasetId) } : null,
        })
      },
    }),
  )
}
