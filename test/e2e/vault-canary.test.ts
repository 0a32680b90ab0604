import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { canarySecret, marker } from '../canary/secrets.ts'
import { PreviewDocument, WatchTestDocument } from '../generated/graphql.ts'
import { type DoubleWorld, openDoubleWorld } from '../secrets/vault/double-world.ts'
import { PostgresServer, uniqueName } from '../servers/postgres.ts'
import { type VaultFault, vaultFaults } from '../servers/vault-faults.ts'
import { transports } from './api-client.ts'
import { hostChildrenOf } from './host-children.ts'
import { type SavedConnector, SecretOperations } from './secret-operations.ts'
import { ServerProcess } from './server-process.ts'
import { createSource, type Source } from './source.ts'
import { createStorage, type Storage } from './storage.ts'
import { listVaultCredentials } from './vault-credentials.ts'

// What is recorded here is searched after the run, for the secrets and for everything that opens the Vault.

/** Strikes every request of a test, or so many. */
type Disturbance = [name: string, fault: VaultFault, times?: number]

let vault: DoubleWorld
let storage: Storage
let postgres: PostgresServer
let source: Source
let temporary: string
let server: ServerProcess
let operations: SecretOperations
let saved: SavedConnector

/** Of programs that are told to say all they can. */
const talkative = () => ({
  ...storage.environment,
  ...vault.environment,
  TMPDIR: temporary,
  DEBUG: '*',
  LOG_LEVEL: 'trace',
})

beforeAll(async () => {
  ;[vault, storage, postgres, temporary] = await Promise.all([
    openDoubleWorld({ product: 'VAULT' }),
    createStorage('SQLite'),
    PostgresServer.start(),
    mkdtemp(join(tmpdir(), 'patchbay-temporary-')),
  ])
  source = await createSource(postgres)
  server = await ServerProcess.start(storage, { environment: { ...talkative(), TEST_RATE: '1000' } })
  operations = new SecretOperations(server.client)
  saved = await operations.created({ name: uniqueName('Saved'), config: source.config() })
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  if (server && vault) recordVault()
  if (server && temporary) recordTemporaryFiles()
  await Promise.all([storage, postgres, vault].map(each => each?.[Symbol.asyncDispose]()))
  if (temporary) await rm(temporary, { recursive: true })
})

/** Everything that came to the Vault but bodies, and tokens where they belong. */
function recordVault(): void {
  listVaultCredentials(server.recorder, vault)
  for (const { method, path, namespace, headers } of vault.double.records) {
    const { 'x-vault-token': _token, ...others } = headers
    server.recorder.record('vault', `${JSON.stringify({ method, path, namespace, others })}\n`)
  }
}

const temporaryFiles = () =>
  globSync('**/*', { cwd: temporary })
    .map(name => join(temporary, name))
    .filter(path => statSync(path).isFile())

function recordTemporaryFiles(): void {
  for (const path of temporaryFiles()) server.recorder.record('files', readFileSync(path))
}

/** What the processes in which drivers run look like from outside, for as long as `work` takes. */
async function watchingChildren<T>(work: Promise<T>): Promise<{ readonly outcome: T; readonly children: number }> {
  const pids = new Set<number>()
  const watch = { isOver: false }
  const watching = (async () => {
    while (!watch.isOver) {
      for (const { pid, commandLine, environment } of hostChildrenOf(server.pid)) {
        pids.add(pid)
        server.recorder.record('process', `${commandLine}\n${environment}\n`)
      }
      recordTemporaryFiles()
      await sleep(20)
    }
  })()
  try {
    return { outcome: await work, children: pids.size }
  } finally {
    watch.isOver = true
    await watching
  }
}

