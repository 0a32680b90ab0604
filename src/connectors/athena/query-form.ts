import { z } from 'zod'
import { defineAlternativesForm, type FormValue, field } from '../form.ts'
import { sqlTextAlternative } from '../sql/sql-text-alternative.ts'
import { glueName } from './form.ts'

/** The form of a dataset's query: a statement, or a table with its columns. */
export const queryForm = defineAlternativesForm({
  label: 'Query',
  alternatives: {
    sql: sqlTextAlternative('SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE or EXPLAIN'),
    table: {
      label: 'Table or view',
      help: 'All rows of one table or view. What is read of it is billed.',
      fields: {
        database: field(glueName.optional(), {
          label: 'Database',
          help: 'The database that holds it. Leave empty for that of the connector.',
        }),
        name: field(glueName, { label: 'Table', help: 'The name of the table or view.' }),
        columns: field(z.array(glueName).max(1600).default([]), {
          label: 'Columns',
          help: 'The columns to read. Leave empty for all.',
        }),
      },
    },
  },
})

export type AthenaQuery = FormValue<typeof queryForm>
