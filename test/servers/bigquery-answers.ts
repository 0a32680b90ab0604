import { type BigQueryDataset, type BigQueryTable, locationOf, type TableReference } from './bigquery-data.ts'
import { type BigQueryJob, billedBytes } from './bigquery-jobs.ts'
import type { BigQueryOutcome } from './bigquery-statements.ts'
import { apiRow, type BigQueryField, type BigQueryRows, type FormatOptions } from './bigquery-values.ts'
import { bigQueryRefusal } from './google-refusals.ts'
import type { Grant } from './google-rights.ts'

const kind = (name: string) => ({ kind: `bigquery#${name}` })
const etag = { etag: 'b2c1' }

/** Answers are no larger than this, however many rows are asked for. */
const maxAnswerBytes = 10 * 1_048_576

export interface PageOptions extends FormatOptions {
  /** Whose pages they are: tokens of others are refused. */
  readonly of: string
  readonly maxRows: number
  readonly pageToken: string | undefined
  readonly startIndex: number
}

/** One page of rows, and the token of the next one. */
export function rowsPage(rows: BigQueryRows, schema: readonly BigQueryField[], options: PageOptions) {
  const { of, maxRows, pageToken } = options
  const first = pageToken === undefined ? options.startIndex : startOf(pageToken, of)
  const page: object[] = []
  let bytes = 0
  let index = first
  for (; index < rows.length && page.length < maxRows && bytes < maxAnswerBytes; index += 1) {
    const row = rows.at(index)
    if (!row) break
    const answer = apiRow(row, schema, options)
    bytes += JSON.stringify(answer).length
    page.push(answer)
  }
  return {
    totalRows: String(rows.length),
    ...(page.length > 0 && { rows: page }),
    ...(index < rows.length && { pageToken: tokenOf(of, index) }),
  }
}

const tokenOf = (of: string, index: number) => Buffer.from(JSON.stringify([of, index])).toString('base64url')

function startOf(token: string, expected: string): number {
  try {
    const [of, index] = JSON.parse(Buffer.from(token, 'base64url').toString()) as [string, number]
    if (of === expected && Number.isInteger(index)) return index
  } catch {
    // As for a token of another query.
  }
  throw bigQueryRefusal('invalid', 'Invalid page token')
}

/** A page of a list, with the token of the next one. */
export function listPage<T>(items: readonly T[], name: string, maxResults: number, pageToken: string | undefined) {
  const first = pageToken === undefined ? 0 : startOf(pageToken, name)
  const last = first + maxResults
  return {
    ...kind(`${name.replace(/s$/, '')}List`),
    ...etag,
    ...(items.length > 0 && { [name]: items.slice(first, last) }),
    ...(last < items.length && { nextPageToken: tokenOf(name, last) }),
  }
}

export const projectItem = (projectId: string, number: string, title = projectId) => ({
  ...kind('project'),
  id: projectId,
  numericId: number,
  projectReference: { projectId },
  friendlyName: title,
})

export const datasetItem = (projectId: string, datasetId: string, dataset: BigQueryDataset) => ({
  ...kind('dataset'),
  id: `${projectId}:${datasetId}`,
  datasetReference: { projectId, datasetId },
  location: locationOf(dataset),
  type: 'DEFAULT',
  ...(dataset.title !== undefined && { friendlyName: dataset.title }),
})

const legacyRoles: Readonly<Record<string, string>> = {
  'roles/bigquery.dataViewer': 'READER',
  'roles/bigquery.dataEditor': 'WRITER',
  'roles/bigquery.dataOwner': 'OWNER',
}

export const datasetResource = (
  projectId: string,
  datasetId: string,
  dataset: BigQueryDataset,
  grants: readonly Grant[],
) => ({
  ...datasetItem(projectId, datasetId, dataset),
  ...etag,
  creationTime: '1700000000000',
  lastModifiedTime: '1700000000000',
  access: grants.map(({ role, member }) => ({ role: legacyRoles[role] ?? role, userByEmail: member })),
})

