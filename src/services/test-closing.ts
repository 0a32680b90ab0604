import { type ConnectionTestStore, snapshotOf, type TestAddress } from '../db/connection-test-store.ts'
import type { Writer } from '../db/database.ts'
import type { ConnectionTestRow } from '../db/rows.ts'
import { endTest, type TestEnding } from './test-ending.ts'

/** A test whose lease `owner` holds in the transaction. */
export interface HeldTest {
  readonly address: TestAddress
  readonly row: ConnectionTestRow
  readonly owner: string
}

/**
 * Ends a test from what is stored of it: the way out when the process that ran it cannot say any more how it went.
 * That it is held in the same transaction is what makes the terminal event the only one.
 */
export async function closeHeldTest(
  store: ConnectionTestStore,
  tx: Writer,
  { address, row, owner }: HeldTest,
  ending: TestEnding,
  now: Date,
): Promise<void> {
  const { snapshot, events } = endTest(snapshotOf(row), ending, now)
  await store.append(tx, address, owner, snapshot, events)
  // Its last steps may not have been stored, so that these do not tell whether it has signed in.
  await store.loseSignIns(tx, address, now)
}
