import { AwsCallError } from '../aws/service.ts'
import type { QueryContext, QueryEnd, RowSink } from '../define.ts'
import { FileProblemError } from '../files/file-problem.ts'
import { readFiles } from '../files/read-files.ts'
import { type Problem, problem } from '../problem.ts'
import type { CallTime } from './bucket.ts'
import { idleMs, type S3Config } from './form.ts'
import { type FoundCount, keyField, objectAt, objectsMatching } from './found-objects.ts'
import { parseKeyPattern } from './key-pattern.ts'
import { openS3, type S3Opening } from './open.ts'
import { nothingMatches } from './problems.ts'
import type { S3Query } from './query-form.ts'

/** Reads the rows of one object or of many, as far as they are wanted. */
export async function runQuery(
  config: S3Config,
  query: S3Query,
  context: QueryContext,
  sink: RowSink,
): Promise<QueryEnd> {
  const outside = outsidePrefix(config, query)
  if (outside) return { kind: 'PROBLEM', problem: outside }
  const opening = openS3(config, context.environment, 'QUERY')
  try {
    const found = await run(opening, config, query, context, sink)
    return found ? { kind: 'PROBLEM', problem: opening.scrub.problem(found) } : { kind: 'COMPLETE', truncated: false }
  } finally {
    opening.close()
  }
}

/** The connector's prefix fences what its datasets may read, before anything is asked. */
function outsidePrefix({ prefix }: S3Config, { source }: S3Query): Problem | null {
  if (prefix === undefined) return null
  const { key, glob } = source
  const begins = key ? key.key : parseKeyPattern(glob.pattern).literalPrefix
  if (begins.startsWith(prefix)) return null
  const field = key ? keyField : patternField
  return problem('OBJECT_OUTSIDE_PREFIX', { params: { prefix }, fields: [field] })
}

/** Answers the problem, if there is one. Rejects with the signal's reason. */
async function run(
  opening: S3Opening,
  config: S3Config,
  query: S3Query,
  { signal: cancelled }: QueryContext,
  sink: RowSink,
): Promise<Problem | null> {
  const blocked = await opening.stages.pass(cancelled)
  if (blocked) return blocked
  const seconds = config.limits.statementTimeoutSeconds
  const deadline = AbortSignal.timeout(seconds * 1_000)
  const signal = AbortSignal.any([cancelled, deadline])
  try {
    return await readAll(opening, config, query, signal, sink)
  } catch (error) {
    cancelled.throwIfAborted()
    if (deadline.aborted) {
      return problem('STATEMENT_TIMED_OUT', { params: { seconds }, fields: ['limits.statementTimeoutSeconds'] })
    }
    if (error instanceof AwsCallError || error instanceof FileProblemError) return error.problem
    throw error
  }
}

async function readAll(
  { bucket }: S3Opening,
  config: S3Config,
  { source, ...options }: S3Query,
  signal: AbortSignal,
  sink: RowSink,
): Promise<Problem | null> {
  const time = (): CallTime => ({ signal, budgetMs: idleMs(config) })
  const { key, glob } = source
  if (key) {
    await readFiles(objectAt(bucket, config, key.key, time), { ...options, nameColumn: null }, sink, signal)
    return null
  }
  const count: FoundCount = { empty: 0 }
  const files = objectsMatching(bucket, config, glob.pattern, time, count)
  const end = await readFiles(files, { ...options, nameColumn: '_object' }, sink, signal)
  if (end.files > 0) return null
  const detail = count.empty === 0 ? null : `There are objects that match, ${count.empty}, but they are empty.`
  return nothingMatches(glob.pattern, patternField, detail)
}

const patternField = 'source.glob.pattern'
