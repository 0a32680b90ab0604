import { type ConnectionTestStore, snapshotOf } from '../db/connection-test-store.ts'
import type { Writer } from '../db/database.ts'
import type { ConnectionTestRow } from '../db/rows.ts'
import { endTest, type TestEnding } from './test-ending.ts'

/**
 * Ends a test from what is stored of it: the way out when the process that ran it cannot say any more how it went.
 * `row` must be held by `owner` in the same transaction, which is what makes the terminal event the only one.
 */
export async function closeHeldTest(
  store: ConnectionTestStore,
  tx: Writer,
  row: ConnectionTestRow,
  owner: string,
  ending: TestEnding,
  now: Date,
): Promise<void> {
  const { snapshot, events } = endTest(snapshotOf(row), ending, now)
  await store.append(tx, row, owner, snapshot, events)
  // Its last steps may not have been stored, so that these do not tell whether it has signed in.
  await store.loseSignIns(tx, row, now)
}
