import { GraphQLError, isValueNode } from 'graphql'
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
    if (isAboutArgument(cause)) return unfitArgument(error)
  }
  const thrown = (error instanceof GraphQLError && error.originalError) || error
  onUnexpected(thrown, requestId)
  const { path = null, nodes = null } = error instanceof GraphQLError ? error : {}
  const [message, code]: [string, GraphQLErrorCode] = isDatabaseUnavailable(thrown)
    ? ['The server cannot use its database at the moment. Try again in a few seconds.', 'UNAVAILABLE']
    : ['Something went wrong on the server.', 'INTERNAL_SERVER_ERROR']
  return new GraphQLError(message, { path, nodes, extensions: { code, requestId } })
}

/**
 * Whether it is what the executor says of an argument. Validation lets a variable with a default stand where null may not,
 * and then it is given as null. Such errors point at a value of the document; what bugs throw does not.
 */
const isAboutArgument = ({ nodes, originalError }: GraphQLError): boolean =>
  !originalError && nodes !== undefined && nodes.length > 0 && nodes.every(isValueNode)

/** In words of its own: the executor's have names of types. */
const unfitArgument = ({ path, nodes }: GraphQLError): GraphQLError =>
  new GraphQLError('An argument does not fit: a variable in it is null, or missing, where it may not be.', {
    path: path ?? null,
    nodes: nodes ?? null,
    extensions: { code: 'BAD_USER_INPUT' satisfies GraphQLErrorCode },
  })

export const logUnexpected =
  (logger: Logger): OnUnexpectedError =>
  (error, requestId) =>
    logger.error({ err: error, requestId }, 'Unexpected error')
