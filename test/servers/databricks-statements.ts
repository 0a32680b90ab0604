import type { DatabricksCatalogs, DatabricksTable } from './databricks-catalog.ts'
import type { DatabricksPrincipal, DatabricksRights } from './databricks-rights.ts'
import type { DatabricksRow } from './databricks-rows.ts'
import type { DatabricksColumn } from './databricks-types.ts'

export interface DatabricksResult {
  readonly columns: readonly DatabricksColumn[]
  readonly rows: readonly DatabricksRow[]
  /** How many rows the result has: those of `rows` are repeated. Their number when it is not given. */
  readonly length?: number
}

export interface DatabricksFailure {
  /** `TABLE_OR_VIEW_NOT_FOUND` */
  readonly errorClass: string
  readonly sqlState: string
  readonly message: string
}

/** A statement that ends in another way than by its own doing. */
export interface DatabricksEnd {
  readonly ended: 'CANCELED_STATE' | 'CLOSED_STATE' | 'TIMEDOUT_STATE' | 'UKNOWN_STATE'
  readonly message?: string
}

export type DatabricksOutcome = DatabricksResult | DatabricksFailure | DatabricksEnd | { readonly wrote: true }

export const isResult = (outcome: DatabricksOutcome): outcome is DatabricksResult => 'columns' in outcome

export const isFailure = (outcome: object): outcome is DatabricksFailure => 'errorClass' in outcome

/** In Databricks' words. */
export const wordsOf = ({ errorClass, message, sqlState }: DatabricksFailure): string =>
  `[${errorClass}] ${message} SQLSTATE: ${sqlState}`

export interface StatementSurroundings {
  readonly catalogs: DatabricksCatalogs
  readonly rights: DatabricksRights
  readonly who: DatabricksPrincipal
  readonly catalog: string
  readonly schema: string
}

const fails = (errorClass: string, sqlState: string, message: string): DatabricksFailure => ({
  errorClass,
  sqlState,
  message,
})

const quoted = (parts: readonly string[]) => parts.map(part => `\`${part}\``).join('.')

export const noCatalog = (name: string): DatabricksFailure =>
  fails(
    'NO_SUCH_CATALOG_EXCEPTION',
    '42704',
    `Catalog '${name}' was not found. Please verify the catalog name and then retry the query or command again.`,
  )

export const noSchema = (parts: readonly string[]): DatabricksFailure =>
  fails(
    'SCHEMA_NOT_FOUND',
    '42704',
    `The schema ${quoted(parts)} cannot be found. Verify the spelling and correctness of the schema and catalog.`,
  )

const noTable = (parts: readonly string[]): DatabricksFailure =>
  fails(
    'TABLE_OR_VIEW_NOT_FOUND',
    '42P01',
    `The table or view ${quoted(parts)} cannot be found. Verify the spelling and correctness of the schema and catalog.`,
  )

const mayNot = (
  { name }: DatabricksPrincipal,
  privilege: string,
  type: string,
  parts: readonly string[],
): DatabricksFailure =>
  fails(
    'INSUFFICIENT_PERMISSIONS',
    '42501',
    `Insufficient privileges:\nUser ${name} does not have ${privilege.replace('_', ' ')} on ${type} '${parts.join('.')}'.`,
  )

const syntaxError = (near: string): DatabricksFailure =>
  fails('PARSE_SYNTAX_ERROR', '42601', `Syntax error at or near '${near}'.`)

