import type { SignInAccount } from '../connectors/define.ts'
import type { SignInVerdict } from '../connectors/sign-in-verdict.ts'
import type { Database } from '../db/database.ts'
import type { FairLimits } from './fair-limits.ts'
import { accountsToSettle, type GuardedRun, type SignInGuard } from './sign-in-guard.ts'

export interface ReadingGuards {
  readonly database: Database
  /** Of previews and lists together. */
  readonly previewLimits: FairLimits
  readonly signIns: SignInGuard
}

/** Something that is read from a data source at once: a preview, or a page of a list. */
export interface Reading<Outcome> {
  /** Of its job. */
  readonly deadlineMs: number
  readonly signal: AbortSignal
  read(): Promise<Outcome>
  /** What its outcome tells of a sign-in; null when nobody waited for it. */
  verdictOf(outcome: Outcome | null, step: SignInAccount['step']): SignInVerdict
}

/** Beyond the reading's own deadline: to get a child, and to kill it. */
const hostGraceMs = 30_000
/**
 * How long a reading that was broken off counts as a sign-in of unknown outcome: how far it had come is not told, and
 * clients break off more previews than tests.
 */
const unknownMs = 60_000

/**
 * Reads where the workspace's limits and its accounts allow it, and notes what became of its sign-ins.
 * Throws `RateLimitedError` before anything is dialled.
 */
export async function guardedReading<Outcome>(
  { database, previewLimits, signIns }: ReadingGuards,
  run: GuardedRun,
  { deadlineMs, signal, read, verdictOf }: Reading<Outcome>,
): Promise<Outcome> {
  const release = previewLimits.admit(run.workspace.id)
  try {
    if (run.accounts.length === 0) return await read()
    const times = { longestMs: deadlineMs + hostGraceMs, unknownMs }
    const reserved = await database.write(tx => signIns.reserve(tx, run, times))
    let outcome: Outcome | null = null
    let hasBegun = false
    try {
      // The client may have left while the database was asked.
      signal.throwIfAborted()
      hasBegun = true
      outcome = await read()
      return outcome
    } finally {
      const ended = outcome
      const settled = [...new Set(run.accounts.map(account => account.step))]
        .map(step => ({ step, verdict: hasBegun ? verdictOf(ended, step) : 'UNTRIED' }) as const)
        .filter(({ step, verdict }) => accountsToSettle(reserved, step, verdict).length > 0)
      if (settled.length > 0) {
        await database.write(async tx => {
          for (const { step, verdict } of settled) await signIns.settle(tx, reserved, step, verdict)
        })
      }
    }
  } finally {
    release()
  }
}
