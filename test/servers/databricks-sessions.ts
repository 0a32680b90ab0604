import { randomUUID } from 'node:crypto'
import types from '@databricks/sql/thrift/TCLIService_types.js'
import type { DatabricksCatalogs } from './databricks-catalog.ts'
import type { ComputeDouble } from './databricks-compute.ts'
import { type DatabricksRefusal, refusal } from './databricks-faults.ts'
import type { DatabricksPrincipal, DatabricksRights } from './databricks-rights.ts'
import { describedResult, type ResultFormat, rowSet } from './databricks-rows.ts'
import {
  type DatabricksOutcome,
  type DatabricksResult,
  isFailure,
  isResult,
  noCatalog,
  noSchema,
  outcomeOf,
  wordsOf,
} from './databricks-statements.ts'
import { failed, type Int64, succeeded, type ThriftHandlers, unknownHandle } from './databricks-thrift.ts'

export interface DatabricksSessionsOptions {
  /** What comes of statements that are not understood otherwise. */
  readonly statements?: (sql: string) => DatabricksOutcome | undefined
  /** The states that are told before the last one, one at each question. */
  readonly waits?: readonly ('PENDING_STATE' | 'RUNNING_STATE')[]
  /** The state that a statement never leaves by itself. */
  readonly staysIn?: (sql: string) => 'PENDING_STATE' | 'RUNNING_STATE' | undefined
  /** How many rows it sends at once, whatever it is asked for. */
  readonly rowsAtOnce?: number
  /** An older service than one that knows Arrow. */
  readonly knowsNoArrow?: boolean
  readonly catalog?: string
}

export interface DatabricksSession {
  readonly id: string
  readonly who: DatabricksPrincipal
  readonly compute: ComputeDouble<string>
  readonly configuration: Readonly<Record<string, string>>
  readonly catalog: string
  readonly schema: string
  /** Opened while its compute did not run, of a kind that forgets such sessions. */
  readonly isLost: boolean
  isClosed: boolean
}

type StateName = keyof typeof types.TOperationState

export interface DatabricksOperation {
  readonly id: string
  readonly sql: string
  readonly session: DatabricksSession
  readonly request: InstanceType<typeof types.TExecuteStatementReq>
  readonly format: ResultFormat
  readonly outcome: DatabricksOutcome
  state: StateName
  /** How often its state has been asked for. */
  polls: number
  /** The first row that has not been sent. */
  at: number
  isCancelled: boolean
  isClosed: boolean
}

/** Thrown by handlers whose calls HTTP itself refuses. */
export class RefusedCallError extends Error {
  readonly refusal: DatabricksRefusal

  constructor(refused: DatabricksRefusal) {
    super(refused.message)
    this.refusal = refused
  }
}

const handle = (id: string) =>
  new types.THandleIdentifier({ guid: Buffer.from(id, 'hex'), secret: Buffer.alloc(16, 7) })
const idOf = (identifier: { readonly guid: Buffer | string } | undefined): string =>
  Buffer.from((identifier?.guid ?? '') as Buffer).toString('hex')
/** The client insists that ids are UUIDs. */
const newId = () => randomUUID().replaceAll('-', '')
const uuid = (id: string) => id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

const isWaiting = (state: StateName) => state === 'PENDING_STATE' || state === 'RUNNING_STATE'

/** Sessions and statements of a workspace, behind Thrift. */
export class DatabricksSessions {
  readonly sessions: DatabricksSession[] = []
  readonly operations: DatabricksOperation[] = []
  readonly #options: DatabricksSessionsOptions
  readonly #catalogs: DatabricksCatalogs
  readonly #rights: DatabricksRights

  constructor(options: DatabricksSessionsOptions, catalogs: DatabricksCatalogs, rights: DatabricksRights) {
    this.#options = options
    this.#catalogs = catalogs
    this.#rights = rights
  }

