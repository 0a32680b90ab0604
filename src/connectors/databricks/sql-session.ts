import { setTimeout as delay } from 'node:timers/promises'
import { HttpCallError } from '../cloud/http-caller.ts'
import { budgetOf, isOver, type Remaining } from '../cloud/remaining.ts'
import { ByteLimitError } from '../session/protocol-fault.ts'
import { settledWithin } from '../session/settled-within.ts'
import { untilAborted } from '../session/until-aborted.ts'
import { sessionMs, thriftMs } from './budgets.ts'
import { computeNotFound, computeNotUsable, type Meaning, meant } from './meanings.ts'
import { maxThriftBytes, type Workspace } from './open.ts'
import { type About, DatabricksError, explainSql } from './problems.ts'
import {
  int64,
  type OperationHandle,
  OperationState,
  type OperationStatus,
  ProtocolVersion,
  type ResultMetadata,
  type SessionHandle,
  StatusCode,
  type ThriftMethod,
  type ThriftReply,
  type ThriftRequest,
  type ThriftStatus,
  thriftTypes,
} from './thrift.ts'
import { problemOf } from './work.ts'

/** To be told of what was asked for last, and to stop and close it: less than two seconds. */
const answerGraceMs = 400
const cancelMs = 600
const closeMs = 700

const firstPauseMs = 50
const maxPauseMs = 1_500
/** How often a question is asked again that changes nothing. */
const maxMisses = 3
/** Databricks' own limit is only for when nobody is left here to keep ours. */
const graceSeconds = 10
/** Of what comes with the first answer, and of a page. */
export const pageBytes = 4 * 1_048_576

export interface SqlSessionOptions extends Remaining {
  /** What opening it may take at most, where that starts the compute; 30 s when it is not given. */
  readonly mostMs?: number
  /** Where names without a path are looked for. */
  readonly catalog?: string | undefined
  readonly schema?: string | undefined
  /** Seconds that a statement may take on the server. */
  readonly statementSeconds: number
}

export interface StatementOptions extends Remaining {
  /** One statement that reads. */
  readonly text: string
  /** How many rows are wanted at all, and of them with the first answer. */
  readonly rows: number
  readonly firstRows: number
  /** What it comes to when it is running still, and so is stopped. */
  readonly late: Meaning
}

/** A statement that has succeeded, and what came of it already. */
export interface Operation {
  /** As Databricks' own query history has it. */
  readonly id: string
  readonly handle: OperationHandle
  readonly hasResult: boolean
  readonly metadata: ResultMetadata | undefined
  readonly firstPage: ThriftReply<'FetchResults'> | undefined
}

/** A session of SQL, and the statements that may still run in it. */
export class SqlSession {
  readonly #workspace: Workspace
  /** Not the run's signal: what has been begun is to be known when that aborts, too. */
  readonly #life = new AbortController()
  readonly #running = new Set<OperationHandle>()
  #pending: Promise<unknown> = Promise.resolve()
  #handle: SessionHandle | null = null

  constructor(workspace: Workspace) {
    this.#workspace = workspace
  }

