import { randomUUID } from 'node:crypto'
import { type AthenaCatalog, type AthenaWorkgroup, sampleCatalogs, sampleWorkgroups } from './athena-catalog.ts'
import { AthenaCatalogs } from './athena-catalogs.ts'
import { type AthenaQuery, describedColumn, describedQuery, type WaitingState } from './athena-query.ts'
import { type AthenaCaller, AthenaRefusalError, AthenaRights, invalid, refusalOf } from './athena-rights.ts'
import { type AthenaOutcome, type AthenaRefusal, outcomeOf } from './athena-statements.ts'

export const athenaActions = [
  'ListWorkGroups',
  'GetWorkGroup',
  'ListDataCatalogs',
  'GetDataCatalog',
  'ListDatabases',
  'GetDatabase',
  'ListTableMetadata',
  'GetTableMetadata',
  'StartQueryExecution',
  'GetQueryExecution',
  'StopQueryExecution',
  'GetQueryResults',
] as const
export type AthenaAction = (typeof athenaActions)[number]

export interface AthenaDoubleOptions {
  readonly workgroups?: Readonly<Record<string, AthenaWorkgroup>>
  readonly catalogs?: Readonly<Record<string, AthenaCatalog>>
  /** What results may be written to; every other bucket does not exist. */
  readonly buckets?: Readonly<Record<string, 'WRITABLE' | 'READ_ONLY' | 'OF_ANOTHER_REGION'>>
  /** What the policies of whoever asks do not allow. */
  readonly denies?: (action: string, resource: string) => boolean
  /** What comes of statements that are not understood otherwise. */
  readonly statements?: (sql: string) => AthenaOutcome | AthenaRefusal | undefined
  /** The states that are told before the last one, one at each question. */
  readonly waits?: readonly WaitingState[]
  /** The state that a statement never leaves by itself. */
  readonly staysIn?: (sql: string) => WaitingState | undefined
  /** Rows, and names of databases and tables, on one page; 1000 rows at most, as AWS has it. */
  readonly pageSize?: number
}

export type AthenaAnswer =
  | { readonly json: object }
  | { readonly code: string; readonly message: string; readonly status: number; readonly more?: object }

/** Amazon Athena without an engine: workgroups, a catalogue, and queries that go through the states that Athena's do. */
export class AthenaDouble {
  readonly #options: AthenaDoubleOptions
  readonly #rights: AthenaRights
  readonly #catalogs: AthenaCatalogs
  readonly #byToken = new Map<string, AthenaQuery>()
  readonly queries: AthenaQuery[] = []
  /** Ids of queries that were waiting or running when they were stopped. */
  readonly stopped: string[] = []

  constructor(options: AthenaDoubleOptions, region: string) {
    const { denies = () => false, catalogs = sampleCatalogs, pageSize = 50 } = options
    this.#options = options
    this.#rights = new AthenaRights(denies, region)
    this.#catalogs = new AthenaCatalogs(catalogs, this.#rights, pageSize)
  }

  /** Queries that go on. */
  get running(): number {
    return this.queries.filter(({ state }) => state === 'QUEUED' || state === 'RUNNING').length
  }

  /** Statements in the order in which they were started. */
  get statements(): readonly string[] {
    return this.queries.map(({ sql }) => sql)
  }

