import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  ConnectionTestFailedError,
  ExternalKeyTakenError,
  NameTakenError,
  NotFoundError,
  SecretStoreFailedError,
  ValidationError,
} from '../../src/services/errors.ts'
import { testDatabases } from '../servers/databases.ts'
import { untold } from './audit-world.ts'
import {
  ada,
  ledgerConfig,
  ledgerInput,
  ledgerSecrets,
  openWorld,
  password,
  signal,
  viewerOf,
  type World,
} from './connector-world.ts'

const issuePaths = (error: unknown): readonly string[] => {
  if (!(error instanceof ValidationError)) throw error
  return error.issues.map(issue => issue.inputPath.join('.')).sort()
}

const ledgerWith = (fields: object) => ({
  inputKey: 'ledger',
  value: { host: 'ledger.example', auth: { none: true }, ...fields },
})

describe.each(testDatabases)('creating connectors on $name', testDatabase => {
  let world: World
  beforeEach(async () => {
    world = await openWorld(testDatabase)
  })
  afterEach(() => world.close())

  const create = (...args: Parameters<typeof ledgerInput>) => world.connectors.create(ada, ledgerInput(...args), signal)
  const count = () => world.connectors.count(ada, {})

  test('stores the form without secrets and the secrets in the store', async () => {
    const row = await create({ name: '  Cafe\u0301 ledger ', description: ' Where it is. ', externalKey: 'tf:ledger' })
    const found = await world.connectors.find(ada, { id: row.id })
    expect(found).toEqual(row)
    expect(found).toMatchObject({
      name: 'Café ledger',
      description: 'Where it is.',
      externalKey: 'tf:ledger',
      typeName: 'LEDGER',
      config: ledgerConfig,
      version: 1,
      createdBy: 'Ada',
      updatedBy: 'Ada',
    })
    expect(JSON.stringify(found)).not.toContain(password)
    expect(await world.secretVersions.read(ada.workspace, row.id, row.secretVersionId ?? '', untold)).toEqual(
      ledgerSecrets,
    )
    expect(await world.countSecretVersions()).toEqual({ ACTIVE: 1 })
  })

  test('needs no secret store for a configuration without secrets', async () => {
    world.failing.reason = 'UNAVAILABLE'
    const row = await create({ config: { inputKey: 'ledger', value: { host: 'h', auth: { none: true } } } })
    expect(row.secretVersionId).toBeNull()
  })

  test('reports every mistake at once, with its place in the input', async () => {
    const mistakes = create({
      name: '  ',
      description: 'a\u0007',
      externalKey: ' padded ',
      idempotencyKey: '',
      config: { inputKey: 'ledger', value: { port: 0, auth: { password: { username: 'ada' } } } },
    })
    expect(issuePaths(await mistakes.catch(error => error))).toEqual([
      'config.ledger.auth.password.password',
      'config.ledger.host',
      'config.ledger.port',
      'description',
      'externalKey',
      'idempotencyKey',
      'name',
    ])
    expect(await count()).toBe(0)
  })

  test.each([
    ['an endless name', { name: 'x'.repeat(201) }, ['name']],
    ['a name whose key would be endless', { name: '\ufdfa'.repeat(200) }, ['name']],
    ['a name that cannot be seen', { name: '\u200b\u200d' }, ['name']],
    ['a name that changes the reading direction', { name: 'a\u202eb' }, ['name']],
    ['a name that is no Unicode', { name: 'a\ud800' }, ['name']],
    ['half a character in the configuration', { config: ledgerWith({ book: 'a\ud800' }) }, ['config.ledger.book']],
    ['a NUL in the configuration', { config: ledgerWith({ book: 'a\0' }) }, ['config.ledger.book']],
    ['half a character in a secret', { config: ledgerWith({ backupToken: '\udc00x' }) }, ['config.ledger.backupToken']],
    ['an external key with a line break', { externalKey: 'a\nb' }, ['externalKey']],
    ['an unknown type', { config: { inputKey: 'oracle', value: {} } }, ['config.oracle']],
  ])('refuses %s', async (_, overrides, paths) => {
    expect(issuePaths(await create(overrides).catch(error => error))).toEqual(paths)
  })

  test('accepts a name of 200 characters outside the basic plane', async () => {
    expect((await create({ name: '\u{1f50c}'.repeat(200) })).name).toBe('\u{1f50c}'.repeat(200))
  })

  test.each(['main LEDGER', 'Main  ledger', 'Ｍain ledger', 'Main\u200b ledger'])(
    'takes %j for the same name',
    async name => {
      await create()
      await expect(create({ name })).rejects.toThrow(NameTakenError)
      expect(await world.countSecretVersions()).toEqual({ ACTIVE: 1 })
    },
  )

  test('compares names by full case folding', async () => {
    await create({ name: 'STRASSE' })
    await expect(create({ name: 'Straße' })).rejects.toThrow(NameTakenError)
  })

  test('refuses a taken external key, which is compared as it is', async () => {
    await create({ externalKey: 'key' })
    await expect(create({ name: 'Other', externalKey: 'key' })).rejects.toThrow(ExternalKeyTakenError)
    await create({ name: 'Other', externalKey: 'KEY' })
  })

  test('of many creating the same name at once, one succeeds and the others leave nothing', async () => {
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => create()))
    expect(results.filter(result => result.status === 'fulfilled')).toHaveLength(1)
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(NameTakenError)
    expect(await count()).toBe(1)
    expect(await world.countSecretVersions()).toEqual({ ACTIVE: 1 })
  })

  test('of many creating the same external key at once, one succeeds', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 4 }, (_, index) => create({ name: `${index}`, externalKey: 'key' })),
    )
    expect(results.filter(result => result.status === 'fulfilled')).toHaveLength(1)
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(ExternalKeyTakenError)
    expect(await world.countSecretVersions()).toEqual({ ACTIVE: 1 })
  })

  test.each([
    ['UNAVAILABLE', true],
    ['UNREADABLE', false],
  ] as const)('tells of a secret store that is %s and stores no row', async (reason, retryable) => {
    world.failing.reason = reason
    const error = await create().catch(error => error)
    expect(error).toBeInstanceOf(SecretStoreFailedError)
    expect(error.retryable).toBe(retryable)
    expect(await count()).toBe(0)
  })

  test('stores nothing for a client that has gone', async () => {
    await expect(world.connectors.create(ada, ledgerInput(), AbortSignal.abort())).rejects.toThrow('aborted')
    expect(await count()).toBe(0)
    expect(await world.countSecretVersions()).toEqual({})
  })

  test('keeps workspaces apart', async () => {
    const row = await create({ externalKey: 'key' })
    const stranger = viewerOf('south')
    expect(await world.connectors.find(stranger, { id: row.id })).toBeNull()
    expect(await world.connectors.find(stranger, { name: row.name })).toBeNull()
    expect(await world.connectors.find(stranger, { externalKey: 'key' })).toBeNull()
    expect(await world.connectors.findMany(stranger, [row.id])).toEqual([null])
    expect(await world.connectors.count(stranger, {})).toBe(0)
    expect(await world.connectors.deletionPlan(stranger, { id: row.id })).toBeNull()
    const update = { connector: { id: row.id }, expectedVersion: 1, name: 'Stolen', testGate: 'NONE' as const }
    await expect(world.connectors.update(stranger, update, signal)).rejects.toThrow(NotFoundError)
    await expect(world.connectors.delete(stranger, { connector: { id: row.id } })).rejects.toThrow(NotFoundError)
    await world.connectors.create(stranger, ledgerInput({ externalKey: 'key' }), signal)
    expect(await world.connectors.find(ada, { id: row.id })).toEqual(row)
  })

  test('finds by id, name and external key, and nothing by what cannot be stored', async () => {
    const row = await create({ externalKey: 'key' })
    expect(await world.connectors.find(ada, { name: ' MAIN ledger' })).toEqual(row)
    expect(await world.connectors.find(ada, { externalKey: 'key' })).toEqual(row)
    for (const text of ['a\0', '\ud800', '']) {
      expect(await world.connectors.find(ada, { id: text })).toBeNull()
      expect(await world.connectors.find(ada, { name: text })).toBeNull()
      expect(await world.connectors.find(ada, { externalKey: text })).toBeNull()
      expect(await world.connectors.findMany(ada, [text, row.id])).toEqual([null, row])
    }
  })

  describe('with a test', () => {
    test('adopts the test of just this configuration', async () => {
      const draft = await world.addTest(ledgerConfig, ledgerSecrets)
      const row = await create({ testId: draft.id, testGate: 'REQUIRE_PASS' })
      expect(await world.connectors.verifications(ada, [row])).toEqual([
        { state: 'CURRENT', changedFields: [], test: { ...draft, connectorId: row.id } },
      ])
      expect(world.gate.targets).toEqual([])
    })

    test('adopts a failed test when no pass is required, and says that it failed', async () => {
      const { id: testId } = await world.addTest(ledgerConfig, ledgerSecrets, { status: 'FAILED' })
      const row = await create({ testId })
      expect(await world.connectors.verifications(ada, [row])).toMatchObject([
        { state: 'FAILED', test: { id: testId } },
      ])
    })

    test('refuses a failed test when a pass is required', async () => {
      const { id: testId } = await world.addTest(ledgerConfig, ledgerSecrets, { status: 'FAILED' })
      const error = await create({ testId, testGate: 'REQUIRE_PASS' }).catch(error => error)
      expect(error).toBeInstanceOf(ConnectionTestFailedError)
      expect(error.testId).toBe(testId)
      expect(await count()).toBe(0)
      expect(await world.countSecretVersions()).toEqual({})
    })

    test.each([
      ['of another host', { ...ledgerConfig, host: 'other' }, ledgerSecrets, {}],
      ['of another password', ledgerConfig, { 'auth.password.password': 'other' }, {}],
      ['that still runs', ledgerConfig, ledgerSecrets, { status: 'RUNNING' as const }],
      ['that was cancelled', ledgerConfig, ledgerSecrets, { status: 'CANCELLED' as const }],
      ['that was interrupted', ledgerConfig, ledgerSecrets, { status: 'ERRORED' as const }],
      ['of another workspace', ledgerConfig, ledgerSecrets, { workspaceId: 'south' }],
    ])('refuses a test %s', async (_, config, secrets, overrides) => {
      const { id: testId } = await world.addTest(config, secrets, overrides)
      expect(issuePaths(await create({ testId }).catch(error => error))).toEqual(['testId'])
      expect(issuePaths(await create({ testId, testGate: 'REQUIRE_PASS' }).catch(error => error))).toEqual(['testId'])
      expect(await count()).toBe(0)
    })

    test('refuses a test that another connector has adopted', async () => {
      const { id: testId } = await world.addTest(ledgerConfig, ledgerSecrets)
      const results = await Promise.allSettled([create({ name: 'One', testId }), create({ name: 'Two', testId })])
      expect(results.map(result => result.status).sort()).toEqual(['fulfilled', 'rejected'])
      expect(issuePaths(await create({ name: 'Three', testId }).catch(error => error))).toEqual(['testId'])
      expect(await world.countSecretVersions()).toEqual({ ACTIVE: 1 })
    })

    test('runs the test itself when a pass is required and no test is given', async () => {
      world.gate.status = 'PASSED_WITH_WARNINGS'
      const row = await create({ testGate: 'REQUIRE_PASS' })
      expect(world.gate.targets).toMatchObject([{ config: ledgerConfig, secrets: ledgerSecrets, connectorId: null }])
      expect(await world.connectors.verifications(ada, [row])).toMatchObject([{ state: 'CURRENT' }])
    })

    test.each(['FAILED', 'CANCELLED', 'ERRORED'] as const)('leaves nothing when that test ends as %s', async status => {
      world.gate.status = status
      await expect(create({ testGate: 'REQUIRE_PASS' })).rejects.toThrow(ConnectionTestFailedError)
      expect(await count()).toBe(0)
      expect(await world.countSecretVersions()).toEqual({})
    })

    test('runs no test for a name that is taken', async () => {
      await create()
      await expect(create({ testGate: 'REQUIRE_PASS' })).rejects.toThrow(NameTakenError)
      expect(world.gate.targets).toEqual([])
    })
  })
})