export const tableItem = (tableReference: TableReference, table: BigQueryTable) => ({
  ...kind('table'),
  id: `${tableReference.projectId}:${tableReference.datasetId}.${tableReference.tableId}`,
  tableReference,
  type: table.type ?? 'TABLE',
  ...(table.title !== undefined && { friendlyName: table.title }),
  creationTime: '1700000000000',
  ...(table.sql !== undefined && { view: { useLegacySql: false } }),
  ...(table.requirePartitionFilter && { requirePartitionFilter: true }),
})

export const tableAnswer = (tableReference: TableReference, table: BigQueryTable, location: string) => ({
  ...tableItem(tableReference, table),
  ...etag,
  location,
  schema: { fields: table.schema },
  ...(table.sql === undefined
    ? { numRows: String(table.rows?.length ?? 0), numBytes: String(table.bytes ?? 0) }
    : { view: { query: table.sql, useLegacySql: false } }),
})

const statisticsOf = (outcome: BigQueryOutcome) => {
  const { statementType, schema, referencedTables = [], bytesProcessed = 0, cacheHit = false, target } = outcome
  return {
    totalBytesProcessed: String(bytesProcessed),
    totalBytesProcessedAccuracy: 'PRECISE',
    statementType,
    cacheHit,
    ...(referencedTables.length > 0 && { referencedTables }),
    ...(schema && { schema: { fields: schema } }),
    ...(target && statementType.startsWith('CREATE') && { ddlOperationPerformed: 'CREATE', ddlTargetTable: target }),
    ...(target && statementType.startsWith('DROP') && { ddlOperationPerformed: 'DROP', ddlTargetTable: target }),
  }
}

/** Of a job that was only looked at: nothing of it can be asked for afterwards. */
export const dryRunAnswer = (projectId: string, location: string, sql: string, outcome: BigQueryOutcome) => ({
  ...kind('job'),
  ...etag,
  configuration: { dryRun: true, jobType: 'QUERY', query: { query: sql, useLegacySql: false } },
  jobReference: { projectId, location },
  statistics: {
    creationTime: String(Date.now()),
    totalBytesProcessed: String(outcome.bytesProcessed ?? 0),
    query: { ...statisticsOf(outcome), totalBytesBilled: '0' },
  },
  status: { state: 'DONE' },
})

export const referenceOfJob = ({ projectId, id: jobId, location }: BigQueryJob) => ({ projectId, jobId, location })

export function jobAnswer(job: BigQueryJob) {
  const { id, projectId, location, sql, state, error, outcome, startedAt, owner, bytesBilled, labels } = job
  const isDone = state === 'DONE'
  const started = state === 'PENDING' ? {} : { startTime: String(startedAt) }
  return {
    ...kind('job'),
    ...etag,
    id: `${projectId}:${location}.${id}`,
    user_email: owner,
    jobReference: referenceOfJob(job),
    configuration: { jobType: 'QUERY', query: { query: sql, useLegacySql: false }, ...(labels && { labels }) },
    statistics: {
      creationTime: String(startedAt),
      ...started,
      ...(isDone && { endTime: String(Date.now()), totalBytesProcessed: String(outcome.bytesProcessed ?? 0) }),
      ...(isDone && { query: { ...statisticsOf(outcome), totalBytesBilled: String(bytesBilled) } }),
    },
    status: { state, ...(error && { errorResult: error, errors: [error] }) },
  }
}

/** What `jobs.query` and `jobs.getQueryResults` answer; rows once there are any. */
export function resultsAnswer(job: BigQueryJob, name: string, options: PageOptions) {
  const { state, outcome, location } = job
  const { schema = [], rows = [], bytesProcessed = 0, cacheHit = false } = outcome
  const shared = { ...kind(name), jobReference: referenceOfJob(job), location }
  if (state !== 'DONE') return { ...shared, jobComplete: false }
  return {
    ...shared,
    ...etag,
    schema: { fields: schema },
    ...rowsPage(rows, schema, options),
    totalBytesProcessed: String(bytesProcessed),
    totalBytesBilled: String(billedBytes(bytesProcessed, outcome.referencedTables)),
    jobComplete: true,
    cacheHit,
  }
}