/** Comments go, texts stay. */
const withoutComments = (sql: string): string =>
  sql.replace(
    /('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`]|``)*`)|--[^\n]*|\/\*[\s\S]*?\*\//g,
    (_, text?: string) => text ?? ' ',
  )

const reading = /^(select|with|values|table|from|show|describe|desc|explain|use|set|\()/i
const writing =
  /^(insert|update|delete|merge|create|drop|alter|truncate|copy|grant|revoke|optimize|vacuum|restore|refresh|analyze|cache|uncache|put|get|remove|call|execute|begin|declare|msck|comment|undrop|clear|reset|add|list|sync|convert|fsck|reorg|generate)\b/i

/** What comes of a statement: enough of Databricks SQL for tests of connections, and for those who check what is sent. */
export function outcomeOf(statement: string, around: StatementSurroundings): DatabricksOutcome {
  const sql = withoutComments(statement).trim().replace(/;$/, '').trim()
  if (writing.test(sql) || /^with\b[\s\S]*\b(insert|update|delete|merge)\b/i.test(sql)) return { wrote: true }
  if (!reading.test(sql)) return syntaxError(sql.split(/\s/)[0] ?? 'end of input')
  const [, explained] = /^explain\s+(?:(?:extended|formatted|codegen|cost)\s+)?([\s\S]+)$/i.exec(sql) ?? []
  if (explained !== undefined) return explain(explained, around)
  if (/^(use|set)\b/i.test(sql)) return { columns: [{ name: 'key', type: 'string' }], rows: [] }
  const [, shown] = /^show\s+(\w+)/i.exec(sql) ?? []
  if (shown !== undefined) return show(shown.toLowerCase(), around)
  const [, described] = /^desc(?:ribe)?\s+(?:table\s+)?(?:extended\s+)?([\s\S]+)$/i.exec(sql) ?? []
  if (described !== undefined) return describe(described, around)
  return select(sql, around)
}

/** What is wrong with a statement is said in the plan: it is none that fails. */
function explain(sql: string, around: StatementSurroundings): DatabricksOutcome {
  const outcome = outcomeOf(sql, around)
  const plan = isFailure(outcome) ? `Error occurred during query planning: \n${wordsOf(outcome)}` : 'PhotonResultStage'
  return { columns: [{ name: 'plan', type: 'string' }], rows: [[`== Physical Plan ==\n${plan}`]] }
}

function show(what: string, { catalogs, rights, who }: StatementSurroundings): DatabricksResult {
  const names = what === 'catalogs' ? Object.keys(catalogs).filter(name => rights.sees(who, [name])) : []
  return { columns: [{ name: 'catalog', type: 'string' }], rows: names.map(name => [name]) }
}

function describe(name: string, around: StatementSurroundings): DatabricksOutcome {
  const table = readable(name, around)
  if (isFailure(table)) return table
  return {
    columns: ['col_name', 'data_type', 'comment'].map(column => ({ name: column, type: 'string' })),
    rows: table.columns.map(column => [column.name, column.type, null]),
  }
}

/** `a.``b`` c`.d` -> its parts, the missing ones from the session. */
export function partsOf(
  name: string,
  { catalog, schema }: Pick<StatementSurroundings, 'catalog' | 'schema'>,
): readonly string[] {
  const given = [...name.trim().matchAll(/`((?:[^`]|``)*)`|([^.\s`]+)/g)].map(
    ([, ticked, plain]) => ticked?.replaceAll('``', '`') ?? plain ?? '',
  )
  return [...[catalog, schema].slice(0, Math.max(0, 3 - given.length)), ...given]
}

/** The table, or why it cannot be read by whoever asks. */
function readable(name: string, around: StatementSurroundings): DatabricksTable | DatabricksFailure {
  const { catalogs, rights, who } = around
  const parts = partsOf(name, around)
  const [catalog = '', schema = '', table = ''] = parts
  const found = Object.hasOwn(catalogs, catalog) ? catalogs[catalog] : undefined
  if (!found) return noTable(parts)
  if (!rights.may(who, 'USE_CATALOG', [catalog])) return mayNot(who, 'USE_CATALOG', 'Catalog', [catalog])
  const inSchema = Object.hasOwn(found.schemas, schema) ? found.schemas[schema] : undefined
  if (!inSchema) return noTable(parts)
  if (!rights.may(who, 'USE_SCHEMA', [catalog, schema])) return mayNot(who, 'USE_SCHEMA', 'Schema', [catalog, schema])
  const inTable = Object.hasOwn(inSchema.tables, table) ? inSchema.tables[table] : undefined
  if (!inTable) return noTable(parts)
  return rights.may(who, 'SELECT', parts) ? inTable : mayNot(who, 'SELECT', 'Table', parts)
}

