import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  generateDrizzleJson,
  generateMigration,
  generateSQLiteDrizzleJson,
  generateSQLiteMigration,
} from 'drizzle-kit/api'
import { describe, expect, test } from 'vitest'
import * as postgres from '../../src/db/schema.postgres.ts'
import * as sqlite from '../../src/db/schema.sqlite.ts'
import { migrationsDirectory } from '../servers/databases.ts'

async function lastSnapshot(dialect: string): Promise<unknown> {
  const folder = join(migrationsDirectory, dialect, 'meta')
  const journal = JSON.parse(await readFile(join(folder, '_journal.json'), 'utf8')) as { entries: { idx: number }[] }
  const index = String(journal.entries.at(-1)?.idx).padStart(4, '0')
  return JSON.parse(await readFile(join(folder, `${index}_snapshot.json`), 'utf8'))
}

describe('the migrations', () => {
  test('lead to the schema of SQLite', async () => {
    const snapshot = (await lastSnapshot('sqlite')) as Awaited<ReturnType<typeof generateSQLiteDrizzleJson>>
    expect(await generateSQLiteMigration(snapshot, await generateSQLiteDrizzleJson(sqlite))).toEqual([])
  })

  test('lead to the schema of PostgreSQL', async () => {
    const snapshot = (await lastSnapshot('postgres')) as ReturnType<typeof generateDrizzleJson>
    expect(await generateMigration(snapshot, generateDrizzleJson(postgres))).toEqual([])
  })
})
