import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { freshPostgresDatabase, migrationsDirectory, sharedPostgres } from '../servers/databases.ts'
import { freePort, superuser } from '../servers/postgres.ts'

let directory: string
const opened: Database[] = []
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'patchbay-open-'))
})
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close()
  await rm(directory, { recursive: true })
})

async function open(options: Partial<Parameters<typeof openDatabase>[0]> = {}): Promise<Database> {
  const database = await openDatabase({
    url: null,
    dataDirectory: directory,
    migrationsDirectory,
    maxWaitMs: 0,
    ...options,
  })
  opened.push(database)
  return database
}
const close = async (database: Database) => {
  opened.splice(opened.indexOf(database), 1)
  await database.close()
}
const refusal = (options: Partial<Parameters<typeof openDatabase>[0]>): Promise<unknown> =>
  open(options).then(
    () => undefined,
    (error: unknown) => error,
  )

const key = { id: 'k1', checkValue: 'c', createdAt: new Date(0) }
const addKey = (database: Database) =>
  database.write(tx => tx.insert(database.tables.masterKeys).values(key).returning())
const keys = (database: Database) => database.read.select().from(database.tables.masterKeys)

/** The migrations with one more, as a newer version of the program would have it. */
async function newerMigrations(sql: string): Promise<string> {
  const folder = join(directory, 'newer')
  await cp(migrationsDirectory, folder, { recursive: true })
  for (const dialect of ['sqlite', 'postgres']) {
    const journalFile = join(folder, dialect, 'meta', '_journal.json')
    const journal = JSON.parse(await readFile(journalFile, 'utf8')) as {
      entries: { idx: number; when: number; tag: string }[]
    }
    const last = journal.entries.at(-1)
    if (!last) throw new Error('There are no migrations.')
    journal.entries.push({ ...last, idx: last.idx + 1, when: last.when + 1000, tag: '9999_newer' })
    await writeFile(journalFile, JSON.stringify(journal))
    await writeFile(join(folder, dialect, '9999_newer.sql'), sql)
  }
  return folder
}

describe('opening a SQLite database', () => {
  test('makes a private directory and private files', async () => {
    const dataDirectory = join(directory, 'deep', 'data')
    await addKey(await open({ dataDirectory }))
    const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)
    expect(await mode(dataDirectory)).toBe('700')
    for (const suffix of ['', '-wal', '-shm', '.lock']) {
      expect([suffix, await mode(join(dataDirectory, `patchbay.db${suffix}`))]).toEqual([suffix, '600'])
    }
  })

  test('makes a file private that others may read', async () => {
    await close(await open())
    await chmod(join(directory, 'patchbay.db'), 0o644)
    await open()
    expect((await stat(join(directory, 'patchbay.db'))).mode & 0o777).toBe(0o600)
  })

  test.each(['file:', 'file://'])('takes a path after %s and keeps what was written', async prefix => {
    const url = `${prefix}${join(directory, 'elsewhere', 'own name.db')}`
    const first = await open({ url, dataDirectory: '/nowhere' })
    await addKey(first)
    await close(first)
    expect(await keys(await open({ url, dataDirectory: '/nowhere' }))).toEqual([key])
  })

  test('keeps a write-ahead log and enforces foreign keys', async () => {
    const { openSqlite } = await import('../../src/db/sqlite.ts')
    await close(await open())
    const { default: Sqlite } = await import('better-sqlite3')
    const database = openSqlite(join(directory, 'patchbay.db'))
    opened.push(database)
    const reader = new Sqlite(join(directory, 'patchbay.db'), { readonly: true })
    expect(reader.pragma('journal_mode', { simple: true })).toBe('wal')
    reader.close()
    const { sealedSecrets } = database.tables
    const orphan = { workspaceId: 'w', versionId: 'v', keyId: 'k', ciphertext: 'c' }
    await expect(database.write(tx => tx.insert(sealedSecrets).values(orphan).returning())).rejects.toThrow(
      'FOREIGN KEY',
    )
  })

  test('refuses a file that another process uses, until that process is gone', async () => {
    const program = `
      const { openDatabase } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/db/open-database.ts'))})
      await openDatabase(${JSON.stringify({ url: null, dataDirectory: directory, migrationsDirectory })})
      console.log('open')
      setInterval(() => undefined, 1000)`
    const other = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await once(other.stdout, 'data')
      const error = await refusal({})
      expect(error).toMatchObject({ name: 'DatabaseError', reason: 'IN_USE' })
      expect(String(error)).toContain(join(directory, 'patchbay.db'))
    } finally {
      other.kill('SIGKILL')
      await once(other, 'exit')
    }
    await addKey(await open())
  })

  test('waits for a predecessor that is just ending', async () => {
    const first = await open()
    const second = open({ maxWaitMs: 20_000 })
    await close(first)
    expect((await second).dialect).toBe('sqlite')
  })

  test('refuses what is no database, and a path that cannot be used', async () => {
    await writeFile(join(directory, 'patchbay.db'), 'This is not a database. '.repeat(100))
    expect(await refusal({})).toMatchObject({
      reason: 'UNAVAILABLE',
      message: expect.stringContaining('not a database'),
    })
    await rm(join(directory, 'patchbay.db'))
    await close(await open())
    // Sound at its beginning, so that opening it succeeds.
    const sound = await readFile(join(directory, 'patchbay.db'))
    await writeFile(join(directory, 'patchbay.db'), sound.fill(0xab, 4096, 12 * 4096))
    expect(await refusal({})).toMatchObject({ reason: 'UNAVAILABLE', message: expect.stringContaining('malformed') })
    await mkdir(join(directory, 'folder.db'))
    expect(await refusal({ url: `file:${join(directory, 'folder.db')}` })).toMatchObject({ reason: 'UNAVAILABLE' })
    await rm(join(directory, 'patchbay.db'))
    await open()
  })

  test('migrates only what is new', async () => {
    const first = await open()
    await addKey(first)
    await close(first)
    const newer = await newerMigrations('CREATE TABLE extra (id text);')
    await close(await open({ migrationsDirectory: newer }))
    await close(await open({ migrationsDirectory: newer }))
    expect(await refusal({})).toMatchObject({ reason: 'NEWER', message: expect.stringContaining('newer version') })
  })

  test('rolls a failing migration back', async () => {
    await close(await open())
    const broken = await newerMigrations(
      'CREATE TABLE extra (id text);\n--> statement-breakpoint\nINSERT INTO nowhere VALUES (1);',
    )
    expect(await refusal({ migrationsDirectory: broken })).toMatchObject({
      reason: 'MIGRATION_FAILED',
      message: expect.stringContaining('nowhere'),
    })
    const mended = await newerMigrations('CREATE TABLE extra (id text);')
    await open({ migrationsDirectory: mended })
  })
})

