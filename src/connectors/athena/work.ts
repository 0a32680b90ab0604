import { AwsCallError } from '../aws/service.ts'
import type { StepReport } from '../connection-test.ts'
import { failed, type StepContext } from '../define.ts'
import type { Evidence } from '../evidence.ts'
import type { Problem } from '../problem.ts'
import type { AthenaSession } from './open.ts'
import { resultPages, type TextRow } from './result-pages.ts'
import type { Remaining } from './running-queries.ts'
import { type EndedQuery, runStatement, StatementError, type StatementOptions } from './statement.ts'

/** What a step of a test may do, within its time. */
export interface Work {
  readonly session: AthenaSession
  readonly remaining: Remaining
  /** What has been found so far: told with whatever the step comes to. */
  readonly evidence: Evidence[]
  /** Runs a statement of ours, and reads the beginning of its result. Throws as `runStatement` and `resultPages`. */
  run(sample: Sample): Promise<SampleResult>
}

type Sample = Pick<StatementOptions, 'text' | 'results' | 'inCatalog'>

export interface SampleResult {
  readonly ended: EndedQuery
  readonly columnCount: number
  readonly rows: readonly TextRow[]
}

/** What a step keeps for itself, so that a query is stopped while the step can still tell of it. */
const reserveMs = (budgetMs: number): number => Math.min(2_500, budgetMs / 4)

const waiting = 'The query is waiting for its turn.'
const running = 'The query is running.'

export function workOf(session: AthenaSession, { signal, budgetMs, note }: StepContext): Work {
  const reserve = reserveMs(budgetMs)
  const remaining = { signal, until: performance.now() + budgetMs - reserve, graceMs: reserve / 4 }
  return {
    session,
    remaining,
    evidence: [],
    run: async sample => {
      const ended = await runStatement(session, {
        ...remaining,
        ...sample,
        seconds: budgetMs / 1_000,
        late: { code: 'STEP_TIMED_OUT', params: { seconds: budgetMs / 1_000 } },
        onState: state => note(state === 'QUEUED' ? waiting : running),
      })
      const left = Math.max(1, remaining.until + reserve / 2 - performance.now())
      for await (const { columns, rows } of resultPages(session, ended, { signal, rows: 2, budgetMs: left })) {
        return { ended, columnCount: columns.length, rows }
      }
      return { ended, columnCount: 0, rows: [] }
    },
  }
}

/** The step's report, or what its error comes to. Rejects only with the signal's reason, and for bugs. */
export async function reported(work: Work, step: (work: Work) => Promise<StepReport>): Promise<StepReport> {
  try {
    return await step(work)
  } catch (error) {
    work.remaining.signal.throwIfAborted()
    const known = problemOf(error)
    if (!known) throw error
    const more = error instanceof AwsCallError ? error.report.evidence : []
    return failed(known, [...work.evidence, ...more])
  }
}

/** What is known of an error; null for bugs. */
const problemOf = (error: unknown): Problem | null =>
  error instanceof AwsCallError || error instanceof StatementError ? error.problem : null