  /** For a call of `who` at the path of `compute`. */
  handlers(who: DatabricksPrincipal, compute: ComputeDouble<string>): ThriftHandlers {
    return {
      OpenSession: (request: InstanceType<typeof types.TOpenSessionReq>) => this.#open(request, who, compute),
      ExecuteStatement: (request: InstanceType<typeof types.TExecuteStatementReq>) => this.#execute(request, compute),
      GetOperationStatus: (request: InstanceType<typeof types.TGetOperationStatusReq>) => this.#polled(request),
      GetResultSetMetadata: (request: InstanceType<typeof types.TGetResultSetMetadataReq>) => {
        const operation = this.#operation(request.operationHandle)
        if (operation?.state !== 'FINISHED_STATE') {
          return new types.TGetResultSetMetadataResp({ status: unknownHandle('Invalid OperationHandle') })
        }
        return describedResult(isResult(operation.outcome) ? operation.outcome.columns : [], operation.format)
      },
      FetchResults: (request: InstanceType<typeof types.TFetchResultsReq>) => {
        const operation = this.#operation(request.operationHandle)
        if (!operation || !isResult(operation.outcome) || operation.state !== 'FINISHED_STATE') {
          return new types.TFetchResultsResp({ status: unknownHandle('Invalid OperationHandle') })
        }
        if (request.orientation === types.TFetchOrientation.FETCH_FIRST) operation.at = 0
        return this.#page(operation, operation.outcome, request.maxRows)
      },
      CancelOperation: (request: InstanceType<typeof types.TCancelOperationReq>) => {
        const operation = this.#operation(request.operationHandle)
        if (operation && isWaiting(operation.state)) {
          operation.state = 'CANCELED_STATE'
          operation.isCancelled = true
        }
        return new types.TCancelOperationResp({
          status: operation ? succeeded() : unknownHandle('Invalid OperationHandle'),
        })
      },
      CloseOperation: (request: InstanceType<typeof types.TCloseOperationReq>) => {
        const operation = this.#operation(request.operationHandle)
        if (operation) this.#close(operation)
        return new types.TCloseOperationResp({
          status: operation ? succeeded() : unknownHandle('Invalid OperationHandle'),
        })
      },
      CloseSession: (request: InstanceType<typeof types.TCloseSessionReq>) => {
        const session = this.#session(request.sessionHandle)
        if (session) {
          session.isClosed = true
          for (const operation of this.operations) if (operation.session === session) this.#close(operation)
        }
        return new types.TCloseSessionResp({ status: session ? succeeded() : unknownHandle('Invalid SessionHandle') })
      },
    }
  }

