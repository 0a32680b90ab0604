import { type AuditStore, createAuditStore } from '../db/audit-store.ts'
import type { Database, Writer } from '../db/database.ts'
import type { WorkspaceScope } from '../db/workspace-scope.ts'
import type { AuditActor, AuditEntry, AuditLog } from './audit.ts'
import { auditIds } from './audit-ids.ts'
import { AuditRepetitions, type Repeated, type RepetitionLimits } from './audit-repetitions.ts'
import { type AuditResult, auditRow } from './audit-row.ts'

export interface AuditLogOptions {
  readonly database: Database
  /** Of refusals that could not be written. */
  readonly onFault: (error: unknown) => void
  /** Told of workspaces that get entries, before those are committed. */
  readonly onRecorded?: (workspace: WorkspaceScope) => void
  readonly limits?: RepetitionLimits
  readonly now?: () => Date
}

/** `AuditLog` with what it needs to be run. */
export interface RunningAuditLog extends AuditLog {
  /** Tells of what was repeated in minutes that are over by now; in the end, of everything. */
  flush(isEnd?: boolean): Promise<void>
}

const done: AuditResult = { outcome: 'DONE', reason: null }

export function createAuditLog(options: AuditLogOptions): RunningAuditLog {
  const { database, onFault, onRecorded = () => undefined, limits, now = () => new Date() } = options
  const store: AuditStore = createAuditStore(database)
  const repetitions = new AuditRepetitions(limits)
  const nextId = auditIds(now)
  /** Refusals that nobody waits for. */
  const telling = new Set<Promise<void>>()

  // Ids are made here, inside the transaction: it may be run again.
  const append = async (tx: Writer, actor: AuditActor, entries: readonly AuditEntry[], result: AuditResult) => {
    await store.append(
      tx,
      actor.workspace,
      entries.map(entry => auditRow(nextId(), actor, entry, result)),
    )
    onRecorded(actor.workspace)
  }

  const repeatedly = async (actor: AuditActor, entry: AuditEntry, result: AuditResult): Promise<void> => {
    const first = repetitions.first(actor, entry, result, now().getTime())
    if (first === null) return
    try {
      await database.write(tx => append(tx, first.actor, [first.entry], first.result))
    } catch (error) {
      // So that the end of the minute tells of it, if it can.
      first.times++
      throw error
    }
  }

  const flush = async (isEnd = false): Promise<void> => {
    if (isEnd) await Promise.all(telling)
    const due = repetitions.take(isEnd ? Number.POSITIVE_INFINITY : now().getTime())
    if (due.length === 0) return
    await database.write(async tx => {
      for (const { actor, entry, result, times } of due) await append(tx, actor, [counted(entry, times)], result)
    })
  }

  return {
    record: (tx, actor, ...entries) => append(tx, actor, entries, done),
    note: (actor, ...entries) => database.write(tx => append(tx, actor, entries, done)),
    noteOften: (actor, entry) => repeatedly(actor, entry, done),
    refused: (actor, entry, reason, outcome = 'REFUSED') => {
      const told = repeatedly(actor, entry, { outcome, reason }).catch(onFault)
      telling.add(told)
      return told.finally(() => telling.delete(told))
    },
    flush,
  }
}

const counted = (entry: AuditEntry, times: Repeated['times']): AuditEntry => ({
  ...entry,
  details: { ...entry.details, times },
})
