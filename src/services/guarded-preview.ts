import type { QueryOutcome } from '../connectors/define.ts'
import type { Database } from '../db/database.ts'
import type { FairLimits } from './fair-limits.ts'
import { type GuardedRun, type SignInGuard, verdictOfQuery } from './sign-in-guard.ts'

export interface PreviewGuards {
  readonly database: Database
  readonly previewLimits: FairLimits
  readonly signIns: SignInGuard
}

/** Beyond the query's own deadline: to get a child, and to kill it. */
const hostGraceMs = 30_000

/**
 * Runs a preview where the workspace's limits and its accounts allow it, and notes what became of its sign-ins.
 * Throws `RateLimitedError` before anything is dialled.
 */
export async function guardedPreview(
  { database, previewLimits, signIns }: PreviewGuards,
  run: GuardedRun,
  deadlineMs: number,
  query: () => Promise<QueryOutcome>,
): Promise<QueryOutcome> {
  const release = previewLimits.admit(run.workspaceId)
  try {
    if (run.accounts.length === 0) return await query()
    const heldUntil = new Date(Date.now() + deadlineMs + hostGraceMs)
    await database.write(tx => signIns.reserve(tx, run, heldUntil))
    let outcome: QueryOutcome | null = null
    try {
      outcome = await query()
      return outcome
    } finally {
      const ended = outcome
      await database.write(async tx => {
        for (const step of new Set(run.accounts.map(account => account.step))) {
          await signIns.settle(tx, run, step, ended === null ? 'UNKNOWN' : verdictOfQuery(ended, step))
        }
      })
    }
  } finally {
    release()
  }
}
