import { bytesText } from '../bytes-text.ts'
import type { JsonValue } from '../json.ts'
import { type Problem, problem, type Remedy } from '../problem.ts'
import type { ProblemCode } from '../problem-table.ts'
import { endpoints } from './endpoints.ts'
import type { BigqueryConfig } from './form.ts'
import { askingField, dataProjectOf } from './identity-field.ts'

/** What a question is about, for the words in which its failure is told. */
export interface Subject {
  readonly what: 'project' | 'dataset' | 'table' | 'statement'
  /** Empty for a statement. */
  readonly name: string
  /** The form fields that it comes from; of the query's form for a statement. */
  readonly fields: readonly string[]
  /** The right that it needs. */
  readonly action: string
}

/** What something that Google says comes to. */
export interface Meaning {
  readonly code: ProblemCode
  readonly params?: { readonly [name: string]: JsonValue }
  readonly fields?: readonly string[]
  readonly remedies?: readonly Remedy[]
}

export const meant = ({ code, ...options }: Meaning, detail: string | null = null): Problem =>
  problem(code, { ...options, detail })

const service = endpoints.bigquery

export const projectSubject = (config: BigqueryConfig): Subject => ({
  what: 'project',
  name: config.projectId,
  fields: ['projectId'],
  action: 'bigquery.jobs.create',
})

export const dataProjectSubject = (config: BigqueryConfig): Subject => ({
  what: 'project',
  name: dataProjectOf(config),
  fields: [config.dataProjectId === undefined ? 'projectId' : 'dataProjectId'],
  action: 'bigquery.datasets.get',
})

export const datasetSubject = (config: BigqueryConfig, dataset: string): Subject => ({
  what: 'dataset',
  name: `${dataProjectOf(config)}.${dataset}`,
  fields: dataset === config.defaultDataset ? ['defaultDataset'] : [],
  action: 'bigquery.tables.list',
})

/** A statement of a dataset's query; no fields where it is one of ours. */
export const statementSubject = (fields: readonly string[]): Subject => ({
  what: 'statement',
  name: '',
  fields,
  action: 'bigquery.jobs.create',
})

export const resourceMissing = ({ what, name, fields }: Subject): Meaning => ({
  code: 'CLOUD_RESOURCE_NOT_FOUND',
  params: { service, what, name },
  fields,
})

/** `real`: where the data is, as far as that is known. */
export const regionMismatch = (asked: string, real: string | null): Meaning => ({
  code: 'CLOUD_REGION_MISMATCH',
  params: { service, region: asked },
  fields: ['location'],
  remedies:
    real === null
      ? []
      : [{ kind: 'SET_FIELD', title: `Ask "${real}", where the data is`, field: 'location', value: real }],
})

export const scanLimitReached = (config: BigqueryConfig, bytes: bigint | null): Meaning => {
  const { maximumBytesBilled: most } = config
  return {
    code: 'SCAN_LIMIT_REACHED',
    params: {
      limit: `the connector's limit of ${bytesText(most)}`,
      limitBytes: most,
      ...(bytes !== null && { bytes: String(bytes) }),
    },
    fields: ['maximumBytesBilled'],
  }
}

export const notReadOnly = (reason: string, fields: readonly string[]): Meaning => ({
  code: 'QUERY_NOT_READ_ONLY',
  params: { reason },
  fields,
})

/** Of a token that the form has, by the endpoint that has said so. */
export const tokenRefused = (code: 'CLOUD_CREDENTIALS_EXPIRED' | 'CLOUD_CREDENTIALS_REJECTED', by: string): Meaning => {
  const field = 'auth.accessToken.token'
  return {
    code,
    params: { service: by },
    fields: [field],
    remedies: [{ kind: 'REENTER_SECRET', title: 'Give a new token', field }],
  }
}

const console = 'https://console.cloud.google.com'

/** `service`: the one that is turned off, by its own name. */
export const apiDisabled = (name: string, project: string, config: BigqueryConfig): Meaning => ({
  code: 'CLOUD_API_DISABLED',
  params: { service: name, project },
  fields: name === endpoints.bigquery ? ['projectId'] : [askingField(config)],
  remedies: isProject(project)
    ? [
        {
          kind: 'RUN_SQL',
          title: 'Turn the service on',
          sql: `# Run it in a shell as an administrator of the project.\ngcloud services enable ${name} --project=${project}`,
        },
        {
          kind: 'READ_DOCS',
          title: "Turn it on in Google's console",
          url: `${console}/apis/library/${name}?project=${encodeURIComponent(project)}`,
        },
      ]
    : [],
})

export const billingDisabled = (project: string): Meaning => ({
  code: 'CLOUD_BILLING_DISABLED',
  params: { service, project },
  fields: ['projectId'],
  remedies: isProject(project)
    ? [
        {
          kind: 'READ_DOCS',
          title: "Look at the project's billing",
          url: `${console}/billing/linkedaccount?project=${encodeURIComponent(project)}`,
        },
      ]
    : [],
})

/** An id or a number: what Google names is put into a command. */
const isProject = (text: string): boolean => /^[a-z0-9.:-]{1,100}$/.test(text)
