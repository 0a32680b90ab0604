import type { AthenaOutcome } from './athena-statements.ts'

export type WaitingState = 'QUEUED' | 'RUNNING'

export interface AthenaQuery {
  readonly id: string
  readonly sql: string
  readonly workgroup: string
  readonly catalog: string
  readonly database: string | undefined
  readonly outputLocation: string | undefined
  readonly outcome: AthenaOutcome
  readonly startedAt: number
  state: WaitingState | 'SUCCEEDED' | 'FAILED' | 'CANCELLED'
  reason: string | undefined
  /** How often its state has been asked for. */
  polls: number
}

/** A column of a result, as Athena tells of it. */
export const describedColumn = ({ name, type }: { readonly name: string; readonly type: string }) => {
  const [, base = type, precision, scale] = /^(\w+)\((\d+)(?:,\s*(\d+))?\)$/.exec(type) ?? []
  return {
    ...{ CatalogName: 'hive', SchemaName: '', TableName: '', Name: name, Label: name, Type: base },
    ...{ Precision: Number(precision ?? 0), Scale: Number(scale ?? 0), Nullable: 'UNKNOWN', CaseSensitive: false },
  }
}

/** As Athena tells of it. */
export function describedQuery(query: AthenaQuery): object {
  const { id, sql, workgroup, catalog, database, outputLocation, outcome, state, reason, startedAt } = query
  const { statementType = 'DML', substatementType = 'SELECT' } = outcome
  const isOver = state !== 'QUEUED' && state !== 'RUNNING'
  const { errorCategory = 2, errorType = 1_000, retryable = false } = outcome
  return {
    QueryExecutionId: id,
    Query: sql,
    StatementType: statementType,
    ...(substatementType !== null && { SubstatementType: substatementType }),
    ResultConfiguration: outputLocation === undefined ? {} : { OutputLocation: outputLocation },
    QueryExecutionContext: { Catalog: catalog.toLowerCase(), ...(database !== undefined && { Database: database }) },
    Status: {
      State: state,
      ...(reason !== undefined && { StateChangeReason: reason }),
      SubmissionDateTime: startedAt / 1_000,
      ...(isOver && { CompletionDateTime: Date.now() / 1_000 }),
      ...(state === 'FAILED' && {
        AthenaError: { ErrorCategory: errorCategory, ErrorType: errorType, Retryable: retryable, ErrorMessage: reason },
      }),
    },
    Statistics: {
      EngineExecutionTimeInMillis: 120,
      DataScannedInBytes: isOver ? (outcome.bytesScanned ?? 0) : 0,
      TotalExecutionTimeInMillis: 200,
      QueryQueueTimeInMillis: 50,
    },
    WorkGroup: workgroup,
    EngineVersion: { SelectedEngineVersion: 'AUTO', EffectiveEngineVersion: 'Athena engine version 3' },
  }
}
