import type { AthenaCatalog, AthenaColumn, AthenaTable } from './athena-catalog.ts'

/** How a query ends, and what it gives. */
export interface AthenaOutcome {
  readonly columns?: readonly AthenaColumn[]
  readonly rows?: readonly (readonly (string | null)[])[]
  readonly statementType?: 'DML' | 'DDL' | 'UTILITY'
  readonly substatementType?: string | null
  readonly bytesScanned?: number
  /** Why it ends as FAILED, in Athena's words. */
  readonly failure?: string
  /** 1 for Athena itself, 2 for whoever asks, 3 for anything else. */
  readonly errorCategory?: 1 | 2 | 3
  readonly errorType?: number
  readonly retryable?: boolean
  /** Why it ends as CANCELLED though nobody has stopped it. */
  readonly cancelled?: string
  /** What reading it needs, as policies call it. */
  readonly reads?: readonly { readonly action: string; readonly resource: string }[]
}

/** What is refused before it becomes a query. */
export interface AthenaRefusal {
  readonly refused: string
}

const name = String.raw`(?:"(?:[^"]|"")+"|[a-z_][\w$]*)`
const fromTable = new RegExp(
  String.raw`^select\s+(?<list>.+?)\s+from\s+(?<table>${name}(?:\s*\.\s*${name}){0,2})(?:\s+limit\s+(?<limit>\d+))?$`,
  'is',
)

const unquoted = (text: string) =>
  text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text.trim().toLowerCase()

const namesIn = (text: string, separator: '.' | ',') =>
  [...text.matchAll(new RegExp(`\\s*(${name})\\s*(?:\\${separator}|$)`, 'gis'))].map(([, found = '']) =>
    unquoted(found),
  )

export interface StatementContext {
  readonly catalogs: Readonly<Record<string, AthenaCatalog>>
  readonly catalog: string
  readonly database: string | undefined
  readonly glueArn: (kind: 'catalog' | 'database' | 'table', ...names: string[]) => string
}

/** What comes of a statement. Only few are understood. */
export function outcomeOf(sql: string, context: StatementContext): AthenaOutcome | AthenaRefusal {
  const text = sql.trim().replace(/;\s*$/, '')
  const [, verb = ''] = /^\(?\s*([a-z]+)/i.exec(text) ?? []
  switch (verb.toLowerCase()) {
    case 'select':
      return selected(text, context)
    case 'explain':
      return {
        columns: [{ name: 'Query Plan', type: 'varchar' }],
        rows: [['- Output']],
        ...utility('EXPLAIN'),
        statementType: 'DML',
      }
    case 'show':
      return { columns: [{ name: 'database_name', type: 'string' }], rows: databasesIn(context), ...utility('SHOW') }
    case 'describe':
      return { columns: [{ name: 'col_name', type: 'string' }], rows: [['id\tint\t']], ...utility('DESCRIBE') }
    case 'insert':
      return { statementType: 'DML', substatementType: 'INSERT', bytesScanned: 0 }
    case 'create':
      return { statementType: 'DDL', substatementType: 'CREATE_TABLE', bytesScanned: 0 }
    default:
      return {
        refused: `line 1:1: mismatched input '${verb || text.slice(0, 10)}'. Expecting: 'ALTER', 'ANALYZE', <query>`,
      }
  }
}

const utility = (substatementType: string) => ({ statementType: 'UTILITY', substatementType, bytesScanned: 0 }) as const

const databasesIn = ({ catalogs, catalog }: StatementContext) =>
  Object.keys(catalogs[catalog]?.databases ?? {}).map(database => [database])

const failed = (failure: string): AthenaOutcome => ({ failure, errorCategory: 2, errorType: 1_301, bytesScanned: 0 })

function selected(text: string, context: StatementContext): AthenaOutcome {
  const { list = '', table = '', limit } = fromTable.exec(text)?.groups ?? {}
  if (table === '') return withoutTable(text)
  const names = namesIn(table, '.')
  const tableName = names.at(-1) ?? ''
  const database = names.at(-2) ?? context.database ?? 'default'
  const catalogName = names.at(-3) ?? context.catalog
  const catalog = Object.entries(context.catalogs).find(([key]) => key.toLowerCase() === catalogName.toLowerCase())
  const tables = catalog?.[1].databases[database.toLowerCase()]
  if (!tables) return failed(`SCHEMA_NOT_FOUND: line 1:15: Schema '${database}' does not exist`)
  const found = tables[tableName.toLowerCase()]
  if (!found) {
    const full = `${catalogName}.${database}.${tableName}`.toLowerCase()
    return failed(`TABLE_NOT_FOUND: line 1:15: Table '${full}' does not exist`)
  }
  const take = limit === undefined ? Number.POSITIVE_INFINITY : Number(limit)
  const lambda = catalog?.[1].function
  if (lambda !== undefined)
    return readFrom(found, { list, take }, [{ action: 'lambda:InvokeFunction', resource: lambda }])
  return readFrom(found, { list, take }, [
    { action: 'glue:GetDatabase', resource: context.glueArn('database', database) },
    { action: 'glue:GetTable', resource: context.glueArn('table', database, tableName) },
    ...(take > 0
      ? [{ action: 's3:GetObject', resource: `arn:aws:s3:::sales-data/${database}/${tableName}/1.parquet` }]
      : []),
  ])
}

function withoutTable(text: string): AthenaOutcome {
  const [, digits] = /^select\s+(\d+)(?:\s+as\s+\S+)?(?:\s+limit\s+\d+)?$/i.exec(text) ?? []
  if (digits === undefined) return failed("line 1:8: Column 'nothing' cannot be resolved")
  return { columns: [{ name: '_col0', type: 'integer' }], rows: [[digits]], ...select, bytesScanned: 0 }
}

const select = { statementType: 'DML', substatementType: 'SELECT' } as const

function readFrom(
  { columns, partitionKeys = [], rows = [], bytes = 1_024, refuses }: AthenaTable,
  { list, take }: { readonly list: string; readonly take: number },
  reads: NonNullable<AthenaOutcome['reads']>,
): AthenaOutcome {
  const bytesScanned = take > 0 ? bytes : 0
  if (refuses !== undefined) return { failure: refuses, errorCategory: 2, errorType: 1_000, ...select, bytesScanned: 0 }
  const all = [...columns, ...partitionKeys]
  const taken = rows.slice(0, take === Number.POSITIVE_INFINITY ? undefined : take)
  if (list === '*') return { columns: all, rows: taken, reads, ...select, bytesScanned }
  if (/^\d+$/.test(list)) {
    return {
      columns: [{ name: '_col0', type: 'integer' }],
      rows: taken.map(() => [list]),
      reads,
      ...select,
      bytesScanned,
    }
  }
  const wanted = namesIn(list, ',')
  const at = wanted.map(each => all.findIndex(column => column.name.toLowerCase() === each.toLowerCase()))
  const missing = wanted[at.indexOf(-1)]
  if (missing !== undefined) return failed(`COLUMN_NOT_FOUND: line 1:8: Column '${missing}' cannot be resolved`)
  return {
    columns: at.map(index => all[index] as AthenaColumn),
    rows: taken.map(row => at.map(index => row[index] ?? null)),
    reads,
    ...select,
    bytesScanned,
  }
}