/** Runs a command of the administration beside the server; answers its exit code and all that it wrote. */
async function admin(...words: string[]): Promise<{ readonly code: number; readonly output: string }> {
  const entry = fileURLToPath(new URL('../../src/admin.ts', import.meta.url))
  const child = spawn(process.execPath, [entry, ...words], {
    cwd: storage.directory,
    env: { NODE_ENV: 'test', ...talkative() },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  server.recorder.record('log', `${stdout}\n${stderr}\n`)
  return { code, output: stdout + stderr }
}

describe('neither a secret nor what opens the Vault gets anywhere', () => {
  test('while connectors are saved, tested, read and deleted', async () => {
    const { children } = await watchingChildren(
      (async () => {
        for (const transport of transports) {
          const log = server.client.subscribe(transport, WatchTestDocument, {
            input: { target: { saved: { id: saved.id } } },
          })
          const last = (await log.all()).at(-1)
          expect(last).toMatchObject({ test: { status: 'PASSED_WITH_WARNINGS' } })
        }
        const slow = { postgres: { sql: { text: 'select pg_sleep(1)' } } }
        const target = { draft: { connector: { id: saved.id }, query: slow } }
        const { previewDataset } = await server.client.request(PreviewDocument, { input: { target } })
        expect(previewDataset.__typename).toBe('PreviewDatasetSuccess')
        expect(await operations.options(saved.id)).toMatchObject({ problem: null })
        expect(await operations.catalog(saved.id)).toMatchObject({ problem: null })
        const edit = { postgres: { auth: { password: { password: canarySecret() } } } }
        const wrong = await operations.test({ edit: { connector: { id: saved.id }, config: edit } })
        expect(wrong.status).toBe('FAILED')
        const other = await operations.created({ name: uniqueName('Other'), config: source.config() })
        expect(await operations.update(other, { config: edit })).toMatchObject({ connector: { version: 2 } })
        expect(await operations.remove(other.id)).toBe('DeleteConnectorSuccess')
        await operations.list()
      })(),
    )
    expect(children).toBeGreaterThan(0)
    // It was there to be found: the values lie in the Vault, and nowhere else.
    const values = vault.paths('default').map(path => JSON.stringify(vault.double.kv().peek(path)))
    expect(values.join()).toContain(marker)
  })

  // None of them is met so often that requests are kept away for a while.
  const disturbances: readonly Disturbance[] = [
    ['an internal error', vaultFaults.internal],
    ['a replica that stays behind', vaultFaults.behind],
    ['the error page of a proxy', vaultFaults.html],
    ['JSON of somebody else', vaultFaults.wrongJson],
    ['what is no JSON', 'NO_JSON'],
    ['an answer without an end', 'FLOOD'],
    ['an error that quotes what was sent', { reply: { status: 400, body: { errors: [`bad: ${canarySecret()}`] } } }],
    ['a redirect elsewhere', vaultFaults.redirect('http://127.0.0.2:1/v1/elsewhere'), 1],
    ['half an answer', 'HALF_BODY', 2],
    ['a reset connection', 'RESET_AFTER', 2],
    ['one byte at a time', 'DRIP', 1],
  ]
  test.each<Disturbance>(disturbances)('while the Vault answers with %s', async (_name, fault, times) => {
    using armed = vault.double.fail(fault, { path: /\/v1\/secret\//, ...(times !== undefined && { times }) })
    const { problem } = await operations.test({ saved: { id: saved.id } })
    const saving = await operations.create({ name: uniqueName('Disturbed'), config: source.config() })
    expect(armed.struck).toBeGreaterThan(0)
    // A few are overcome.
    const origins = [problem?.origin, saving.problem?.origin]
    if (times === undefined) expect(origins).toEqual(['SECRET_STORE', 'SECRET_STORE'])
  })

  test('while commands of the administration run', async () => {
    const audit = await admin('secrets:audit')
    expect(audit.output).toMatch(/connector/)
    const reads = (output: string) => output.split('\n').filter(line => line.includes('"Secrets read"'))
    for (const to of ['sealed', 'vault']) {
      const { code, output } = await admin('secrets:migrate', '--to', to, '--rate', '1000')
      expect(code, output).toBe(0)
      const [line = '{}', ...more] = reads(output)
      expect(more).toHaveLength(Number(/^([\d,]+) connectors? moved/m.exec(output)?.[1]) - 1)
      expect(Object.keys(JSON.parse(line)).sort()).toEqual(
        ['connectorId', 'level', 'msg', 'ok', 'store', 'time', 'versionId', 'workspaceId'].sort(),
      )
      expect(JSON.parse(line)).toMatchObject({
        workspaceId: 'default',
        store: to === 'sealed' ? 'VAULT' : 'SEALED',
        ok: true,
      })
    }
    const rotation = await admin('keys:rotate', '--workspace', 'default')
    expect(rotation.output).not.toBe('')
    const operatorsFile = join(vault.directory, 'operators-token')
    await writeFile(operatorsFile, vault.double.rootToken, { mode: 0o600 })
    server.recorder.searchFor("the operator's token", vault.double.rootToken)
    expect((await admin('vault:provision', '--workspace', 'default')).code).toBe(0)
    const account = ['--service-account', 'connectors', '--service-account-namespace', 'app']
    const applied = await admin(
      'vault:provision',
      '--workspace',
      'default',
      '--apply',
      '--token-file',
      operatorsFile,
      ...account,
    )
    expect(applied.code, applied.output).toBe(0)
  }, 60_000)

  test('while it is sealed', async () => {
    vault.double.sealed = true
    const { problem } = await operations.test({ saved: { id: saved.id } })
    expect(problem).toMatchObject({ params: { fault: 'SEALED' } })
    await admin('secrets:audit')
    vault.double.sealed = false
    const works = async () =>
      expect(await operations.test({ saved: { id: saved.id } })).toMatchObject({ problem: null })
    await vi.waitFor(works, { timeout: 15_000, interval: 200 })
  })

  test('while it refuses what the token asks for', async () => {
    using _ = vault.double.fail(vaultFaults.denied, { path: /\/v1\/secret\// })
    const { problem } = await operations.test({ saved: { id: saved.id } })
    expect(problem).toMatchObject({ params: { fault: 'FORBIDDEN' } })
  })

  test('while the token of its pod has expired, and when it ends', async () => {
    const environment = readFileSync(`/proc/${server.pid}/environ`, 'latin1')
    const commandLine = readFileSync(`/proc/${server.pid}/cmdline`, 'latin1')
    const jwts = [readFileSync(vault.environment['VAULT_JWT_FILE'] ?? '', 'utf8')]
    const tokens = vault.double.records.flatMap(({ token }) => token ?? [])
    expect(tokens.length).toBeGreaterThan(0)
    for (const each of [...jwts, ...tokens]) expect([environment, commandLine].join().includes(each)).toBe(false)
    await server[Symbol.asyncDispose]()
    expect(server.exitCode).toBe(0)
    await vault.writeJwt({ lifetimeMs: -1_000 })
    vault.double.revokeAll()
    await using late = await ServerProcess.start(storage, { environment: talkative() })
    listVaultCredentials(late.recorder, vault)
    const test = await new SecretOperations(late.client).test({ saved: { id: saved.id } })
    expect(test.problem).toMatchObject({ params: { fault: 'SIGN_IN_REFUSED' } })
    expect(late.output).toContain('Signing in to Vault was refused')
  })
})

test('the Vault was told what it needs, and no more', () => {
  const { double } = vault
  expect(double.records.length).toBeGreaterThan(20)
  expect(double.logins.length).toBeGreaterThan(0)
  expect(double.logins.filter(({ token }) => token !== null)).toEqual([])
  expect(double.seen('GET', /sys\/health/).filter(({ token }) => token !== null)).toEqual([])
  expect(double.mispaired()).toEqual([])
  const withToken = double.records.filter(({ token }) => token !== null && token !== double.rootToken)
  const places = new Set(
    withToken.map(({ path }) => path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID').replace(/\?.*/, '')),
  )
  const connectors = 'workspaces/default/connectors'
  const expected = [
    '/v1/auth/token/revoke-self',
    ...['data', 'destroy', 'metadata'].map(kind => `/v1/secret/${kind}/${connectors}/ID/ID`),
    `/v1/secret/metadata/${connectors}/`,
    `/v1/secret/metadata/${connectors}/ID/`,
  ]
  expect([...places].filter(place => !expected.includes(place))).toEqual([])
})
