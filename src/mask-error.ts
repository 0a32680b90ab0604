import { GraphQLError } from 'graphql'
import type { Logger } from './log.ts'
import { hasKnownCode } from './schema/graphql-errors.ts'

/** Called with what was hidden from a client. */
export type OnUnexpectedError = (error: unknown, requestId: string) => void

/**
 * What a client may see of an error. Errors with a known code were made for clients; what the executor says before any
 * field ran is about the request. Everything else is a bug, whose message could hold anything: the client gets an id
 * that leads to the log.
 */
export function maskError(error: unknown, requestId: string, onUnexpected: OnUnexpectedError): GraphQLError {
  if (error instanceof GraphQLError) {
    const cause = error.originalError instanceof GraphQLError ? error.originalError : error
    if (hasKnownCode(cause)) return error
    if (!error.path && !error.originalError) {
      error.extensions['code'] = 'BAD_USER_INPUT'
      return error
    }
  }
  onUnexpected(error, requestId)
  const { path = null, nodes = null } = error instanceof GraphQLError ? error : {}
  return new GraphQLError('Something went wrong on the server.', {
    path,
    nodes,
    extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
  })
}

export const logUnexpected =
  (logger: Logger): OnUnexpectedError =>
  (error, requestId) =>
    logger.error({ err: error, requestId }, 'Unexpected error')
