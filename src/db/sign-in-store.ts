import { and, asc, eq, gt, inArray, lte, ne } from 'drizzle-orm'
import type { Database, Writer } from './database.ts'
import { scopeOfRow } from './scope-of-row.ts'
import type { WorkspaceScope } from './workspace-scope.ts'

/** Names one account: by a digest, so that the database says neither where it is nor whose. */
export interface AccountAddress {
  readonly workspace: WorkspaceScope
  readonly account: string
}

/** What is remembered of an account. */
export interface AccountRecord {
  /** Refused sign-ins in a row. */
  readonly failures: number
  readonly failedSince: Date | null
  readonly failedAt: Date | null
  /** Fingerprint of the configuration that last signed in; null once a sign-in was refused. */
  readonly provenBy: string | null
  readonly provenAt: Date | null
  readonly keptUntil: Date
}

/** A sign-in whose outcome is not known. */
export interface OpenAttempt {
  readonly heldUntil: Date
  /** When its run ended without saying what became of it; null while it is under way. */
  readonly lostAt: Date | null
}

/** A test or preview that signs in. */
export interface SignInRun {
  readonly workspace: WorkspaceScope
  readonly runId: string
}

export type SignInStore = ReturnType<typeof createSignInStore>

/** SQL on accounts of data sources and the sign-ins to them that are under way. */
export function createSignInStore({ read, write, tables: { signInAccounts, signInAttempts } }: Database) {
  const isAccount = ({ workspace, account }: AccountAddress) =>
    and(eq(signInAccounts.workspaceId, workspace.id), eq(signInAccounts.account, account))
  const isRun = ({ workspace, runId }: SignInRun) =>
    and(eq(signInAttempts.workspaceId, workspace.id), eq(signInAttempts.runId, runId))

  return {
    async find(tx: Writer, address: AccountAddress): Promise<AccountRecord | null> {
      const [row] = await tx.select().from(signInAccounts).where(isAccount(address))
      return row ?? null
    },

    async save(tx: Writer, { workspace, account }: AccountAddress, record: AccountRecord): Promise<void> {
      await tx
        .insert(signInAccounts)
        .values({ ...record, workspaceId: workspace.id, account })
        .onConflictDoUpdate({
          target: [signInAccounts.workspaceId, signInAccounts.account],
          set: { ...record, workspaceId: workspace.id },
        })
        .returning({ account: signInAccounts.account })
    },

    /** Of other runs at the account, those that are over first come first. No more than `reserve` lets begin. */
    async attempts(
      tx: Writer,
      { workspace, account }: AccountAddress,
      exceptRunId: string,
      now: Date,
    ): Promise<readonly OpenAttempt[]> {
      return tx
        .select({ heldUntil: signInAttempts.heldUntil, lostAt: signInAttempts.lostAt })
        .from(signInAttempts)
        .where(
          and(
            eq(signInAttempts.workspaceId, workspace.id),
            eq(signInAttempts.account, account),
            gt(signInAttempts.heldUntil, now),
            ne(signInAttempts.runId, exceptRunId),
          ),
        )
        .orderBy(asc(signInAttempts.heldUntil))
    },

    async addAttempt(tx: Writer, { workspace, runId }: SignInRun, account: string, heldUntil: Date): Promise<void> {
      await tx
        .insert(signInAttempts)
        .values({ workspaceId: workspace.id, runId, account, heldUntil })
        .onConflictDoNothing()
        .returning({ account: signInAttempts.account })
    },

    /** The run has signed in to these accounts, or never will. */
    async endAttempts(tx: Writer, run: SignInRun, accounts: readonly string[]): Promise<void> {
      await tx
        .delete(signInAttempts)
        .where(and(isRun(run), inArray(signInAttempts.account, [...accounts])))
        .returning({ account: signInAttempts.account })
    },

    /** The run has ended, and what became of its sign-ins to these accounts is not known: they count until `heldUntil`. */
    async loseAttempts(
      tx: Writer,
      run: SignInRun,
      accounts: readonly string[],
      lost: { readonly lostAt: Date; readonly heldUntil: Date },
    ): Promise<void> {
      await tx
        .update(signInAttempts)
        .set(lost)
        .where(and(isRun(run), inArray(signInAttempts.account, [...accounts])))
        .returning({ account: signInAttempts.account })
    },

    /** Forgets what is over, of every workspace, up to `limit` of each; answers how many of the more numerous. */
    async prune(now: Date, limit: number): Promise<number> {
      const { workspaceId, account } = signInAccounts
      const accounts = await read
        .select({ workspaceId, account })
        .from(signInAccounts)
        .where(lte(signInAccounts.keptUntil, now))
        .limit(limit)
      const attempts = await read
        .select({ workspaceId: signInAttempts.workspaceId, runId: signInAttempts.runId })
        .from(signInAttempts)
        .where(lte(signInAttempts.heldUntil, now))
        .limit(limit)
      if (accounts.length + attempts.length === 0) return 0
      await write(async tx => {
        // Asked again: an account may have been signed in to in the meantime.
        for (const row of accounts) {
          await tx
            .delete(signInAccounts)
            .where(
              and(isAccount({ workspace: scopeOfRow(row), account: row.account }), lte(signInAccounts.keptUntil, now)),
            )
            .returning({ account })
        }
        for (const row of attempts) {
          await tx
            .delete(signInAttempts)
            .where(and(isRun({ workspace: scopeOfRow(row), runId: row.runId }), lte(signInAttempts.heldUntil, now)))
            .returning({ account: signInAttempts.account })
        }
      })
      return Math.max(accounts.length, attempts.length)
    },
  }
}
