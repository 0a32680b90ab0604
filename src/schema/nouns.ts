import type { ConnectorType } from '../connectors/define.ts'
import type { ConnectorRegistry } from '../connectors/registry.ts'
import type { ApiTokenRow, ConnectorRow, DatasetRow } from '../db/rows.ts'
import type { DeletionPlan, SecretState, Verification } from '../services/connectors.ts'
import type { ServiceError } from '../services/errors.ts'
import type { Builder } from './builder.ts'
import type { TestView } from './connection-test-view.ts'
import { defineConnectorRefInput } from './connector-ref.ts'
import { describedValues } from './enum-values.ts'
import type { EnumRef } from './form-type-definer.ts'
import { buildFormTypes } from './form-types.ts'
import { defineOrderDirection } from './order.ts'
import type { Connection, CountedConnection } from './page.ts'
import type { PreviewFailedError } from './preview-failed-error.ts'
import { defineProblemCode } from './problem.ts'
import { defineStepKey } from './step-key.ts'
import { defineViewerScope } from './viewer-scope.ts'

/** References to the types that several files of a schema speak of; the file named after a noun implements it. */
function createNouns(builder: Builder) {
  return {
    apiToken: builder.objectRef<ApiTokenRow>('ApiToken'),
    apiTokenConnection: builder.objectRef<CountedConnection<ApiTokenRow>>('ApiTokenConnection'),
    connector: builder.interfaceRef<ConnectorRow>('Connector'),
    connectorType: builder.objectRef<ConnectorType>('ConnectorType'),
    connectionTest: builder.objectRef<TestView>('ConnectionTest'),
    connectionTestConnection: builder.objectRef<Connection<TestView>>('ConnectionTestConnection'),
    connectorConnection: builder.objectRef<CountedConnection<ConnectorRow>>('ConnectorConnection'),
    dataset: builder.objectRef<DatasetRow>('Dataset'),
    datasetConnection: builder.objectRef<CountedConnection<DatasetRow>>('DatasetConnection'),
    deletionPlan: builder.objectRef<DeletionPlan>('ConnectorDeletionPlan'),
    error: builder.interfaceRef<ServiceError | PreviewFailedError>('Error'),
    secretState: builder.objectRef<SecretState>('SecretState'),
    verification: builder.objectRef<Verification>('ConnectorVerification'),
  }
}

/** What the files of one schema share while it is built. */
export function createParts(builder: Builder, registry: ConnectorRegistry) {
  const problemCode = defineProblemCode(builder)
  const stepKey = defineStepKey(builder)
  return {
    builder,
    registry,
    nouns: createNouns(builder),
    problemCode,
    stepKey,
    forms: buildFormTypes(builder, registry.types, {
      ProblemCode: problemCode as EnumRef,
      ConnectionTestStepKey: stepKey as EnumRef,
    }),
    connectorRef: defineConnectorRefInput(builder),
    connectorTypeName: defineConnectorTypeName(builder, registry),
    orderDirection: defineOrderDirection(builder),
    viewerScope: defineViewerScope(builder),
  }
}

export type SchemaParts = ReturnType<typeof createParts>

const defineConnectorTypeName = (builder: Builder, registry: ConnectorRegistry) =>
  builder.enumType('ConnectorTypeName', {
    description: 'Names of the connector types.',
    values: describedValues(
      Object.fromEntries(registry.types.map(type => [type.name, `${type.label}.`])) as Record<string, string>,
    ),
  })
