import { z } from 'zod'
import { defineAlternativesForm, type FormValue, field } from '../form.ts'

const name = z.string().min(1).max(127)

/** The form of a dataset's query: a statement, or a table with its columns. */
export const queryForm = defineAlternativesForm({
  label: 'Query',
  alternatives: {
    sql: {
      label: 'SQL',
      help: 'One statement that reads: SELECT, WITH, SHOW or EXPLAIN.',
      fields: {
        text: field(z.string().min(1).max(100_000), {
          label: 'Statement',
          help: 'The statement, without parameters.',
          multiline: true,
        }),
      },
    },
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

export type RedshiftQuery = FormValue<typeof queryForm>
