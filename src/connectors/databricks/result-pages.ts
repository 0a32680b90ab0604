import type { Remaining } from '../cloud/remaining.ts'
import type { Meaning } from './meanings.ts'
import { meant } from './meanings.ts'
import type { Workspace } from './open.ts'
import { DatabricksError } from './problems.ts'
import { asTooLarge, type Operation, pageBytes, type SqlSession } from './sql-session.ts'
import { int64, Orientation, type ResultMetadata, RowSetType, type ThriftReply, thriftTypes } from './thrift.ts'
import { type ColumnInfo, columnsOf, type PackedValues, packedValues } from './values.ts'

/** A hostile server could name more. */
const maxColumns = 4_096
const maxPageRows = 10_000
/** Rows may be large: the first pages are small until that is known. */
export const firstPageRows = 200
/** Pages without rows that have another after them. */
const maxEmptyPages = 20

export interface ResultPage {
  readonly columns: readonly ColumnInfo[]
  readonly values: readonly PackedValues[]
  readonly rowCount: number
}

/**
 * The pages of a result, of which there is at least one where it has columns, each asked for when it is wanted. Throws as
 * `SqlSession.open`.
 */
export async function* resultPages(
  workspace: Workspace,
  session: SqlSession,
  operation: Operation,
  { rows: wanted, ...remaining }: Remaining & { readonly rows: number },
): AsyncGenerator<ResultPage> {
  const columns = await describe(workspace, session, operation, remaining)
  let page = operation.firstPage
  let size = Math.min(firstPageRows, wanted)
  let read = 0
  let emptyPages = 0
  for (;;) {
    page ??= await fetchPage(workspace, session, operation, {
      ...remaining,
      size,
      isFirst: read === 0 && emptyPages === 0,
    })
    const values = valuesOf(workspace, page, columns)
    const rowCount = values[0]?.values.length ?? 0
    yield { columns, values, rowCount }
    read += rowCount
    emptyPages = rowCount === 0 ? emptyPages + 1 : 0
    if (page.hasMoreRows !== true || read >= wanted) return
    if (emptyPages > maxEmptyPages) throw workspace.violation('its result has no end')
    size = Math.min(nextSize(values, rowCount, size), wanted - read)
    page = undefined
  }
}

async function describe(
  workspace: Workspace,
  session: SqlSession,
  { handle, metadata: known }: Operation,
  remaining: Remaining,
): Promise<readonly ColumnInfo[]> {
  const request = new thriftTypes.TGetResultSetMetadataReq({ operationHandle: handle })
  const metadata = known ?? (await session.ask('GetResultSetMetadata', request, remaining))
  if (metadata.resultFormat !== RowSetType.COLUMN_BASED_SET || metadata.lz4Compressed === true) {
    throw workspace.violation('it sends its result in a form that nobody asked for')
  }
  const refused = refusalOf(metadata, workspace)
  if (refused) throw new DatabricksError(meant(workspace, refused))
  const columns = columnsOf(metadata)
  if (!columns) throw workspace.violation('it does not say what its columns are')
  if (columns.length > maxColumns) {
    throw new DatabricksError(
      meant(workspace, { code: 'RESULT_TOO_LARGE', params: { limit: `${maxColumns} columns` } }),
    )
  }
  return columns
}

/** Statements that move files ask the client to do that. */
const refusalOf = ({ isStagingOperation }: ResultMetadata, { statementFields: fields }: Workspace): Meaning | null =>
  isStagingOperation === true ? { code: 'QUERY_NOT_READ_ONLY', params: { reason: 'moves files' }, fields } : null

interface PageQuestion extends Remaining {
  readonly size: number
  readonly isFirst: boolean
}

async function fetchPage(
  workspace: Workspace,
  session: SqlSession,
  { handle }: Operation,
  { size, isFirst, ...remaining }: PageQuestion,
): Promise<ThriftReply<'FetchResults'>> {
  const request = new thriftTypes.TFetchResultsReq({
    operationHandle: handle,
    orientation: isFirst ? Orientation.FETCH_FIRST : Orientation.FETCH_NEXT,
    maxRows: int64(size),
    maxBytes: int64(pageBytes),
    fetchType: 0,
  })
  try {
    return await session.ask('FetchResults', request, remaining)
  } catch (error) {
    throw asTooLarge(workspace, error, size)
  }
}

function valuesOf(
  workspace: Workspace,
  { results }: ThriftReply<'FetchResults'>,
  columns: readonly ColumnInfo[],
): readonly PackedValues[] {
  if ((results?.resultLinks?.length ?? 0) > 0 || (results?.arrowBatches?.length ?? 0) > 0) {
    throw workspace.violation('it sends its result in a form that nobody asked for')
  }
  const packed = results?.columns ?? []
  if (packed.length === 0) return columns.map(() => ({ values: [], nulls: Buffer.alloc(0) }))
  const values = packed.map((column, index) => packedValues(column, columns[index])).filter(found => found !== null)
  const isEven = values.every(found => found.values.length === values[0]?.values.length)
  if (values.length !== columns.length || !isEven) throw workspace.violation('its rows do not fit their columns')
  return values
}

/** So that a page is neither a request for little nor a lot at once. */
function nextSize(columns: readonly PackedValues[], rowCount: number, size: number): number {
  if (rowCount === 0) return size
  const bytes = columns.reduce(
    (sum, { values }) => sum + values.reduce<number>((part, value) => part + sizeOf(value), 0),
    0,
  )
  return Math.max(1, Math.min(maxPageRows, Math.floor((pageBytes * rowCount) / Math.max(1, bytes) / 2)))
}

const sizeOf = (value: unknown): number => (typeof value === 'string' || Buffer.isBuffer(value) ? value.length + 5 : 8)
