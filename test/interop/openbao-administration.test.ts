import { spawn } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SavedConnector, SecretOperations } from '../e2e/secret-operations.ts'
import { createSource, type Source } from '../e2e/source.ts'
import { freshPostgresDatabase, sharedPostgres } from '../servers/databases.ts'
import { uniqueName } from '../servers/postgres.ts'
import { BuiltServer } from './built-server.ts'
import { folderOf, secretOperations } from './openbao-api.ts'
import { installOpenBao, openBaoVersions } from './openbao-install.ts'
import { OpenBaoScene, usualPlace } from './openbao-scene.ts'
import { environmentOf, settingsFor } from './openbao-store.ts'

const [, version] = openBaoVersions
const installation = await installOpenBao(version)
if (!installation.installed) test('secrets:audit on OpenBao', context => context.skip(installation.reason))
const describeInstalled = installation.installed ? describe : (_name: string, _suite: () => void) => {}

const workspaceId = 'default'
const passes = { status: expect.stringMatching(/^PASSED/) }

describeInstalled('the administration of secrets in OpenBao, beside a running server', () => {
  let scene: OpenBaoScene
  let server: BuiltServer
  let api: SecretOperations
  let source: Source
  let environment: Readonly<Record<string, string>>
  let database: Awaited<ReturnType<typeof freshPostgresDatabase>>
  const connectors: SavedConnector[] = []
  beforeAll(async () => {
    scene = await OpenBaoScene.start(version, usualPlace)
    source = await createSource(await sharedPostgres())
    database = await freshPostgresDatabase()
    const masterKey = join(scene.bao.directory, 'master.key')
    await writeFile(masterKey, randomBytes(32).toString('base64'), { mode: 0o600 })
    const settings = await settingsFor(scene, 'kubernetes', usualPlace, [workspaceId])
    environment = { ...environmentOf(settings), DATABASE_URL: database.url, MASTER_KEY_FILE: masterKey }
    server = await BuiltServer.start(environment)
    api = secretOperations(server)
    for (let each = 0; each < 3; each++) {
      connectors.push(await api.created({ name: uniqueName('Orders'), config: source.config() }))
    }
  })
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    await database?.remove()
    await scene?.[Symbol.asyncDispose]()
  })

  const administer = async (...words: readonly string[]) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, '../../src/admin.ts'), ...words, '--json'], {
      cwd: scene.bao.directory,
      env: environment,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
    return { code, report: JSON.parse(stdout) as unknown }
  }
  const testAll = () => Promise.all(connectors.map(({ id }) => api.test({ saved: { id } })))
  const folders = () => connectors.map(({ id }) => folderOf(workspaceId, id))

  test('finds nothing wrong with what the server has stored', async () => {
    expect(await administer('secrets:audit')).toMatchObject({ code: 0, report: { opened: 3, findings: [] } })
  })

  test('moves everything to the embedded store and back while the server goes on', async () => {
    expect(await administer('secrets:migrate', '--to', 'sealed')).toMatchObject({ code: 0, report: { moved: 3 } })
    await scene.bao.seal()
    try {
      expect(await testAll()).toMatchObject([passes, passes, passes])
    } finally {
      await scene.bao.unseal()
    }
    expect(await administer('secrets:migrate', '--to', 'vault')).toMatchObject({ code: 0, report: { moved: 3 } })
    expect(await testAll()).toMatchObject([passes, passes, passes])
    // With those that were in use before, which are kept for a while.
    expect(await administer('secrets:audit')).toMatchObject({ code: 0, report: { opened: 9, findings: [] } })
  })

  test('says what somebody has done behind its back', async () => {
    const [folder, destroyed] = folders()
    const orphan = `${folder}/${randomUUID()}`
    await scene.operate('POST', `secret/data/${orphan}`, { data: { password: 'x' } })
    const { keys } = await scene.operate('LIST', `secret/metadata/${destroyed}`)
    for (const name of keys as string[]) {
      await scene.operate('PUT', `secret/destroy/${destroyed}/${name}`, { versions: [1] })
    }
    const { code, report } = await administer('secrets:audit')
    expect({ code, report }).toMatchObject({ code: 1, report: { counts: { ORPHANED: 1 } } })
    expect(JSON.stringify(report)).toContain(orphan)
    expect((report as { counts: Record<string, number> }).counts['MISSING']).toBeGreaterThan(0)
  })

  test('says that it could not be asked while it is sealed', async () => {
    await scene.bao.seal()
    try {
      const { code, report } = await administer('secrets:audit')
      expect(code).toBe(3)
      expect(JSON.stringify(report)).toContain('sealed')
    } finally {
      await scene.bao.unseal()
    }
  })
})
