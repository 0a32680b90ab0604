import type { Remaining } from '../cloud/remaining.ts'
import type { Workspace } from './open.ts'
import { resultPages } from './result-pages.ts'
import type { SqlSession } from './sql-session.ts'
import { decoderOf, isNull } from './values.ts'

export interface Answer {
  /** As the query history has it. */
  readonly id: string
  readonly columnCount: number
  /** The first ones, each value as text. */
  readonly rows: readonly (readonly (string | null)[])[]
}

/** Runs a statement of ours, and reads the first page of what comes of it. Throws as `SqlSession.run`. */
export async function answerOf(
  workspace: Workspace,
  session: SqlSession,
  text: string,
  { rows, seconds, ...remaining }: Remaining & { readonly rows: number; readonly seconds: number },
): Promise<Answer> {
  const late = { code: 'STEP_TIMED_OUT' as const, params: { seconds } }
  const operation = await session.run({ ...remaining, text, rows, firstRows: rows, late })
  if (!operation.hasResult) return { id: operation.id, columnCount: 0, rows: [] }
  for await (const page of resultPages(workspace, session, operation, { ...remaining, rows })) {
    const decoders = page.columns.map(decoderOf)
    const texts = Array.from({ length: page.rowCount }, (_, row) =>
      page.values.map(({ values, nulls }, index) => {
        const value = isNull(nulls, row) ? null : (decoders[index]?.(values[row]) ?? null)
        return typeof value === 'string' || value === null ? value : JSON.stringify(value)
      }),
    )
    return { id: operation.id, columnCount: page.columns.length, rows: texts }
  }
  return { id: operation.id, columnCount: 0, rows: [] }
}
