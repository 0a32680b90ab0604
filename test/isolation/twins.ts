import { eq, getTableColumns } from 'drizzle-orm'
import type { Database } from '../../src/db/database.ts'
import { newId } from '../../src/services/ids.ts'
import { workspaceTables } from './workspace-state.ts'

type Row = Record<string, unknown>

const hourMs = 60 * 60 * 1000

/** Rows that a twin cannot have: the ids are unique over all workspaces, or the program makes them by itself. */
const untwinned = ['workspace_keys', 'api_tokens', 'audit_seals']

const text = (row: Row, column: string) =>
  typeof row[column] === 'string' ? { [column]: `twin of ${row[column]}` } : {}
const later = (row: Row, column: string) =>
  row[column] instanceof Date ? { [column]: new Date(row[column].getTime() + hourMs) } : {}

/** What is otherwise in a twin, by table, so that whoever reads it instead of the other is found out. */
const otherwise: Readonly<Record<string, (row: Row) => Row>> = {
  connectors: row => ({
    ...text(row, 'name'),
    ...text(row, 'createdBy'),
    ...later(row, 'createdAt'),
    description: 'twin',
    config: { ...(row['config'] as Row), host: 'twin.example.com' },
  }),
  datasets: row => ({ ...text(row, 'name'), ...later(row, 'createdAt'), description: 'twin' }),
  connection_tests: row => ({
    ...later(row, 'startedAt'),
    ...later(row, 'finishedAt'),
    status: row['status'] === 'RUNNING' ? 'RUNNING' : 'ERRORED',
    snapshot: {
      ...(row['snapshot'] as Row),
      status: row['status'] === 'RUNNING' ? 'RUNNING' : 'ERRORED',
      durationMs: 77,
    },
    typeName: 'POSTGRES',
    leaseOwner: null,
    leaseUntil: row['leaseUntil'] === null ? null : new Date(Date.now() + hourMs),
  }),
  connection_test_events: row => ({ event: { ...(row['event'] as Row), at: '2001-01-01T00:00:00.000Z' } }),
  secret_versions: row => ({ ...later(row, 'createdAt'), digests: {}, setAt: {} }),
  sealed_secrets: row => ({ ciphertext: [...String(row['ciphertext'])].reverse().join('') }),
  idempotency_keys: () => ({ resultId: newId(), requestHash: 'twin' }),
  sign_in_accounts: () => ({
    failures: 99,
    failedSince: new Date(),
    failedAt: new Date(),
    provenBy: null,
    provenAt: null,
  }),
  sign_in_attempts: row => later(row, 'heldUntil'),
  audit_log: () => ({ actorName: 'twin', actorId: 'twin', targetName: 'twin', details: { twin: true } }),
}

/**
 * Gives `twin` a row for each row of `workspace`, with the same id and the same names, and other contents: whatever is
 * found by less than workspace and id finds two, or the wrong one. Ids of Patchbay are random, so this never happens. The
 * rows may be those of another database.
 */
export async function addTwin(
  database: Database,
  workspace: string,
  twin: string,
  from: Pick<Database, 'read' | 'tables'> = database,
): Promise<void> {
  const sources = new Map(workspaceTables(from).map(each => [each.name, each]))
  for (const { name, table } of workspaceTables(database)) {
    if (untwinned.includes(name)) continue
    const differ = otherwise[name]
    if (!differ) throw new Error(`Say in test/isolation/twins.ts how rows of ${name} differ from their twins.`)
    const source = sources.get(name)
    const rows: readonly Row[] = source
      ? await from.read.select().from(source.table).where(eq(source.workspaceId, workspace))
      : []
    const twins = rows.map(row => ({ ...row, ...differ(row), workspaceId: twin }))
    // One more on the same connector: who counts too much is found out.
    const more = name === 'datasets' ? twins.map(row => ({ ...row, id: newId(), nameKey: newId() })) : []
    for (const row of [...twins, ...more]) {
      await database.write(
        async tx =>
          void (await tx
            .insert(table)
            .values(row as never)
            .returning(getTableColumns(table))),
      )
    }
  }
}
