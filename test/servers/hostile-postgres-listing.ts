import type { Value } from './hostile-postgres-messages.ts'
import { type Answer, rows } from './hostile-postgres-statements.ts'

/** What a double holds, for listings: schema -> table -> columns, all of type text. */
export interface ListedDatabase {
  readonly databases: readonly string[]
  readonly schemas: { readonly [schema: string]: { readonly [table: string]: readonly string[] } }
}

export const listedDatabase: ListedDatabase = {
  databases: ['archive', 'dev', 'postgres'],
  schemas: {
    public: { customers: ['id', 'name'], numbers: ['n', 'square'], orders: ['id'] },
    sales: { parts: ['id'] },
  },
}

/** A statement with what was bound to its parameters. */
export interface Question {
  readonly sql: string
  readonly values: readonly (string | null)[]
}

/** The parameter that stands in the statement where the pattern has its group. */
function parameter({ sql, values }: Question, pattern: RegExp): string | null {
  const [, number] = pattern.exec(sql) ?? []
  return number === undefined ? null : (values[Number(number) - 1] ?? null)
}

/** The names that a statement asks for a page of, in the order of their bytes. */
export function pageOfNames(question: Question, names: readonly string[]): readonly string[] {
  const after = parameter(question, /> \$(\d+)::text/)
  return searched(question, names.toSorted())
    .filter(name => after === null || name > after)
    .slice(0, limitOf(question))
}

/** The same of columns, with their places from 1. */
export function pageOfColumns(question: Question, names: readonly string[]): readonly (readonly [string, string])[] {
  const after = Number(/\b(?:attnum|place|columnnum|col_num) > (\d+)/.exec(question.sql)?.[1] ?? 0)
  const found = searched(question, names)
  return names
    .map((name, index) => [String(index + 1), name] as const)
    .filter(([place, name]) => Number(place) > after && found.includes(name))
    .slice(0, limitOf(question))
}

function searched(question: Question, names: readonly string[]): readonly string[] {
  if (/AND false/.test(question.sql)) return []
  const search = parameter(question, /lower\(\$(\d+)::text\)/)?.toLowerCase() ?? ''
  return names.filter(name => name.toLowerCase().includes(search))
}

const limitOf = ({ sql }: Question): number => Number(/LIMIT (\d+)/.exec(sql)?.[1] ?? Number.POSITIVE_INFINITY)

/** Schemas and tables are known by numbers. */
export const numberOf = (names: readonly string[], name: string | null | undefined): string | null => {
  const index = names.indexOf(name ?? '')
  return index < 0 ? null : String(index + 1)
}

const answer = (columns: readonly string[], values: readonly (readonly Value[])[]): Answer =>
  rows('LISTING', columns, ...values)

/** What a sound PostgreSQL answers to the statements of listings; null for any other. */
export function postgresListing(
  question: Question,
  { databases, schemas }: ListedDatabase = listedDatabase,
): Answer | null {
  const { sql, values } = question
  const names = Object.keys(schemas)
  const tablesOf = (schema: string | null | undefined) => schemas[names[Number(schema) - 1] ?? ''] ?? {}
  if (/shobj_description\(d\.oid/.test(sql))
    return answer(
      ['name', 'comment'],
      pageOfNames(question, databases).map(name => [name, null]),
    )
  if (/AS usable,/.test(sql)) {
    const page = pageOfNames(question, names)
    return answer(
      ['name', 'usable', 'comment'],
      page.map(name => [name, 't', null]),
    )
  }
  if (/n\.oid::int8 AS oid/.test(sql)) {
    const oid = numberOf(names, values[1])
    return answer(['oid', 'usable'], oid === null ? [] : [[oid, 't']])
  }
  if (/c\.whole/.test(sql)) {
    const page = pageOfNames(question, Object.keys(tablesOf(values[0])))
    const columns = ['name', 'kind', 'whole', 'columns', 'size', 'comment']
    return answer(
      columns,
      page.map(name => [name, 'r', 't', '{}', '8192', null]),
    )
  }
  if (/AS "isView"/.test(sql)) {
    const oid = numberOf(Object.keys(tablesOf(values[0])), values[1])
    // So that the statement about its columns says which it is.
    return answer(['oid', 'isView'], oid === null ? [] : [[`${values[0]}000${oid}`, 'f']])
  }
  if (/col_description/.test(sql)) {
    const [schema, table] = String(values[0]).split('000')
    const page = pageOfColumns(question, Object.values(tablesOf(schema))[Number(table) - 1] ?? [])
    const columns = ['place', 'name', 'type', 'native', 'required', 'readable', 'comment']
    return answer(
      columns,
      page.map(([place, name]) => [place, name, '25', 'text', 'f', 't', null]),
    )
  }
  return null
}
