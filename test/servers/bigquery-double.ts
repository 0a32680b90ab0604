import { BigQueryAccess } from './bigquery-access.ts'
import {
  datasetItem,
  datasetResource,
  dryRunAnswer,
  jobAnswer,
  listPage,
  projectItem,
  resultsAnswer,
  rowsPage,
  tableAnswer,
  tableItem,
} from './bigquery-answers.ts'
import {
  type BigQueryProjects,
  type BigQueryTable,
  findDataset,
  findTable,
  locationOf,
  sampleProjects,
  type TableReference,
  tableName,
  tableResource,
} from './bigquery-data.ts'
import { type BigQueryJob, BigQueryJobs, type BigQueryJobsOptions, type JobRequest } from './bigquery-jobs.ts'
import type { BigQueryCall } from './bigquery-routes.ts'
import {
  type BigQueryOutcome,
  canonicalLocation,
  jobLocation,
  outcomeOf,
  type StatementContext,
} from './bigquery-statements.ts'
import { type BigQueryRow, selectFields } from './bigquery-values.ts'
import { bigQueryRefusal, billingDisabled, type GoogleRefusal, insufficientScopes } from './google-refusals.ts'
import { type GoogleRights, isPermission } from './google-rights.ts'
import { scopesOfMethod } from './google-scopes.ts'
import type { GoogleToken } from './google-tokens.ts'

export interface BigQueryDoubleOptions extends BigQueryJobsOptions {
  readonly projects?: BigQueryProjects
  /** What comes of statements that are not understood otherwise; null for what runs as ever. */
  readonly statements?: (sql: string) => BigQueryOutcome | GoogleRefusal | null
  /** Whether a query that only reads is begun anew when it is sent again: its `requestId` then counts for nothing. */
  readonly forgetsRequests?: boolean
  /** Rows, and names of datasets and tables, on one page where no more are asked for. */
  readonly pageSize?: number
}

/** Roughly what the services themselves wait for when nothing is said. */
const defaultWaitMs = 10_000
const longestWaitMs = 200_000

/** BigQuery's REST API v2 without an engine: rights, places, jobs and their states, and pages are those of its documentation. */
export class BigQueryDouble {
  readonly #options: BigQueryDoubleOptions
  readonly #rights: GoogleRights
  readonly #projects: BigQueryProjects
  readonly #jobs: BigQueryJobs
  readonly #access: BigQueryAccess
  readonly #byRequestId = new Map<string, BigQueryJob>()
  /** Statements that were only looked at. */
  readonly dryRuns: string[] = []

  constructor(options: BigQueryDoubleOptions, rights: GoogleRights) {
    this.#options = options
    this.#rights = rights
    this.#projects = options.projects ?? sampleProjects
    this.#jobs = new BigQueryJobs(options)
    this.#access = new BigQueryAccess(this.#projects, rights)
  }

  /** Jobs that were started, in order. */
  get jobs(): readonly BigQueryJob[] {
    return this.#jobs.all
  }

  /** Statements that were started. */
  get statements(): readonly string[] {
    return this.jobs.map(({ sql }) => sql)
  }

  /** Jobs that go on. */
  get running(): number {
    return this.#jobs.running
  }

  /** Statements that were stopped before they were done. */
  get cancelled(): readonly string[] {
    return this.jobs.filter(({ isCancelled }) => isCancelled).map(({ sql }) => sql)
  }

  get bytesBilled(): number {
    return this.jobs.reduce((sum, { bytesBilled }) => sum + bytesBilled, 0)
  }

