import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { ConnectionTestStore, snapshotOf } from '../../src/db/connection-test-store.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { WorkspaceScope } from '../../src/db/workspace-scope.ts'
import { freshPostgresDatabase, migrationsDirectory, sharedPostgres } from '../servers/databases.ts'

/** The migrations up to and including the one with this number, as an older version of the program has them. */
async function migrationsUntil(directory: string, last: number): Promise<string> {
  const folder = join(directory, 'older')
  await cp(migrationsDirectory, folder, { recursive: true })
  for (const dialect of ['sqlite', 'postgres']) {
    const file = join(folder, dialect, 'meta', '_journal.json')
    const journal = JSON.parse(await readFile(file, 'utf8')) as { entries: { idx: number }[] }
    journal.entries = journal.entries.filter(({ idx }) => idx <= last)
    await writeFile(file, JSON.stringify(journal))
  }
  return folder
}

const snapshot = '{"sequence":2,"status":"PASSED","steps":[],"startedAt":"2026-03-01T12:00:00.000Z"}'
const insertTest = (instant: string, no: string) =>
  `insert into connection_tests (workspace_id, id, connector_id, type_name, status, snapshot, fingerprint, config,
     secret_digests, started_by, target_hash, cancel_requested, started_at, finished_at)
   values ('north', 'old', null, 'POSTGRES', 'PASSED', '${snapshot}', 'print', '{}', '{}', 'ada', 'target', ${no}, ${instant}, ${instant})`

const places = [
  {
    name: 'SQLite',
    async make(directory: string) {
      const run = async (sql: string) => {
        const file = new Sqlite(join(directory, 'patchbay.db'))
        file.exec(sql)
        file.close()
      }
      return { url: null, insert: () => run(insertTest('1772366400000', '0')), remove: async () => undefined }
    },
  },
  {
    name: 'PostgreSQL',
    async make() {
      const { url, remove } = await freshPostgresDatabase()
      const server = await sharedPostgres()
      const insert = async () =>
        void (await server.sql(insertTest("'2026-03-01T12:00:00Z'", 'false'), new URL(url).pathname.slice(1)))
      return { url, insert, remove }
    },
  },
] as const

describe.each(places)('a database of the first version, in $name', ({ make }) => {
  test('is brought up to date with the tests that it holds', async () => {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'patchbay-upgrade-'))
    const { url, insert, remove } = await make(dataDirectory)
    try {
      const older = await migrationsUntil(dataDirectory, 0)
      await (await openDatabase({ url, dataDirectory, migrationsDirectory: older })).close()
      await insert()
      const database = await openDatabase({ url, dataDirectory, migrationsDirectory })
      try {
        const row = await new ConnectionTestStore(database).find({ workspace: WorkspaceScope.of('north'), id: 'old' })
        expect(row).toMatchObject({ status: 'PASSED', typeVersion: null, startedAt: new Date('2026-03-01T12:00:00Z') })
        expect(row && snapshotOf(row)).toEqual(JSON.parse(snapshot))
        expect(await database.read.select().from(database.tables.signInAccounts)).toEqual([])
      } finally {
        await database.close()
      }
    } finally {
      await remove()
      await rm(dataDirectory, { recursive: true })
    }
  })
})
