import type { AccountRecord } from '../db/sign-in-store.ts'

/** Refused sign-ins in a row that nobody has to wait after. Servers that lock accounts allow more. */
export const freeFailures = 3

const firstWaitMs = 30_000
const longestWaitMs = 15 * 60_000
/** Refusals further apart than this, beyond the wait, are no row: servers that count them forget as well. */
const memoryMs = 15 * 60_000
/** Credentials that have signed in stay proven for so long, unless they are refused. */
const proofMs = 24 * 60 * 60_000
/** A proof is renewed only when it is this old, so that not every run writes. */
const proofRenewalMs = 60 * 60_000
/** A time further ahead than this was written by a clock that went wrong; clocks of servers differ by less. */
const clockToleranceMs = 60_000

/** How long to wait after so many refused sign-ins in a row, in milliseconds: 30 s, 1 min, 2 min ... 15 min. */
export function waitAfter(failures: number): number {
  if (failures < freeFailures) return 0
  return Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(failures - freeFailures, 10))
}

/** What is still remembered; null when nothing is. Failures and proof are over each at its own time. */
export function remembered(record: AccountRecord | null, now: Date): AccountRecord | null {
  if (record === null) return null
  const isOver = (at: Date | null, keptMs: number): boolean =>
    at === null || at.getTime() + keptMs <= now.getTime() || at.getTime() > now.getTime() + clockToleranceMs
  const isQuiet = isOver(record.failedAt, failureMs(record.failures))
  const isUnproven = isOver(record.provenAt, proofMs)
  if (isQuiet && isUnproven) return null
  return {
    ...record,
    ...(isQuiet && { failures: 0, failedSince: null, failedAt: null }),
    ...(isUnproven && { provenBy: null, provenAt: null }),
  }
}

const failureMs = (failures: number): number => waitAfter(failures) + memoryMs

/** When the next sign-in may be tried, as milliseconds since the epoch; 0 for at once. */
export const openAt = ({ failures, failedAt }: AccountRecord): number =>
  failedAt === null ? 0 : failedAt.getTime() + waitAfter(failures)

/** How many sign-ins with credentials that are not proven may be under way at once. */
export const attemptsAtOnce = (record: AccountRecord | null): number =>
  Math.max(1, freeFailures - (record?.failures ?? 0))

/** Whether these credentials have worked and have not been refused since, whatever became of others. */
export const isProven = (record: AccountRecord | null, credentials: string): boolean => record?.provenBy === credentials

/** Whether a sign-in with these credentials that works again is worth no note. */
export const isProvenAfresh = (record: AccountRecord | null, credentials: string, now: Date): boolean =>
  isProven(record, credentials) && (record?.provenAt?.getTime() ?? 0) > now.getTime() - proofRenewalMs

/** Only the credentials that were refused lose their proof. */
export function afterRefusal(before: AccountRecord | null, credentials: string, now: Date): AccountRecord {
  const isStillProven = before !== null && !isProven(before, credentials)
  return kept({
    failures: (before?.failures ?? 0) + 1,
    failedSince: before?.failedSince ?? now,
    failedAt: now,
    provenBy: isStillProven ? before.provenBy : null,
    provenAt: isStillProven ? before.provenAt : null,
  })
}

/**
 * Null when it is known already. Credentials that did not have to wait for the pause do not end it: otherwise wrong
 * ones could be tried without end beside them.
 */
export function afterSuccess(before: AccountRecord | null, credentials: string, now: Date): AccountRecord | null {
  if (before !== null && isProvenAfresh(before, credentials, now)) return null
  const proof = { provenBy: credentials, provenAt: now }
  if (before !== null && isProven(before, credentials)) return kept({ ...before, ...proof })
  return kept({ failures: 0, failedSince: null, failedAt: null, ...proof })
}

function kept(record: Omit<AccountRecord, 'keptUntil'>): AccountRecord {
  const failuresUntil = (record.failedAt?.getTime() ?? 0) + failureMs(record.failures)
  const proofUntil = (record.provenAt?.getTime() ?? 0) + proofMs
  return { ...record, keptUntil: new Date(Math.max(failuresUntil, proofUntil)) }
}
