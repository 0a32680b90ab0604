import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { WorkspaceScope } from '../../src/db/workspace-scope.ts'
import { createDigester } from '../../src/secrets/keyed-digester.ts'
import { openKeyring } from '../../src/secrets/keyring.ts'
import { createSealedStore } from '../../src/secrets/sealed-store.ts'
import { secretStores } from '../../src/secrets/secret-store.ts'
import { createSecretVersions } from '../../src/services/secret-versions.ts'
import { freshPostgresDatabase, migrationsDirectory } from '../servers/databases.ts'
import { untold } from '../services/audit-world.ts'
import { newMasterKey } from './test-keys.ts'

const secret = 'Canary pässword "42" / not to be found'
/** The ways in which it might lie somewhere. */
const spellings = [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
  Buffer.from(secret).toString('hex'),
  ...[0, 1, 2].map(shift => Buffer.from(secret).subarray(shift).toString('base64').slice(0, 40)),
]
const found = (bytes: Buffer): string[] => spellings.filter(spelling => bytes.includes(spelling))

/** Stages, activates, replaces, retires, discards and reaps secrets; returns the ciphertexts that were there. */
async function useSecrets(database: Database): Promise<string[]> {
  const keyring = await openKeyring(database, await newMasterKey())
  const store = createSealedStore(database, keyring)
  const versions = createSecretVersions({ database, stores: secretStores(store), digester: createDigester(keyring) })
  const workspace = WorkspaceScope.of('w1')
  const first = await versions.stage(workspace, 'c1', { password: secret, other: secret }, null)
  const second = await versions.stage(workspace, 'c1', { password: secret }, first.versionId)
  const third = await versions.stage(workspace, 'c2', { password: secret }, null)
  expect(await versions.read(workspace, 'c1', first.versionId, untold)).toEqual({
    password: secret,
    other: secret,
  })
  const ciphertexts = (await database.read.select().from(database.tables.sealedSecrets)).map(row => row.ciphertext)
  await database.write(async tx => {
    await versions.activate(tx, workspace, first.versionId)
    await versions.retire(tx, workspace, first.versionId)
    await versions.activate(tx, workspace, second.versionId)
  })
  await versions.discard(workspace, third.versionId)
  expect(await versions.reap(new Date(Date.now() + 48 * 3_600_000))).toBe(1)
  const kept = (await database.read.select().from(database.tables.sealedSecrets)).map(row => row.ciphertext)
  return ciphertexts.filter(ciphertext => !kept.includes(ciphertext))
}

async function filesOf(directory: string): Promise<Map<string, Buffer>> {
  const names = await readdir(directory)
  return new Map(await Promise.all(names.map(async name => [name, await readFile(join(directory, name))] as const)))
}

describe('no secret can be read', () => {
  test('from the files of the SQLite database, and no deleted ciphertext either', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'patchbay-canary-'))
    try {
      const database = await openDatabase({ url: null, dataDirectory: directory, migrationsDirectory })
      const gone = await useSecrets(database)
      const files = await filesOf(directory)
      expect([...files.keys()]).toEqual(expect.arrayContaining(['patchbay.db', 'patchbay.db-wal']))
      expect([...files].filter(([, bytes]) => found(bytes).length > 0)).toEqual([])
      await database.close()
      const after = Buffer.concat([...(await filesOf(directory)).values()])
      expect(found(after)).toEqual([])
      expect(gone).toHaveLength(2)
      for (const ciphertext of gone) expect(after.includes(ciphertext.slice(0, 64))).toBe(false)
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  test('from the tables of the PostgreSQL database', async () => {
    const { url, remove } = await freshPostgresDatabase()
    const database = await openDatabase({ url, dataDirectory: '', migrationsDirectory })
    await useSecrets(database)
    await database.close()
    const client = new pg.Client(url)
    await client.connect()
    const { rows: tables } = await client.query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'public'",
    )
    expect(tables.map(table => table.name)).toContain('sealed_secrets')
    for (const { name } of tables) {
      const { rows } = await client.query(`select t::text as line from ${name} t`)
      expect([name, found(Buffer.from(JSON.stringify(rows)))]).toEqual([name, []])
    }
    await client.end()
    await remove()
  })
})
