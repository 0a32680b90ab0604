import { bytesText } from '../bytes-text.ts'
import { HttpCallError } from '../cloud/http-caller.ts'
import type { Remaining } from '../cloud/remaining.ts'
import type { Problem } from '../problem.ts'
import { type DryRun, dryRun } from './dry-run.ts'
import { meant, notReadOnly, regionMismatch, resourceMissing, type Subject, scanLimitReached } from './meanings.ts'
import type { BigquerySession } from './open.ts'
import { GoogleCallError } from './problems.ts'
import { askLocation } from './resources.ts'

/** A statement that is not run, or not to its end, and why. */
export class StatementError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.message)
    this.name = 'StatementError'
    this.problem = problem
  }
}

export interface PlannedStatement extends Remaining {
  readonly sql: string
  readonly subject: Subject
}

/**
 * Has BigQuery look at a statement before it is run: it must take it for one that only reads, and that reads no more than
 * may be billed. Throws `StatementError` and `HttpCallError`, and the signal's reason when that aborts.
 */
export async function plan(session: BigquerySession, statement: PlannedStatement): Promise<DryRun> {
  const { subject } = statement
  const planned = await inPlace(session, statement, () => dryRun(session, statement))
  if (planned.statementType !== 'SELECT') {
    const taken = /^[A-Z_]{1,60}$/.exec(planned.statementType)?.[0] ?? 'something else'
    throw new StatementError(meant(notReadOnly(`is ${taken} to BigQuery`, subject.fields)))
  }
  const { maximumBytesBilled: most } = session.config
  if (planned.bytes > BigInt(most)) {
    const bytes = Number(planned.bytes)
    const detail = `It would read ${bytesText(bytes)} (${planned.bytes} bytes); at most ${bytesText(most)} (${most} bytes) may be billed.`
    throw new StatementError(meant(scanLimitReached(session.config, planned.bytes), detail))
  }
  return planned
}

/** Does something, and finds out where the data is when BigQuery says that it is not where it was looked for. */
export async function inPlace<T>(
  session: BigquerySession,
  { subject, ...remaining }: Remaining & { readonly subject: Subject },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof GoogleCallError)) throw error
    const found = await elsewhere(session, error, { subject, ...remaining })
    throw found ? new GoogleCallError(found, error.refusal) : error
  }
}

/** BigQuery's words of a dataset, or of a table in one, that is not where it has looked. */
const notThere = /^Not found: (?:Dataset|Table) ([^\s:]+(?::[^\s:]+)?):(\w+)(?:\.\S+)? was not found in location (\S+)/

async function elsewhere(
  session: BigquerySession,
  { refusal, problem }: GoogleCallError,
  { subject, ...remaining }: Remaining & { readonly subject: Subject },
): Promise<Problem | null> {
  const [, project, dataset, asked] = notThere.exec(refusal.message) ?? []
  if (project === undefined || dataset === undefined || asked === undefined || /^\.+$/.test(project)) return null
  try {
    const real = await askLocation(session, project, dataset, subject, remaining)
    if (real === null || real.toLowerCase() === asked.toLowerCase()) return null
    return meant(regionMismatch(session.config.location ?? asked, real), problem.detail)
  } catch (error) {
    if (!(error instanceof HttpCallError)) throw error
    const isMissing = error instanceof GoogleCallError && error.refusal.status === 404
    const isDefault = dataset === session.config.defaultDataset
    if (!isMissing || !isDefault) return null
    const missing = { ...subject, what: 'dataset' as const, name: `${project}.${dataset}`, fields: ['defaultDataset'] }
    return meant(resourceMissing(missing), problem.detail)
  }
}
