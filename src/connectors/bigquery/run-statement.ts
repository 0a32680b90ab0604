import { setTimeout as delay } from 'node:timers/promises'
import { patiently } from '../cloud/patiently.ts'
import { budgetOf, type Remaining } from '../cloud/remaining.ts'
import { isRecord } from '../form-tree-walk.ts'
import { labels, statementSettings } from './dry-run.ts'
import { meant } from './meanings.ts'
import type { BigquerySession, JsonRecord } from './open.ts'
import { GoogleCallError } from './problems.ts'
import { projectPath } from './resources.ts'
import { firstPageSize, maxPageBytes, rowPages } from './result-pages.ts'
import { maxColumns, type Page } from './rows.ts'
import type { JobReference } from './running-jobs.ts'
import { inPlace, type PlannedStatement, plan, StatementError } from './statement.ts'
import { type FieldSchema, readSchema } from './values.ts'

/** A call that waits for a statement's end is answered so often at least. */
const waitMs = 10_000
/** Beside what BigQuery itself waits for. */
const answerMs = 10_000
/** For one page of a result that is there. */
const pageMs = 30_000
/** BigQuery's own limit comes after ours, which knows whether the statement was ever begun. */
const jobGraceMs = 2_000

export interface StatementOptions extends Omit<PlannedStatement, 'until'> {
  /** How many rows are wanted. */
  readonly maxRows: number
  readonly planMs: number
}

/**
 * Runs a statement that only reads, and yields its result. What is not read to its end is stopped when the session is
 * closed. Throws `StatementError` and `HttpCallError`, and the signal's reason when that aborts.
 */
export async function* runStatement(session: BigquerySession, options: StatementOptions): AsyncGenerator<Page> {
  const { sql, subject, signal, maxRows, planMs } = options
  const planned = await plan(session, { sql, subject, signal, until: performance.now() + planMs })
  const { limits, location = planned.location ?? undefined, maximumBytesBilled } = session.config
  const runMs = limits.statementTimeoutSeconds * 1_000
  const remaining = { signal, until: performance.now() + runMs }
  const firstSize = firstPageSize(maxRows)
  const request = {
    query: sql,
    useLegacySql: false,
    ...statementSettings(session),
    ...(location !== undefined && { location }),
    labels,
    maximumBytesBilled: String(maximumBytesBilled),
    jobTimeoutMs: String(runMs + jobGraceMs),
    maxResults: firstSize,
    formatOptions: { useInt64Timestamp: true },
  }
  const started = await inPlace(session, { subject, ...remaining }, () =>
    session.jobs.start({
      // The types of the API allow what JSON has no value for; nothing here makes use of it.
      request: request as never,
      subject,
      signal,
      budgetMs: answerMs,
      maxBytes: maxPageBytes,
    }),
  )
  const running = { session, job: started.job, options, remaining, ended: started.ended }
  const answer = isComplete(started.answer) ? started.answer : await untilEnded(running, firstSize)
  started.ended()
  const schema = schemaOf(session, answer)
  const pages = rowPages(session, answer, firstSize, page =>
    patiently({ signal, until: performance.now() + pageMs, tries: 5 }, () =>
      askResults(running, { ...page, timeoutMs: 0 }, pageMs),
    ),
  )
  for await (const rows of pages) yield { schema, rows }
}

const isComplete = ({ jobComplete }: JsonRecord): boolean => jobComplete === true

interface Running {
  readonly session: BigquerySession
  readonly job: JobReference
  readonly options: StatementOptions
  readonly remaining: Remaining
  readonly ended: () => void
}

/** Waits for the statement, which BigQuery tells with its first rows. */
async function untilEnded(running: Running, maxResults: number): Promise<JsonRecord> {
  const { signal, until } = running.remaining
  const leftMs = () => Math.floor(until - performance.now())
  for (let asked = 1; ; asked += 1) {
    if (leftMs() <= 0) throw await tooLate(running)
    const next = Math.min(performance.now() + shortestRoundMs(asked), until)
    try {
      const answer = await patiently({ signal, until, tries: 6, isFinal: hasEnded }, () => {
        const timeoutMs = Math.max(0, Math.min(waitMs, leftMs()))
        return askResults(running, { maxResults, timeoutMs }, timeoutMs + answerMs)
      })
      if (isComplete(answer)) return answer
      await pauseUntil(next, signal)
    } catch (error) {
      if (hasEnded(error)) running.ended()
      throw error
    }
  }
}

/** What answers at once, and does not wait as it was asked to, is not asked all the time. */
const shortestRoundMs = (asked: number): number => Math.min(5_000, 50 * 2 ** Math.min(asked, 10))

async function pauseUntil(time: number, signal: AbortSignal): Promise<void> {
  const ms = time - performance.now()
  if (ms > 0) await delay(ms, undefined, { signal }).catch(() => signal.throwIfAborted())
}

/** Of a job that has failed nothing else is ever told than why. */
const hasEnded = (error: unknown): boolean =>
  error instanceof GoogleCallError && [400, 404, 499].includes(error.refusal.status)

function askResults(
  { session, job, options }: Running,
  query: { readonly maxResults: number; readonly timeoutMs: number; readonly pageToken?: string | undefined },
  budgetMs: number,
): Promise<JsonRecord> {
  const { projectId, jobId, location } = job
  return session.ask({
    method: 'GET',
    path: `${projectPath(projectId)}/queries/${encodeURIComponent(jobId)}`,
    query: { ...query, location: location ?? undefined, 'formatOptions.useInt64Timestamp': 'true' },
    use: 'READ',
    subject: options.subject,
    signal: options.signal,
    budgetMs,
    maxBytes: maxPageBytes,
  })
}

/** Whether it was still waiting for its turn is asked only now: an answer about its result does not tell. */
async function tooLate({ session, job, options }: Running): Promise<StatementError> {
  const seconds = session.config.limits.statementTimeoutSeconds
  const { projectId, jobId, location } = job
  const { signal, subject } = options
  const found = await session
    .ask({
      method: 'GET',
      path: `${projectPath(projectId)}/jobs/${encodeURIComponent(jobId)}`,
      query: { location: location ?? undefined },
      use: 'READ',
      subject,
      ...budgetOf({ signal, until: performance.now() + 2_000 }),
    })
    .catch(() => ({}) as JsonRecord)
  signal.throwIfAborted()
  const { status } = found
  const isWaiting = isRecord(status) && status['state'] === 'PENDING'
  return new StatementError(
    isWaiting
      ? meant({ code: 'QUERY_STILL_QUEUED', params: { seconds } })
      : meant({ code: 'STATEMENT_TIMED_OUT', params: { seconds }, fields: ['limits.statementTimeoutSeconds'] }),
  )
}

function schemaOf(session: BigquerySession, { schema }: JsonRecord): readonly FieldSchema[] {
  const fields = readSchema(isRecord(schema) ? schema['fields'] : undefined)
  if (!fields) throw session.violation('its result has no columns')
  return assertFew(fields)
}

/** Throws `StatementError` for more columns than BigQuery has. */
export function assertFew(fields: readonly FieldSchema[]): readonly FieldSchema[] {
  if (fields.length <= maxColumns) return fields
  throw new StatementError(meant({ code: 'RESULT_TOO_LARGE', params: { limit: `${maxColumns} columns` } }))
}
