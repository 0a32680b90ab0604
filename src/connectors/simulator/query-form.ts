import { z } from 'zod'
import { choice, defineForm, type FormValue, field } from '../form.ts'
import { columnKinds, problemChoices, queryOutcomes } from './outcomes.ts'

const maxRows = 1_000_000

/** The form of a simulated dataset. An empty one is valid, and has 20 rows with a column of each kind. */
export const queryForm = defineForm({
  fields: {
    rows: field(z.int().min(0).max(maxRows).default(20), {
      label: 'Rows',
      help: 'How many rows there are. A preview shows the first of them.',
    }),
    columns: field(
      z
        .array(choice(columnKinds, { label: 'Column', help: 'Its kind of values.', typeName: 'SimulatedColumn' }))
        .max(100)
        .default([]),
      { label: 'Columns', help: 'A column of each of these kinds. Leave empty for one of every kind.' },
    ),
    repeatColumns: field(z.int().min(1).max(100).default(1), {
      label: 'Repeat columns',
      help: 'How often the columns come again, for wide rows. At most 1000 columns come of it.',
      advanced: true,
    }),
    textLength: field(z.int().min(1).max(100_000).optional(), {
      label: 'Text length',
      help: 'Characters of each text. When left out, short texts of many scripts.',
      advanced: true,
    }),
    nullEvery: field(z.int().min(0).max(1_000).default(5), {
      label: 'Null every',
      help: 'About one value in so many is null; 0 for none.',
      advanced: true,
    }),
    seed: field(z.int().min(0).max(2_147_483_647).default(1), {
      label: 'Seed',
      help: 'The same seed gives the same values.',
      advanced: true,
    }),
    batchRows: field(z.int().min(1).max(10_000).default(100), {
      label: 'Rows per batch',
      help: 'How many rows come at once.',
      advanced: true,
    }),
    delayMs: field(z.int().min(0).max(60_000).default(0), {
      label: 'Delay (ms)',
      help: 'How long each batch takes.',
    }),
    outcome: choice(queryOutcomes, {
      label: 'Outcome',
      help: 'What happens after some rows.',
      typeName: 'SimulatedQueryOutcome',
    }).default('ROWS'),
    afterRows: field(z.int().min(0).max(maxRows).default(0), {
      label: 'After rows',
      help: 'How many rows come before the outcome. Without effect where all rows arrive.',
    }),
    problem: choice(problemChoices, {
      label: 'Problem',
      help: 'What a query reports that fails, or that hangs until its time is up.',
      typeName: 'ProblemCode',
    }).optional(),
    detail: field(z.string().min(1).max(300).optional(), {
      label: 'Detail',
      help: "The problem's detail, as if in the server's own words.",
    }),
  },
  check: ({ columns, repeatColumns }, report) => {
    const count = (columns.length || Object.keys(columnKinds).length) * repeatColumns
    if (count > 1_000) report(['repeatColumns'], `These would be ${count} columns; 1000 is the most.`)
  },
})

export type SimulatorQuery = FormValue<typeof queryForm>
