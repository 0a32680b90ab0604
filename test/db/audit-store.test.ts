import { inspect } from 'node:util'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AuditRow, type AuditStore, createAuditStore } from '../../src/db/audit-store.ts'
import type { Database } from '../../src/db/database.ts'
import { BadCursorError } from '../../src/db/keyset.ts'
import { WorkspaceScope } from '../../src/db/workspace-scope.ts'
import { auditIds, firstAuditId } from '../../src/services/audit-ids.ts'
import { testDatabases } from '../servers/databases.ts'
import { renamedConnector, runSql } from '../services/audit-world.ts'

const north = WorkspaceScope.of('north')
const south = WorkspaceScope.of('south')
const noFilter = { actions: null, outcomes: null, actorId: null, target: null, fromId: null, toId: null }

let clock = Date.parse('2026-11-22T09:00:00.000Z')
const next = auditIds(() => new Date(clock))

function entry(change: Partial<AuditRow> = {}): Omit<AuditRow, 'workspaceId'> {
  return {
    ...next(),
    ...renamedConnector,
    ...change,
  }
}

describe.each(testDatabases)('on $name', testDatabase => {
  let database: Database
  let store: AuditStore
  beforeAll(async () => {
    database = await testDatabase.open()
    store = createAuditStore(database)
  })
  afterAll(() => database.close())

  test('entries come back newest first, page by page, as they were written, of one workspace only', async () => {
    const written = Array.from({ length: 7 }, () => entry())
    await database.write(tx => store.append(tx, north, written))
    await database.write(tx => store.append(tx, south, [entry()]))
    const seen: AuditRow[] = []
    for (let after: string | null = null; ; ) {
      const page = await store.page(north, { first: 3, after }, noFilter)
      seen.push(...page.rows)
      if (!page.hasNextPage) break
      after = page.cursors.at(-1) ?? null
    }
    expect(seen).toEqual(written.toReversed().map(row => ({ ...row, workspaceId: 'north' })))
    await expect(store.page(north, { first: 3, after: 'made up' }, noFilter)).rejects.toThrow(BadCursorError)
  })

  test.each<[string, Partial<AuditRow>, Parameters<AuditStore['page']>[2]]>([
    ['action', { action: 'DELETE_DATASET' }, { ...noFilter, actions: ['DELETE_DATASET', 'SIGN_IN'] }],
    ['outcome', { outcome: 'REFUSED', reason: 'NOT_FOUND' }, { ...noFilter, outcomes: ['REFUSED'] }],
    ['actor', { actorId: 'token:t1' }, { ...noFilter, actorId: 'token:t1' }],
    ['target', { targetKind: 'DATASET', targetId: 'd1' }, { ...noFilter, target: { kind: 'DATASET', id: 'd1' } }],
  ])('the list is narrowed by %s', async (_, change, filter) => {
    const workspace = WorkspaceScope.of(`filter-${Object.keys(change)[0]}`)
    const wanted = [entry(change), entry(change)]
    await database.write(tx => store.append(tx, workspace, [entry(), ...wanted, entry()]))
    const { rows } = await store.page(workspace, { first: 10, after: null }, filter)
    expect(rows.map(row => row.id)).toEqual(wanted.map(row => row.id).toReversed())
  })

  test('the list is narrowed to a stretch of time: its first instant is in it, its last is not', async () => {
    const workspace = WorkspaceScope.of('times')
    const rows = [0, 1, 2, 3].map(minute => {
      clock += 60_000 + minute
      return entry()
    })
    await database.write(tx => store.append(tx, workspace, rows))
    const [, second, , last] = rows
    const fromId = firstAuditId(second?.at ?? new Date())
    const toId = firstAuditId(last?.at ?? new Date())
    const page = await store.page(workspace, { first: 10, after: null }, { ...noFilter, fromId, toId })
    expect(page.rows.map(row => row.id)).toEqual(
      rows
        .slice(1, 3)
        .map(row => row.id)
        .toReversed(),
    )
    const exported = await store.range(workspace, { afterId: fromId, toId }, 10)
    expect(exported.map(row => row.id)).toEqual(rows.slice(1, 3).map(row => row.id))
  })

  test('what no row can hold finds nothing', async () => {
    const { rows } = await store.page(north, { first: 10, after: null }, { ...noFilter, actorId: 'a\0b' })
    expect(rows).toEqual([])
  })

  describe('refuses', () => {
    let kept: { log: unknown; seals: unknown }
    const everything = async () => ({
      log: await database.read.select().from(database.tables.auditLog),
      seals: await database.read.select().from(database.tables.auditSeals),
    })
    beforeAll(async () => {
      const [first, second] = [entry({ id: 'first' }), entry({ id: 'second' })]
      const workspace = WorkspaceScope.of('fenced')
      await database.write(tx => store.append(tx, workspace, [first, second]))
      await database.write(tx => store.seal(tx, workspace, [{ sequence: 1, entryId: 'first', seal: 's' }]))
      kept = await everything()
    })

    const values = "'USER', 'x', 'x', null, null, 'SIGN_IN', 'DONE', null, null, null, null, '[]', '{}'"
    const everywhere = [
      "update audit_log set actor_name = 'Eve' where workspace_id = 'fenced'",
      "update audit_log set actor_name = actor_name where workspace_id = 'fenced'",
      "delete from audit_log where workspace_id = 'fenced' and id = 'second'",
      'delete from audit_log',
      "update audit_seals set seal = 'x' where workspace_id = 'fenced'",
      "delete from audit_seals where workspace_id = 'fenced'",
    ]
    const statements =
      testDatabase.name === 'sqlite'
        ? [
            ...everywhere,
            `insert or replace into audit_log values ('fenced', 'second', 1, ${values})`,
            `replace into audit_log values ('fenced', 'second', 1, ${values})`,
            `insert or replace into audit_log (rowid, workspace_id, id, at, actor_kind, actor_id, actor_name, address, request_id, action, outcome, reason, target_kind, target_id, target_name, changed_fields, details)
             select rowid, 'fenced', 'third', 1, ${values} from audit_log where id = 'second'`,
            "update or replace audit_log set id = 'second' where id = 'first'",
            `insert into audit_log values ('fenced', 'second', 1, ${values}) on conflict do update set actor_name = 'Eve'`,
            "insert or replace into audit_seals values ('fenced', 1, 'second', 'x')",
            "insert or replace into audit_seals values ('fenced', 2, 'first', 'x')",
            "insert or replace into audit_seals (rowid, workspace_id, sequence, entry_id, seal) select rowid, 'fenced', 2, 'second', 'x' from audit_seals",
          ]
        : [
            ...everywhere,
            'truncate audit_log, audit_seals',
            'truncate audit_seals',
            'truncate audit_log cascade',
            `insert into audit_log values ('fenced', 'second', now(), ${values}) on conflict (workspace_id, id) do update set actor_name = 'Eve'`,
            "insert into audit_seals values ('fenced', 1, 'second', 'x') on conflict (workspace_id, sequence) do update set seal = 'x'",
            `merge into audit_log a using (select 'second' as id) b on a.id = b.id when matched then delete`,
          ]
    test.each(statements)('%s', async statement => {
      const refusal = await database.write(tx => runSql(tx, sql.raw(statement))).catch(error => error)
      expect(inspect(refusal)).toContain('The audit log is append-only.')
      expect(await everything()).toEqual(kept)
    })
  })
})
