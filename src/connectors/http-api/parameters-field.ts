import { z } from 'zod'
import { block, field } from '../form.ts'
import { judgedBy, nulIssue } from '../text-checks.ts'
import { namesMethod } from './names-method.ts'

/** The name of a parameter of a URL. */
export const parameterName = z
  .string()
  .min(1)
  .max(200)
  .check(judgedBy(nulIssue))
  .check(
    judgedBy(text => (namesMethod(text) ? 'Patchbay only reads: a parameter cannot make another method of it.' : null)),
  )

/** Parameters of a URL. A name may come more than once, as some APIs want it. */
export const parameters = z
  .array(
    block(
      {
        name: field(parameterName, {
          label: 'Name',
          help: 'The name of the parameter, as it is.',
          placeholder: 'status',
        }),
        value: field(z.string().max(4_000).check(judgedBy(nulIssue)), {
          label: 'Value',
          help: 'As it is: it is encoded for the URL.',
        }),
      },
      { label: 'Parameter', typeName: 'HttpParameter' },
    ),
  )
  .max(50)
  .default([])
