import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { settledWithin } from '../session/settled-within.ts'
import { ask, perform } from './answer.ts'
import { serverStatus } from './packets.ts'
import type { Session } from './session.ts'

/** The variable has had two names; each server knows at least one. */
const readOnlySql = "SHOW SESSION VARIABLES WHERE Variable_name IN ('tx_read_only', 'transaction_read_only')"

/**
 * Makes every transaction of the session a read-only one, for the statements too that end the transaction that they are
 * in: CREATE TABLE in a read-only transaction goes through otherwise. Asks the server whether it keeps to it.
 */
export async function makeReadOnly(session: Session): Promise<void> {
  await perform(session, 'SET SESSION TRANSACTION READ ONLY')
  const variables = await ask(session, readOnlySql, { name: 'text', value: 'text' })
  if (variables.length === 0 || !variables.every(({ value }) => value.toUpperCase() === 'ON' || value === '1'))
    throw new ProtocolFaultError('it took the session for a read-only one and has not made it one')
}

const inReadOnlyTransaction = serverStatus.IN_TRANSACTION | serverStatus.IN_READ_ONLY_TRANSACTION

/** Begins a read-only transaction, and makes sure by the server's own word that there is one. */
export async function beginReadOnly(session: Session): Promise<void> {
  await perform(session, 'START TRANSACTION READ ONLY')
  if ((session.status & inReadOnlyTransaction) !== inReadOnlyTransaction)
    throw new ProtocolFaultError('it took the beginning of a read-only transaction and is in none')
}

/** For a server that has already answered. */
const rollbackGraceMs = 500

/** Ends whatever transaction there is. Never rejects. */
export const rollBack = (session: Session): Promise<void> =>
  settledWithin(perform(session, 'ROLLBACK'), rollbackGraceMs)
