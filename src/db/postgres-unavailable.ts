import { DatabaseError, driverErrorOf } from './database-error.ts'

/** Connection exceptions, too few resources, and a server that is ending or starting; and what sockets say. */
const goneCodes =
  /^(08...|53[0-3]00|57P0[1-5]|ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/
/** What node-postgres itself says has no code. */
const goneWords = /^(Connection terminated|Query read timeout|timeout e|Client has encountered a connection error)/

/** `error`, or the `DatabaseError` that it stands for where the connection or the server is gone. */
export function orUnavailable(error: unknown): unknown {
  if (error instanceof DatabaseError || !(error instanceof Error)) return error
  const isGone = goneCodes.test(driverErrorOf(error)?.code ?? '') || goneWords.test(error.message)
  return isGone ? new DatabaseError('UNAVAILABLE', 'The database cannot be reached.', { cause: error }) : error
}
