import { type AuditRow, type AuditSealRow, type AuditStore, createAuditStore } from '../db/audit-store.ts'
import type { Database } from '../db/database.ts'
import { driverErrorOf } from '../db/database-error.ts'
import { isWorkspaceId, WorkspaceScope } from '../db/workspace-scope.ts'
import type { Digester } from '../secrets/digester.ts'
import { auditIdTime, firstAuditId } from './audit-ids.ts'
import { firstSeal, sealOf } from './audit-seal.ts'

export interface AuditSealerOptions {
  readonly database: Database
  readonly digester: Digester
  readonly now?: () => Date
}

const pageSize = 500
/** A transaction takes 30 s at most, so an entry may show as late as that after its id was made. */
const longestTransactionMs = 35_000
/** For entries whose process ended before it sealed them, also where clocks differ. */
const lookBackMs = 10 * 60_000

/**
 * Seals entries soon after they were written. Not in their transactions: those would have to wait for each other.
 * Several processes may do so at once: of two that seal the same, keys let one through, and nothing is left of the other.
 */
export class AuditSealer {
  readonly #database: Database
  readonly #store: AuditStore
  readonly #digester: Digester
  readonly #now: () => Date
  /** Workspaces with new entries, and when to look whether the last of them was late to be committed. */
  readonly #due = new Map<string, { isNew: boolean; againAt: number }>()

  constructor({ database, digester, now = () => new Date() }: AuditSealerOptions) {
    this.#database = database
    this.#store = createAuditStore(database)
    this.#digester = digester
    this.#now = now
  }

  /** This workspace gets entries. */
  noted({ id }: WorkspaceScope): void {
    this.#due.set(id, { isNew: true, againAt: this.#now().getTime() + longestTransactionMs })
  }

  /** Seals what this process has written; in the end without waiting for late ones. Answers how many. */
  async sealNew(): Promise<number> {
    const now = this.#now().getTime()
    let count = 0
    let failure: unknown
    for (const [id, { isNew, againAt }] of [...this.#due]) {
      const isLast = now >= againAt
      if (!isNew && !isLast) continue
      if (isLast) this.#due.delete(id)
      else this.#due.set(id, { isNew: false, againAt })
      try {
        count += await this.#sealWorkspace(WorkspaceScope.of(id), 2 * longestTransactionMs)
      } catch (error) {
        // Of one workspace, perhaps. `sealAll` comes back to it.
        failure ??= error
      }
    }
    if (failure !== undefined) throw failure
    return count
  }

  /** Seals what processes have left that ended. Answers how many. */
  async sealAll(): Promise<number> {
    let count = 0
    let failure: unknown
    for (let id = await this.#store.workspaceAfter(''); id !== null; id = await this.#store.workspaceAfter(id)) {
      try {
        if (isWorkspaceId(id)) count += await this.#sealWorkspace(WorkspaceScope.of(id), lookBackMs)
      } catch (error) {
        failure ??= error
      }
    }
    if (failure !== undefined) throw failure
    return count
  }

  async #sealWorkspace(workspace: WorkspaceScope, backMs: number): Promise<number> {
    let after: string | null = null
    for (let count = 0; ; ) {
      const last = await this.#store.lastSeal(workspace)
      after ??= this.#from(last, backMs)
      const entries = await this.#store.unsealed(workspace, after, pageSize)
      if (entries.length === 0) return count
      const seals = await this.#chain(last, entries)
      try {
        await this.#database.write(tx => this.#store.seal(tx, workspace, seals))
      } catch (error) {
        // Another process was faster; what it has not seen is sealed next time.
        if (isTaken(error)) return count
        throw error
      }
      count += seals.length
      after = entries.at(-1)?.id ?? after
      if (entries.length < pageSize) return count
    }
  }

  /** Entries before this have their seals. */
  #from(last: AuditSealRow | null, backMs: number): string {
    const sealedUntil = last && auditIdTime(last.entryId)
    if (sealedUntil === null) return ''
    return firstAuditId(new Date(Math.min(sealedUntil, this.#now().getTime()) - backMs))
  }

  async #chain(last: AuditSealRow | null, entries: readonly AuditRow[]) {
    const seals: Omit<AuditSealRow, 'workspaceId'>[] = []
    let { sequence, seal: previous } = last ?? { sequence: 0, seal: firstSeal }
    for (const entry of entries) {
      sequence++
      previous = await sealOf(this.#digester, entry, { sequence, previous })
      seals.push({ sequence, entryId: entry.id, seal: previous })
    }
    return seals
  }
}

const takenCodes = ['23505', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_TRIGGER']

/** A unique key, or the fence of SQLite that stands before it. */
function isTaken(error: unknown): boolean {
  const code = driverErrorOf(error)?.code
  return code !== undefined && takenCodes.includes(code)
}