function select(sql: string, around: StatementSurroundings): DatabricksOutcome {
  const [, inParentheses] = /^\(([\s\S]*)\)$/.exec(sql) ?? []
  if (inParentheses !== undefined) return outcomeOf(inParentheses, around)
  const [, list = '', source] = /^select\s+([\s\S]+?)(?:\s+from\s+([\s\S]+))?$/i.exec(sql) ?? []
  if (list === '') return syntaxError('end of input')
  if (source === undefined) return scalars(list, around)
  const [, from = '', limit] = /^([\s\S]+?)(?:\s+limit\s+(\d+))?$/i.exec(source) ?? []
  const outcome = rowsOf(from, around)
  if (!isResult(outcome)) return outcome
  return limited(projected(outcome, list), limit)
}

function rowsOf(from: string, around: StatementSurroundings): DatabricksOutcome {
  const [, inner] = /^\(([\s\S]*)\)(?:\s+(?:as\s+)?[\w`]+)?$/i.exec(from.trim()) ?? []
  if (inner !== undefined) return outcomeOf(inner, around)
  const [, count] = /^range\((\d+)\)$/i.exec(from.trim()) ?? []
  if (count !== undefined) return { columns: [{ name: 'id', type: 'bigint' }], rows: [[0]], length: Number(count) }
  const [name = ''] = /^(?:`(?:[^`]|``)*`|[^\s`])+/.exec(from.trim()) ?? []
  const table = readable(name, around)
  return isFailure(table) ? table : { columns: table.columns, rows: table.rows ?? [] }
}

function limited(outcome: DatabricksResult | DatabricksFailure, limit: string | undefined): DatabricksOutcome {
  if (isFailure(outcome) || limit === undefined) return outcome
  const { rows, length = rows.length } = outcome
  return { ...outcome, rows: rows.slice(0, Number(limit)), length: Math.min(length, Number(limit)) }
}

function projected(result: DatabricksResult, list: string): DatabricksResult | DatabricksFailure {
  if (list.trim() === '*') return result
  if (/^1\b/.test(list.trim()))
    return { ...result, columns: [{ name: '1', type: 'int' }], rows: result.rows.map(() => [1]) }
  const names = [...list.matchAll(/`((?:[^`]|``)*)`|([^,\s`]+)/g)].map(
    ([, ticked, plain]) => ticked?.replaceAll('``', '`') ?? plain ?? '',
  )
  const indexes = names.map(name =>
    result.columns.findIndex(column => column.name.toLowerCase() === name.toLowerCase()),
  )
  const missing = names[indexes.indexOf(-1)]
  if (missing !== undefined) {
    return fails(
      'UNRESOLVED_COLUMN.WITH_SUGGESTION',
      '42703',
      `A column, variable, or function parameter with name \`${missing}\` cannot be resolved.`,
    )
  }
  return {
    ...result,
    columns: indexes.flatMap(index => result.columns[index] ?? []),
    rows: result.rows.map(row => indexes.map(index => row[index] ?? null)),
  }
}

/** The scalars that clients ask of a session. */
function scalars(list: string, { who, catalog, schema }: StatementSurroundings): DatabricksOutcome {
  const functions: Readonly<Record<string, string>> = {
    'current_user()': who.name,
    'session_user()': who.name,
    'user()': who.name,
    'current_catalog()': catalog,
    'current_schema()': schema,
    'current_database()': schema,
    'current_timezone()': 'Etc/UTC',
    'current_version().dbsql_version': '2026.35',
    'current_version().dbr_version': 'null',
    'version()': '4.0.0 0000000000000000000000000000000000000000',
  }
  const columns: DatabricksColumn[] = []
  const values: (string | number)[] = []
  for (const item of list.split(/,(?![^(]*\))/)) {
    const [, expression = '', alias] = /^([\s\S]+?)(?:\s+(?:as\s+)?`?([a-z_]\w*)`?)?$/i.exec(item.trim()) ?? []
    const [, text] = /^'((?:[^'])*)'$/.exec(expression) ?? []
    const value = /^\d+$/.test(expression) ? Number(expression) : (text ?? functions[expression.toLowerCase()])
    if (value === undefined) return syntaxError(expression)
    columns.push({ name: alias ?? expression, type: typeof value === 'number' ? 'int' : 'string' })
    values.push(value)
  }
  return { columns, rows: [values] }
}
