import type { StepReport } from '../connectors/connection-test.ts'
import type { ConnectorType, QueryOutcome, SignInAccount } from '../connectors/define.ts'
import { failedSignIn } from '../connectors/failed-sign-in.ts'
import type { Database, Writer } from '../db/database.ts'
import { type AccountRecord, createSignInStore, type SignInStore } from '../db/sign-in-store.ts'
import type { Digester } from '../secrets/digester.ts'
import { RateLimitedError } from './errors.ts'
import { afterRefusal, afterSuccess, attemptsAtOnce, openAt, remembered } from './sign-in-pacing.ts'

/** A test or preview with the accounts that it signs in to. */
export interface GuardedRun {
  readonly workspaceId: string
  /** Of the test, or one of its own for a preview. */
  readonly runId: string
  /** Of the configuration with its secrets. */
  readonly fingerprint: string
  readonly accounts: readonly (SignInAccount & { readonly digest: string })[]
}

/** What became of one sign-in: UNKNOWN when the server was not reached, or did not say. */
export type SignInVerdict = 'ACCEPTED' | 'REFUSED' | 'UNKNOWN'

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
    run: Omit<GuardedRun, 'accounts'>,
    type: Pick<ConnectorType, 'accounts'>,
    config: unknown,
  ): Promise<GuardedRun> {
    // The config has passed the type's form, whose exact type the registry has forgotten.
    const accounts = type.accounts?.(config as Parameters<NonNullable<ConnectorType['accounts']>>[0]) ?? []
    const digests = await Promise.all(
      accounts.map(({ service, username }) => {
        const data = { service: service.toLowerCase(), username }
        return this.#digester.digest(run.workspaceId, 'sign-in-account', data)
      }),
    )
    return { ...run, accounts: accounts.map((account, index) => ({ ...account, digest: digests[index] ?? '' })) }
  }

  /**
   * Takes the right to sign in once to each account, until `heldUntil` at the latest. To be done in a serializable
   * transaction, so that two runs at once do not both get the last one. Throws `RateLimitedError`.
   */
  async reserve(tx: Writer, run: GuardedRun, heldUntil: Date): Promise<void> {
    const now = this.#now()
    for (const account of run.accounts) {
      const address = { workspaceId: run.workspaceId, account: account.digest }
      const record = remembered(await this.#store.find(tx, address), now)
      if (record !== null && openAt(record) > now.getTime()) throw coolingDown(account, record, now)
      const allowed = attemptsAtOnce(record, run.fingerprint)
      if (allowed === Number.POSITIVE_INFINITY) continue
      if ((await this.#store.countAttempts(tx, address, run.runId, now)) >= allowed) throw underWay(account)
      await this.#store.addAttempt(tx, run, account.digest, heldUntil)
    }
  }

  /** Notes what became of the sign-ins of one step, and gives their rights back. */
  async settle(tx: Writer, run: GuardedRun, step: SignInAccount['step'], verdict: SignInVerdict): Promise<void> {
    const now = this.#now()
    const accounts = run.accounts.filter(account => account.step === step)
    if (accounts.length === 0) return
    for (const { digest } of accounts) {
      if (verdict === 'UNKNOWN') continue
      const address = { workspaceId: run.workspaceId, account: digest }
      const before = remembered(await this.#store.find(tx, address), now)
      const after = verdict === 'REFUSED' ? afterRefusal(before, now) : afterSuccess(before, run.fingerprint, now)
      if (after !== null) await this.#store.save(tx, address, after)
    }
    await this.#store.endAttempts(
      tx,
      run,
      accounts.map(({ digest }) => digest),
    )
  }

  /** Forgets what is over. Answers how many rows went, at most `limit`. */
  prune(now: Date, limit: number): Promise<number> {
    return this.#store.prune(now, limit)
  }
}

/** By what a step of a test said. */
export function verdictOfStep({ status, problem }: Pick<StepReport, 'status' | 'problem'>): SignInVerdict {
  if (status === 'PASSED' || status === 'WARNING') return 'ACCEPTED'
  return status === 'FAILED' && problem && failedSignIn(problem.code) ? 'REFUSED' : 'UNKNOWN'
}

/** By what a preview ended with: rows prove every sign-in, a problem tells of at most one. */
export function verdictOfQuery(outcome: QueryOutcome, step: SignInAccount['step']): SignInVerdict {
  if (outcome.kind === 'RESULT') return 'ACCEPTED'
  return failedSignIn(outcome.problem.code) === step ? 'REFUSED' : 'UNKNOWN'
}

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

function underWay({ service, username }: SignInAccount): RateLimitedError {
  return new RateLimitedError(
    attemptRetrySeconds,
    'FAILED_SIGN_INS',
    `Other sign-ins as "${username}" at ${service} are under way, and it is not known yet whether the credentials are ` +
      `right. So that the account does not get locked, try again in ${attemptRetrySeconds} s.`,
  )
}

/** To the second, as people read it. */
const instant = (date: Date): string => `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
