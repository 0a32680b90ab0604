import { z } from 'zod'
import { defineAlternativesForm, type FormValue, field } from '../form.ts'
import { sqlTextAlternative } from '../sql/sql-text-alternative.ts'

const name = z.string().min(1).max(64)

/** The form of a dataset's query: a statement, or a table with its columns. */
export const queryForm = defineAlternativesForm({
  label: 'Query',
  alternatives: {
    sql: sqlTextAlternative('SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE or EXPLAIN'),
    table: {
      label: 'Table or view',
      help: 'All rows of one table or view.',
      fields: {
        schema: field(name.optional(), {
          label: 'Schema',
          help: "The database that holds it. Leave empty for the connector's own.",
        }),
        name: field(name, { label: 'Table', help: 'The name of the table or view.' }),
        columns: field(z.array(name).max(4096).default([]), {
          label: 'Columns',
          help: 'The columns to read. Leave empty for all.',
        }),
      },
    },
  },
})

export type MysqlQuery = FormValue<typeof queryForm>