describe('opening a PostgreSQL database', () => {
  test('migrates once although several processes start at once', async () => {
    const { url, remove } = await freshPostgresDatabase()
    const databases = await Promise.all(Array.from({ length: 4 }, () => open({ url })))
    const [first, second] = databases
    if (!first || !second) throw new Error('The databases are not open.')
    await addKey(first)
    expect(await keys(second)).toEqual([key])
    for (const database of databases) await close(database)
    await remove()
  })

  test('refuses one that a newer version has used, and rolls a failing migration back', async () => {
    const { url, remove } = await freshPostgresDatabase()
    await close(await open({ url }))
    const broken = await newerMigrations(
      'CREATE TABLE extra (id text);\n--> statement-breakpoint\nINSERT INTO nowhere VALUES (1);',
    )
    expect(await refusal({ url, migrationsDirectory: broken })).toMatchObject({
      reason: 'MIGRATION_FAILED',
      message: expect.stringContaining('nowhere'),
    })
    const newer = await newerMigrations('CREATE TABLE extra (id text);')
    await close(await open({ url, migrationsDirectory: newer }))
    expect(await refusal({ url })).toMatchObject({ reason: 'NEWER' })
    await remove()
  })

  test('refuses what cannot be reached or signed in to, without the password in the message', async () => {
    const postgres = await sharedPostgres()
    const wrong = [
      `postgres://admin:canary-password@127.0.0.1:${await freePort()}/postgres`,
      `postgres://${superuser.username}:canary-password@127.0.0.1:${postgres.port}/postgres`,
      `postgres://${superuser.username}:${superuser.password}@127.0.0.1:${postgres.port}/no_such_database`,
      'mysql://root:canary-password@127.0.0.1/db',
      'postgres://root:canary-password@127.0.0.1:99999/db',
      'postgres://root:canary-password@127.0.0.1/db?sslrootcert=/nowhere/ca.pem',
    ]
    for (const url of wrong) {
      const error = await refusal({ url })
      expect(error).toMatchObject({ name: 'DatabaseError', reason: 'UNAVAILABLE' })
      expect(String(error)).toMatch(/DATABASE_URL .*\S/)
      expect(String(error)).not.toMatch(new RegExp(`canary-password|${superuser.password}`))
    }
  })

  test('refuses one that the account may not read', async () => {
    const { url, remove } = await freshPostgresDatabase()
    const database = await open({ url })
    const postgres = await sharedPostgres()
    await postgres.sql("create role nosy login password 'nosy-password'")
    expect(await refusal({ url: url.replace(/\/\/[^@]+@/, '//nosy:nosy-password@') })).toMatchObject({
      reason: 'UNAVAILABLE',
      message: expect.stringContaining('permission denied'),
    })
    await close(database)
    await remove()
  })

  test('refuses an encoding that cannot hold every text', async () => {
    const postgres = await sharedPostgres()
    await postgres.sql("create database latin template template0 encoding 'LATIN1' locale 'C'")
    const url = `postgres://${superuser.username}:${superuser.password}@127.0.0.1:${postgres.port}/latin`
    expect(await refusal({ url })).toMatchObject({ reason: 'UNAVAILABLE', message: expect.stringContaining('UTF8') })
  })
})
