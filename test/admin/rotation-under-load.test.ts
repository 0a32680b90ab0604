import { randomBytes } from 'node:crypto'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDatabaseBeside } from '../../src/db/open-database.ts'
import { createKeyring } from '../../src/secrets/keyring.ts'
import { loadMasterKey, loadOtherMasterKeys, type MasterKeys } from '../../src/secrets/master-key.ts'
import { Recorder } from '../canary/recorder.ts'
import { ServerProcess } from '../e2e/server-process.ts'
import { createStorage, type Storage, storageKinds } from '../e2e/storage.ts'
import { migrationsDirectory } from '../servers/databases.ts'
import { jsonOf, runAdminProgram } from './admin-program.ts'
import { readFreshly } from './fresh-reads.ts'
import { SecretLoad } from './secret-load.ts'

const timeout = 180_000
const ownKey = { file: null, dataDirectory: '', production: false }
/** Commits at which a rotation is killed: before, between and after its batches. */
const killAt = (point: string, number: number) => ({ PATCHBAY_FAILPOINT: `database.${point}#${number}=kill` })

const rowsUnderOldKeys = async (storage: Storage) => {
  const [row] = await storage.sql(
    `select count(*) as count from sealed_secrets s where not exists (
      select 1 from workspace_keys k where k.workspace_id = s.workspace_id and k.id = s.key_id and k.state = 'ACTIVE')`,
  )
  return Number(row?.['count'])
}
const failedReads = (server: ServerProcess) =>
  server.output.split('\n').filter(line => line.includes('Secrets read') && !line.includes('"ok":true'))
const readsOf = (server: ServerProcess) =>
  server.output.split('\n').filter(line => line.includes('Secrets read')).length

/** The load meets a rotation that is killed again and again, until one comes to its end. */
async function rotateUnderFire(
  storage: Storage,
  load: SecretLoad,
  masterKeys: MasterKeys,
  words: readonly string[],
  kills: readonly Readonly<Record<string, string>>[],
  environment: Readonly<Record<string, string>> = {},
) {
  const recorder = new Recorder()
  const over = new AbortController()
  const reading = readFreshly(storage, masterKeys, over.signal)
  load.start()
  try {
    for (const kill of kills) {
      const killed = await runAdminProgram(storage, recorder, words, { ...environment, ...kill })
      expect(killed).toMatchObject({ code: null, signal: 'SIGKILL' })
    }
    const last = await runAdminProgram(storage, recorder, [...words, '--json'], environment)
    expect(last).toMatchObject({ code: 0 })
    over.abort()
    expect(await reading).toMatchObject({ failures: [] })
    expect((await reading).count).toBeGreaterThan(100)
    return jsonOf(last)
  } finally {
    over.abort()
    await Promise.all([load.stop(), reading])
  }
}

test.each(storageKinds)(
  'the key of a workspace is replaced under load, with kills in the middle, and no read fails on %s',
  async kind => {
    await using storage = await createStorage(kind)
    await using server = await ServerProcess.start(storage)
    const load = await SecretLoad.create(server, 120)
    const old = (await storage.sql("select id from workspace_keys where purpose = 'SECRETS'")).map(row => row['id'])
    expect(old).toHaveLength(1)
    const before = new Date().toISOString()

    // Its commits: 1 checks the master key, 2 replaces the key, 3 to 5 seal anew, and the last one deletes the old key.
    const json = await rotateUnderFire(
      storage,
      load,
      { primary: await loadMasterKey({ ...ownKey, dataDirectory: storage.directory }), others: [] },
      ['keys:rotate', '--workspace', 'default', '--before', before],
      [killAt('beforeCommit', 2), killAt('afterCommit', 2), killAt('afterCommit', 3), killAt('beforeCommit', 4)],
    )
    expect(json).toMatchObject({ newKeys: 0, removedKeys: 1, keysLeft: 0, unreadable: 0, complete: true })
    await load.check()
    expect(load.failures).toEqual([])
    expect(failedReads(server)).toEqual([])
    expect(readsOf(server)).toBeGreaterThanOrEqual(load.reads)
    expect(load.writes).toBeGreaterThan(20)
    expect(await rowsUnderOldKeys(storage)).toBe(0)
    const keys = await storage.sql("select id from workspace_keys where purpose = 'SECRETS'")
    expect(keys).toHaveLength(1)
    expect(old).not.toContain(keys[0]?.['id'])
    const audit = await runAdminProgram(storage, new Recorder(), ['secrets:audit', '--json'])
    expect({ code: audit.code, ...jsonOf(audit) }).toMatchObject({ code: 0, findings: [], underRetiredKeys: 0 })
  },
  timeout,
)

test.each(storageKinds)(
  'the master key is replaced under load, with kills in the middle, and no read fails on %s',
  async kind => {
    await using storage = await createStorage(kind)
    const oldFile = join(storage.directory, 'master.key')
    const newFile = join(storage.directory, 'master-2.key')
    await writeFile(newFile, `${randomBytes(32).toString('base64')}\n`)
    await chmod(newFile, 0o600)
    const rotating = { MASTER_KEY_FILE: newFile, MASTER_KEY_OTHER_FILES: oldFile }

    const first = await ServerProcess.start(storage)
    const made = await SecretLoad.create(first, 40)
    await makeWorkspaceKeys(storage, 130)
    await first[Symbol.asyncDispose]()
    await using server = await ServerProcess.start(storage, { environment: rotating })
    const load = made.through(server)

    // Its commits: 1 checks the master keys, then come the batches, and the last one forgets the old master key.
    const json = await rotateUnderFire(
      storage,
      load,
      { primary: await loadMasterKey({ ...ownKey, file: newFile }), others: await loadOtherMasterKeys([oldFile]) },
      ['keys:rotate', '--master'],
      [killAt('afterCommit', 2), killAt('beforeCommit', 3), killAt('afterCommit', 3), killAt('beforeCommit', 4)],
      rotating,
    )
    expect(json).toMatchObject({ unreadable: 0, left: [], files: [oldFile] })
    await load.check()
    expect(load.failures).toEqual([])
    expect(failedReads(server)).toEqual([])
    expect(await storage.sql('select distinct master_key_id from workspace_keys')).toHaveLength(1)
    expect(await storage.sql('select id from master_keys')).toHaveLength(1)
    expect((await storage.sql('select id from workspace_keys')).length).toBe(2 * 130 + 2)

    // From now on the old file is needed by nobody, and accepted from nobody.
    await server[Symbol.asyncDispose]()
    await using later = await ServerProcess.start(storage, { environment: { MASTER_KEY_FILE: newFile } })
    await load.through(later).check()
    expect(load.failures).toEqual([])
    const stale = await runAdminProgram(storage, new Recorder(), ['secrets:audit'])
    expect(stale).toMatchObject({ code: 2, stderr: expect.stringContaining('sealed with another master key') })
  },
  timeout,
)

/** Keys of workspaces that nobody uses at the moment. */
async function makeWorkspaceKeys(storage: Storage, count: number): Promise<void> {
  const dataDirectory = storage.directory
  const url = storage.environment['DATABASE_URL'] ?? null
  const database = await openDatabaseBeside({ url, dataDirectory, migrationsDirectory })
  const primary = await loadMasterKey({ file: null, dataDirectory, production: false })
  const keyring = createKeyring(database, { primary, others: [] })
  for (let number = 0; number < count; number++) {
    await keyring.current(`w${number}`, 'SECRETS')
    await keyring.current(`w${number}`, 'DIGESTS')
  }
  await database.close()
}
