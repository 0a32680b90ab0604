import { chmod, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { Recorder } from '../canary/recorder.ts'
import { ServerProcess } from '../e2e/server-process.ts'
import { createStorage, type Storage, storageKinds } from '../e2e/storage.ts'
import { listVaultCredentials } from '../e2e/vault-credentials.ts'
import { TypedDocumentString } from '../generated/graphql.ts'
import { openDoubleWorld } from '../secrets/vault/double-world.ts'
import { jsonOf, runAdminProgram } from './admin-program.ts'
import { SecretLoad } from './secret-load.ts'

const timeout = 120_000

interface States {
  readonly connectors: {
    readonly nodes: readonly {
      readonly version: number
      readonly updatedAt: string
      readonly verification: { readonly state: string }
      readonly secrets: readonly object[]
    }[]
  }
}
const statesDocument = new TypedDocumentString<States, Record<string, never>>(
  `{ connectors(first: 100, orderBy: { field: CREATED_AT, direction: ASC }) {
    nodes { id version updatedAt verification { state } secrets { path isSet setAt version } }
  } }`,
)
const statesOf = async (server: ServerProcess) => (await server.client.request(statesDocument, {})).connectors.nodes

const failedReads = (server: ServerProcess) =>
  server.output.split('\n').filter(line => line.includes('Secrets read') && !line.includes('"ok":true'))

const placesOf = async (storage: Storage) =>
  (await storage.sql("select store from secret_versions where state = 'ACTIVE'")).map(row => row['store'])

test.each(storageKinds)(
  'secrets move to Vault and back beside a server under load, killed and gone on with, on %s',
  async kind => {
    await using vault = await openDoubleWorld({ workspaces: ['default'] })
    await using storage = await createStorage(kind)
    // As before a migration: the server knows Vault already, and new secrets still go into the database.
    const environment = { ...vault.environment, SECRET_STORE: 'sealed' }
    await using server = await ServerProcess.start(storage, { environment })
    const { recorder } = server
    const load = await SecretLoad.create(server, 24)
    const before = await statesOf(server)

    const toVault = ['secrets:migrate', '--to', 'vault', '--rate', '200']
    for (const point of [
      'secrets.afterPut#3',
      'database.beforeCommit#5',
      'database.afterCommit#8',
      'vault.afterSend#4',
    ]) {
      const killed = await runAdminProgram(storage, recorder, toVault, {
        ...environment,
        PATCHBAY_FAILPOINT: `${point}=kill`,
      })
      expect([point, killed.signal]).toEqual([point, 'SIGKILL'])
    }
    const quiet = await runAdminProgram(storage, recorder, [...toVault, '--json'], environment)
    expect({ code: quiet.code, ...jsonOf(quiet) }).toMatchObject({ code: 0, failures: 0, complete: true })
    expect(new Set(await placesOf(storage))).toEqual(new Set(['VAULT']))
    // To clients nothing has happened.
    expect(await statesOf(server)).toEqual(before)
    expect(before[0]?.secrets).toContainEqual(expect.objectContaining({ isSet: true, version: expect.any(String) }))
    await load.check()
    const again = await runAdminProgram(storage, recorder, [...toVault, '--json'], environment)
    expect({ code: again.code, ...jsonOf(again) }).toMatchObject({ code: 0, moved: 0 })

    load.start()
    try {
      const there = await runAdminProgram(storage, recorder, [...toVault, '--json'], environment)
      const back = await runAdminProgram(
        storage,
        recorder,
        ['secrets:migrate', '--to', 'sealed', '--json'],
        environment,
      )
      expect([jsonOf(there)['failures'], back.code, jsonOf(back)['failures']]).toEqual([0, 0, 0])
      // Edits that are made behind the walk go into the database still: then it says that there is more to do.
      expect(there.code).toBe(jsonOf(there)['complete'] === true ? 0 : 1)
    } finally {
      await load.stop()
    }
    await load.check()
    expect(load.failures).toEqual([])
    expect(failedReads(server)).toEqual([])
    // What lies there now are the edits made meanwhile, which went into the database.
    expect(new Set(await placesOf(storage))).toEqual(new Set(['SEALED']))
    const audit = await runAdminProgram(storage, recorder, ['secrets:audit', '--json'], environment)
    expect({ code: audit.code, ...jsonOf(audit) }).toMatchObject({ code: 0, findings: [], notAsked: 0 })
    listVaultCredentials(recorder, vault)
  },
  timeout,
)

test.each(storageKinds)(
  'the audit finds what was lost and left in Vault, says that Vault is away, and the program ends accordingly, on %s',
  async kind => {
    await using vault = await openDoubleWorld({ workspaces: ['default'] })
    await using storage = await createStorage(kind)
    await using server = await ServerProcess.start(storage, { environment: vault.environment })
    const { recorder } = server
    await SecretLoad.create(server, 5)
    const audit = async () => {
      const run = await runAdminProgram(storage, recorder, ['secrets:audit', '--json'], vault.environment)
      return { code: run.code, ...jsonOf(run) }
    }
    expect(await audit()).toMatchObject({ code: 0, opened: 5, findings: [] })

    // An orphan is what the database was restored to not know; lost is what Vault was restored to not have.
    const [orphan, lost] = await storage.sql('select connector_id, id from secret_versions order by id')
    const at = (row: Record<string, unknown> | undefined) =>
      `secret/metadata/workspaces/default/connectors/${row?.['connector_id']}/${row?.['id']}`
    await storage.sql(`update connectors set secret_version_id = null where secret_version_id = '${orphan?.['id']}'`)
    await storage.sql(`delete from secret_versions where id = '${orphan?.['id']}'`)
    vault.operate('default', 'DELETE', at(lost))
    const found = await audit()
    expect(found).toMatchObject({ code: 1, opened: 3, counts: { MISSING: 1, ORPHANED: 1 } })
    expect(found).toMatchObject({
      findings: expect.arrayContaining([
        expect.objectContaining({ kind: 'ORPHANED', path: at(orphan) }),
        expect.objectContaining({ kind: 'MISSING', versionId: lost?.['id'], store: 'VAULT' }),
      ]),
    })

    vault.double.sealed = true
    const [text, json] = [await runAdminProgram(storage, recorder, ['secrets:audit'], vault.environment), await audit()]
    expect(text.code).toBe(3)
    expect(text.stdout).toContain('VAULT SEALED')
    expect(json).toMatchObject({ code: 3, opened: 0, findings: [] })
    const noVault = await runAdminProgram(storage, recorder, ['secrets:audit'])
    expect(noVault).toMatchObject({ code: 2, stderr: expect.stringContaining('VAULT_ADDR is not set') })
    expect(noVault.stderr).toContain('--to sealed')
    await storage.sql("update secret_versions set state = 'RETIRED'")
    const moved = await runAdminProgram(storage, recorder, ['secrets:audit'])
    expect(moved).toMatchObject({ code: 2, stderr: expect.stringContaining('two days') })
    expect(moved.stderr).not.toContain('--to sealed')
    listVaultCredentials(recorder, vault)
  },
  timeout,
)

test(
  'tells a database that it could not begin with from one that failed in the middle',
  async () => {
    await using storage = await createStorage('SQLite')
    await using server = await ServerProcess.start(storage)
    await SecretLoad.create(server, 1)
    const rotate = (environment = {}) =>
      runAdminProgram(storage, server.recorder, ['keys:rotate', '--all-workspaces'], environment)

    const other = new Sqlite(join(storage.directory, 'patchbay.db'))
    other.exec('BEGIN IMMEDIATE')
    const locked = await rotate()
    other.close()
    expect(locked).toMatchObject({ code: 2, stderr: expect.stringContaining('locked by another process') })
    expect(locked.stderr).not.toContain('    at ')

    // The first transaction compares the master keys.
    expect(await rotate({ PATCHBAY_FAILPOINT: 'database.beforeCommit#3=throw' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Repeat this'),
    })
    expect(await rotate()).toMatchObject({ code: 0 })
  },
  timeout,
)

test(
  'is called in ways that make sense only, and makes nothing where nothing is',
  async () => {
    await using storage = await createStorage('SQLite')
    const recorder = new Recorder()
    const run = (...words: string[]) => runAdminProgram(storage, recorder, words)

    expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining('secrets:audit') })
    expect(await run('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('node dist/admin.js') })
    expect(await run('secrets:burn')).toMatchObject({ code: 2, stderr: expect.stringContaining('"secrets:burn"') })
    for (const name of ['secrets:audit', 'secrets:migrate', 'keys:rotate', 'vault:provision']) {
      expect(await run(name, '--help')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`npm run ${name} --`),
      })
    }
    const wrong = await run('secrets:audit', '--wrong')
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("Unknown option '--wrong'") })
    const nothing = await run('secrets:audit')
    expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining('patchbay.db cannot be opened') })

    const server = await ServerProcess.start(storage)
    expect(await run('secrets:migrate', '--to', 'vault')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Set it for every server first'),
    })
    await server[Symbol.asyncDispose]()
    const [key, hidden] = [join(storage.directory, 'master.key'), join(storage.directory, 'hidden.key')]
    await rename(key, hidden)
    // No key is made for secrets that were sealed with another one.
    expect(await run('secrets:audit')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cannot be read: ENOENT'),
    })
    await rename(hidden, key)
    await storage.sql(
      'delete from __drizzle_migrations where created_at = (select max(created_at) from __drizzle_migrations)',
    )
    expect(await run('secrets:audit')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('has not been brought up to date'),
    })
    await writeFile(join(storage.directory, '.env'), 'PORT=none\n')
    await chmod(join(storage.directory, '.env'), 0o600)
    expect(await run('secrets:audit')).toMatchObject({ code: 2, stderr: expect.stringContaining('PORT must be') })
  },
  timeout,
)
