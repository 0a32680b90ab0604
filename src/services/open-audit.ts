import type { Database } from '../db/database.ts'
import type { Digester } from '../secrets/digester.ts'
import { type AuditReading, createAuditReading } from './audit-reading.ts'
import { AuditSealer } from './audit-sealer.ts'
import { createAuditLog, type RunningAuditLog } from './create-audit-log.ts'
import { every } from './every.ts'

export interface OpenAudit {
  readonly audit: RunningAuditLog
  readonly auditLog: AuditReading
  /** Tells of what was repeated, and seals what is new. Never throws. */
  close(): Promise<void>
}

const sealMs = 1_000
const flushMs = 5_000
const minuteMs = 60_000

/** The audit log with what runs beside it: sealing, and telling of repetitions. */
export function openAudit({
  database,
  digester,
  onFault,
}: {
  readonly database: Database
  readonly digester: Digester
  readonly onFault: (error: unknown) => void
}): OpenAudit {
  const sealer = new AuditSealer({ database, digester })
  const audit = createAuditLog({ database, onFault, onRecorded: workspace => sealer.noted(workspace) })
  // Of other processes, of commands at the command line, and of those that have ended.
  const sealLeft = async () => void (await sealer.sealAll())
  const timers = [
    every(sealMs, async () => void (await sealer.sealNew()), onFault),
    every(flushMs, () => audit.flush(), onFault),
    every(minuteMs, sealLeft, onFault),
  ]
  const begun = sealLeft().catch(onFault)
  return {
    audit,
    auditLog: createAuditReading({ database, audit }),
    async close() {
      await Promise.all(timers.map(timer => timer.stop()))
      await begun
      await audit.flush(true).catch(onFault)
      await sealer.sealNew().catch(onFault)
    },
  }
}
