import {
  type ListedDatabase,
  listedDatabase,
  pageOfColumns,
  pageOfNames,
  type Question,
} from './hostile-postgres-listing.ts'
import type { Value } from './hostile-postgres-messages.ts'
import { type Answer, rows } from './hostile-postgres-statements.ts'

const answer = (columns: readonly string[], values: readonly (readonly Value[])[]): Answer =>
  rows('LISTING', columns, ...values)

/** The parameter that a column is compared with. */
function comparedWith({ sql, values }: Question, column: string): string {
  const [, number] = new RegExp(`${column.replace('.', '\\.')} = \\$(\\d+)`).exec(sql) ?? []
  return values[Number(number) - 1] ?? ''
}

/** What a sound Redshift without external schemas answers to the statements of listings; null for any other. */
export function redshiftListing(
  question: Question,
  { databases, schemas }: ListedDatabase = listedDatabase,
): Answer | null {
  const { sql } = question
  const tables = schemas[comparedWith(question, 'n.nspname')]
  const columns = tables?.[comparedWith(question, 'c.relname')]
  if (/FROM pg_database d/.test(sql))
    return answer(
      ['name'],
      pageOfNames(question, databases).map(name => [name]),
    )
  if (/AS usable,/.test(sql)) {
    const page = pageOfNames(question, Object.keys(schemas))
    return answer(
      ['name', 'usable', 'comment'],
      page.map(name => [name, 't', null]),
    )
  }
  if (/AS usable FROM/.test(sql)) return answer(['usable'], tables ? [['t']] : [])
  if (/FROM svv_external_schemas/.test(sql)) return answer(['name'], [])
  if (/AS readable,/.test(sql)) {
    const page = pageOfNames(question, Object.keys(tables ?? {}))
    return answer(
      ['name', 'kind', 'readable', 'comment'],
      page.map(name => [name, 'r', 't', null]),
    )
  }
  if (/relkind::text AS kind FROM/.test(sql)) return answer(['kind'], columns ? [['r']] : [])
  if (/FROM pg_attribute a/.test(sql)) {
    const page = pageOfColumns(question, columns ?? [])
    const shape = ['place', 'name', 'type', 'native', 'required', 'comment']
    return answer(
      shape,
      page.map(([place, name]) => [place, name, '25', 'text', 'f', null]),
    )
  }
  return null
}
