import { z } from 'zod'
import { defineAlternativesForm, type FormValue, field } from '../form.ts'
import { sqlTextAlternative } from '../sql/sql-text-alternative.ts'
import { judgedBy, nulIssue } from '../text-checks.ts'
import { datasetText, projectText } from './form.ts'

const name = z.string().min(1).max(1024).check(judgedBy(nulIssue))

/** The form of a dataset's query: a statement, or a table with its columns. */
export const queryForm = defineAlternativesForm({
  label: 'Query',
  alternatives: {
    sql: sqlTextAlternative('SELECT or WITH, in GoogleSQL'),
    table: {
      label: 'Table',
      help: 'All rows of one table. Tables are read without a query, which costs nothing; views are queried.',
      fields: {
        project: field(projectText.optional(), {
          label: 'Project',
          help: 'The project that holds it. Leave empty for that of the connector.',
        }),
        dataset: field(datasetText.optional(), {
          label: 'Dataset',
          help: "The dataset that holds it. Leave empty for the connector's default dataset.",
        }),
        name: field(name, { label: 'Table', help: 'The name of the table or view: case counts.' }),
        columns: field(z.array(name).max(10_000).default([]), {
          label: 'Columns',
          help: 'The columns to read. Leave empty for all.',
        }),
      },
    },
  },
})

export type BigqueryQuery = FormValue<typeof queryForm>
