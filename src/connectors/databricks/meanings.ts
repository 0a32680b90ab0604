import type { JsonValue } from '../json.ts'
import { type Problem, problem, type Remedy } from '../problem.ts'
import type { ProblemCode } from '../problem-table.ts'
import type { DatabricksConfig } from './form.ts'
import { readHttpPath } from './http-path.ts'

/** What is being done, for the words in which its problems are told. */
export interface Place {
  readonly config: DatabricksConfig
  /** The fields of the query's form that say what is run; none where the statement is one of ours. */
  readonly statementFields: readonly string[]
}

/** What something that Databricks says comes to. */
export interface Meaning {
  readonly code: ProblemCode
  readonly params?: { readonly [name: string]: JsonValue }
  readonly fields?: readonly string[]
  readonly remedies?: readonly Remedy[]
}

export const meant = (
  { config }: Pick<Place, 'config'>,
  { code, params = {}, fields = [], remedies = [] }: Meaning,
  detail: string | null = null,
): Problem => problem(code, { params: { service: config.host, ...params }, fields, remedies, detail })

/** The field of the secret with which a principal signs in. */
export const secretField = ({ auth }: DatabricksConfig): string =>
  auth.oauthM2m ? 'auth.oauthM2m.clientSecret' : 'auth.accessToken.token'

/** The field that says who asks, as far as there is one. */
export const identityField = ({ auth }: DatabricksConfig): string =>
  auth.oauthM2m ? 'auth.oauthM2m.clientId' : 'auth.accessToken.token'

/** As the form names the compute, where its own name is not known. */
export const computeName = ({ httpPath }: DatabricksConfig): string => readHttpPath(httpPath)?.id ?? httpPath

export const computeNotFound = (config: DatabricksConfig, remedies: readonly Remedy[] = []): Meaning => ({
  code: 'WAREHOUSE_NOT_FOUND',
  params: { warehouse: computeName(config) },
  fields: ['httpPath'],
  remedies,
})

export const computeNotUsable = (config: DatabricksConfig): Meaning => ({
  code: 'WAREHOUSE_NOT_USABLE',
  params: { warehouse: computeName(config) },
  fields: ['httpPath', identityField(config)],
})

/** `reason` continues "cannot start: ". */
export const cannotStart = (warehouse: string, reason: string): Meaning => ({
  code: 'WAREHOUSE_CANNOT_START',
  params: { warehouse, reason },
})

export const catalogNotFound = (catalog: string): Meaning => ({
  code: 'CATALOG_NOT_FOUND',
  params: { catalog },
  fields: ['catalog'],
})

export const schemaNotFound = (schema: string): Meaning => ({
  code: 'SCHEMA_NOT_FOUND',
  params: { schema },
  fields: ['schema'],
})

export const credentialsRejected = (config: DatabricksConfig): Meaning => ({
  code: 'CLOUD_CREDENTIALS_REJECTED',
  fields: [secretField(config), 'host'],
  remedies: [{ kind: 'REENTER_SECRET', title: 'Type the secret again', field: secretField(config) }],
})

export const credentialsExpired = (config: DatabricksConfig): Meaning => ({
  code: 'CLOUD_CREDENTIALS_EXPIRED',
  fields: [secretField(config)],
  remedies: [{ kind: 'REENTER_SECRET', title: 'Give a new secret', field: secretField(config) }],
})
