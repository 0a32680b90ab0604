import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SQL } from 'drizzle-orm'
import type { AuditRow } from '../../src/db/audit-store.ts'
import type { Database, Writer } from '../../src/db/database.ts'
import { createDigester } from '../../src/secrets/keyed-digester.ts'
import { openKeyring } from '../../src/secrets/keyring.ts'
import { loadMasterKey } from '../../src/secrets/master-key.ts'
import type { AuditEntry, AuditLog } from '../../src/services/audit.ts'
import type { SecretReading } from '../../src/services/secret-reading.ts'
import type { TestDatabase } from '../servers/databases.ts'

/** Runs a statement as it is, in both dialects. */
export async function runSql(tx: Writer, statement: SQL): Promise<void> {
  // `Writer` hides the ways to run a statement, which differ.
  const session = tx as unknown as { execute?(query: SQL): Promise<unknown>; run?(query: SQL): unknown }
  await (session.execute ? session.execute(statement) : session.run?.(statement))
}

/** A database with keys. */
export async function openAuditWorld(testDatabase: TestDatabase) {
  const database = await testDatabase.open()
  const dataDirectory = await mkdtemp(join(tmpdir(), 'patchbay-audit-'))
  const masterKey = await loadMasterKey({ file: null, dataDirectory, production: false })
  const keyring = await openKeyring(database, masterKey)
  return {
    database,
    keyring,
    digester: createDigester(keyring),
    async close() {
      await database.close()
      await rm(dataDirectory, { recursive: true })
    },
  }
}
export type AuditWorld = Awaited<ReturnType<typeof openAuditWorld>>

/** An entry but for whose it is, and when. */
export const renamedConnector: Omit<AuditRow, 'workspaceId' | 'id' | 'at'> = {
  actorKind: 'USER',
  actorId: 'user:ada',
  actorName: 'Ada',
  address: '192.0.2.1',
  requestId: 'r1',
  action: 'UPDATE_CONNECTOR',
  outcome: 'DONE',
  reason: null,
  targetKind: 'CONNECTOR',
  targetId: 'c1',
  targetName: 'Main',
  changedFields: ['name'],
  details: { version: 2 },
}

/** Every entry of a workspace, oldest first. */
export async function entriesOf({ read, tables }: Database, workspaceId: string): Promise<readonly AuditRow[]> {
  const rows = await read.select().from(tables.auditLog)
  return rows.filter(row => row.workspaceId === workspaceId).toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** Takes everything, and keeps it for whoever asks. */
export function rememberingAudit() {
  const told: (AuditEntry & { readonly outcome: string; readonly reason?: string })[] = []
  const done = async (entries: readonly AuditEntry[]) => {
    told.push(...entries.map(entry => ({ ...entry, outcome: 'DONE' })))
  }
  const audit: AuditLog = {
    record: (_tx, _actor, ...entries) => done(entries),
    note: (_actor, ...entries) => done(entries),
    noteOften: (_actor, entry) => done([entry]),
    refused: async (_actor, entry, reason, outcome = 'REFUSED') => {
      told.push({ ...entry, reason, outcome })
    },
  }
  return { audit, told }
}

/** For reads of stored secrets that are about something else. */
export const untold: SecretReading = { before: async () => undefined }
