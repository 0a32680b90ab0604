import { HttpCallError } from '../cloud/http-caller.ts'
import type { StepReport } from '../connection-test.ts'
import { failed, type StepContext } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { type Problem, problem } from '../problem.ts'
import { AnswerFaultError, type ResultAnswer } from './answers.ts'
import { inStepTime } from './late-answer.ts'
import type { SnowflakeSession } from './open.ts'
import { statementProblem } from './problems.ts'
import { isRefusal, SnowflakeRefusalError } from './refusal.ts'
import { RowTooLongError } from './row-texts.ts'

/** A step that ends with this problem. */
export class StepProblemError extends Error {
  readonly problem: Problem

  constructor(found: Problem) {
    super(found.message)
    this.name = 'StepProblemError'
    this.problem = found
  }
}

/** A row of a list, by the names of its columns. */
export type ListedRow = Readonly<Record<string, string>>

export interface List {
  readonly rows: readonly ListedRow[]
  /** Whether these are all there are. */
  readonly isWhole: boolean
}

/** What a step of a test, or the opening of a query, may do within its time. */
export interface Work {
  readonly session: SnowflakeSession
  readonly signal: AbortSignal
  /** Of the whole step. */
  readonly budgetMs: number
  /** `performance.now()` at which statements of it are given up. */
  readonly until: number
  /** What has been found so far: told with whatever the step comes to. */
  readonly evidence: Evidence[]
  readonly note: (text: string) => void
  /** Runs a statement of ours. Throws `SnowflakeRefusalError` and `HttpCallError`, and the signal's reason. */
  run(text: string, options?: { readonly describeOnly?: boolean; readonly maxRows?: number }): Promise<ResultAnswer>
  /** The rows of a SHOW. Throws as `run`. */
  list(text: string, maxRows?: number): Promise<List>
  /** The first row of a query. Throws as `run`. */
  ask(text: string): Promise<readonly (string | null)[]>
}

/** Lists of more are cut. */
const maxListed = 10_000

/** What a step keeps for itself, so that a statement is stopped while the step can still tell of it. */
const reserveMs = (budgetMs: number): number => Math.min(2_000, budgetMs / 4)

export function workOf(
  session: SnowflakeSession,
  {
    signal,
    budgetMs,
    note,
    until = performance.now() + budgetMs - reserveMs(budgetMs),
  }: Pick<StepContext, 'signal' | 'budgetMs' | 'note'> & Partial<Pick<Work, 'until'>>,
): Work {
  const run: Work['run'] = (text, { describeOnly = false, maxRows = maxListed } = {}) =>
    session.run({ text, describeOnly, maxRows, signal, until, seconds: secondsLeft(until) })
  const list: Work['list'] = async (text, maxRows = maxListed) => {
    const { columns, rows, chunks } = await run(text, { maxRows })
    const listed = rows.map(row =>
      Object.fromEntries(columns.map(({ name }, index) => [name.toLowerCase(), row[index] ?? ''])),
    )
    return { rows: listed, isWhole: chunks.length === 0 && rows.length < maxRows }
  }
  const ask: Work['ask'] = async text => (await run(text)).rows[0] ?? []
  return { session, signal, budgetMs, until, evidence: [], note, run, list, ask }
}

export const secondsLeft = (until: number): number => Math.max(1, Math.ceil((until - performance.now()) / 1_000))

/** The step's report, or what its error comes to. Rejects only with the signal's reason, and for bugs. */
export async function reported(work: Work, step: () => Promise<StepReport>): Promise<StepReport> {
  try {
    return await step()
  } catch (error) {
    work.signal.throwIfAborted()
    const known = knownProblem(error, work.session)
    if (!known) throw error
    return failed(inStepTime(known, work.budgetMs), [...work.evidence, ...queryEvidence(error)])
  }
}

/** Whether it is refused because something is not there for the role, and not because of the moment or the statement. */
export function isDenied(error: unknown, { config, service }: SnowflakeSession): error is SnowflakeRefusalError {
  if (!isRefusal(error)) return false
  const { code } = statementProblem(error, { config, service })
  return ['PERMISSION_DENIED', 'OBJECT_NOT_FOUND', 'DATABASE_NOT_FOUND', 'SCHEMA_NOT_FOUND'].includes(code)
}

/** What is known of an error; null for bugs. */
export function knownProblem(
  error: unknown,
  session: SnowflakeSession,
  about: { readonly statementFields?: readonly string[]; readonly seconds?: number } = {},
): Problem | null {
  if (error instanceof StepProblemError) return error.problem
  if (error instanceof SnowflakeRefusalError || error instanceof HttpCallError) {
    const { config, service } = session
    return statementProblem(error, { config, service, ...about })
  }
  if (error instanceof AnswerFaultError) return session.violation(error.fault)
  if (error instanceof RowTooLongError) {
    return problem('RESULT_TOO_LARGE', { params: { limit: `${error.maxBytes / 1_048_576} MB in a row` } })
  }
  return null
}

function queryEvidence(error: unknown): Evidence[] {
  const id = error instanceof SnowflakeRefusalError ? error.queryId : null
  return id === null ? [] : [measuredText('Query id', id)]
}
