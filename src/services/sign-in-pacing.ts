import type { AccountRecord } from '../db/sign-in-store.ts'

/** Refused sign-ins in a row that nobody has to wait after. Servers that lock accounts allow more. */
export const freeFailures = 3

const firstWaitMs = 30_000
const longestWaitMs = 15 * 60_000
/** Refusals further apart than this, beyond the wait, are no row: servers that count them forget as well. */
const memoryMs = 15 * 60_000
/** A configuration that has signed in stays proven for so long, unless a sign-in is refused. */
const proofMs = 24 * 60 * 60_000
/** A proof is renewed only when it is this old, so that not every run writes. */
const proofRenewalMs = 60 * 60_000

/** How long to wait after so many refused sign-ins in a row, in milliseconds: 30 s, 1 min, 2 min ... 15 min. */
export function waitAfter(failures: number): number {
  if (failures < freeFailures) return 0
  return Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(failures - freeFailures, 10))
}

/** What is still remembered; null when it is over. */
export const remembered = (record: AccountRecord | null, now: Date): AccountRecord | null =>
  record !== null && record.keptUntil > now ? record : null

/** When the next sign-in may be tried, as milliseconds since the epoch; 0 for at once. */
export const openAt = ({ failures, failedAt }: AccountRecord): number =>
  failedAt === null ? 0 : failedAt.getTime() + waitAfter(failures)

/** How many sign-ins may be under way at once. One that works with what worked before risks nothing. */
export function attemptsAtOnce(record: AccountRecord | null, fingerprint: string): number {
  if (record === null) return freeFailures
  if (record.failures === 0 && record.provenBy === fingerprint) return Number.POSITIVE_INFINITY
  return Math.max(1, freeFailures - record.failures)
}

export function afterRefusal(before: AccountRecord | null, now: Date): AccountRecord {
  const failures = (before?.failures ?? 0) + 1
  return {
    failures,
    failedSince: before?.failedSince ?? now,
    failedAt: now,
    provenBy: null,
    provenAt: null,
    keptUntil: new Date(now.getTime() + waitAfter(failures) + memoryMs),
  }
}

/** Null when it is known already. */
export function afterSuccess(before: AccountRecord | null, fingerprint: string, now: Date): AccountRecord | null {
  const isFresh = (before?.provenAt?.getTime() ?? 0) > now.getTime() - proofRenewalMs
  if (before?.failures === 0 && before.provenBy === fingerprint && isFresh) return null
  return {
    failures: 0,
    failedSince: null,
    failedAt: null,
    provenBy: fingerprint,
    provenAt: now,
    keptUntil: new Date(now.getTime() + proofMs),
  }
}
