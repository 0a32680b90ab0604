import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import pg from 'pg'
import { Recorder } from '../canary/recorder.ts'
import { freshPostgresDatabase, sharedPostgres } from '../servers/databases.ts'
import { superuser } from '../servers/postgres.ts'

export const storageKinds = ['SQLite', 'PostgreSQL'] as const
export type StorageKind = (typeof storageKinds)[number]

/**
 * An empty database of Patchbay with its data directory, which outlives the servers that use it. What is left in it at
 * the end is searched for leaked secrets.
 */
export interface Storage extends AsyncDisposable {
  readonly directory: string
  /** What a server needs to use it. */
  readonly environment: Readonly<Record<string, string>>
  /** Runs one statement behind the servers' backs. */
  sql(statement: string): Promise<readonly Record<string, unknown>[]>
  /** Keeps a copy of all that is stored now for the search. */
  record(): Promise<void>
}

export async function createStorage(kind: StorageKind): Promise<Storage> {
  const directory = await mkdtemp(join(tmpdir(), 'patchbay-e2e-'))
  const storage = await (kind === 'SQLite' ? sqliteStorage(directory) : postgresStorage(directory))
  return {
    ...storage,
    async [Symbol.asyncDispose]() {
      await storage.record()
      await storage[Symbol.asyncDispose]()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function sqliteStorage(directory: string): Storage {
  const recorder = new Recorder()
  const isDatabase = (name: string) => name.startsWith('patchbay.db')
  return {
    directory,
    environment: { DATA_DIR: directory },
    sql: async statement => {
      const database = new Sqlite(join(directory, 'patchbay.db'), { timeout: 5_000 })
      try {
        const prepared = database.prepare(statement)
        if (prepared.reader) return prepared.all() as Record<string, unknown>[]
        prepared.run()
        return []
      } finally {
        database.close()
      }
    },
    record: async () => {
      await listMasterKey(recorder, directory)
      recorder.copyFiles('database', directory, isDatabase)
    },
    async [Symbol.asyncDispose]() {},
  }
}

async function postgresStorage(directory: string): Promise<Storage> {
  const recorder = new Recorder()
  const { url, remove } = await freshPostgresDatabase()
  const sql = async (statement: string) => {
    const client = new pg.Client(url)
    await client.connect()
    try {
      return (await client.query<Record<string, unknown>>(statement)).rows
    } finally {
      await client.end()
    }
  }
  return {
    directory,
    environment: { DATA_DIR: directory, DATABASE_URL: url },
    sql,
    record: async () => {
      await listMasterKey(recorder, directory)
      recorder.searchFor('the password of DATABASE_URL', superuser.password)
      recorder.record('database', (await sharedPostgres()).log)
      const tables = await sql("select oid::regclass::text as name from pg_class where relkind = 'r' and oid >= 16384")
      for (const { name } of tables) {
        const rows = await sql(`select t::text as line from ${name} t`)
        recorder.record('database', `${name}\n${rows.map(row => row['line']).join('\n')}\n`)
      }
    },
    [Symbol.asyncDispose]: remove,
  }
}

/** The key itself must be nowhere but in its file. */
async function listMasterKey(recorder: Recorder, directory: string): Promise<void> {
  recorder.searchFor('the master key', (await readFile(join(directory, 'master.key'), 'utf8')).trim())
}
