import type { ExecutionArgs } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { countFields } from './count-fields.ts'
import { notByGet } from './schema/graphql-errors.ts'
import { dialsOut } from './use-one-dial-out.ts'

/**
 * Refuses what connects to data sources, what is given configurations with secrets in them, and subscriptions, when they
 * are asked for by GET: addresses end up in logs and histories, and are fetched again by whoever finds them.
 */
export function usePostOnly(): Plugin {
  const isByGet = ({ contextValue }: ExecutionArgs): boolean => {
    // Of an operation that came over a WebSocket there is none.
    const { request } = contextValue as { readonly request?: Pick<Request, 'method'> }
    return request?.method === 'GET'
  }
  const isRefused = (args: ExecutionArgs): boolean =>
    isByGet(args) && countFields(args, asked => dialsOut(asked) || isPostOnly(asked.field)) > 0
  return {
    onExecute({ args, setResultAndStopExecution }) {
      if (isRefused(args)) setResultAndStopExecution({ errors: [notByGet()] })
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      if (isByGet(args)) setResultAndStopExecution({ errors: [notByGet()] })
    },
  }
}

const isPostOnly = ({ extensions }: { readonly extensions: Readonly<Record<string, unknown>> }): boolean =>
  extensions['postOnly'] === true
