import type { QueryOutcome } from '../connectors/define.ts'
import { verdictOfQuery } from '../connectors/sign-in-verdict.ts'
import type { Database } from '../db/database.ts'
import type { FairLimits } from './fair-limits.ts'
import { accountsToSettle, type GuardedRun, type SignInGuard } from './sign-in-guard.ts'

export interface PreviewGuards {
  readonly database: Database
  readonly previewLimits: FairLimits
  readonly signIns: SignInGuard
}

/** Beyond the query's own deadline: to get a child, and to kill it. */
const hostGraceMs = 30_000
/**
 * How long a preview that was broken off counts as a sign-in of unknown outcome: how far it had come is not told, and
 * clients break off more previews than tests.
 */
const unknownMs = 60_000

/**
 * Runs a preview where the workspace's limits and its accounts allow it, and notes what became of its sign-ins.
 * Throws `RateLimitedError` before anything is dialled.
 */
export async function guardedPreview(
  { database, previewLimits, signIns }: PreviewGuards,
  run: GuardedRun,
  { deadlineMs, signal }: { readonly deadlineMs: number; readonly signal: AbortSignal },
  query: () => Promise<QueryOutcome>,
): Promise<QueryOutcome> {
  const release = previewLimits.admit(run.workspaceId)
  try {
    if (run.accounts.length === 0) return await query()
    const times = { longestMs: deadlineMs + hostGraceMs, unknownMs }
    const reserved = await database.write(tx => signIns.reserve(tx, run, times))
    let outcome: QueryOutcome | null = null
    let hasBegun = false
    try {
      // The client may have left while the database was asked.
      signal.throwIfAborted()
      hasBegun = true
      outcome = await query()
      return outcome
    } finally {
      const ended = outcome
      const settled = [...new Set(run.accounts.map(account => account.step))]
        .map(step => ({ step, verdict: hasBegun ? verdictOfQuery(ended, step) : 'UNTRIED' }) as const)
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
