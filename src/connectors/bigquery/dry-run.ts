import { patiently } from '../cloud/patiently.ts'
import { budgetOf, type Remaining } from '../cloud/remaining.ts'
import { isRecord } from '../form-tree-walk.ts'
import { endpoints } from './endpoints.ts'
import { readJobError } from './google-refusal.ts'
import { dataProjectOf } from './identity-field.ts'
import type { Subject } from './meanings.ts'
import type { BigquerySession, JsonRecord } from './open.ts'
import { classifyRefusal, GoogleCallError } from './problems.ts'
import { projectPath } from './resources.ts'
import type { JobConfiguration, JobDescription, QueryRequest } from './rest-types.ts'

export interface DryRun {
  /** `SELECT` for everything that only reads; empty where it is not told. */
  readonly statementType: string
  /** That it would read, as far as BigQuery can tell. */
  readonly bytes: bigint
  /** Where it would run; null where that is not told. */
  readonly location: string | null
  /** How many columns its result would have; null where that is not told. */
  readonly columnCount: number | null
}

export interface DryRunOptions extends Remaining {
  readonly sql: string
  readonly subject: Subject
  /** Whether it is about the default dataset: that has to be where it runs. */
  readonly inDataset?: boolean
}

/** By which jobs are found in the project's history. */
export const labels = { application: 'patchbay' } as const

/** What every statement runs with. */
export const statementSettings = (session: BigquerySession): Pick<QueryRequest, 'defaultDataset'> => {
  const { defaultDataset: datasetId } = session.config
  return datasetId === undefined ? {} : { defaultDataset: { projectId: dataProjectOf(session.config), datasetId } }
}

/**
 * Has BigQuery look at a statement without running it, which costs nothing and makes no job. Throws `HttpCallError`, and the
 * signal's reason when that aborts.
 */
export async function dryRun(
  session: BigquerySession,
  { sql, subject, inDataset = true, ...remaining }: DryRunOptions,
): Promise<DryRun> {
  const { projectId, location } = session.config
  const configuration: JobConfiguration = {
    dryRun: true,
    labels,
    query: { query: sql, useLegacySql: false, ...(inDataset && statementSettings(session)) },
  }
  const json = { configuration, ...(location !== undefined && { jobReference: { projectId, location } }) }
  const answer = await patiently({ ...remaining, tries: 3 }, () =>
    session.ask({
      method: 'POST',
      path: `${projectPath(projectId)}/jobs`,
      // The types of the API allow what JSON has no value for; nothing here makes use of it.
      json: json as never,
      use: 'JOBS',
      subject,
      maxBytes: maxAnswerBytes,
      ...budgetOf(remaining),
    }),
  )
  assertDone(session, answer, subject)
  return readDryRun(session, answer)
}

/** What is wrong with a statement is told instead of an answer; of a job it would be told within one. Throws `GoogleCallError`. */
function assertDone({ config }: BigquerySession, { status }: JsonRecord, subject: Subject): void {
  const error = isRecord(status) ? status['errorResult'] : undefined
  if (!isRecord(error)) return
  const refusal = readJobError(error)
  throw new GoogleCallError(classifyRefusal(refusal, { config, service: endpoints.bigquery, subject }), refusal)
}

/** It has the schema of the result, which may have ten thousand columns, and the statement once more. */
const maxAnswerBytes = 8 * 1_048_576

function readDryRun(session: BigquerySession, answer: JsonRecord): DryRun {
  const { statistics, jobReference } = answer as Pick<JobDescription, 'statistics' | 'jobReference'>
  const query = isRecord(statistics) && isRecord(statistics.query) ? statistics.query : undefined
  const bytes = String(query?.totalBytesProcessed ?? statistics?.totalBytesProcessed ?? '')
  if (!/^\d{1,19}$/.test(bytes)) throw session.violation('it does not tell how much a statement would read')
  const fields = query?.schema?.fields
  const location = isRecord(jobReference) ? jobReference.location : undefined
  return {
    statementType: typeof query?.statementType === 'string' ? query.statementType : '',
    bytes: BigInt(bytes),
    location: typeof location === 'string' && location !== '' ? location : null,
    columnCount: Array.isArray(fields) ? fields.length : null,
  }
}
