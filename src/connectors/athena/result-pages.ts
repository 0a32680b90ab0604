import { type Datum, GetQueryResultsCommand, type ResultSet } from '@aws-sdk/client-athena'
import { IncompleteAnswerError } from '../aws/problems.ts'
import { AwsCallError } from '../aws/service.ts'
import { patiently } from '../cloud/patiently.ts'
import { ByteLimitError, ProtocolFaultError } from '../session/protocol-fault.ts'
import type { AthenaSession } from './open.ts'
import type { EndedQuery } from './statement.ts'
import type { ColumnInfo } from './values.ts'

/** Of Athena, and what a page is aimed at: rows may be small or large. */
const maxPageRows = 1_000
const pageBytes = 2 * 1_048_576
/** A page is written to be read; one call does nothing else. */
const pageBudgetMs = 30_000
/** Pages without rows that have another after them. */
const maxEmptyPages = 20

export type TextRow = readonly (string | null)[]

export interface ResultPage {
  readonly columns: readonly ColumnInfo[]
  readonly rows: readonly TextRow[]
}

export interface PagesOptions {
  readonly signal: AbortSignal
  /** How many rows are wanted, as far as that is known. */
  readonly rows: number
  /** For one page. */
  readonly budgetMs?: number
}

/**
 * The pages of a result, of which there is at least one, each asked for when it is wanted. Throws `AwsCallError`, and the
 * signal's reason when that aborts.
 */
export async function* resultPages(
  session: AthenaSession,
  query: EndedQuery,
  { signal, rows, budgetMs = pageBudgetMs }: PagesOptions,
): AsyncGenerator<ResultPage> {
  let token: string | undefined
  let columns: readonly ColumnInfo[] | null = null
  let emptyPages = 0
  // With the row of names that may come first.
  let size = Math.min(maxPageRows, rows + 1)
  do {
    const page: Page = await askPage(session, query, { token, size, signal, budgetMs })
    columns ??= page.columns
    const { texts } = page
    const named = token === undefined && isHeader(texts[0], columns, query) ? texts.slice(1) : texts
    yield { columns, rows: fittedRows(session, named, columns.length, query) }
    emptyPages = texts.length === 0 ? emptyPages + 1 : 0
    const isEndless = emptyPages > maxEmptyPages || (token !== undefined && page.next === token)
    if (isEndless) throw session.failure(new ProtocolFaultError('its result has no end'), question)
    size = nextSize(texts, page.size)
    token = page.next
  } while (token !== undefined)
}

const question = { action: 'GetQueryResults', field: 'workgroup' } as const

interface Page {
  readonly columns: readonly ColumnInfo[]
  readonly texts: readonly TextRow[]
  readonly next: string | undefined
  /** How many rows were asked for. */
  readonly size: number
}

interface PageQuestion extends Required<Pick<PagesOptions, 'signal' | 'budgetMs'>> {
  readonly token: string | undefined
  readonly size: number
}

/** A page that is too large at once is asked for in smaller ones. */
async function askPage(session: AthenaSession, query: EndedQuery, wanted: PageQuestion): Promise<Page> {
  const { token, size, signal, budgetMs } = wanted
  const until = performance.now() + budgetMs
  try {
    return await patiently({ signal, until, tries: 5 }, () =>
      session.ask(
        { ...question, signal, budgetMs: Math.max(1, until - performance.now()) },
        async (client, options) => {
          const command = new GetQueryResultsCommand({ QueryExecutionId: query.id, NextToken: token, MaxResults: size })
          const { ResultSet: set, NextToken } = await client.send(command, options)
          return { columns: columnsOf(set), texts: textsOf(set), next: NextToken || undefined, size }
        },
      ),
    )
  } catch (error) {
    if (!(error instanceof AwsCallError && error.cause instanceof ByteLimitError)) throw error
    // Athena has no row that were too large alone.
    if (size === 1) throw error
    return askPage(session, query, { ...wanted, size: Math.ceil(size / 20) })
  }
}

/** The SDK passes on whatever stands in the place of what it expects. */
function listOf<T>(value: readonly T[] | undefined, missing: string): readonly T[] {
  if (!Array.isArray(value)) throw new IncompleteAnswerError(missing)
  return value
}

const columnsOf = (set: ResultSet | undefined): ColumnInfo[] =>
  listOf(set?.ResultSetMetadata?.ColumnInfo, 'columns').map(info => {
    const { Name: name, Type: type, Precision, Scale } = info ?? {}
    if (typeof name !== 'string' || typeof type !== 'string')
      throw new IncompleteAnswerError('name or type of a column')
    return { name, type: type.toLowerCase(), precision: Number(Precision ?? 0), scale: Number(Scale ?? 0) }
  })

const textsOf = (set: ResultSet | undefined): TextRow[] =>
  listOf(set?.Rows, 'rows').map(row => listOf(row?.Data, 'values').map(textOf))

/** What is left out is NULL; an empty text is there, and empty. */
function textOf(datum: Datum): string | null {
  const { VarCharValue: text = null } = datum ?? {}
  if (text !== null && typeof text !== 'string') throw new IncompleteAnswerError('text for a value')
  return text
}

/**
 * Whether the row is the columns' names: the first of what SELECT and EXPLAIN (DML to Athena) and SHOW FUNCTIONS answer,
 * and of nothing else. No document says so; measured on Athena by https://github.com/aoyagikouhei/athena-local
 * (docs/api.md), and so do its drivers: https://github.com/uber/athenadriver (resources/UndocumentedAthena.md).
 */
function isHeader(row: TextRow | undefined, columns: readonly ColumnInfo[], { execution }: EndedQuery): boolean {
  const mayBe = execution.StatementType !== 'UTILITY' || execution.SubstatementType === 'SHOW_FUNCTIONS'
  return mayBe && row?.length === columns.length && columns.every(({ name }, index) => name === row[index])
}

/** What DESCRIBE answers is one text a row, in which the columns are between tabs and filled with spaces. */
function fittedRows(
  session: AthenaSession,
  rows: readonly TextRow[],
  width: number,
  { execution }: EndedQuery,
): TextRow[] {
  const isTabbed = execution.StatementType === 'UTILITY' && width > 1
  return rows.map(row => {
    if (row.length === width) return row
    if (!isTabbed || row.length !== 1) {
      throw session.failure(
        new ProtocolFaultError('it sent a row with another number of values than columns'),
        question,
      )
    }
    const parts = (row[0] ?? '').split('\t').map(part => part.trimEnd())
    return Array.from({ length: width }, (_, index) => parts[index] ?? '')
  })
}

/** So that a page is neither a request for little nor a lot at once. */
function nextSize(rows: readonly TextRow[], size: number): number {
  if (rows.length === 0) return size
  const bytes = rows.reduce((sum, row) => sum + row.reduce((length, text) => length + (text?.length ?? 0) + 30, 0), 0)
  return Math.max(1, Math.min(maxPageRows, Math.floor((pageBytes * rows.length) / bytes)))
}
