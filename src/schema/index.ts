import type { GraphQLSchema } from 'graphql'
import type { ConnectorRegistry } from '../connectors/registry.ts'
import { defineApiTokens } from './api-token.ts'
import { defineApiTokenMutations } from './api-token-mutations.ts'
import { defineAuditLog } from './audit-log.ts'
import { createBuilder } from './builder.ts'
import { defineColumnType } from './column-type.ts'
import { defineConnectionTests } from './connection-test.ts'
import { defineConnectionTestMutations } from './connection-test-mutations.ts'
import { defineConnectionTestStream } from './connection-test-stream.ts'
import { defineConnectors } from './connector.ts'
import { defineConnectorCatalog } from './connector-catalog.ts'
import { defineConnectorFieldOptions } from './connector-field-options.ts'
import { defineConnectorMutations } from './connector-mutations.ts'
import { defineConnectorTypes } from './connector-type.ts'
import { defineDatasets } from './dataset.ts'
import { defineDatasetMutations } from './dataset-mutations.ts'
import { defineDatasetPreview } from './dataset-preview.ts'
import { defineDeletionPlan } from './deletion-plan.ts'
import { guardDialOuts } from './dials-out.ts'
import { defineErrors } from './errors.ts'
import { defineNode } from './node.ts'
import { createParts } from './nouns.ts'
import { defineProblems } from './problem.ts'
import { defineRateLimit } from './rate-limit.ts'
import { defineScalars } from './scalars.ts'
import { assertSchemaRules } from './schema-rules.ts'
import { defineSecretState } from './secret-state.ts'
import { settleRefusals } from './settle-refusals.ts'
import { defineTestConnectionInput } from './test-connection-input.ts'
import { defineValidateConnectorConfig } from './validate-connector-config.ts'
import { defineVerification } from './verification.ts'
import { defineViewer } from './viewer.ts'

/** The whole schema over the types of a registry. Throws when it breaks one of its own rules. */
export function buildSchema(registry: ConnectorRegistry): GraphQLSchema {
  const builder = createBuilder(registry)
  builder.queryType({ description: 'What can be read.' })
  builder.mutationType({ description: 'What can be done.' })
  builder.subscriptionType({ description: 'What can be watched.' })

  const parts = createParts(builder, registry)
  defineScalars(builder)
  defineNode(parts)
  defineViewer(parts)
  defineRateLimit(parts)
  const problems = defineProblems(parts)
  defineErrors(parts, problems.problem, problems.remedy)
  defineConnectorTypes(parts, problems.definition)
  defineConnectors(parts)
  defineSecretState(parts)
  defineVerification(parts)
  defineConnectorMutations(parts)
  const step = defineConnectionTests(parts, problems.problem)
  const start = defineTestConnectionInput(parts)
  defineConnectionTestMutations(parts, start)
  defineConnectionTestStream(parts, start, step)
  defineValidateConnectorConfig(parts, start)
  defineDatasets(parts)
  defineDatasetMutations(parts)
  const columnType = defineColumnType(builder)
  defineDatasetPreview(parts, columnType)
  defineConnectorCatalog(parts, problems.problem, columnType)
  defineConnectorFieldOptions(parts, problems.problem, start)
  defineDeletionPlan(parts)
  defineApiTokens(parts)
  defineApiTokenMutations(parts)
  defineAuditLog(parts)

  // `printSdl` sorts; nothing else needs an order.
  const schema = builder.toSchema({ sortSchema: false })
  assertSchemaRules(schema)
  guardDialOuts(schema)
  settleRefusals(schema)
  return schema
}
