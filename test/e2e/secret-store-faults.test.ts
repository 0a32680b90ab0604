import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { SecretStoreFault } from '../../src/secrets/secret-store.ts'
import { Recorder } from '../canary/recorder.ts'
import { canarySecret } from '../canary/secrets.ts'
import { startTestApp, type TestApp } from '../harness.ts'
import { proves } from '../proofs/proves.ts'
import { type DoubleWorld, openDoubleWorld } from '../secrets/vault/double-world.ts'
import { PostgresServer, uniqueName } from '../servers/postgres.ts'
import { type VaultFault, vaultFaults } from '../servers/vault-faults.ts'
import { ApiClient } from './api-client.ts'
import { reapEverything } from './reap-everything.ts'
import { type SavedConnector, SecretOperations } from './secret-operations.ts'
import { createSource, type Source } from './source.ts'
import { createStorage, type Storage } from './storage.ts'
import { listVaultCredentials } from './vault-credentials.ts'

/** The store's own limit for an operation, with time for a busy machine to say so. */
const limitMs = 10_000 + 2_000
/** Longer than what was refused is remembered, and than the breaker stays open. */
const rememberedMs = 31_000

const recorder = new Recorder()
let aheadMs = 0
let vault: DoubleWorld
let storage: Storage
let app: TestApp
let operations: SecretOperations
let postgres: PostgresServer
let source: Source

beforeAll(async () => {
  const { now } = performance
  // The clock of everything that measures how long something is ago in the server, which is this process.
  vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + aheadMs)
  ;[vault, storage, postgres] = await Promise.all([
    openDoubleWorld({ product: 'VAULT' }),
    createStorage('SQLite'),
    PostgresServer.start(),
  ])
  source = await createSource(postgres)
  app = await startTestApp({ ...storage.environment, ...vault.environment, LOG_LEVEL: 'trace', TEST_RATE: '10000' })
  operations = new SecretOperations(new ApiClient(app.url, recorder))
})
afterAll(async () => {
  await app?.[Symbol.asyncDispose]()
  if (app) recorder.record('log', app.log())
  if (vault) listVaultCredentials(recorder, vault)
  await Promise.all([storage, postgres, vault].map(each => each?.[Symbol.asyncDispose]()))
  vi.restoreAllMocks()
})

interface Case {
  /** What the operator's list of faults calls it. */
  readonly fault: SecretStoreFault
  begin(): Promise<void> | void
  end(): Promise<void> | void
}

const armed = (fault: SecretStoreFault, what: VaultFault): Case => ({
  fault,
  begin: () => void vault.double.fail(what),
  end: () => vault.double.heal(),
})

const cases: Readonly<Record<string, Case>> = {
  sealed: {
    fault: 'SEALED',
    begin: () => {
      vault.double.sealed = true
    },
    end: () => {
      vault.double.sealed = false
    },
  },
  'a standby that sends off the cluster': armed('NOT_ACTIVE', vaultFaults.redirect('http://127.0.0.2:8200/v1/x')),
  'an internal error': armed('FAILED', vaultFaults.internal),
  'a replica that stays behind': armed('FAILED', vaultFaults.behind),
  'a limit on its requests': armed('OVERLOADED', vaultFaults.rateLimited(1)),
  'one byte at a time': armed('TIMED_OUT', 'DRIP'),
  'no answer': armed('TIMED_OUT', 'HANG'),
  'a connection reset before it is done': armed('UNREACHABLE', 'RESET'),
  'a connection reset after it is done': armed('UNREACHABLE', 'RESET_AFTER'),
  'half an answer': armed('UNREACHABLE', 'HALF_BODY'),
  'the error page of a proxy': armed('FAILED', vaultFaults.html),
  'JSON of somebody else': armed('FAILED', vaultFaults.wrongJson),
  'an answer that is no JSON': armed('FAILED', 'NO_JSON'),
  'an answer without an end': armed('FAILED', 'FLOOD'),
  'no server': {
    fault: 'UNREACHABLE',
    begin: () => vault.double.down(),
    end: () => vault.double.up(),
  },
  'a token of the pod that has expired': {
    fault: 'SIGN_IN_REFUSED',
    begin: async () => {
      await vault.writeJwt({ lifetimeMs: -1_000 })
      listVaultCredentials(recorder, vault)
      vault.double.revokeAll()
    },
    end: () => vault.writeJwt(),
  },
  'a role that is missing': {
    fault: 'SIGN_IN_REFUSED',
    begin: async () => {
      await vault.unprovision('default')
      vault.double.revokeAll()
    },
    end: () => vault.provision('default'),
  },
  'a policy that is missing': {
    fault: 'FORBIDDEN',
    begin: () => void vault.operate('default', 'DELETE', 'sys/policies/acl/ws-default'),
    end: () => vault.provision('default'),
  },
}

