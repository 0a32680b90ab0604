import type { Plugin } from 'graphql-yoga'
import { type AskedField, countFields } from './count-fields.ts'
import { type DialsOut, oneDialOut } from './schema/dials-out.ts'
import { badRequest } from './schema/graphql-errors.ts'

/**
 * Lets at most one field of an operation dial out: otherwise one request, with aliases, could start any number of
 * connections. A field below the root counts once here; that it is resolved only once, also in a list, is seen to by
 * `guardDialOuts`. In a subscription there is none beside its one field: it would dial out again for every event.
 */
export function useOneDialOut(): Plugin {
  return {
    onExecute({ args, setResultAndStopExecution }) {
      if (countFields(args, dialsOut) > 1) setResultAndStopExecution({ errors: [badRequest(oneDialOut)] })
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      // What a subscription's own field does is not marked: the language allows only one.
      if (countFields(args, dialsOut) === 0) return
      const error = badRequest(
        'A field that connects to a data source cannot be asked for in the events of a subscription.',
      )
      setResultAndStopExecution({ errors: [error] })
    },
  }
}

/** Whether a field connects to a data source with the arguments that it is given. */
export function dialsOut({ field, args }: AskedField): boolean {
  const extension = field.extensions['dialsOut'] as DialsOut | undefined
  if (typeof extension !== 'function') return extension === true
  const given = args()
  return given !== null && extension(given)
}
