import type { Document } from 'mongodb'
import type { JsonValue } from '../json.ts'
import { type Problem, problem } from '../problem.ts'
import { fromExtendedJson } from './extended-json.ts'
import { readJson } from './json-text.ts'
import { RefusedQueryError } from './query-errors.ts'
import type { MongodbQuery } from './query-form.ts'
import { documentRefusal, pipelineRefusal } from './read-only-query.ts'

/** A dataset's query as the driver takes it. */
export type QueryCommand =
  | {
      readonly kind: 'FIND'
      readonly filter: Document
      readonly projection: Document | null
      readonly sort: Document | null
    }
  | { readonly kind: 'PIPELINE'; readonly stages: readonly Document[] }

export type ReadQuery =
  | { readonly kind: 'COMMAND'; readonly command: QueryCommand }
  | { readonly kind: 'REFUSED'; readonly problem: Problem }

/** Reads and judges a query's texts: what was judged is what will be sent. Nothing is asked of the server. */
export function readQuery({ operation }: MongodbQuery): ReadQuery {
  try {
    if (operation.pipeline) {
      const stages = judged(operation.pipeline.stages, 'operation.pipeline.stages', pipelineRefusal)
      return { kind: 'COMMAND', command: { kind: 'PIPELINE', stages: stages as unknown as Document[] } }
    }
    const { filter, projection, sort } = operation.find
    const path = (name: string) => `operation.find.${name}`
    const optional = (text: string | undefined, name: string) =>
      text === undefined ? null : judged(text, path(name), documentRefusal)
    return {
      kind: 'COMMAND',
      command: {
        kind: 'FIND',
        filter: judged(filter, path('filter'), documentRefusal),
        projection: optional(projection, 'projection'),
        sort: optional(sort, 'sort'),
      },
    }
  } catch (error) {
    if (error instanceof RefusedQueryError) return { kind: 'REFUSED', problem: error.problem }
    throw error
  }
}

/** Throws `RefusedQueryError`. */
function judged(text: string, field: string, refusalOf: (value: JsonValue) => string | null): Document {
  const fields = [field]
  const read = readJson(text)
  // The form has seen to it; a saved one may be older than the form.
  if (read.kind === 'ISSUE') throw new RefusedQueryError(problem('QUERY_MALFORMED', { detail: read.message, fields }))
  const reason = refusalOf(read.value)
  if (reason !== null) throw new RefusedQueryError(problem('QUERY_NOT_READ_ONLY', { params: { reason }, fields }))
  try {
    return fromExtendedJson(read.value) as Document
  } catch (error) {
    const { message } = error as Error
    throw new RefusedQueryError(problem('QUERY_MALFORMED', { detail: message, fields }))
  }
}
