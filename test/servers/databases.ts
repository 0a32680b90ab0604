import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { PostgresServer, superuser, uniqueName } from './postgres.ts'

export const migrationsDirectory = join(import.meta.dirname, '../../drizzle')

// Registered when a suite imports this file, because hooks cannot be registered while a test runs.
let server: Promise<PostgresServer> | undefined
afterAll(async () => {
  await (await server)?.[Symbol.asyncDispose]()
})

/** The server of this test file, started on first use. */
export function sharedPostgres(): Promise<PostgresServer> {
  server ??= PostgresServer.start({ settings: { max_connections: '200' } })
  return server
}

/** Makes an empty database on the server of this test file; returns its URL and how to remove it. */
export async function freshPostgresDatabase(): Promise<{ url: string; remove: () => Promise<void> }> {
  const postgres = await sharedPostgres()
  const name = uniqueName('patchbay')
  // With a linguistic collation, as most servers have: what depends on the database's own collation shows.
  await postgres.sql(`create database ${name} template template0 locale_provider icu icu_locale 'en-US'`)
  return {
    url: `postgres://${superuser.username}:${superuser.password}@127.0.0.1:${postgres.port}/${name}`,
    remove: async () => void (await postgres.sql(`drop database if exists ${name} with (force)`)),
  }
}

export interface TestDatabase {
  readonly name: 'sqlite' | 'postgres'
  /** A freshly migrated empty database; closing it removes what was made for it. */
  open(): Promise<Database>
}

/** Every suite about stored data runs on each of these. */
export const testDatabases: readonly TestDatabase[] = [
  {
    name: 'sqlite',
    open: async () => {
      const dataDirectory = await mkdtemp(join(tmpdir(), 'patchbay-database-'))
      const remove = () => rm(dataDirectory, { recursive: true, force: true })
      return removedOnClose(openDatabase({ url: null, dataDirectory, migrationsDirectory }), remove)
    },
  },
  {
    name: 'postgres',
    open: async () => {
      const { url, remove } = await freshPostgresDatabase()
      return removedOnClose(openDatabase({ url, dataDirectory: '', migrationsDirectory }), remove)
    },
  },
]

async function removedOnClose(opening: Promise<Database>, remove: () => Promise<void>): Promise<Database> {
  try {
    const database = await opening
    return { ...database, close: () => database.close().finally(remove) }
  } catch (error) {
    await remove()
    throw error
  }
}