  answer(action: AthenaAction, parameters: Readonly<Record<string, unknown>>, caller: AthenaCaller): AthenaAnswer {
    try {
      return { json: this.#do(action, parameters, caller) }
    } catch (error) {
      if (!(error instanceof AthenaRefusalError)) throw error
      return { code: error.code, message: error.message, status: 400, more: error.more }
    }
  }

  #do(action: AthenaAction, parameters: Readonly<Record<string, unknown>>, caller: AthenaCaller): object {
    const text = (key: string) => {
      const value = parameters[key]
      return typeof value === 'string' ? value : undefined
    }
    switch (action) {
      case 'GetWorkGroup':
        return { WorkGroup: this.#describedWorkgroup(text('WorkGroup') ?? '', caller) }
      case 'ListWorkGroups':
        return this.#listedWorkgroups(text('NextToken'), parameters['MaxResults'], caller)
      case 'ListDataCatalogs':
      case 'GetDataCatalog':
      case 'ListDatabases':
      case 'GetDatabase':
      case 'ListTableMetadata':
      case 'GetTableMetadata':
        return this.#catalogs.answer(action, text, caller, parameters['MaxResults'])
      case 'StartQueryExecution':
        return { QueryExecutionId: this.#start(parameters, text, caller).id }
      case 'GetQueryExecution':
        return { QueryExecution: this.#polled(this.#query(action, text, caller)) }
      case 'StopQueryExecution': {
        const query = this.#query(action, text, caller)
        if (query.state === 'QUEUED' || query.state === 'RUNNING') {
          query.state = 'CANCELLED'
          query.reason = 'Query cancelled by user'
          this.stopped.push(query.id)
        }
        return {}
      }
      case 'GetQueryResults':
        return this.#results(this.#query(action, text, caller), parameters, caller)
    }
  }

  #workgroup(name: string): AthenaWorkgroup {
    const { workgroups = sampleWorkgroups } = this.#options
    const found = Object.hasOwn(workgroups, name) ? workgroups[name] : undefined
    if (!found) throw invalid(`WorkGroup ${name} is not found.`)
    return found
  }

  #listedWorkgroups(token: string | undefined, maxResults: unknown, caller: AthenaCaller): object {
    this.#rights.require(caller, 'athena:ListWorkGroups', '*')
    const { workgroups = sampleWorkgroups } = this.#options
    const { items, next } = this.#catalogs.page('workgroups', Object.entries(workgroups), { token, maxResults })
    const listed = items.map(([Name, { state: State = 'ENABLED', description: Description = '' }]) => ({
      ...{ Name, State, Description },
    }))
    return { WorkGroups: listed, ...next }
  }

  #describedWorkgroup(name: string, caller: AthenaCaller): object {
    this.#rights.require(caller, 'athena:GetWorkGroup', this.#rights.athenaArn('workgroup', name))
    const group = this.#workgroup(name)
    const { state = 'ENABLED', outputLocation, enforced = false, managed = false, bytesScannedCutoff } = group
    const { engineVersion = 'Athena engine version 3' } = group
    return {
      Name: name,
      State: state,
      CreationTime: 1_700_000_000.5,
      Configuration: {
        ResultConfiguration: outputLocation === undefined ? {} : { OutputLocation: outputLocation },
        ManagedQueryResultsConfiguration: { Enabled: managed },
        EnforceWorkGroupConfiguration: enforced,
        PublishCloudWatchMetricsEnabled: true,
        RequesterPaysEnabled: false,
        ...(bytesScannedCutoff !== undefined && { BytesScannedCutoffPerQuery: bytesScannedCutoff }),
        EngineVersion: { SelectedEngineVersion: 'AUTO', EffectiveEngineVersion: engineVersion },
      },
    }
  }