const create = (change: object = {}) =>
  operations.created({ name: uniqueName('Kept'), config: source.config(), ...change })
/** Another password, so that the new version is seen to be the old one's no more. */
const otherPassword = () => ({ postgres: { auth: { password: { password: canarySecret() } } } })
const passed = 'PASSED_WITH_WARNINGS'

/** What they come to, all within the store's limit. */
async function inTime<T extends Readonly<Record<string, Promise<unknown>>>>(asked: T) {
  const startedAt = Date.now()
  const slow: string[] = []
  const answers = Object.entries(asked).map(async ([name, answer]) => {
    const entry = [name, await answer] as const
    if (Date.now() - startedAt >= limitMs) slow.push(name)
    return entry
  })
  const outcomes = Object.fromEntries(await Promise.all(answers))
  expect(slow).toEqual([])
  // Of each name what its promise came to.
  return outcomes as { readonly [K in keyof T]: Awaited<T[K]> }
}

const timed = async <T>(answer: Promise<T>): Promise<T> => (await inTime({ answer })).answer

async function ready(query = '') {
  const response = await fetch(app.url.replace('/graphql', `/ready${query}`))
  return { status: response.status, report: (await response.json()) as object }
}

const dialled = (): number => postgres.log.split('connection received').length

const said = (fault: SecretStoreFault) => ({
  code: 'SECRET_STORE_UNAVAILABLE',
  origin: 'SECRET_STORE',
  retryable: true,
  fields: [],
  detail: null,
  params: { fault, reason: expect.any(String) },
})
const refusal = (fault: SecretStoreFault): object => ({
  __typename: 'SecretStoreFailedError',
  retryable: true,
  message: expect.stringMatching(
    /^Secrets cannot be read or stored at the moment, because .*\. Nothing was changed\.$/,
  ),
  problem: said(fault),
})

describe.each(Object.entries(cases))('while the secret store has %s', (_name, { fault, begin, end }) => {
  let used: SavedConnector
  let edited: SavedConnector
  let unneeded: SavedConnector
  const fresh = { name: uniqueName('Fresh'), idempotencyKey: uniqueName('key') }

  beforeAll(async () => {
    used = await create()
    edited = await create()
    unneeded = await create()
    await begin()
  })

  test('what needs a secret says so in time, dials nothing and changes nothing', async () => {
    const before = dialled()
    const asked = {
      create: operations.create({ ...fresh, config: source.config() }),
      update: operations.update(edited, { config: otherPassword() }),
      gatedUpdate: operations.update(edited, { description: 'x', testGate: 'REQUIRE_PASS' }),
      preview: operations.preview(used.id),
      options: operations.options(used.id),
      catalog: operations.catalog(used.id),
      test: operations.test({ saved: { id: used.id } }),
    }
    const outcomes = await inTime(asked)
    expect(outcomes).toMatchObject({
      create: refusal(fault),
      update: refusal(fault),
      gatedUpdate: refusal(fault),
      preview: { __typename: 'PreviewFailedError', problem: said(fault) },
      options: { __typename: 'ConnectorFieldOptionsSuccess', problem: said(fault) },
      catalog: { __typename: 'ConnectorCatalogSuccess', problem: said(fault) },
      // The test itself has the problem, as nothing of it could begin: no step is blamed.
      test: { status: 'ERRORED', problem: said(fault) },
    })
    const { steps } = outcomes.test
    expect(steps.map(step => [step.status, step.problem])).toEqual(steps.map(() => ['SKIPPED', null]))
    expect(dialled()).toBe(before)
    expect(await operations.find({ id: edited.id })).toEqual(edited)
    proves('ANY', 'SECRET_STORE_UNAVAILABLE', 'DOUBLE')
  }, 60_000)

  test('the rest goes on', async () => {
    const { totalCount, nodes } = await timed(operations.list())
    expect(totalCount).toBeGreaterThanOrEqual(3)
    expect(nodes).toContainEqual(expect.objectContaining(used))
    const description = uniqueName('edited without a secret')
    const config = { postgres: { limits: { connectTimeoutSeconds: 7 } } }
    const edit = await timed(operations.update(used, { description, config }))
    expect(edit).toMatchObject({ __typename: 'UpdateConnectorSuccess', connector: { version: used.version + 1 } })
    expect(await timed(operations.test({ draft: { simulator: {} } }))).toMatchObject({ status: 'PASSED' })
    expect(await timed(operations.remove(unneeded.id))).toBe('DeleteConnectorSuccess')
    const report = { status: 'degraded', database: 'ok', secretStore: 'failed', fault }
    await vi.waitFor(async () => expect(await ready()).toEqual({ status: 200, report }), {
      timeout: limitMs,
      interval: 200,
    })
    expect(await ready('?require=secrets')).toEqual({ status: 503, report })
  })

  test('and everything works as soon as it is over, without a restart', async () => {
    await end()
    aheadMs += rememberedMs
    const works = async () => expect(await operations.preview(used.id)).toMatchObject({ problem: null })
    await vi.waitFor(works, { timeout: limitMs, interval: 100 })
    for (const { id } of [used, edited]) {
      expect(await operations.test({ saved: { id } })).toMatchObject({ status: passed, problem: null })
      expect(await operations.options(id)).toMatchObject({ problem: null })
    }
    const saving = await operations.create({ ...fresh, config: source.config() })
    expect(saving).toMatchObject({ __typename: 'CreateConnectorSuccess', connector: { version: 1 } })
    const update = await operations.update(edited, { config: source.config() })
    // The password that was refused has not been stored: the old one is given again, and is no change.
    expect(update).toMatchObject({ __typename: 'UpdateConnectorSuccess', connector: { version: edited.version } })
    const report = { status: 'ready', database: 'ok', secretStore: 'ok' }
    await vi.waitFor(async () => expect(await ready('?require=secrets')).toEqual({ status: 200, report }), {
      timeout: limitMs,
      interval: 200,
    })
  })
})

