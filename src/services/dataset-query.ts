import type { ConnectorType } from '../connectors/define.ts'
import { splitSecrets } from '../connectors/form-secrets.ts'
import { validateForm } from '../connectors/form-validation.ts'
import type { JsonObject } from '../connectors/json.ts'
import type { ConnectorRegistry } from '../connectors/registry.ts'
import { toInputIssues, typeOfInput } from './connector-config.ts'
import type { ConfigInput } from './connectors.ts'
import { ValidationError } from './errors.ts'
import { assertStorable } from './storable-input.ts'

/** A query that has passed its type's query form. */
export interface ResolvedQuery {
  readonly type: ConnectorType
  readonly query: JsonObject
}

/** Validates a whole query. `inputPath` leads to it from the `input` argument. Throws `ValidationError` with every issue. */
export function resolveQuery(
  registry: ConnectorRegistry,
  input: ConfigInput,
  inputPath: readonly string[] = ['query'],
): ResolvedQuery {
  const type = typeOfInput(registry, input, inputPath)
  const parsed = validateForm(type.queryForm, input.value)
  if (!parsed.ok) throw new ValidationError(toInputIssues(parsed.issues, [...inputPath, input.inputKey]))
  assertStorable(input.value, [...inputPath, input.inputKey])
  return { type, query: splitSecrets(type.queryForm, parsed.value).config }
}

/** A query only means something on connectors of its own type. */
export function assertSameType(queryTypeName: string, connectorTypeName: string, inputPath: readonly string[]): void {
  if (queryTypeName === connectorTypeName) return
  const message = `The query is for connectors of the type ${queryTypeName}, but the connector is of the type ${connectorTypeName}.`
  throw new ValidationError([{ path: inputPath.join('.'), inputPath, message }])
}