  #open(
    { configuration, initialNamespace }: InstanceType<typeof types.TOpenSessionReq>,
    who: DatabricksPrincipal,
    compute: ComputeDouble<string>,
  ) {
    const wasRunning = compute.isRunning
    this.#wake(compute)
    const { catalog: first = 'main', knowsNoArrow = false } = this.#options
    // What a message does not have is null in the generated code.
    const catalog = initialNamespace?.catalogName ?? first
    const schema = initialNamespace?.schemaName ?? 'default'
    const found = Object.hasOwn(this.#catalogs, catalog) ? this.#catalogs[catalog] : undefined
    const problem = found
      ? Object.hasOwn(found.schemas, schema) || schema === 'default'
        ? null
        : noSchema([catalog, schema])
      : noCatalog(catalog)
    // Where the client names none, what there is by default need not exist.
    if (problem && initialNamespace) {
      return new types.TOpenSessionResp({
        status: failed(wordsOf(problem), problem.sqlState),
        serverProtocolVersion: types.TProtocolVersion.SPARK_CLI_SERVICE_PROTOCOL_V8,
      })
    }
    const session: DatabricksSession = {
      ...{ id: newId(), who, compute, configuration: { ...configuration }, catalog, schema },
      isLost: !wasRunning && compute.whileStarting === 'REFUSES',
      isClosed: false,
    }
    this.sessions.push(session)
    return new types.TOpenSessionResp({
      status: succeeded(),
      serverProtocolVersion: knowsNoArrow
        ? types.TProtocolVersion.SPARK_CLI_SERVICE_PROTOCOL_V4
        : types.TProtocolVersion.SPARK_CLI_SERVICE_PROTOCOL_V8,
      sessionHandle: new types.TSessionHandle({ sessionId: handle(session.id) }),
      initialNamespace: new types.TNamespace({ catalogName: catalog, schemaName: schema }),
      canUseMultipleCatalogs: true,
    })
  }

  /** A call of compute that does not run starts it; what becomes of the call then depends on what it is. */
  #wake(compute: ComputeDouble<string>): void {
    compute.wake()
    compute.asked()
    if (!compute.isRunning && compute.whileStarting === 'UNAVAILABLE') {
      const message = `Cluster ${compute.id} is temporarily unavailable.`
      throw new RefusedCallError({
        ...refusal(503, 'TEMPORARILY_UNAVAILABLE', message),
        headers: { 'retry-after': '1' },
      })
    }
  }

  #execute(request: InstanceType<typeof types.TExecuteStatementReq>, compute: ComputeDouble<string>) {
    this.#wake(compute)
    const session = this.#session(request.sessionHandle)
    if (!session || session.isLost) {
      const id = uuid(idOf(request.sessionHandle.sessionId))
      const message = `requirement failed: Session handle: SessionHandle [${id}] has not been initialized or had already closed.`
      return new types.TExecuteStatementResp({ status: failed(message) })
    }
    const sql = request.statement
    const { catalog, schema, who } = session
    const around = { catalogs: this.#catalogs, rights: this.#rights, who, catalog, schema }
    const operation: DatabricksOperation = {
      ...{ id: newId(), sql, session, request },
      format: this.#formatOf(request),
      outcome: this.#options.statements?.(sql) ?? outcomeOf(sql, around),
      ...{ state: 'PENDING_STATE', polls: 0, at: 0, isCancelled: false, isClosed: false },
    }
    this.operations.push(operation)
    const operationHandle = new types.TOperationHandle({
      operationId: handle(operation.id),
      operationType: types.TOperationType.EXECUTE_STATEMENT,
      // Whether there is one is not known when a statement begins.
      hasResultSet: true,
    })
    const { getDirectResults } = request
    return new types.TExecuteStatementResp({
      status: succeeded(),
      operationHandle,
      ...(getDirectResults && { directResults: this.#direct(operation, getDirectResults.maxRows) }),
    })
  }

  /** What is answered at once, where the statement ends at once. */
  #direct(operation: DatabricksOperation, maxRows: Int64) {
    const operationStatus = this.#goOn(operation)
    const { outcome, format, state } = operation
    if (state !== 'FINISHED_STATE' || !isResult(outcome)) return new types.TSparkDirectResults({ operationStatus })
    const resultSet = this.#page(operation, outcome, maxRows)
    const isAll = !resultSet.hasMoreRows
    if (isAll) this.#close(operation)
    return new types.TSparkDirectResults({
      operationStatus,
      resultSetMetadata: describedResult(outcome.columns, format),
      resultSet,
      ...(isAll && { closeOperation: new types.TCloseOperationResp({ status: succeeded() }) }),
    })
  }

  #polled({ operationHandle }: InstanceType<typeof types.TGetOperationStatusReq>) {
    const operation = this.#operation(operationHandle)
    if (!operation) return new types.TGetOperationStatusResp({ status: unknownHandle('Invalid OperationHandle') })
    operation.session.compute.asked()
    return this.#goOn(operation)
  }

  #goOn(operation: DatabricksOperation) {
    if (isWaiting(operation.state)) operation.state = this.#nextState(operation)
    operation.polls += 1
    const { outcome, state } = operation
    const words = isFailure(outcome) ? wordsOf(outcome) : 'ended' in outcome ? outcome.message : undefined
    const hasFailed = state === 'ERROR_STATE' || (words !== undefined && !isWaiting(state))
    return new types.TGetOperationStatusResp({
      status: succeeded(),
      operationState: types.TOperationState[state],
      ...(state === 'FINISHED_STATE' && { hasResultSet: isResult(outcome) }),
      ...(hasFailed && {
        ...(isFailure(outcome) && { sqlState: outcome.sqlState }),
        errorCode: 0,
        errorMessage: `org.apache.hive.service.cli.HiveSQLException: Error running query: ${words ?? ''}\n\tat org.apache.spark.sql.hive.thriftserver.HiveThriftServerErrors$.runningQueryError(HiveThriftServerErrors.scala:49)`,
        displayMessage: words ?? 'The compute could not be started.',
      }),
    })
  }

  #nextState({ sql, polls, outcome, session: { compute } }: DatabricksOperation): StateName {
    const { waits = [], staysIn } = this.#options
    if (!compute.isRunning) return compute.isStarting ? 'PENDING_STATE' : 'ERROR_STATE'
    const next = staysIn?.(sql) ?? waits[polls]
    if (next !== undefined) return next
    if ('ended' in outcome) return outcome.ended
    return isFailure(outcome) ? 'ERROR_STATE' : 'FINISHED_STATE'
  }

  #page(operation: DatabricksOperation, { columns, rows, length = rows.length }: DatabricksResult, maxRows: Int64) {
    const { rowsAtOnce = 10_000 } = this.#options
    const from = operation.at
    // Of a limit that is not given there is no number.
    const limit = (operation.request.resultRowLimit as Int64 | null | undefined)?.toNumber() ?? length
    const end = Math.min(length, limit)
    const count = Math.min(maxRows.toNumber(), rowsAtOnce, end - from)
    operation.at += count
    const page = Array.from({ length: count }, (_, index) => rows[(from + index) % rows.length] ?? [])
    return new types.TFetchResultsResp({
      status: succeeded(),
      hasMoreRows: operation.at < end,
      results: rowSet(columns, page, operation.format, from),
    })
  }

  #formatOf({
    canReadArrowResult,
    useArrowNativeTypes,
  }: InstanceType<typeof types.TExecuteStatementReq>): ResultFormat {
    if (canReadArrowResult !== true) return { kind: 'COLUMNS' }
    const { timestampAsArrow, decimalAsArrow, complexTypesAsArrow } = useArrowNativeTypes ?? {}
    return {
      kind: 'ARROW',
      types: {
        timestampAsArrow: timestampAsArrow === true,
        decimalAsArrow: decimalAsArrow === true,
        complexTypesAsArrow: complexTypesAsArrow === true,
      },
    }
  }

  #close(operation: DatabricksOperation): void {
    operation.isClosed = true
    if (isWaiting(operation.state)) operation.state = 'CLOSED_STATE'
  }

  #session({ sessionId }: { readonly sessionId: { readonly guid: Buffer | string } }): DatabricksSession | undefined {
    return this.sessions.find(({ id, isClosed }) => id === idOf(sessionId) && !isClosed)
  }

  #operation({ operationId }: { readonly operationId: { readonly guid: Buffer | string } }) {
    return this.operations.find(({ id, isClosed }) => id === idOf(operationId) && !isClosed)
  }
}
