import type { ConnectionTestRow } from '../db/rows.ts'
import type { SecretDigests } from '../db/secret-digests.ts'
import { isConclusive, type VerificationStore } from '../db/verification-store.ts'
import type { ResolvedConfig } from './connector-config.ts'
import type { TestGate } from './connectors.ts'
import { ConnectionTestFailedError, ValidationError } from './errors.ts'
import type { Viewer } from './viewer.ts'

/** A configuration about to be saved, with what identifies it. */
export interface GateTarget extends ResolvedConfig {
  readonly secretDigests: SecretDigests
  /** As `fingerprint` in connector-config.ts makes it; the test must record just this one. */
  readonly fingerprint: string
  /** The connector that is being updated, null when one is being created. */
  readonly connectorId: string | null
}

/**
 * Runs a connection test of a configuration that is not saved yet, to its end, as a draft's test, and returns its row.
 * May throw `RateLimitedError`; cancels the test and throws when `signal` aborts.
 */
export type RunGateTest = (viewer: Viewer, target: GateTarget, signal: AbortSignal) => Promise<ConnectionTestRow>

export interface SaveGateDependencies {
  readonly verificationStore: VerificationStore
  readonly runGateTest: RunGateTest
}

export interface GatedSave {
  readonly testId: string | null
  readonly testGate: TestGate
  readonly fingerprint: string
  readonly connectorId: string | null
  /** Reads the secrets that a test needs. */
  target(): Promise<GateTarget>
}

/**
 * Decides whether a configuration may be saved; returns the id of the test that verified it, to be attached in the
 * saving transaction, or null when there is none. Throws `ValidationError` for a test that cannot be adopted, and
 * `ConnectionTestFailedError` when a pass is required and the test did not pass.
 */
export async function passSaveGate(
  { verificationStore, runGateTest }: SaveGateDependencies,
  viewer: Viewer,
  save: GatedSave,
  signal: AbortSignal,
): Promise<string | null> {
  if (save.testId !== null) {
    const test = await verificationStore.find(viewer.workspace, save.testId)
    const fault = adoptionFault(test, save)
    if (fault !== null) throw unusableTest(fault)
    if (save.testGate === 'REQUIRE_PASS' && !hasPassed(test)) throw notPassed(save.testId)
    return save.testId
  }
  if (save.testGate === 'NONE') return null
  const test = await runGateTest(viewer, await save.target(), signal)
  if (!hasPassed(test)) throw notPassed(test.id)
  return test.id
}

/** `testId` names a test that does not speak of what is being saved. */
export const unusableTest = (fault: string) =>
  new ValidationError([{ path: 'testId', inputPath: ['testId'], message: fault }])

function adoptionFault(test: ConnectionTestRow | null, { connectorId, fingerprint }: GatedSave): string | null {
  if (test === null) return 'There is no such connection test.'
  if (test.status === 'RUNNING') return 'This connection test has not ended yet.'
  if (!isConclusive(test.status)) return 'This connection test ended without a result.'
  if (test.connectorId !== null && test.connectorId !== connectorId) return 'This was a test of another connector.'
  return test.fingerprint === fingerprint
    ? null
    : 'This connection test tested another configuration than the given one.'
}

const hasPassed = (test: ConnectionTestRow | null): boolean =>
  test?.status === 'PASSED' || test?.status === 'PASSED_WITH_WARNINGS'

const notPassed = (testId: string) =>
  new ConnectionTestFailedError('The connection test did not pass, so nothing was saved.', testId)
