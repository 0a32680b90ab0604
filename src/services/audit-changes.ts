import type { ConnectorType } from '../connectors/define.ts'
import { changedFields } from '../connectors/form-changes.ts'
import { secretFields } from '../connectors/form-secrets.ts'
import type { JsonObject } from '../connectors/json.ts'
import type { SecretDigests } from '../db/secret-digests.ts'

/** A configuration, with its secrets as keyed digests. */
export interface AuditedConfig {
  readonly config: JsonObject
  readonly secretDigests: SecretDigests
}

const nothing: AuditedConfig = { config: {}, secretDigests: {} }

/** Names of the fields of a form that differ, secrets among them: `config.host`, `config.auth.password.password`. */
export function changedConfig(
  { form }: Pick<ConnectorType, 'form'>,
  before: AuditedConfig | null,
  after: AuditedConfig,
): readonly string[] {
  const [was, is] = [before ?? nothing, after]
  const secrets = new Map(
    [...secretFields(form, was.config), ...secretFields(form, is.config)].map(field => [field.secretPath, field.path]),
  )
  const changedSecrets = [...new Set([...Object.keys(was.secretDigests), ...Object.keys(is.secretDigests)])]
    .filter(path => was.secretDigests[path] !== is.secretDigests[path])
    .map(path => secrets.get(path) ?? path)
  const paths = [...changedFields(form, was.config, is.config), ...changedSecrets]
  return [...new Set(paths)].map(path => `config.${path}`)
}

const fieldNames = { name: 'name', description: 'description', externalKey: 'externalKey', connectorId: 'connector' }

/** Names of columns as the API has them; the others are told of by other means. */
export function changedNames(changes: object): readonly string[] {
  return Object.entries(fieldNames).flatMap(([column, name]) => (column in changes ? [name] : []))
}

/** Those that were given when something was made. */
export const givenNames = (fields: object): readonly string[] =>
  changedNames(Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)))

/** Names of the fields of a query that differ: `query.sql`. */
export const changedQuery = (
  { queryForm }: Pick<ConnectorType, 'queryForm'>,
  before: JsonObject | null,
  after: JsonObject,
): readonly string[] => changedFields(queryForm, before ?? {}, after).map(path => `query.${path}`)
