import { z } from 'zod'
import { field } from '../form.ts'

/** The statement, as one alternative of a query's form. `statements`: what it may begin with, in words. */
export const sqlTextAlternative = (statements: string) => ({
  label: 'SQL',
  help: `One statement that reads: ${statements}.`,
  fields: {
    text: field(z.string().min(1).max(100_000), {
      label: 'Statement',
      help: 'The statement, without parameters.',
      multiline: true,
    }),
  },
})
