import { endpointName } from '../aws/endpoint.ts'
import type { JsonValue } from '../json.ts'
import { type Problem, problem } from '../problem.ts'
import type { ProblemCode } from '../problem-table.ts'
import type { AthenaConfig } from './form.ts'

/** Where a query runs, for the words in which its problems are told. */
export interface QueryPlace {
  readonly config: AthenaConfig
  /** Where its result was to go, as far as that is known. */
  readonly location: string | null
  /** The fields of the query's form that say what is run; none where the statement is one of ours. */
  readonly statementFields: readonly string[]
}

/** What something that Athena says comes to. */
export interface Meaning {
  readonly code: ProblemCode
  readonly params?: { readonly [name: string]: JsonValue }
  readonly fields?: readonly string[]
}

export const meant = ({ code, params = {}, fields = [] }: Meaning, detail: string | null = null): Problem =>
  problem(code, { params, fields, detail })

/** The field that says who asks, as far as that is no secret. */
export const identityField = ({ credentials }: AthenaConfig): string =>
  `credentials.${credentials.assumeRole ? 'assumeRole.roleArn' : 'accessKey.accessKeyId'}`

export const queryInvalid = ({ statementFields: fields }: QueryPlace): Meaning => ({ code: 'QUERY_INVALID', fields })

export const objectNotFound = ({ statementFields: fields }: QueryPlace): Meaning => ({
  code: 'OBJECT_NOT_FOUND',
  fields,
})

/** `reason` continues "this one ...". */
export const notReadOnly = ({ statementFields: fields }: QueryPlace, reason: string): Meaning => ({
  code: 'QUERY_NOT_READ_ONLY',
  params: { reason },
  fields,
})

export const workgroupNotFound = ({ workgroup, region }: AthenaConfig): Meaning => ({
  code: 'CLOUD_RESOURCE_NOT_FOUND',
  params: { service: endpointName('athena', region), what: 'workgroup', name: workgroup, region },
  fields: ['workgroup', 'region'],
})

export const workgroupDisabled = ({ workgroup }: AthenaConfig): Meaning => ({
  code: 'WORKGROUP_DISABLED',
  params: { name: workgroup },
  fields: ['workgroup'],
})

export const catalogNotFound = ({ catalog, region }: AthenaConfig): Meaning => ({
  code: 'CLOUD_RESOURCE_NOT_FOUND',
  params: { service: endpointName('athena', region), what: 'catalog', name: catalog, region },
  fields: ['catalog', 'region'],
})

export const databaseNotFound = (database: string): Meaning => ({
  code: 'DATABASE_NOT_FOUND',
  params: { database },
  fields: ['database', 'catalog'],
})

export const outputUnusable = ({ config: { outputLocation, workgroup }, location }: QueryPlace): Meaning => ({
  code: 'OUTPUT_LOCATION_UNUSABLE',
  params: { location: location ?? outputLocation ?? `the output location of the workgroup "${workgroup}"` },
  // What the workgroup has set is nothing that the form could mend.
  fields: location !== null && location !== outputLocation ? ['workgroup'] : ['outputLocation'],
})

/** Where the form has one, it is the workgroup that does not let it count, and has none of its own. */
export const outputMissing = (place: QueryPlace): Meaning =>
  place.config.outputLocation === undefined
    ? {
        code: 'OUTPUT_LOCATION_MISSING',
        params: { name: place.config.workgroup },
        fields: ['outputLocation', 'workgroup'],
      }
    : { ...outputUnusable(place), fields: ['workgroup'] }

export const scanLimitReached = ({ config: { workgroup } }: QueryPlace): Meaning => ({
  code: 'SCAN_LIMIT_REACHED',
  params: { limit: `the workgroup "${workgroup}"` },
  fields: ['workgroup'],
})
