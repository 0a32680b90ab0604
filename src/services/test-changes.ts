import type { TestSnapshot } from '../connectors/connection-test.ts'
import type { Scrubber } from '../connectors/scrub/scrubber.ts'
import type { TestChange, TestComparison } from '../connectors/test-comparison.ts'
import { type ConnectionTestStore, snapshotOf } from '../db/connection-test-store.ts'
import type { ConnectionTestRow } from '../db/rows.ts'
import type { WorkspaceScope } from '../db/workspace-scope.ts'
import { configChanges } from './config-changes.ts'
import { evidenceChanges } from './evidence-changes.ts'
import type { TestSubject } from './test-subject.ts'

const maxChanges = 50

/**
 * A failed test of a saved connector against the last one of the connector that passed; null when there is none, and
 * for drafts. Nothing in it knows of any connector type.
 */
export async function compareWithLastPass(
  store: ConnectionTestStore,
  workspace: WorkspaceScope,
  row: ConnectionTestRow,
  subject: TestSubject,
  failed: TestSnapshot,
  scrub: Scrubber,
): Promise<TestComparison | null> {
  if (subject.comparedConnectorId === null) return null
  const passed = await store.findLastPassed(workspace, subject.comparedConnectorId, row.startedAt)
  if (passed === null) return null
  const changes = [...configChanges(passed, subject), ...evidenceChanges(snapshotOf(passed), failed)]
    .slice(0, maxChanges)
    .map(change => scrubbed(change, scrub))
  return { lastPassedTestId: passed.id, changes, summary: summaryOf(changes, passed.finishedAt ?? passed.startedAt) }
}

function scrubbed(change: TestChange, scrub: Scrubber): TestChange {
  const text = (value: string | null) => (value === null ? null : scrub.text(value))
  return {
    ...change,
    before: text(change.before),
    after: text(change.after),
    label: scrub.text(change.label),
    message: scrub.text(change.message),
  }
}

function summaryOf(changes: readonly TestChange[], at: Date): string {
  const since = `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
  const labels = [...new Set(changes.map(({ label }) => label))]
  return labels.length === 0
    ? `Nothing that Patchbay can see has changed since a test of this connector last passed, on ${since}. ` +
        'What the server keeps to itself, such as a new password, does not show.'
    : `Since a test of this connector last passed, on ${since}, this has changed: ${labels.join(', ')}.`
}