  /** Throws `DatabricksError` and `HttpCallError`, and the signal's reason when that aborts. */
  async open(options: SqlSessionOptions): Promise<void> {
    const { catalog, schema } = options
    const { config, compute } = this.#workspace
    const request = new thriftTypes.TOpenSessionReq({
      client_protocol_i64: int64(ProtocolVersion.SPARK_CLI_SERVICE_PROTOCOL_V8),
      configuration: configurationOf(compute.kind, options.statementSeconds),
      canUseMultipleCatalogs: true,
      ...((catalog !== undefined || schema !== undefined) && {
        initialNamespace: new thriftTypes.TNamespace({
          ...(catalog !== undefined && { catalogName: catalog }),
          ...(schema !== undefined && { schemaName: schema }),
        }),
      }),
    })
    const about = { action: 'to open a session', denied: computeNotUsable(config), missing: computeNotFound(config) }
    const opening = this.#call('OpenSession', request, { mostMs: sessionMs, ...options, about }).then(reply => {
      this.#assert(reply.status)
      if (!reply.sessionHandle) throw this.#workspace.violation('it opens a session without a handle')
      this.#handle = reply.sessionHandle
    })
    await this.#known(opening, options.signal)
  }

  /** Runs a statement, and stops it there when it takes too long and when the signal aborts. Throws as `open`. */
  async run(options: StatementOptions): Promise<Operation> {
    const { text, rows, firstRows, signal, late } = options
    const sessionHandle = this.#session
    const { compute, config } = this.#workspace
    const request = new thriftTypes.TExecuteStatementReq({
      sessionHandle,
      statement: text,
      runAsync: true,
      queryTimeout: int64(config.limits.statementTimeoutSeconds + graceSeconds),
      getDirectResults: new thriftTypes.TSparkGetDirectResults({
        maxRows: int64(firstRows),
        maxBytes: int64(pageBytes),
      }),
      // Rows as columns of values: nothing to be unpacked, nothing to be fetched from elsewhere.
      canReadArrowResult: false,
      canDownloadResult: false,
      canDecompressLZ4Result: false,
      ...(compute.kind === 'WAREHOUSE' && { resultRowLimit: int64(rows) }),
    })
    const about = {
      action: 'to run statements',
      denied: computeNotUsable(config),
      missing: computeNotFound(config),
    }
    const mostMs = Math.max(thriftMs, options.until - performance.now())
    try {
      const executing = this.#call('ExecuteStatement', request, { ...options, about, mostMs }).then(reply => {
        // Also of what has failed, which need not be stopped.
        if (reply.operationHandle && !reply.directResults?.closeOperation) this.#running.add(reply.operationHandle)
        return reply
      })
      const reply = await this.#known(executing, signal)
      this.#assert(reply.status)
      const { operationHandle: handle, directResults: direct } = reply
      if (!handle) throw this.#workspace.violation('it begins a statement without a handle')
      const ended = await this.#ended(handle, direct?.operationStatus, options)
      for (const part of [direct?.resultSetMetadata, direct?.resultSet]) if (part) this.#assert(part.status)
      return {
        id: uuidOf(handle),
        handle,
        hasResult: ended.hasResultSet ?? handle.hasResultSet,
        metadata: direct?.resultSetMetadata,
        firstPage: direct?.resultSet,
      }
    } catch (error) {
      signal.throwIfAborted()
      const wasOver = isOver(options)
      await this.stop()
      if (wasOver && problemOf(error)?.code === 'CLOUD_TIMED_OUT') {
        throw new DatabricksError(meant(this.#workspace, late))
      }
      throw asTooLarge(this.#workspace, error, firstRows)
    }
  }

  /** A call about a statement that changes nothing but how far it has been read. Throws as `open`. */
  async ask<M extends 'GetOperationStatus' | 'GetResultSetMetadata' | 'FetchResults'>(
    method: M,
    request: ThriftRequest<M>,
    remaining: Remaining,
  ): Promise<ThriftReply<M>> {
    const about = { action: 'to read results' }
    const reply = await untilAborted(
      this.#call(method, request, { ...remaining, about, mostMs: thriftMs }),
      remaining.signal,
    )
    this.#assert(reply.status)
    return reply
  }

  /** Has what still runs stopped on the server. Ends within a second, and never rejects. */
  async stop(): Promise<void> {
    const handles = [...this.#running]
    this.#running.clear()
    const until = performance.now() + cancelMs
    await settledWithin(Promise.allSettled(handles.map(handle => this.#end(handle, until))), cancelMs)
  }

  /** Stops what still runs, and closes the session. Ends within two seconds, and never rejects. */
  async close(): Promise<void> {
    await settledWithin(this.#pending, answerGraceMs)
    await this.stop()
    const sessionHandle = this.#handle
    this.#handle = null
    if (sessionHandle) {
      const request = new thriftTypes.TCloseSessionReq({ sessionHandle })
      const closing = this.#call('CloseSession', request, this.#atTheEnd(performance.now() + closeMs))
      await settledWithin(closing, closeMs)
    }
    this.#life.abort()
  }

  async #end(operationHandle: OperationHandle, until: number): Promise<void> {
    const cancel = new thriftTypes.TCancelOperationReq({ operationHandle })
    await this.#call('CancelOperation', cancel, this.#atTheEnd(until))
    const close = new thriftTypes.TCloseOperationReq({ operationHandle })
    await this.#call('CloseOperation', close, this.#atTheEnd(until))
  }

  /** Polls until the statement has come to its end. Answers only a good one. */
  async #ended(
    handle: OperationHandle,
    known: OperationStatus | undefined,
    options: StatementOptions,
  ): Promise<OperationStatus> {
    let status = known
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(maxPauseMs, pauseMs * 1.5)) {
      if (status) {
        this.#assert(status.status)
        if (!inProgress.includes(status.operationState)) break
      }
      if (isOver(options)) throw new DatabricksError(meant(this.#workspace, options.late))
      const leftMs = Math.max(1, options.until - performance.now())
      await delay(Math.min(pauseMs, leftMs), undefined, { signal: options.signal }).catch(() =>
        options.signal.throwIfAborted(),
      )
      status = await this.#look(handle, options)
    }
    // From here on the end of the session is the end of it.
    this.#running.delete(handle)
    if (status.operationState === OperationState.FINISHED_STATE) return status
    throw this.#failure(status)
  }

  async #look(operationHandle: OperationHandle, remaining: Remaining): Promise<OperationStatus> {
    const request = new thriftTypes.TGetOperationStatusReq({ operationHandle })
    for (let misses = 1; ; misses += 1) {
      try {
        return await this.ask('GetOperationStatus', request, remaining)
      } catch (error) {
        remaining.signal.throwIfAborted()
        if (misses >= maxMisses || isOver(remaining) || problemOf(error)?.retryable !== true) throw error
        await delay(misses * 200, undefined, { signal: remaining.signal }).catch(() =>
          remaining.signal.throwIfAborted(),
        )
      }
    }
  }

  /** What a statement comes to that has ended in another way than by succeeding. */
  #failure({ operationState: state, sqlState, displayMessage, errorMessage }: OperationStatus): DatabricksError {
    const workspace = this.#workspace
    const message = displayMessage || errorMessage || ''
    const plain = (meaning: Meaning) => new DatabricksError(meant(workspace, meaning, message || null))
    const seconds = workspace.config.limits.statementTimeoutSeconds
    switch (state) {
      case OperationState.ERROR_STATE:
        return explainSql({ sqlState: sqlState ?? '', message }, workspace)
      case OperationState.TIMEDOUT_STATE:
        return plain({ code: 'STATEMENT_TIMED_OUT', params: { seconds }, fields: ['limits.statementTimeoutSeconds'] })
      case OperationState.CANCELED_STATE:
      case OperationState.CLOSED_STATE:
        return plain({ code: 'STATEMENT_CANCELLED' })
      default:
        return plain({ code: 'UNCLASSIFIED' })
    }
  }

  #assert(status: ThriftStatus | undefined): void {
    const { statusCode, sqlState, displayMessage, errorMessage } = status ?? {}
    if (statusCode === undefined) throw this.#workspace.violation('its answer does not say how the call went')
    if (fine.includes(statusCode)) return
    const message = displayMessage || errorMessage || ''
    if (statusCode === StatusCode.INVALID_HANDLE_STATUS) {
      throw new DatabricksError(meant(this.#workspace, { code: 'STATEMENT_CANCELLED' }, message || null))
    }
    throw explainSql({ sqlState: sqlState ?? '', message }, this.#workspace)
  }

  /** Of what may leave something behind: it is looked after even when nobody waits for it any more. */
  #known<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
    this.#pending = work
    return untilAborted(work, signal)
  }

  #call<M extends ThriftMethod>(method: M, request: ThriftRequest<M>, asked: Asked): Promise<ThriftReply<M>> {
    const { budgetMs } = budgetOf(asked, asked.mostMs)
    return this.#workspace.thrift(method, request, { about: asked.about, signal: this.#life.signal, budgetMs })
  }

  #atTheEnd(until: number): Asked {
    return { about: { action: 'to close' }, signal: this.#life.signal, until, mostMs: closeMs }
  }

  get #session(): SessionHandle {
    if (!this.#handle) throw new Error('The session is not open.')
    return this.#handle
  }
}

/** What an answer comes to that is longer than any is taken in: rows are too large. Anything else stays what it is. */
export function asTooLarge(workspace: Workspace, error: unknown, rows: number): unknown {
  if (!(error instanceof HttpCallError && error.cause instanceof ByteLimitError)) return error
  const limit = `${maxThriftBytes / 1_048_576} MiB for ${rows} ${rows === 1 ? 'row' : 'rows'}`
  return new DatabricksError(meant(workspace, { code: 'RESULT_TOO_LARGE', params: { limit } }))
}

type Asked = Remaining & { readonly about: About; readonly mostMs: number }

const inProgress: readonly (number | undefined)[] = [
  OperationState.INITIALIZED_STATE,
  OperationState.PENDING_STATE,
  OperationState.RUNNING_STATE,
]

const fine: readonly number[] = [
  StatusCode.SUCCESS_STATUS,
  StatusCode.SUCCESS_WITH_INFO_STATUS,
  StatusCode.STILL_EXECUTING_STATUS,
]

/**
 * What a session is set to: instants are told without their zone, so that it has to be known. Warehouses know few names,
 * of their own: https://docs.databricks.com/en/sql/language-manual/sql-ref-parameters.html
 */
const configurationOf = (kind: 'WAREHOUSE' | 'CLUSTER', seconds: number): { [name: string]: string } =>
  kind === 'WAREHOUSE'
    ? {
        TIMEZONE: 'UTC',
        STATEMENT_TIMEOUT: String(seconds + graceSeconds),
        READ_ONLY_EXTERNAL_METASTORE: 'true',
      }
    : { 'spark.sql.session.timeZone': 'UTC' }

/** As the query history shows it. */
function uuidOf({ operationId }: OperationHandle): string {
  const hex = Buffer.from(operationId?.guid ?? []).toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
