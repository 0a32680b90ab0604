import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import pg from 'pg'
import { freshPostgresDatabase, migrationsDirectory } from '../../servers/databases.ts'
import { VaultDouble } from '../../servers/vault-double.ts'
import type { Places } from './messages.ts'

export const databaseKinds = ['SQLite', 'PostgreSQL'] as const
export type DatabaseKind = (typeof databaseKinds)[number]
export type PrimaryStore = Places['primary']

/** A database, a master key and a Vault that outlive the processes that use them. */
export interface Depot extends AsyncDisposable {
  readonly places: Places
  /** Waits until the database has noticed that its last user is gone. */
  quiet(): Promise<void>
  /** What the database itself finds wrong with what it holds. */
  damage(): Promise<readonly string[]>
}

export async function openDepot(kind: DatabaseKind, primary: PrimaryStore): Promise<Depot> {
  const directory = await mkdtemp(join(tmpdir(), 'patchbay-kill-loop-'))
  const vault = await VaultDouble.start()
  const tokenFile = join(directory, 'vault-token')
  await writeFile(tokenFile, vault.rootToken, { mode: 0o600 })
  const database = await (kind === 'SQLite' ? sqliteIn(directory) : postgres())
  return {
    places: {
      dataDirectory: directory,
      migrationsDirectory,
      databaseUrl: database.url,
      primary,
      vault: {
        address: vault.url,
        clusterAddresses: [vault.url],
        namespace: null,
        kvMount: 'secret',
        kvPrefix: 'workspaces',
        caFile: null,
        signIn: { method: 'token', file: tokenFile },
      },
    },
    quiet: async () => {
      // Nobody asks what it was asked; it would only grow.
      vault.records.length = 0
      await database.quiet()
    },
    damage: database.damage,
    async [Symbol.asyncDispose]() {
      await database.remove()
      await vault[Symbol.asyncDispose]()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function sqliteIn(directory: string) {
  return {
    url: null,
    // The operating system has released its locks by the time that it is known to be gone.
    quiet: async () => undefined,
    damage: async () => {
      const database = new Sqlite(join(directory, 'patchbay.db'), { readonly: true, timeout: 5_000 })
      try {
        const integrity = database.prepare<[], { integrity_check: string }>('PRAGMA integrity_check').all()
        const keys = database.prepare<[], { table: string }>('PRAGMA foreign_key_check').all()
        const faults = integrity.map(row => row.integrity_check).filter(text => text !== 'ok')
        return [...faults, ...keys.map(({ table }) => `foreign key of ${table}`)]
      } finally {
        database.close()
      }
    },
    remove: async () => undefined,
  }
}

async function postgres() {
  const { url, remove } = await freshPostgresDatabase()
  const client = new pg.Client({ connectionString: url, application_name: 'kill-loop' })
  await client.connect()
  const others = `select count(*)::int as others from pg_stat_activity
    where datname = current_database() and application_name = 'patchbay' and pid <> pg_backend_pid()`
  return {
    url,
    // Until then, what was being committed when the process was killed may still be.
    quiet: async () => {
      while ((await client.query<{ others: number }>(others)).rows[0]?.others !== 0) await sleep(2)
    },
    // Its pages have checksums; there is nothing that it would check at once.
    damage: async () => [],
    remove: async () => {
      await client.end()
      await remove()
    },
  }
}
