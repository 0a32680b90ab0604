import { GraphQLError } from 'graphql'
import { isDatabaseUnavailable } from './db/database-error.ts'
import type { Logger } from './log.ts'
import { type GraphQLErrorCode, hasKnownCode } from './schema/graphql-errors.ts'

/** Called with what was hidden from a client. */
export type OnUnexpectedError = (error: unknown, requestId: string) => void

/**
 * What a client may see of an error. Errors with a known code were made for clients; what the executor says before any
 * field ran is about the request. Everything else is a bug, whose message could hold anything: the client gets an id
 * that leads to the log. It is told, though, when only the database is away: then the same request may work later.
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
  const thrown = (error instanceof GraphQLError && error.originalError) || error
  onUnexpected(thrown, requestId)
  const { path = null, nodes = null } = error instanceof GraphQLError ? error : {}
  const [message, code]: [string, GraphQLErrorCode] = isDatabaseUnavailable(thrown)
    ? ['The server cannot use its database at the moment. Try again in a few seconds.', 'UNAVAILABLE']
    : ['Something went wrong on the server.', 'INTERNAL_SERVER_ERROR']
  return new GraphQLError(message, { path, nodes, extensions: { code, requestId } })
}

export const logUnexpected =
  (logger: Logger): OnUnexpectedError =>
  (error, requestId) =>
    logger.error({ err: error, requestId }, 'Unexpected error')
