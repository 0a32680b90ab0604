import { z } from 'zod'
import { defineAlternativesForm, type FormValue, field } from '../form.ts'
import { sqlTextAlternative } from '../sql/sql-text-alternative.ts'
import { objectName } from './form.ts'

/** The form of a dataset's query: a statement, or a table with its columns. */
export const queryForm = defineAlternativesForm({
  label: 'Query',
  alternatives: {
    sql: sqlTextAlternative('SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE or EXPLAIN'),
    table: {
      label: 'Table or view',
      help: 'All rows of one table or view.',
      fields: {
        catalog: field(objectName.optional(), {
          label: 'Catalog',
          help: 'The catalog that holds it. Leave empty for that of the connector.',
        }),
        schema: field(objectName.optional(), {
          label: 'Schema',
          help: 'The schema that holds it. Leave empty for that of the connector.',
        }),
        name: field(objectName, { label: 'Table', help: 'The name of the table or view.' }),
        columns: field(z.array(objectName).max(4000).default([]), {
          label: 'Columns',
          help: 'The columns to read. Leave empty for all.',
        }),
      },
    },
  },
})

export type DatabricksQuery = FormValue<typeof queryForm>
