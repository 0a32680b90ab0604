import { GraphQLError } from 'graphql'
import type { Logger } from './log.ts'
import { hasKnownCode } from './schema/graphql-errors.ts'

/**
 * Keeps the process alive when a field fails that nobody waits for any more. The executor gives up what is still running of
 * a list when one of its items fails at once; resolvers are kept from that (`settleRefusals`), but not what happens around
 * them, such as a null where there may be none. One request must not end all others. Any other rejection without a handler
 * ends the process as ever.
 */
export function surviveGivenUpFields(logger: Logger): void {
  process.on('unhandledRejection', reason => {
    if (!(reason instanceof GraphQLError) || reason.path === undefined) throw reason
    const { originalError } = reason
    const isKnown = hasKnownCode(originalError instanceof GraphQLError ? originalError : reason)
    if (!isKnown) logger.error({ err: originalError ?? reason }, 'A field failed after its answer was given up')
  })
}
