import { isRecord } from '../form-tree-walk.ts'
import { SnowflakeRefusalError } from './refusal.ts'

/** As Snowflake describes a column of a result. */
export interface ColumnInfo {
  readonly name: string
  /** `fixed`, `text`, `timestamp_tz`. */
  readonly type: string
  /** What SQL calls it, where `type` only says how it is written: `GEOGRAPHY`. */
  readonly extended: string | null
  readonly precision: number
  readonly scale: number
}

/** A row as it is sent: everything is text. */
export type TextRow = readonly (string | null)[]

/** A part of a result that lies in the cloud's storage. */
export interface ResultChunk {
  readonly url: string
  readonly rowCount: number
}

/** What a statement has come to. */
export interface ResultAnswer {
  readonly queryId: string
  /** What kind of statement it was; null when that is not told. */
  readonly statementTypeId: number | null
  readonly columns: readonly ColumnInfo[]
  readonly rows: readonly TextRow[]
  readonly chunks: readonly ResultChunk[]
  /** What is to be sent along when a chunk is fetched. */
  readonly chunkHeaders: Readonly<Record<string, string>>
  /** The session as it is now. */
  readonly role: string | null
  readonly warehouse: string | null
  readonly database: string | null
  readonly schema: string | null
}

/** The answer is none that Snowflake gives. `fault` completes "does not keep to the protocol: ". */
export class AnswerFaultError extends Error {
  readonly fault: string

  constructor(fault: string) {
    super(fault)
    this.name = 'AnswerFaultError'
    this.fault = fault
  }
}

/** Every answer of Snowflake's, whatever was asked. */
export interface Envelope {
  readonly success: boolean
  readonly code: string
  readonly message: string
  readonly data: Readonly<Record<string, unknown>>
}

export function readEnvelope(json: unknown): Envelope {
  if (!isRecord(json) || typeof json['success'] !== 'boolean')
    throw new AnswerFaultError('its answer is none of its own')
  const { success, code, message, data } = json
  return {
    success,
    code: typeof code === 'string' || typeof code === 'number' ? String(code) : '',
    message: typeof message === 'string' ? message : '',
    data: isRecord(data) ? data : {},
  }
}

export function refusalOf({ code, message, data }: Envelope, status: number): SnowflakeRefusalError {
  return new SnowflakeRefusalError({
    code,
    status,
    sqlState: textOf(data['sqlState']) ?? '',
    queryId: textOf(data['queryId']),
    message: message.replace(/^SQL compilation error:\s*/i, '') || `HTTP ${status}`,
  })
}

export function readResult(data: Envelope['data']): ResultAnswer {
  const format = textOf(data['queryResultFormat']) ?? 'json'
  if (format !== 'json') throw new AnswerFaultError('its result is not JSON')
  const columns = listOf(data['rowtype'], 'columns').map(columnOf)
  const typeId = data['statementTypeId']
  return {
    queryId: textOf(data['queryId']) ?? '',
    statementTypeId: typeof typeId === 'number' && Number.isInteger(typeId) ? typeId : null,
    columns,
    rows: listOf(data['rowset'] ?? [], 'rows').map(row => readRow(row, columns.length)),
    chunks: listOf(data['chunks'] ?? [], 'parts').map(chunkOf),
    chunkHeaders: headersOf(data),
    role: textOf(data['finalRoleName']),
    warehouse: textOf(data['finalWarehouseName']),
    database: textOf(data['finalDatabaseName']),
    schema: textOf(data['finalSchemaName']),
  }
}

/** Throws for what is no row of so many columns. */
export function readRow(row: unknown, width: number): TextRow {
  if (!Array.isArray(row) || row.length !== width) {
    throw new AnswerFaultError('it sent a row with another number of values than columns')
  }
  return row.map(textOrNull)
}

/** Numbers and booleans come as text, too; what some answers have instead says the same. */
function textOrNull(value: unknown): string | null {
  if (value === null || typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number' && isExact(value)) return String(value)
  throw new AnswerFaultError('it sent a value that is no text')
}

/** JSON that has been read does not tell any more what it has rounded. */
const isExact = (value: number): boolean =>
  Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value)

function columnOf(column: unknown): ColumnInfo {
  const { name, type, extTypeName, precision, scale } = isRecord(column) ? column : {}
  if (typeof name !== 'string' || typeof type !== 'string') {
    throw new AnswerFaultError('its result has a column without name or type')
  }
  return {
    name,
    type: type.toLowerCase(),
    extended: textOf(extTypeName),
    precision: Number(precision ?? 0),
    scale: Number(scale ?? 0),
  }
}

function chunkOf(chunk: unknown): ResultChunk {
  const { url, rowCount } = isRecord(chunk) ? chunk : {}
  if (typeof url !== 'string' || typeof rowCount !== 'number' || !(rowCount >= 0)) {
    throw new AnswerFaultError('a part of its result has no address')
  }
  return { url, rowCount }
}

/** Storage of AWS, Azure and Google wants the key of what it has encrypted. Nothing else is sent there. */
const keyHeader = /^x-(?:amz-server-side-encryption-customer|ms-encryption|goog-encryption)-[a-z0-9-]+$/i

function headersOf({ chunkHeaders, qrmk }: Envelope['data']): Readonly<Record<string, string>> {
  if (isRecord(chunkHeaders)) {
    return Object.fromEntries(
      Object.entries(chunkHeaders).filter(
        (entry): entry is [string, string] => keyHeader.test(entry[0]) && isHeaderValue(entry[1]),
      ),
    )
  }
  if (!isHeaderValue(qrmk)) return {}
  return {
    'x-amz-server-side-encryption-customer-algorithm': 'AES256',
    'x-amz-server-side-encryption-customer-key': qrmk,
  }
}

const isHeaderValue = (value: unknown): value is string =>
  typeof value === 'string' && /^[\x21-\x7e]{1,1000}$/.test(value)

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new AnswerFaultError(`its result has no ${what}`)
  return value
}
