import { z } from 'zod'
import type { QueryEnd } from '../define.ts'
import { defineAlternativesForm, type FormValue, field } from '../form.ts'
import type { SqlVerdict } from '../sql/judge-one-statement.ts'
import { notReadOnly } from '../sql/not-read-only.ts'
import { quoteName } from '../sql/quote-name.ts'
import { sqlTextAlternative } from '../sql/sql-text-alternative.ts'

export interface SqlQueryFormOptions {
  /** What a statement that reads may begin with, in words. */
  readonly statements: string
  readonly maxNameLength: number
}

/** The form of a dataset's query: a statement, or a table with its columns. */
export function sqlQueryForm({ statements, maxNameLength }: SqlQueryFormOptions) {
  const name = z.string().min(1).max(maxNameLength)
  return defineAlternativesForm({
    label: 'Query',
    alternatives: {
      sql: sqlTextAlternative(statements),
      table: {
        label: 'Table or view',
        help: 'All rows of one table or view.',
        fields: {
          schema: field(name.default('public'), { label: 'Schema', help: 'The schema that holds it.' }),
          name: field(name, { label: 'Table', help: 'The name of the table or view.' }),
          columns: field(z.array(name).max(1600).default([]), {
            label: 'Columns',
            help: 'The columns to read. Leave empty for all.',
          }),
        },
      },
    },
  })
}

export type SqlQuery = FormValue<ReturnType<typeof sqlQueryForm>>

/** The one statement that a query comes to, or why it is not run. */
export function readingText(
  query: SqlQuery,
  judge: (sql: string) => SqlVerdict,
): { readonly kind: 'READ'; readonly text: string } | Extract<QueryEnd, { readonly kind: 'PROBLEM' }> {
  if (!query.sql) return { kind: 'READ', text: tableSql(query.table) }
  const verdict = judge(query.sql.text)
  return verdict.kind === 'READ' ? verdict : { kind: 'PROBLEM', problem: notReadOnly(verdict) }
}

function tableSql({ schema, name, columns }: NonNullable<SqlQuery['table']>): string {
  const list = columns.length === 0 ? '*' : columns.map(quoteName).join(', ')
  return `SELECT ${list} FROM ${quoteName(schema)}.${quoteName(name)}`
}
