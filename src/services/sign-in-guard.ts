import type { ConnectorType, SignInAccount } from '../connectors/define.ts'
import type { SignInVerdict } from '../connectors/sign-in-verdict.ts'
import type { Database, Writer } from '../db/database.ts'
import type { SecretDigests } from '../db/secret-digests.ts'
import { type AccountRecord, createSignInStore, type OpenAttempt, type SignInStore } from '../db/sign-in-store.ts'
import type { WorkspaceScope } from '../db/workspace-scope.ts'
import type { Digester } from '../secrets/digester.ts'
import { RateLimitedError } from './errors.ts'
import {
  afterRefusal,
  afterSuccess,
  attemptsAtOnce,
  isProven,
  isProvenAfresh,
  openAt,
  remembered,
} from './sign-in-pacing.ts'

/** A test or preview with the accounts that it signs in to. */
export interface GuardedRun {
  readonly workspace: WorkspaceScope
  /** Of the test, or one of its own for a preview. */
  readonly runId: string
  /** Digest of the secrets; equal for connectors that sign in with the same ones. */
  readonly credentials: string
  readonly accounts: readonly (SignInAccount & { readonly digest: string })[]
}

/** A run that may sign in. */
export interface ReservedRun extends GuardedRun {
  /** Digests of the accounts for which it would be news that a sign-in works; of no others is a right held. */
  readonly awaited: ReadonlySet<string>
  /** When the rights are over, whatever becomes of the run. */
  readonly heldUntil: Date
  readonly unknownMs: number
}

export interface HoldingTimes {
  /** After which the run cannot be signing in any more, even if its process has died. */
  readonly longestMs: number
  /** How long a sign-in whose outcome is not known counts from the end of its step, but not beyond `longestMs`. */
  readonly unknownMs?: number
}

/** How long the outcome of a sign-in under way takes is not known, so this is only polite. */
const attemptRetrySeconds = 2

/**
 * Keeps accounts of data sources from being locked by repeated sign-ins with wrong credentials. Counts in the database,
 * so that restarts and other processes know; by workspace, so that none can lock out or learn of another.
 */
export class SignInGuard {
  readonly #digester: Digester
  readonly #store: SignInStore
  readonly #now: () => Date

  constructor(options: { readonly database: Database; readonly digester: Digester; readonly now?: () => Date }) {
    this.#digester = options.digester
    this.#store = createSignInStore(options.database)
    this.#now = options.now ?? (() => new Date())
  }

  /** The run with its accounts; `config` is the form's whole output. */
  async runOf(
    run: Pick<GuardedRun, 'workspace' | 'runId'>,
    type: Pick<ConnectorType, 'accounts'>,
    config: unknown,
    secretDigests: SecretDigests,
  ): Promise<GuardedRun> {
    // The config has passed the type's form, whose exact type the registry has forgotten.
    const accounts = type.accounts?.(config as Parameters<NonNullable<ConnectorType['accounts']>>[0]) ?? []
    const digests = await Promise.all(
      accounts.map(({ service, username }) => {
        const data = { service: service.toLowerCase(), username }
        return this.#digester.digest(run.workspace.id, 'sign-in-account', data)
      }),
    )
    return {
      ...run,
      credentials: await this.#digester.digest(run.workspace.id, 'sign-in-credentials', secretDigests),
      accounts: accounts.map((account, index) => ({ ...account, digest: digests[index] ?? '' })),
    }
  }