  /** Throws a refusal. */
  async answer(call: BigQueryCall, caller: GoogleToken): Promise<object> {
    switch (call.method) {
      case 'projects.list':
        return this.#listProjects(call, caller)
      case 'datasets.list':
        return this.#listDatasets(call, caller)
      case 'datasets.get':
        return this.#getDataset(call, caller)
      case 'tables.list':
        return this.#listTables(call, caller)
      case 'tables.get':
        return this.#getTable(call, caller)
      case 'tables.testIamPermissions':
        return this.#testPermissions(call, caller)
      case 'tabledata.list':
        return this.#listRows(call, caller)
      case 'jobs.insert':
        return this.#insert(call, caller)
      case 'jobs.query':
        return this.#query(call, caller)
      case 'jobs.get': {
        const job = this.#jobOf(call, caller, 'bigquery.jobs.get')
        await this.#jobs.look(job, 0)
        return jobAnswer(job)
      }
      case 'jobs.cancel': {
        const job = this.#jobOf(call, caller, 'bigquery.jobs.update')
        this.#jobs.cancel(job)
        return { kind: 'bigquery#jobCancelResponse', job: jobAnswer(job) }
      }
      case 'jobs.getQueryResults': {
        const job = this.#jobOf(call, caller, 'bigquery.jobs.get')
        await this.#jobs.poll(job, waitOf(call.query.get('timeoutMs')))
        const useInt64Timestamp = call.query.get('formatOptions.useInt64Timestamp') === 'true'
        return resultsAnswer(job, 'getQueryResultsResponse', { ...this.#page(call, job.id), useInt64Timestamp })
      }
    }
  }

  #listProjects({ query }: BigQueryCall, { email }: GoogleToken): object {
    const known = Object.entries(this.#projects).filter(([id]) => this.#rights.knows(email, `projects/${id}`))
    const projects = known.map(([id, { number = '1', title }]) => projectItem(id, number, title))
    const size = Math.min(50, this.#maxResults(query))
    return { ...listPage(projects, 'projects', size, query.get('pageToken') ?? undefined), totalItems: projects.length }
  }

  #listDatasets({ path, query }: BigQueryCall, { email }: GoogleToken): object {
    const { projectId = '' } = path
    const found = this.#access.project(projectId, email)
    const seen = Object.entries(found.datasets).filter(([id]) =>
      this.#rights.may(email, 'bigquery.datasets.get', `projects/${projectId}/datasets/${id}`),
    )
    const items = seen.map(([id, dataset]) => datasetItem(projectId, id, dataset))
    return listPage(items, 'datasets', this.#maxResults(query), query.get('pageToken') ?? undefined)
  }

  #getDataset({ path }: BigQueryCall, { email }: GoogleToken): object {
    const { projectId = '', datasetId = '' } = path
    const dataset = this.#access.dataset(projectId, datasetId, 'bigquery.datasets.get', email)
    return datasetResource(
      projectId,
      datasetId,
      dataset,
      this.#rights.granted(`projects/${projectId}/datasets/${datasetId}`),
    )
  }

  #listTables({ path, query }: BigQueryCall, { email }: GoogleToken): object {
    const { projectId = '', datasetId = '' } = path
    const { tables } = this.#access.dataset(projectId, datasetId, 'bigquery.tables.list', email)
    const items = Object.entries(tables).map(([tableId, table]) => tableItem({ projectId, datasetId, tableId }, table))
    const page = listPage(items, 'tables', this.#maxResults(query), query.get('pageToken') ?? undefined)
    return { ...page, totalItems: items.length }
  }

  #getTable({ path, query }: BigQueryCall, { email }: GoogleToken): object {
    const reference = tableOf(path)
    const table = this.#access.table(reference, 'bigquery.tables.get', email)
    const dataset = findDataset(this.#projects, reference.projectId, reference.datasetId)
    const answer = tableAnswer(reference, table, dataset ? locationOf(dataset) : 'US')
    const selected = selectedOf(query, table)
    return selected ? { ...answer, schema: { fields: selected.flatMap(index => table.schema[index] ?? []) } } : answer
  }

  /** Of a table that is not there none are held: that is no error. */
  #testPermissions({ path, body }: BigQueryCall, { email }: GoogleToken): object {
    const asked = (Array.isArray(body['permissions']) ? body['permissions'] : []).map(String)
    const strange = asked.find(each => !isPermission(each) || !each.startsWith('bigquery.tables.'))
    if (strange !== undefined) throw bigQueryRefusal('invalid', `Permission ${strange} is not valid for this resource.`)
    const resource = tableResource(tableOf(path))
    const held = findTable(this.#projects, tableOf(path))
      ? asked.filter(each => this.#rights.may(email, each, resource))
      : []
    return held.length > 0 ? { permissions: held } : {}
  }

  #listRows(call: BigQueryCall, { email }: GoogleToken): object {
    const reference = tableOf(call.path)
    const table = this.#access.table(reference, 'bigquery.tables.getData', email)
    const { type = 'TABLE', schema, rows = [] } = table
    if (type !== 'TABLE' && type !== 'SNAPSHOT')
      throw bigQueryRefusal('invalid', `Cannot list a table of type ${type}.`)
    const indexes = selectedOf(call.query, table) ?? schema.map((_, index) => index)
    const pick = (row: BigQueryRow | undefined) => row && indexes.map(index => row[index] ?? null)
    const useInt64Timestamp = call.query.get('formatOptions.useInt64Timestamp') === 'true'
    const page = rowsPage(
      { length: rows.length, at: index => pick(rows.at(index)) },
      indexes.flatMap(index => schema[index] ?? []),
      { ...this.#page(call, tableName(reference)), useInt64Timestamp },
    )
    return { kind: 'bigquery#tableDataList', etag: 'b2c1', ...page }
  }

  async #insert({ path, body }: BigQueryCall, caller: GoogleToken): Promise<object> {
    const { projectId = '' } = path
    const configuration = record(body['configuration'])
    const query = record(configuration['query'])
    const reference = record(body['jobReference'])
    const sql = String(query['query'] ?? '')
    const context = this.#context(projectId, query)
    this.#access.requireJobs(projectId, caller)
    const timeoutMs = numberOf(configuration['jobTimeoutMs'])
    const request: Omit<JobRequest, 'location'> = {
      id: textOf(reference['jobId']),
      ...{ projectId, sql, timeoutMs, owner: caller.email },
      maximumBytesBilled: numberOf(query['maximumBytesBilled']),
      labels: configuration['labels'] as JobRequest['labels'],
    }
    if (query['useLegacySql'] !== false)
      throw bigQueryRefusal('invalidQuery', 'Legacy SQL is not what this double speaks.')
    const given = textOf(reference['location'])
    if (configuration['dryRun'] === true) {
      const { outcome, location } = this.#planned(sql, given, context, caller)
      this.dryRuns.push(sql)
      return dryRunAnswer(projectId, location, sql, outcome)
    }
    const job = this.#start(request, given, context, caller)
    await this.#jobs.look(job, 0)
    return jobAnswer(job)
  }

  async #query({ path, body }: BigQueryCall, caller: GoogleToken): Promise<object> {
    const { projectId = '' } = path
    const sql = String(body['query'] ?? '')
    const context = this.#context(projectId, body)
    this.#access.requireJobs(projectId, caller)
    if (body['useLegacySql'] !== false)
      throw bigQueryRefusal('invalidQuery', 'Legacy SQL is not what this double speaks.')
    const given = textOf(body['location'])
    if (body['dryRun'] === true) {
      const { outcome, location } = this.#planned(sql, given, context, caller)
      this.dryRuns.push(sql)
      return {
        kind: 'bigquery#queryResponse',
        ...(outcome.schema && { schema: { fields: outcome.schema } }),
        jobReference: { projectId, location },
        totalBytesProcessed: String(outcome.bytesProcessed ?? 0),
        jobComplete: true,
        cacheHit: outcome.cacheHit ?? false,
      }
    }
    const requestId = textOf(body['requestId'])
    if (requestId !== undefined && !/^[\x20-\x7e]{1,36}$/.test(requestId)) {
      throw bigQueryRefusal('invalid', 'Invalid value for request_id: at most 36 ASCII characters')
    }
    const job =
      this.#byRequestId.get(`${requestId} ${sql}`) ?? this.#fresh(body, { projectId, sql, requestId }, context, caller)
    await this.#jobs.poll(job, waitOf(body['timeoutMs']))
    const { useInt64Timestamp } = record(body['formatOptions'])
    return resultsAnswer(job, 'queryResponse', {
      of: job.id,
      maxRows: Math.min(numberOf(body['maxResults']) ?? Number.POSITIVE_INFINITY, this.#pageSize),
      pageToken: undefined,
      startIndex: 0,
      useInt64Timestamp: useInt64Timestamp === true,
    })
  }

  #fresh(
    body: BigQueryCall['body'],
    { projectId, sql, requestId }: Pick<JobRequest, 'projectId' | 'sql' | 'requestId'>,
    context: StatementContext,
    caller: GoogleToken,
  ): BigQueryJob {
    const request = {
      ...{ id: undefined, projectId, sql, requestId, owner: caller.email },
      maximumBytesBilled: numberOf(body['maximumBytesBilled']),
      timeoutMs: numberOf(body['jobTimeoutMs']),
      labels: body['labels'] as JobRequest['labels'],
    }
    const job = this.#start(request, textOf(body['location']), context, caller)
    if (requestId !== undefined && !this.#options.forgetsRequests) this.#byRequestId.set(`${requestId} ${sql}`, job)
    return job
  }

  #start(
    request: Omit<JobRequest, 'location'>,
    location: string | undefined,
    context: StatementContext,
    caller: GoogleToken,
  ): BigQueryJob {
    const planned = this.#planned(request.sql, location, context, caller)
    if (planned.outcome.statementType !== 'SELECT' && this.#projects[request.projectId]?.billing === false) {
      throw billingDisabled(request.projectId)
    }
    return this.#jobs.start({ ...request, location: planned.location }, planned.outcome)
  }

  /** What the statement comes to for whoever asks: its tables are there, where it runs, and may be read. */
  #planned(sql: string, given: string | undefined, context: StatementContext, caller: GoogleToken) {
    const told = this.#options.statements?.(sql) ?? outcomeOf(sql, context)
    if (told instanceof Error) throw told
    const location = jobLocation(given, told.referencedTables ?? [], context)
    for (const table of told.referencedTables ?? []) this.#access.requireQuery(table, location, caller)
    // What a token may only read with does not change anything: which words that is refused in is not documented.
    const mayWrite = scopesOfMethod['jobs.insert'].some(scope => caller.scopes.includes(scope))
    if (told.statementType !== 'SELECT' && !mayWrite) {
      throw insufficientScopes('bigquery.googleapis.com', 'google.cloud.bigquery.v2.JobService.Query')
    }
    this.#access.requireTarget(told, caller)
    return { outcome: told, location }
  }