describe('a single disturbance while a secret is stored is overcome', () => {
  test.each<[string, VaultFault]>([
    ['a connection reset before it is done', 'RESET'],
    ['a connection reset after it is done', 'RESET_AFTER'],
    ['half an answer', 'HALF_BODY'],
    ['an answer that does not come, though it is done', 'HANG_AFTER'],
    ['an internal error', vaultFaults.internal],
    ['a replica that is behind', vaultFaults.behind],
    ['a limit on its requests', vaultFaults.rateLimited(1)],
  ])('%s', async (_name, fault) => {
    const before = vault.paths('default').length
    using once = vault.double.fail(fault, { method: 'POST', path: /\/data\//, times: 1 })
    const { id } = await timed(create())
    expect(once.struck).toBe(1)
    expect(vault.paths('default').length).toBe(before + 1)
    expect(await operations.test({ saved: { id } })).toMatchObject({ status: passed })
  })
})

describe('secrets that are gone from the store', () => {
  test('are told apart from a store that is away, and from a wrong password', async () => {
    const { id } = await create()
    const [versionId] = (
      await storage.sql('select secret_version_id as id from connectors order by created_at desc')
    ).map(row => String(row['id']))
    const path = vault.paths('default').find(each => each.endsWith(String(versionId)))
    vault.double.kv().lose(String(path))
    const before = dialled()
    const lost = { code: 'SECRET_UNREADABLE', retryable: false, params: { fault: 'MISSING' } }
    expect(await operations.test({ saved: { id } })).toMatchObject({ status: 'ERRORED', problem: lost })
    expect(await operations.preview(id)).toMatchObject({ problem: lost })
    expect(dialled()).toBe(before)
    proves('ANY', 'SECRET_UNREADABLE', 'DOUBLE')
    // Giving them again is the cure.
    const given = await operations.update({ id, version: 1 }, { config: source.config() })
    expect(given).toMatchObject({ __typename: 'UpdateConnectorSuccess', connector: { version: 2 } })
    expect(await operations.test({ saved: { id } })).toMatchObject({ status: passed })
  })
})

test('nothing is left behind in the store that no connector has', async () => {
  const active = await storage.sql('select secret_version_id as id from connectors where secret_version_id is not null')
  await app.close()
  await reapEverything(storage, vault)
  const left = vault.paths('default').map(path => path.slice(path.lastIndexOf('/') + 1))
  expect(left.sort()).toEqual(active.map(row => row['id']).sort())
  expect(vault.double.mispaired()).toEqual([])
})
