import type { BigquerySession, JsonRecord } from './open.ts'

/** What a page is aimed at: rows may be small or large. BigQuery sends no more than 10 MB of them at once. */
const pageBytes = 2 * 1_048_576
const maxPageRows = 20_000
const firstPageRows = 1_000
/** What a page of that many may come to, with the words of JSON around each value. */
export const maxPageBytes = 32 * 1_048_576
/** Pages without rows that have another after them. */
const maxEmptyPages = 20
/** As many rows as tell how large the others are. */
const sampleRows = 20

/** How many rows the first page is to have, when so many are wanted. One more tells that there are more. */
export const firstPageSize = (maxRows: number): number => Math.min(firstPageRows, maxRows + 1)

export interface PageQuestion {
  readonly pageToken: string | undefined
  readonly maxResults: number
}

/**
 * The rows of an answer and of those after it, each asked for when it is wanted. Throws `HttpCallError`, and the signal's
 * reason when that aborts.
 */
export async function* rowPages(
  session: BigquerySession,
  first: JsonRecord,
  firstSize: number,
  ask: (page: PageQuestion) => Promise<JsonRecord>,
): AsyncGenerator<readonly unknown[]> {
  let answer = first
  let maxResults = firstSize
  let emptyPages = 0
  for (let before: string | undefined; ; ) {
    const rows = rowsOf(session, answer)
    yield rows
    const pageToken = tokenOf(answer)
    if (pageToken === undefined) return
    emptyPages = rows.length === 0 ? emptyPages + 1 : 0
    if (pageToken === before || emptyPages > maxEmptyPages) throw session.violation('its result has no end')
    before = pageToken
    maxResults = nextSize(rows, maxResults)
    answer = await ask({ pageToken, maxResults })
  }
}

function rowsOf(session: BigquerySession, { rows = [] }: JsonRecord): readonly unknown[] {
  if (!Array.isArray(rows)) throw session.violation('its rows are no list')
  return rows
}

const tokenOf = ({ pageToken }: JsonRecord): string | undefined =>
  typeof pageToken === 'string' && pageToken !== '' ? pageToken : undefined

/** So that a page is neither a request for little nor a lot at once. */
function nextSize(rows: readonly unknown[], size: number): number {
  const sample = rows.slice(0, sampleRows)
  if (sample.length === 0) return size
  const bytes = JSON.stringify(sample).length / sample.length
  return Math.max(1, Math.min(maxPageRows, Math.floor(pageBytes / bytes)))
}