  #jobOf({ path, query }: BigQueryCall, { email }: GoogleToken, permission: string): BigQueryJob {
    const { projectId = '', jobId = '' } = path
    const location = query.get('location')
    const job = this.#jobs.find(projectId, jobId, location === null ? undefined : canonicalLocation(location))
    const needed = job.owner === email ? 'bigquery.jobs.create' : permission
    if (this.#rights.may(email, needed, `projects/${projectId}`)) return job
    const words = `Permission ${needed} denied on job ${jobId} (or it may not exist).`
    throw bigQueryRefusal('accessDenied', `Access Denied: Job ${projectId}:${jobId}: ${words}`)
  }

  #context(projectId: string, query: Readonly<Record<string, unknown>>): StatementContext {
    const given = record(query['defaultDataset'])
    const datasetId = textOf(given['datasetId'])
    return {
      projects: this.#projects,
      projectId,
      defaultDataset:
        datasetId === undefined ? undefined : { projectId: textOf(given['projectId']) ?? projectId, datasetId },
    }
  }

  get #pageSize(): number {
    return this.#options.pageSize ?? Number.POSITIVE_INFINITY
  }

  #maxResults(query: URLSearchParams): number {
    return Math.min(numberOf(query.get('maxResults')) ?? 1_000, this.#pageSize)
  }

  #page({ query }: BigQueryCall, of: string) {
    return {
      of,
      maxRows: Math.min(numberOf(query.get('maxResults')) ?? Number.POSITIVE_INFINITY, this.#pageSize),
      pageToken: query.get('pageToken') ?? undefined,
      startIndex: numberOf(query.get('startIndex')) ?? 0,
    }
  }
}

const tableOf = ({ projectId = '', datasetId = '', tableId = '' }: BigQueryCall['path']): TableReference => ({
  ...{ projectId, datasetId, tableId },
})

function selectedOf(query: URLSearchParams, { schema }: BigQueryTable): readonly number[] | null {
  const selected = query.get('selectedFields')
  if (selected === null || selected === '') return null
  const indexes = selectFields(schema, selected)
  if (!indexes) throw bigQueryRefusal('invalid', `Invalid field in selectedFields: ${selected}`)
  return indexes
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** Numbers, and texts of such: 64-bit ones are texts. */
const numberOf = (value: unknown): number | undefined =>
  value === undefined || value === null || value === '' || Number.isNaN(Number(value)) ? undefined : Number(value)

const waitOf = (timeoutMs: unknown): number => Math.min(numberOf(timeoutMs) ?? defaultWaitMs, longestWaitMs)