  #start(
    parameters: Readonly<Record<string, unknown>>,
    text: (key: string) => string | undefined,
    caller: AthenaCaller,
  ): AthenaQuery {
    const sql = text('QueryString') ?? ''
    const workgroup = text('WorkGroup') ?? 'primary'
    const token = text('ClientRequestToken') ?? ''
    if (token.length < 32 || token.length > 128) throw invalid('ClientRequestToken must have 32 to 128 characters.')
    this.#rights.require(caller, 'athena:StartQueryExecution', this.#rights.athenaArn('workgroup', workgroup))
    const group = this.#workgroup(workgroup)
    if (group.state === 'DISABLED') throw invalid(`WorkGroup ${workgroup} is disabled.`)
    const earlier = this.#byToken.get(token)
    if (earlier && earlier.sql === sql) return earlier
    if (earlier) throw invalid('Idempotent parameters do not match.')
    const { OutputLocation: given } = (parameters['ResultConfiguration'] ?? {}) as { readonly OutputLocation?: string }
    const outputLocation = this.#outputOf(group, given, caller)
    const context = (parameters['QueryExecutionContext'] ?? {}) as { Catalog?: string; Database?: string }
    const { Catalog: catalog = 'AwsDataCatalog', Database: database } = context
    const outcome =
      this.#options.statements?.(sql) ??
      outcomeOf(sql, {
        catalogs: this.#options.catalogs ?? sampleCatalogs,
        catalog,
        database,
        glueArn: (...names) => this.#rights.glueArn(...names),
      })
    if ('refused' in outcome) throw invalid(outcome.refused, 'MALFORMED_QUERY')
    const id = randomUUID()
    const query: AthenaQuery = {
      ...{ id, sql, workgroup, catalog, database, startedAt: Date.now() },
      outputLocation: outputLocation && `${outputLocation.replace(/\/?$/, '/')}${id}.csv`,
      outcome: this.#checked(outcome, group, outputLocation, caller),
      state: 'QUEUED',
      reason: undefined,
      polls: 0,
    }
    this.#byToken.set(token, query)
    this.queries.push(query)
    return query
  }

  /** Where the result goes; undefined where Athena keeps it. */
  #outputOf(
    { enforced, managed, outputLocation }: AthenaWorkgroup,
    given: string | undefined,
    caller: AthenaCaller,
  ): string | undefined {
    if (managed) {
      if (given !== undefined)
        throw invalid('An output location must not be given: the workgroup manages query results.')
      return undefined
    }
    const location = enforced ? outputLocation : (given ?? outputLocation)
    if (location === undefined) {
      throw invalid(
        'No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.',
      )
    }
    const [, bucket = ''] = /^s3:\/\/([^/]+)/.exec(location) ?? []
    const { buckets = { 'athena-results': 'WRITABLE' } } = this.#options
    const isThere =
      Object.hasOwn(buckets, bucket) && this.#rights.may(caller, 's3:GetBucketLocation', `arn:aws:s3:::${bucket}`)
    if (!isThere) throw invalid(`Unable to verify/create output bucket ${bucket}`)
    return location
  }

  /** What comes of it for whoever asks: results must be written, and tables be read, with the caller's own rights. */
  #checked(
    outcome: AthenaOutcome,
    { bytesScannedCutoff = Number.POSITIVE_INFINITY }: AthenaWorkgroup,
    location: string | undefined,
    caller: AthenaCaller,
  ): AthenaOutcome {
    const { statementType = 'DML', substatementType = 'SELECT' } = outcome
    const fails = (failure: string): AthenaOutcome => ({
      ...{ failure, statementType, substatementType },
      ...{ errorCategory: 2, errorType: 1_000, bytesScanned: 0 },
    })
    if (location !== undefined) {
      const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(location) ?? []
      const { buckets = { 'athena-results': 'WRITABLE' } } = this.#options
      if (buckets[bucket] === 'OF_ANOTHER_REGION') {
        return fails(
          'The S3 location provided to save your query results is invalid. Please check your S3 location is correct and is in the same region and try again.',
        )
      }
      const target = `arn:aws:s3:::${bucket}/${prefix.replace(/(?<=.)\/?$/, '/')}result.csv`
      if (buckets[bucket] === 'READ_ONLY' || !this.#rights.may(caller, 's3:PutObject', target)) {
        return fails(
          `Access denied when writing output to url: ${location.replace(/\/?$/, '/')}result.csv . Please ensure you are allowed to access the S3 bucket. If you are encrypting query results with KMS key, please ensure you are allowed to access your KMS key`,
        )
      }
    }
    for (const { action, resource } of outcome.reads ?? []) {
      if (this.#rights.may(caller, action, resource)) continue
      const words = action.startsWith('s3:')
        ? `Permission denied on S3 path: s3://${resource.replace('arn:aws:s3:::', '').replace(/\/[^/]*$/, '')}`
        : `Insufficient permissions to execute the query. ${refusalOf(caller, action, resource)}`
      return fails(words)
    }
    return (outcome.bytesScanned ?? 0) > bytesScannedCutoff
      ? { ...outcome, cancelled: 'Bytes scanned limit was exceeded' }
      : outcome
  }

  #query(action: string, text: (key: string) => string | undefined, caller: AthenaCaller): AthenaQuery {
    const id = text('QueryExecutionId') ?? ''
    const query = this.queries.find(each => each.id === id)
    if (!query) throw invalid(`QueryExecution ${id} was not found`)
    this.#rights.require(caller, `athena:${action}`, this.#rights.athenaArn('workgroup', query.workgroup))
    return query
  }

  #polled(query: AthenaQuery): object {
    const { waits = ['QUEUED', 'RUNNING'], staysIn } = this.#options
    const { outcome, sql } = query
    if (query.state === 'QUEUED' || query.state === 'RUNNING') {
      const next = staysIn?.(sql) ?? waits[query.polls]
      query.state = next ?? (outcome.failure ? 'FAILED' : outcome.cancelled ? 'CANCELLED' : 'SUCCEEDED')
      if (next === undefined) query.reason = outcome.failure ?? outcome.cancelled
    }
    query.polls += 1
    return describedQuery(query)
  }

  #results(query: AthenaQuery, parameters: Readonly<Record<string, unknown>>, caller: AthenaCaller): object {
    const { state, outcome, outputLocation, id } = query
    if (state === 'QUEUED' || state === 'RUNNING') {
      throw invalid(`Query has not yet finished. Current state: ${state}`, 'INVALID_QUERY_EXECUTION_STATE')
    }
    if (state !== 'SUCCEEDED') {
      throw invalid(`Query did not finish successfully. Final query state: ${state}`, 'INVALID_QUERY_EXECUTION_STATE')
    }
    if (outputLocation !== undefined) {
      const object = outputLocation.replace('s3://', 'arn:aws:s3:::')
      if (!this.#rights.may(caller, 's3:GetObject', object))
        throw invalid('Access denied when reading the query results.')
    }
    const { columns = [], rows = [], statementType = 'DML', substatementType } = outcome
    // No document says which answers begin with the columns' names: https://github.com/uber/athenadriver (UndocumentedAthena.md)
    const isNamed = statementType === 'DML' || substatementType === 'SHOW_FUNCTIONS'
    const all = isNamed ? [columns.map(({ name }) => name), ...rows] : rows
    const asked = typeof parameters['MaxResults'] === 'number' ? parameters['MaxResults'] : 1_000
    if (asked < 1 || asked > 1_000) throw invalid('MaxResults is more than maximum allowed length 1000')
    const size = Math.min(asked, this.#options.pageSize ?? 1_000)
    const token = typeof parameters['NextToken'] === 'string' ? parameters['NextToken'] : `${id}:0`
    const [of, from = ''] = token.split(':')
    if (of !== id || !/^\d+$/.test(from)) throw invalid('Invalid NextToken.')
    const end = Number(from) + size
    return {
      UpdateCount: 0,
      ResultSet: {
        Rows: all.slice(Number(from), end).map(row => ({
          Data: row.map(value => (value === null ? {} : { VarCharValue: value })),
        })),
        ResultSetMetadata: { ColumnInfo: columns.map(describedColumn) },
      },
      ...(end < all.length && { NextToken: `${id}:${end}` }),
    }
  }
}