  /**
   * Takes the right to sign in once to each account, for `longestMs` at the longest. To be done in a serializable
   * transaction, so that two runs at once do not both get the last one. What works with credentials that have worked
   * risks nothing, and waits for nobody. Throws `RateLimitedError`.
   */
  async reserve(tx: Writer, run: GuardedRun, times: HoldingTimes): Promise<ReservedRun> {
    const { longestMs, unknownMs = longestMs } = times
    const now = this.#now()
    const heldUntil = new Date(now.getTime() + longestMs)
    const awaited = new Set<string>()
    for (const account of run.accounts) {
      const address = { workspace: run.workspace, account: account.digest }
      const record = remembered(await this.#store.find(tx, address), now)
      if (isProvenAfresh(record, run.credentials, now)) continue
      awaited.add(account.digest)
      if (isProven(record, run.credentials)) continue
      if (record !== null && openAt(record) > now.getTime()) throw coolingDown(account, record, now)
      const others = await this.#store.attempts(tx, address, run.runId, now)
      const tooMany = others.length - attemptsAtOnce(record) + 1
      if (tooMany > 0) throw outcomeOpen(account, others, tooMany, now)
      await this.#store.addAttempt(tx, run, account.digest, heldUntil)
    }
    return { ...run, awaited, heldUntil, unknownMs }
  }

  /**
   * Notes what became of the sign-ins of one step, and gives their rights back; those of which nobody knows count on, as
   * they may have been refused: otherwise breaking off again and again would lock the account that this protects.
   */
  async settle(tx: Writer, run: ReservedRun, step: SignInAccount['step'], verdict: SignInVerdict): Promise<void> {
    const now = this.#now()
    const accounts = accountsToSettle(run, step, verdict)
    // In one order, so that of two runs at several accounts each gets what it waits for.
    const digests = accounts.map(({ digest }) => digest).toSorted()
    if (accounts.length === 0) return
    if (verdict === 'UNKNOWN') {
      const heldUntil = new Date(Math.min(run.heldUntil.getTime(), now.getTime() + run.unknownMs))
      return this.#store.loseAttempts(tx, run, digests, { lostAt: now, heldUntil })
    }
    for (const digest of digests) {
      if (verdict === 'UNTRIED') break
      const address = { workspace: run.workspace, account: digest }
      const before = remembered(await this.#store.find(tx, address), now)
      const change = verdict === 'REFUSED' ? afterRefusal : afterSuccess
      const after = change(before, run.credentials, now)
      if (after !== null) await this.#store.save(tx, address, after)
    }
    await this.#store.endAttempts(tx, run, digests)
  }

  /** Forgets what is over. Answers how many rows went, at most `limit`. */
  prune(now: Date, limit: number): Promise<number> {
    return this.#store.prune(now, limit)
  }
}

/** The accounts of a step of which there is something to note; most runs work with what has worked, and have none. */
export const accountsToSettle = (run: ReservedRun, step: SignInAccount['step'], verdict: SignInVerdict) =>
  run.accounts.filter(account => account.step === step && (verdict === 'REFUSED' || run.awaited.has(account.digest)))

function coolingDown({ service, username }: SignInAccount, record: AccountRecord, now: Date): RateLimitedError {
  const seconds = Math.max(1, Math.ceil((openAt(record) - now.getTime()) / 1_000))
  const since = record.failedSince ?? now
  return new RateLimitedError(
    seconds,
    'FAILED_SIGN_INS',
    `${service} has refused the last ${record.failures} sign-ins as "${username}", the first at ${instant(since)}. ` +
      `So that the account does not get locked, the next one may be tried in ${seconds} s.`,
  )
}

/** `others`: what is over first comes first. Of those, `tooMany` must be over before the next may begin. */
function outcomeOpen(
  { service, username }: SignInAccount,
  others: readonly OpenAttempt[],
  tooMany: number,
  now: Date,
): RateLimitedError {
  const lost = others.filter(({ lostAt }) => lostAt !== null)
  // What is under way may end at any time.
  const waitedFor = lost[tooMany - (others.length - lost.length) - 1]
  const seconds = waitedFor
    ? Math.max(1, Math.ceil((waitedFor.heldUntil.getTime() - now.getTime()) / 1_000))
    : attemptRetrySeconds
  const account = `as "${username}" at ${service}`
  const reason = waitedFor
    ? `Earlier sign-ins ${account} were broken off before the server had said whether the credentials are right.`
    : `Other sign-ins ${account} are under way, and it is not known yet whether the credentials are right.`
  return new RateLimitedError(
    seconds,
    'FAILED_SIGN_INS',
    `${reason} So that the account does not get locked, try again in ${seconds} s.`,
  )
}

/** To the second, as people read it. */
const instant = (date: Date): string => `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
