import type { SecretStoreLogger } from '../open-secret-stores.ts'
import { SecretStoreError } from '../secret-store.ts'
import { concurrencyLimit } from './concurrency-limit.ts'
import { Lease } from './lease.ts'
import { RecentFaults } from './recent-faults.ts'
import type { SignIn } from './signed-in.ts'

const maxSignInsAtOnce = 8
const maxSignInsWaiting = 1000
const closeMs = 2_000

export interface WorkspaceTokensOptions {
  readonly signIn: SignIn
  /** Gives a token back. */
  readonly revoke: (workspaceId: string, token: string) => Promise<unknown>
  readonly now: () => number
  readonly maxTokens: number
  readonly logger: SecretStoreLogger
  /** For the log. */
  readonly method: string
}

/** One token for each workspace that is in use, got when it is needed and kept in memory only. */
export class WorkspaceTokens {
  readonly #options: WorkspaceTokensOptions
  /** In the order of their last use. */
  readonly #current = new Map<string, Lease>()
  readonly #signIns = new Map<string, Promise<Lease>>()
  /** Every token that has to be given back, with its workspace: also what is no longer current but still in use. */
  readonly #owed = new Map<Lease, string>()
  readonly #revocations = new Set<Promise<void>>()
  readonly #faults: RecentFaults
  readonly #limited = concurrencyLimit(
    maxSignInsAtOnce,
    maxSignInsWaiting,
    () => new SecretStoreError('VAULT', 'OVERLOADED', 'Too many workspaces wait to sign in to Vault.'),
  )
  #isClosed = false

  constructor(options: WorkspaceTokensOptions) {
    this.#options = options
    this.#faults = new RecentFaults(options.now)
  }

  /** The workspace's token, from a sign-in that all who wait for it share. Throws `SecretStoreError`. */
  async of(workspaceId: string, isUnproven = false): Promise<Lease> {
    if (this.#isClosed) throw closed()
    const current = this.#current.get(workspaceId)
    if (current?.isUsable(this.#options.now())) {
      this.#keep(workspaceId, current)
      return current
    }
    this.#drop(workspaceId)
    const underWay = this.#signIns.get(workspaceId)
    if (underWay) return underWay
    this.#faults.assertNone(workspaceId)
    const signIn = this.#signIn(workspaceId, isUnproven).finally(() => this.#signIns.delete(workspaceId))
    this.#signIns.set(workspaceId, signIn)
    return signIn
  }

  /** Another token in the place of one that Vault refused; if it has been replaced already, the one that did. */
  async replace(workspaceId: string, refused: Lease): Promise<Lease> {
    if (this.#current.get(workspaceId) === refused) this.#drop(workspaceId)
    return this.of(workspaceId, true)
  }

  /** Gives back every token, as far as that is done in 2 s. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const [lease, workspaceId] of this.#owed) this.#revoke(workspaceId, lease)
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, closeMs)
    await Promise.race([late, Promise.allSettled(this.#signIns.values()).then(() => Promise.all(this.#revocations))])
    clearTimeout(timer)
    this.#current.clear()
    this.#owed.clear()
  }

  async #signIn(workspaceId: string, isUnproven: boolean): Promise<Lease> {
    const { signIn, now, logger, method } = this.#options
    try {
      return await this.#limited(async () => {
        if (this.#isClosed) throw closed()
        const askedAt = now()
        const signedIn = await signIn(workspaceId)
        const lease = new Lease(signedIn, askedAt, isUnproven)
        if (lease.isOwn) this.#owed.set(lease, workspaceId)
        logger.info({ workspaceId, method, leaseSeconds: signedIn.leaseSeconds }, 'Signed in to Vault')
        if (this.#isClosed) {
          this.#revoke(workspaceId, lease)
          throw closed()
        }
        this.#keep(workspaceId, lease)
        return lease
      })
    } catch (error) {
      if (!(error instanceof SecretStoreError)) throw error
      this.#faults.remember(workspaceId, error)
      if (error.fault === 'SIGN_IN_REFUSED') {
        logger.warn({ workspaceId, method, fault: error.fault, err: error }, 'Signing in to Vault was refused')
      }
      throw error
    }
  }

  #keep(workspaceId: string, lease: Lease): void {
    this.#current.delete(workspaceId)
    this.#current.set(workspaceId, lease)
    const [longestUnused] = this.#current.keys()
    if (this.#current.size > this.#options.maxTokens && longestUnused !== undefined) this.#drop(longestUnused)
  }

  #drop(workspaceId: string): void {
    const lease = this.#current.get(workspaceId)
    if (!lease) return
    this.#current.delete(workspaceId)
    // Requests that are under way with it come to their end first.
    if (lease.isOwn) lease.whenIdle(() => this.#revoke(workspaceId, lease))
  }

  #revoke(workspaceId: string, lease: Lease): void {
    if (!this.#owed.delete(lease)) return
    const revocation: Promise<void> = lease
      .use(token => this.#options.revoke(workspaceId, token))
      .catch(() => undefined)
      .then(() => void this.#revocations.delete(revocation))
    this.#revocations.add(revocation)
  }
}

function closed(): SecretStoreError {
  return new SecretStoreError('VAULT', 'FAILED', 'Patchbay has left Vault because it is shutting down.')
}
