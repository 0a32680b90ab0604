import type { CommonType, QueryContext, QueryEnd, ResultColumn, Row, RowSink } from '../define.ts'
import type { Problem } from '../problem.ts'
import type { SimulatorConfig } from './form.ts'
import { misbehave, wait } from './open.ts'
import { columnKinds } from './outcomes.ts'
import { simulatedProblem } from './problems.ts'
import type { SimulatorQuery } from './query-form.ts'
import { nativeTypes, valueAt } from './values.ts'

const everyKind = Object.keys(columnKinds) as readonly CommonType[]

/** Gives made-up rows batch by batch, and then whatever outcome the query asks for. */
export async function runQuery(
  config: SimulatorConfig,
  query: SimulatorQuery,
  { signal }: QueryContext,
  sink: RowSink,
): Promise<QueryEnd> {
  const budget = AbortSignal.timeout(config.previewBudgetMs)
  try {
    return await answer(config, query, AbortSignal.any([signal, budget]), sink)
  } catch (error) {
    signal.throwIfAborted()
    if (!budget.aborted) throw error
    const own = query.outcome === 'HANG' ? query.problem : undefined
    return { kind: 'PROBLEM', problem: queryProblem(own ?? 'STATEMENT_TIMED_OUT', config, query) }
  }
}

async function answer(
  config: SimulatorConfig,
  query: SimulatorQuery,
  signal: AbortSignal,
  sink: RowSink,
): Promise<QueryEnd> {
  const columns = columnsOf(query)
  const isComplete = query.outcome === 'ROWS'
  const count = isComplete ? query.rows : Math.min(query.rows, query.afterRows)
  // What fails at once has no columns either.
  if (isComplete || count > 0) {
    await wait(count === 0 ? query.delayMs : 0, signal)
    sink.columns(columns)
  }
  for (let from = 0; from < count; from += query.batchRows) {
    await wait(query.delayMs, signal)
    const length = Math.min(query.batchRows, count - from)
    const rows = Array.from({ length }, (_, index) => rowAt(from + index, columns, query))
    if (!(await sink.rows(rows))) return { kind: 'COMPLETE', truncated: true }
  }
  switch (query.outcome) {
    case 'ROWS':
      return { kind: 'COMPLETE', truncated: false }
    case 'FAILED':
      await wait(count === 0 ? query.delayMs : 0, signal)
      return { kind: 'PROBLEM', problem: queryProblem(query.problem ?? 'QUERY_INVALID', config, query) }
    default:
      return misbehave(query.outcome, signal)
  }
}

export function columnsOf({
  columns,
  repeatColumns,
}: Pick<SimulatorQuery, 'repeatColumns'> & { readonly columns: readonly CommonType[] }): readonly ResultColumn[] {
  const kinds = columns.length === 0 ? everyKind : columns
  return Array.from({ length: repeatColumns }, () => kinds)
    .flat()
    .map((type, index) => ({ name: `${type.toLowerCase()}_${index + 1}`, nativeType: nativeTypes[type], type }))
}

const rowAt = (row: number, columns: readonly ResultColumn[], query: SimulatorQuery): Row =>
  columns.map(({ type }, column) => valueAt(type, row, column, query))

function queryProblem(code: Problem['code'], config: SimulatorConfig, { detail }: SimulatorQuery): Problem {
  const seconds = config.previewBudgetMs / 1_000
  return simulatedProblem(code, config, { detail: detail ?? null, fields: ['outcome'], seconds })
}
