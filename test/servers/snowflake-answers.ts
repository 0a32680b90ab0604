import { randomBytes } from 'node:crypto'
import type { SnowflakeColumn } from './snowflake-account.ts'
import { limited, rowAt, type SnowflakeOutcome } from './snowflake-outcome.ts'
import type { SnowflakeQuery } from './snowflake-query.ts'
import type { SnowflakeRefusalError } from './snowflake-refusal.ts'
import type { SnowflakeSession } from './snowflake-session.ts'
import type { SnowflakeStorage } from './snowflake-storage.ts'

/** Every answer has this shape, and HTTP's status 200. */
export interface SnowflakeAnswer {
  readonly data: unknown
  readonly code: string | null
  readonly message: string | null
  readonly success: boolean
}

export const succeeded = (
  data: unknown,
  code: string | null = null,
  message: string | null = null,
): SnowflakeAnswer => ({
  ...{ data, code, message, success: true },
})

export const refused = ({ code, message, sqlState }: SnowflakeRefusalError, queryId?: string): SnowflakeAnswer => ({
  data:
    queryId === undefined
      ? { nextAction: 'RETRY_LOGIN', pwdLastSetTime: null }
      : {
          ...{ internalError: false, errorCode: code, age: 0, sqlState, queryId, line: -1, pos: -1 },
          type: /compilation/.test(message) ? 'COMPILATION' : 'SQL',
        },
  ...{ code, message, success: false },
})

/** Of the session, as clients are told when they have signed in and with each result. */
const serverParameters: Readonly<Record<string, unknown>> = {
  CLIENT_TELEMETRY_ENABLED: true,
  CLIENT_SESSION_KEEP_ALIVE: false,
  CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY: 3600,
  CLIENT_STAGE_ARRAY_BINDING_THRESHOLD: 65280,
  CLIENT_PREFETCH_THREADS: 4,
  CLIENT_RESULT_CHUNK_SIZE: 160,
  QUERY_CONTEXT_CACHE_SIZE: 5,
  SERVICE_NAME: '',
  JS_TREAT_INTEGER_AS_BIGINT: false,
  TIMEZONE: 'America/Los_Angeles',
  DATE_OUTPUT_FORMAT: 'YYYY-MM-DD',
  TIME_OUTPUT_FORMAT: 'HH24:MI:SS',
  TIMESTAMP_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM',
  TIMESTAMP_NTZ_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3',
  TIMESTAMP_LTZ_OUTPUT_FORMAT: '',
  TIMESTAMP_TZ_OUTPUT_FORMAT: '',
  BINARY_OUTPUT_FORMAT: 'HEX',
}

export const parametersOf = (session: SnowflakeSession, more: Readonly<Record<string, unknown>> = {}) =>
  Object.entries({ ...serverParameters, ...Object.fromEntries(session.parameters), ...more }).map(([name, value]) => ({
    name,
    value,
  }))

const rowType = ({ name, type, scale, precision, length, extended }: SnowflakeColumn) => ({
  ...{ name, database: '', schema: '', table: '', nullable: true, type, scale: scale ?? null },
  ...{ precision: precision ?? null, length: length ?? null, byteLength: length ?? null, collation: null },
  ...(extended !== undefined && { extTypeName: extended }),
  ...(type === 'vector' && { vectorDimension: 3, fields: [{ type: 'real', nullable: true }] }),
})

export interface ResultParts {
  /** Rows in the answer itself, and in each of the parts that are fetched apart. */
  readonly inlineRows: number
  readonly chunkRows: number
  readonly storage: SnowflakeStorage | undefined
}

/** The answer to a statement that has succeeded. */
export function resultOf(query: SnowflakeQuery, outcome: SnowflakeOutcome, parts: ResultParts): object {
  const { session, describeOnly } = query
  const found = describeOnly ? 0 : outcome.rows.length
  const most = Number(query.parameters['ROWS_PER_RESULTSET'] ?? session.parameters.get('ROWS_PER_RESULTSET') ?? 0)
  const total = most > 0 ? Math.min(found, most) : found
  const inline = parts.storage ? Math.min(total, parts.inlineRows) : total
  return {
    parameters: parametersOf(session, query.parameters),
    rowtype: outcome.columns.map(rowType),
    rowset: Array.from({ length: inline }, (_, index) => rowAt(outcome.rows, index)),
    ...{ total: found, returned: total, queryId: query.id, databaseProvider: null },
    ...{ finalDatabaseName: session.database, finalSchemaName: session.schema },
    ...{ finalWarehouseName: session.warehouse, finalRoleName: session.role },
    ...{ numberOfBinds: 0, arrayBindSupported: false, statementTypeId: outcome.typeId, version: 1 },
    ...{ sendResultTime: Date.now(), queryResultFormat: 'json', queryContext: { entries: [] } },
    ...(total > inline &&
      parts.storage &&
      chunked({ ...outcome, rows: limited(outcome.rows, total) }, inline, { ...parts, storage: parts.storage })),
  }
}

function chunked(
  { rows }: SnowflakeOutcome,
  from: number,
  { storage, chunkRows }: ResultParts & { readonly storage: SnowflakeStorage },
): object {
  const key = randomBytes(32).toString('base64')
  const starts = Array.from({ length: Math.ceil((rows.length - from) / chunkRows) }, (_, nth) => from + nth * chunkRows)
  const chunks = starts.map(start => {
    const rowCount = Math.min(chunkRows, rows.length - start)
    const body = () =>
      Array.from({ length: rowCount }, (_, index) => JSON.stringify(rowAt(rows, start + index))).join(',\n')
    return { url: storage.put(key, body), rowCount, uncompressedSize: rowCount * 10, compressedSize: rowCount * 4 }
  })
  return { qrmk: key, chunks }
}
