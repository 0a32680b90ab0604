import {
  type BigQueryProjects,
  findDataset,
  findTable,
  locationOf,
  type TableReference,
  tableName,
} from './bigquery-data.ts'
import type { BigQueryField, BigQueryRow, BigQueryRows } from './bigquery-values.ts'
import { bigQueryRefusal } from './google-refusals.ts'

/** What a statement comes to. */
export interface BigQueryOutcome {
  readonly statementType: string
  readonly schema?: readonly BigQueryField[]
  readonly rows?: BigQueryRows
  readonly bytesProcessed?: number
  readonly referencedTables?: readonly TableReference[]
  /** What it would make or change. */
  readonly target?: TableReference
  readonly cacheHit?: boolean
}

export interface StatementContext {
  readonly projects: BigQueryProjects
  /** Of the job. */
  readonly projectId: string
  readonly defaultDataset: { readonly projectId: string; readonly datasetId: string } | undefined
}

/** By the words that statements begin with; the longest is the one. */
const statementTypes: readonly (readonly [RegExp, string])[] = [
  [/^(?:\(|select\b|with\b|from\b)/, 'SELECT'],
  [/^insert\b/, 'INSERT'],
  [/^update\b/, 'UPDATE'],
  [/^delete\b/, 'DELETE'],
  [/^merge\b/, 'MERGE'],
  [/^truncate\s+table\b/, 'TRUNCATE_TABLE'],
  [/^create\b.*?\btable\b.*\bas\s+(?:select|with|\()/s, 'CREATE_TABLE_AS_SELECT'],
  [/^create\b(?:\s+or\s+replace)?(?:\s+temp(?:orary)?)?\s+table\b/, 'CREATE_TABLE'],
  [/^create\b(?:\s+or\s+replace)?\s+view\b/, 'CREATE_VIEW'],
  [/^create\b(?:\s+or\s+replace)?\s+materialized\s+view\b/, 'CREATE_MATERIALIZED_VIEW'],
  [/^create\b.*?\bfunction\b/s, 'CREATE_FUNCTION'],
  [/^create\b.*?\bprocedure\b/s, 'CREATE_PROCEDURE'],
  [/^create\b.*?\bmodel\b/s, 'CREATE_MODEL'],
  [/^create\b.*?\bschema\b/s, 'CREATE_SCHEMA'],
  [/^drop\s+table\b/, 'DROP_TABLE'],
  [/^drop\s+view\b/, 'DROP_VIEW'],
  [/^drop\s+schema\b/, 'DROP_SCHEMA'],
  [/^alter\s+table\b/, 'ALTER_TABLE'],
  [/^alter\s+schema\b/, 'ALTER_SCHEMA'],
  [/^export\s+data\b/, 'EXPORT_DATA'],
  [/^load\s+data\b/, 'LOAD_DATA'],
  [/^call\b/, 'CALL'],
  [/^assert\b/, 'ASSERT'],
  [/^grant\b/, 'GRANT'],
  [/^revoke\b/, 'REVOKE'],
  [/^(?:begin|declare|set|if|loop|while|repeat|for|execute|commit|rollback|raise|return|case)\b/, 'SCRIPT'],
]

/** What BigQuery would take a statement for. Throws a refusal for what it could not read. */
export function outcomeOf(sql: string, context: StatementContext): BigQueryOutcome {
  const plain = withoutTexts(sql)
  const statements = plain.split(';').filter(part => part.trim() !== '')
  const text = plain.trim().replace(/;\s*$/, '').toLowerCase()
  if (text === '') throw syntaxError('Unexpected end of script', sql)
  if (statements.length > 1) return { statementType: 'SCRIPT' }
  const [, statementType] = statementTypes.find(([pattern]) => pattern.test(text)) ?? []
  if (statementType === undefined) {
    throw syntaxError(`Unexpected identifier "${/^\S+/.exec(sql.trim())?.[0] ?? ''}"`, sql)
  }
  if (statementType === 'SCRIPT' || statementType === 'CALL') return { statementType }
  const referencedTables = tablesOf(plain, context)
  const bytesProcessed = referencedTables.reduce((sum, table) => sum + bytesOf(table, context), 0)
  if (statementType !== 'SELECT') {
    const target = targetPattern.exec(plain)?.[1]
    return {
      statementType,
      referencedTables,
      bytesProcessed,
      ...(target !== undefined && { target: referenceOf(target, context) }),
    }
  }
  return { statementType, referencedTables, bytesProcessed, ...selected(sql.trim().replace(/;\s*$/, ''), context) }
}

/** A location that BigQuery has. */
export const isLocation = (name: string): boolean =>
  /^(?:US|EU|(?:us|europe|asia|me|africa|australia|northamerica|southamerica)-[a-z]+\d)$/.test(name)

/** `us` is `US`, and `Europe-West1` is `europe-west1`. */
export const canonicalLocation = (name: string): string =>
  /^(?:us|eu)$/i.test(name) ? name.toUpperCase() : name.toLowerCase()

/** Where the tables of a statement are; throws where that is another place than the job's. */
export function jobLocation(
  given: string | undefined,
  tables: readonly TableReference[],
  { projects, defaultDataset }: StatementContext,
): string {
  if (given !== undefined && !isLocation(canonicalLocation(given))) {
    throw bigQueryRefusal('invalid', `Invalid value for location: ${given} is not a valid value`)
  }
  const places = [...tables, ...(defaultDataset ? [defaultDataset] : [])].flatMap(({ projectId, datasetId }) => {
    const dataset = findDataset(projects, projectId, datasetId)
    return dataset ? [{ name: `${projectId}:${datasetId}`, location: locationOf(dataset) }] : []
  })
  const location = given === undefined ? (places[0]?.location ?? 'US') : canonicalLocation(given)
  const elsewhere = places.find(place => place.location !== location)
  if (elsewhere) {
    throw bigQueryRefusal('notFound', `Not found: Dataset ${elsewhere.name} was not found in location ${location}`)
  }
  return location
}

const syntaxError = (words: string, sql: string) =>
  bigQueryRefusal('invalidQuery', `Syntax error: ${words} at [1:${sql.length - sql.trimStart().length + 1}]`, {
    location: 'q',
    locationType: 'parameter',
  })

/** Without comments, and with empty texts. Names in backquotes stay. */
const withoutTexts = (sql: string): string =>
  sql
    .replace(/`[^`]*`|--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\//g, found => (found.startsWith('`') ? found : ' '))
    .replace(/'''[\s\S]*?'''|"""[\s\S]*?"""|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/g, "''")

/** A name with those of what it lies in, each quoted or not: `a-b.c`.d */
const name = '(?:`[^`]+`|[a-z_][\\w-]*)(?:\\.(?:`[^`]+`|[\\w-]+))*'

/** `from` and `join` with a name that is neither a function's nor a common table expression's. */
const tablePattern = new RegExp(`\\b(?:from|join)\\s+(${name})(?!\\s*\\(|[\\w.-])`, 'gi')
const targetPattern = new RegExp(`\\b(?:into|table|view|update|delete(?:\\s+from)?|merge)\\s+(${name})`, 'i')
const simplePattern = new RegExp(`^select\\s+([\\s\\S]+?)(?:\\s+from\\s+(${name})(?:\\s+limit\\s+(\\d+))?)?\\s*$`, 'i')

function tablesOf(plain: string, context: StatementContext): readonly TableReference[] {
  const own = new Set(
    [...plain.matchAll(/(?:\bwith|,)\s+(\w+)\s+as\s*\(/gi)].map(([, name = '']) => name.toLowerCase()),
  )
  return [...plain.matchAll(tablePattern)].flatMap(([, name = '']) => {
    if (own.has(name.toLowerCase())) return []
    const table = referenceOf(name, context)
    const sql = findTable(context.projects, table)?.sql
    return [table, ...(sql === undefined ? [] : tablesOf(withoutTexts(sql), context))]
  })
}

function referenceOf(name: string, { projectId, defaultDataset }: StatementContext): TableReference {
  const parts = name.replaceAll('`', '').split('.')
  const [tableId = '', datasetId, project] = parts.reverse()
  if (datasetId !== undefined) return { projectId: project ?? projectId, datasetId, tableId }
  if (defaultDataset) return { ...defaultDataset, tableId }
  throw bigQueryRefusal('invalid', `Table "${tableId}" must be qualified with a dataset (e.g. dataset.table).`)
}

function bytesOf(table: TableReference, { projects }: StatementContext): number {
  const { rows, bytes, sql } = findTable(projects, table) ?? {}
  return sql === undefined ? (bytes ?? (rows?.length ?? 0) * 10) : 0
}

/** What comes of `select *` or columns of one table, with a limit or none, and of literals; nothing of anything else. */
function selected(sql: string, context: StatementContext): Pick<BigQueryOutcome, 'schema' | 'rows'> {
  const [, list = '', from, limit] = simplePattern.exec(sql) ?? []
  if (from === undefined) return literals(list)
  const reference = referenceOf(from, context)
  const table = findTable(context.projects, reference)
  if (!table) return {}
  const { schema, rows } =
    table.sql === undefined ? { schema: table.schema, rows: table.rows ?? [] } : selected(table.sql, context)
  if (!schema || !rows) return {}
  const names = [...list.matchAll(/`((?:\\.|[^`\\])*)`|[^\s,`]+/g)].map(([whole, quoted]) => quoted ?? whole)
  const indexes =
    list.trim() === '*' ? schema.map((_, index) => index) : names.map(name => columnOf(name, schema, reference))
  return {
    schema: indexes.flatMap(index => schema[index] ?? []),
    rows: {
      length: Math.min(rows.length, Number(limit ?? Number.POSITIVE_INFINITY)),
      at: index => pick(rows.at(index), indexes),
    },
  }
}

const pick = (row: BigQueryRow | undefined, indexes: readonly number[]): BigQueryRow | undefined =>
  row && indexes.map(index => row[index] ?? null)

function columnOf(name: string, schema: readonly BigQueryField[], table: TableReference): number {
  const index = schema.findIndex(field => field.name.toLowerCase() === name.toLowerCase())
  if (index < 0) {
    throw bigQueryRefusal('invalidQuery', `Unrecognized name: ${name} at [1:8] (${tableName(table)})`, {
      location: 'q',
      locationType: 'parameter',
    })
  }
  return index
}

function literals(list: string): Pick<BigQueryOutcome, 'schema' | 'rows'> {
  const parts = [...list.matchAll(/\s*('[^']*'|[^,']+?)(?:\s+as\s+(\w+))?\s*(?:,|$)/gi)]
  const schema = parts.map(([, value = '', name], index) => ({
    name: name ?? `f${index}_`,
    type: /^-?\d+$/.test(value) ? 'INTEGER' : 'STRING',
    mode: 'NULLABLE' as const,
  }))
  return { schema, rows: [parts.map(([, value = '']) => value.replace(/^'|'$/g, ''))] }
}
