import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ConnectorRow } from '../../src/db/rows.ts'
import type { UpdateConnectorInput } from '../../src/services/connectors.ts'
import {
  ConflictError,
  ConnectionTestFailedError,
  ExternalKeyTakenError,
  NameTakenError,
  NotFoundError,
  SecretReentryRequiredError,
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
  patch,
  signal,
  viewerOf,
  type World,
} from './connector-world.ts'

describe.each(testDatabases)('updating connectors on $name', testDatabase => {
  let world: World
  let row: ConnectorRow
  beforeEach(async () => {
    world = await openWorld(testDatabase)
    row = await world.connectors.create(ada, ledgerInput({ description: 'Old.', externalKey: 'old' }), signal)
  })
  afterEach(() => world.close())

  const update = (changes: Partial<UpdateConnectorInput>) =>
    world.connectors.update(
      ada,
      { connector: { id: row.id }, expectedVersion: row.version, testGate: 'NONE', ...changes },
      signal,
    )
  const stored = () => world.connectors.find(ada, { id: row.id })
  const secretsOf = ({ id, secretVersionId }: ConnectorRow) =>
    world.secretVersions.read(ada.workspace, id, secretVersionId ?? '', untold)

  test('changes what is given and keeps the rest', async () => {
    const updated = await world.connectors.update(
      viewerOf('north', { displayName: 'Bob' }),
      {
        connector: { name: 'main ledger' },
        expectedVersion: 1,
        name: 'New',
        config: patch({ book: 'red' }),
        testGate: 'NONE',
      },
      signal,
    )
    expect(updated).toEqual({
      ...row,
      name: 'New',
      nameKey: 'new',
      config: { ...ledgerConfig, book: 'red' },
      version: 2,
      updatedBy: 'Bob',
      updatedAt: updated.updatedAt,
    })
    expect(updated.updatedAt.getTime()).toBeGreaterThanOrEqual(row.updatedAt.getTime())
    expect(await stored()).toEqual(updated)
  })

  test('null clears', async () => {
    expect(await update({ description: null, externalKey: null })).toMatchObject({
      description: null,
      externalKey: null,
    })
  })

  test('changing nothing raises no version, but still wants the right one', async () => {
    const same = {
      name: row.name,
      description: row.description,
      externalKey: row.externalKey,
      config: patch({ host: 'ledger.example' }),
    }
    expect(await update(same)).toEqual(row)
    await expect(update({ ...same, expectedVersion: 2 })).rejects.toThrow(ConflictError)
  })

  test('another version than the expected one is a conflict that tells the current one', async () => {
    await update({ name: 'Second' })
    const error = await update({ name: 'Third' }).catch(error => error)
    expect(error).toBeInstanceOf(ConflictError)
    expect(error.currentVersion).toBe(2)
    expect(await stored()).toMatchObject({ name: 'Second' })
  })

  test('of many updates of one version, one succeeds and the others leave nothing', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 6 }, (_, index) =>
        update({ config: patch({ auth: { password: { password: `new ${index}` } } }) }),
      ),
    )
    const saved = results.filter(result => result.status === 'fulfilled')
    expect(saved).toHaveLength(1)
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(ConflictError)
    const current = await stored()
    expect(current).toEqual(saved[0]?.value)
    expect(current?.version).toBe(2)
    expect(await secretsOf(current ?? row)).toEqual({ 'auth.password.password': expect.stringMatching(/^new \d$/) })
    expect(await world.countSecretVersions()).toEqual({ ACTIVE: 1, RETIRED: 1 })
  })

  test('refuses names and keys of others, also in a race', async () => {
    await world.connectors.create(ada, ledgerInput({ name: 'Other', externalKey: 'other' }), signal)
    await expect(update({ name: 'OTHER' })).rejects.toThrow(NameTakenError)
    await expect(update({ externalKey: 'other' })).rejects.toThrow(ExternalKeyTakenError)
    const third = await world.connectors.create(ada, ledgerInput({ name: 'Third' }), signal)
    const rename = (connector: ConnectorRow) =>
      world.connectors.update(
        ada,
        { connector: { id: connector.id }, expectedVersion: 1, name: 'Wanted', testGate: 'NONE' },
        signal,
      )
    const results = await Promise.allSettled([rename(row), rename(third)])
    expect(results.map(result => result.status).sort()).toEqual(['fulfilled', 'rejected'])
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(NameTakenError)
  })

  test('keeps its own name in another spelling', async () => {
    expect(await update({ name: 'MAIN ledger' })).toMatchObject({ name: 'MAIN ledger', version: 2 })
  })

  test('reports every mistake at once', async () => {
    const error = await update({ name: '', externalKey: '', config: patch({ port: 70000, host: null }) }).catch(
      error => error,
    )
    expect(error).toBeInstanceOf(ValidationError)
    expect(error.issues.map((issue: { path: string }) => issue.path).sort()).toEqual([
      'externalKey',
      'host',
      'name',
      'port',
    ])
  })

  test('refuses text that cannot be stored', async () => {
    const error = await update({ config: patch({ book: 'a\0', backupToken: '\ud800' }) }).catch(error => error)
    expect(error).toBeInstanceOf(ValidationError)
    expect(error.issues.map((issue: { inputPath: string[] }) => issue.inputPath.join('.')).sort()).toEqual([
      'config.ledger.backupToken',
      'config.ledger.book',
    ])
  })

  test('a connector keeps its type', async () => {
    await expect(update({ config: { inputKey: 'abacus', value: { beads: 1 } } })).rejects.toThrow(ValidationError)
  })

  describe('secrets', () => {
    test('a new value makes a new version and retires the old one', async () => {
      const updated = await update({ config: patch({ auth: { password: { password: 'new' } } }) })
      expect(updated.secretVersionId).not.toBe(row.secretVersionId)
      expect(updated.config).toEqual(row.config)
      expect(await secretsOf(updated)).toEqual({ 'auth.password.password': 'new' })
      expect(await world.countSecretVersions()).toEqual({ ACTIVE: 1, RETIRED: 1 })
    })

    test('values that are not given are kept, and only changed ones get a new time', async () => {
      const [before] = await world.connectors.secretStates(ada, [row])
      expect(before).toEqual([
        { path: 'auth.password.password', isSet: true, version: row.secretVersionId, setAt: expect.any(Date) },
        { path: 'backupToken', isSet: false, version: null, setAt: null },
      ])
      const updated = await update({ config: patch({ backupToken: 'token' }) })
      expect(await secretsOf(updated)).toEqual({ ...ledgerSecrets, backupToken: 'token' })
      const [after] = await world.connectors.secretStates(ada, [updated])
      expect(after).toEqual([
        { path: 'auth.password.password', isSet: true, version: updated.secretVersionId, setAt: before?.[0]?.setAt },
        { path: 'backupToken', isSet: true, version: updated.secretVersionId, setAt: expect.any(Date) },
      ])
    })

    test('null clears an optional one', async () => {
      await update({ config: patch({ backupToken: 'token' }) })
      const cleared = await update({ expectedVersion: 2, config: patch({ backupToken: null }) })
      expect(await secretsOf(cleared)).toEqual(ledgerSecrets)
    })

    test('nothing is left when the last one goes', async () => {
      const updated = await update({ config: patch({ auth: { none: true } }) })
      expect(updated).toMatchObject({
        secretVersionId: null,
        config: { host: 'ledger.example', port: 7000, auth: { none: true } },
      })
      expect(await world.countSecretVersions()).toEqual({ RETIRED: 1 })
    })

    test('the same value again changes nothing', async () => {
      expect(
        await update({ config: patch({ auth: { password: { password: ledgerSecrets['auth.password.password'] } } }) }),
      ).toEqual(row)
    })

    test('the same value again heals a lost one', async () => {
      const { sealedSecrets } = world.database.tables
      await world.database.write(tx => tx.delete(sealedSecrets).returning())
      const healed = await update({
        config: patch({ auth: { password: { password: ledgerSecrets['auth.password.password'] } } }),
      })
      expect(healed.secretVersionId).not.toBe(row.secretVersionId)
      expect(await secretsOf(healed)).toEqual(ledgerSecrets)
    })

    test('a lost one that is to be kept refuses the edit', async () => {
      const { sealedSecrets } = world.database.tables
      await world.database.write(tx => tx.delete(sealedSecrets).returning())
      const error = await update({ config: patch({ backupToken: 'token' }) }).catch(error => error)
      expect(error).toBeInstanceOf(SecretStoreFailedError)
      expect(error.retryable).toBe(false)
      expect(await stored()).toEqual(row)
    })

    test('edits that touch none need no store', async () => {
      world.failing.reason = 'UNAVAILABLE'
      expect(await update({ name: 'Renamed', config: patch({ book: 'red' }) })).toMatchObject({ name: 'Renamed' })
      const error = await update({ expectedVersion: 2, config: patch({ backupToken: 'token' }) }).catch(error => error)
      expect(error).toBeInstanceOf(SecretStoreFailedError)
      expect(error.retryable).toBe(true)
      expect(await stored()).toMatchObject({ version: 2 })
    })

    test('do not follow to another destination', async () => {
      world.failing.reason = 'UNAVAILABLE'
      const error = await update({
        config: patch({ host: 'evil.example', port: 7001 }),
        testGate: 'REQUIRE_PASS',
      }).catch(error => error)
      expect(error).toBeInstanceOf(SecretReentryRequiredError)
      expect(error.changedFields).toEqual(['host', 'port'])
      expect(error.secretFields).toEqual(['auth.password.password'])
      expect(world.gate.targets).toEqual([])
      expect(await stored()).toEqual(row)
    })

    test('go to another destination when they are given again', async () => {
      const updated = await update({ config: patch({ host: 'new.example', auth: { password: { password: 'new' } } }) })
      expect(updated.config).toMatchObject({ host: 'new.example' })
      expect(await secretsOf(updated)).toEqual({ 'auth.password.password': 'new' })
    })

    test('must all be given again', async () => {
      await update({ config: patch({ backupToken: 'token' }) })
      const error = await update({
        expectedVersion: 2,
        config: patch({ host: 'x', auth: { password: { password: 'p' } } }),
      }).catch(error => error)
      expect(error).toBeInstanceOf(SecretReentryRequiredError)
      expect(error.secretFields).toEqual(['backupToken'])
    })
  })

  describe('with a test', () => {
    const redConfig = { ...ledgerConfig, book: 'red' }

    test('adopts a test of the result, of a draft or of this connector', async () => {
      const draft = await world.addTest(redConfig, ledgerSecrets)
      const updated = await update({ config: patch({ book: 'red' }), testId: draft.id })
      expect(await world.connectors.verifications(ada, [updated])).toMatchObject([
        { state: 'CURRENT', test: { id: draft.id } },
      ])
      const own = await world.addTest({ ...ledgerConfig, book: 'blue' }, ledgerSecrets, { connectorId: row.id })
      const again = await update({
        expectedVersion: 2,
        config: patch({ book: 'blue' }),
        testId: own.id,
        testGate: 'REQUIRE_PASS',
      })
      expect(await world.connectors.verifications(ada, [again])).toMatchObject([
        { state: 'CURRENT', test: { id: own.id } },
      ])
    })

    test('adopts without any other change, and then raises no version', async () => {
      const draft = await world.addTest(ledgerConfig, ledgerSecrets)
      expect(await update({ testId: draft.id })).toEqual(row)
      expect(await world.connectors.verifications(ada, [row])).toMatchObject([{ state: 'CURRENT' }])
    })

    test('refuses a test of something else', async () => {
      const { id: testId } = await world.addTest(ledgerConfig, ledgerSecrets)
      await expect(update({ config: patch({ book: 'red' }), testId })).rejects.toThrow(ValidationError)
      expect(await stored()).toEqual(row)
    })

    test('runs it with the kept and the new secrets', async () => {
      const updated = await update({ config: patch({ backupToken: 'token' }), testGate: 'REQUIRE_PASS' })
      expect(world.gate.targets).toMatchObject([
        { connectorId: row.id, config: ledgerConfig, secrets: { ...ledgerSecrets, backupToken: 'token' } },
      ])
      expect(await world.connectors.verifications(ada, [updated])).toMatchObject([{ state: 'CURRENT' }])
    })

    test('runs it for a change of the name alone, with the stored secrets', async () => {
      await update({ name: 'Renamed', testGate: 'REQUIRE_PASS' })
      expect(world.gate.targets).toMatchObject([{ config: ledgerConfig, secrets: ledgerSecrets }])
    })

    test('leaves everything as it was when it does not pass', async () => {
      world.gate.status = 'FAILED'
      const changes = {
        config: patch({ auth: { password: { password: 'wrong' } } }),
        testGate: 'REQUIRE_PASS' as const,
      }
      await expect(update(changes)).rejects.toThrow(ConnectionTestFailedError)
      expect(await stored()).toEqual(row)
      expect(await world.countSecretVersions()).toEqual({ ACTIVE: 1 })
      expect(await world.connectors.verifications(ada, [row])).toMatchObject([{ state: 'NEVER' }])
    })
  })

  test('a connector that goes meanwhile is not found, and its new secrets go too', async () => {
    await world.connectors.delete(ada, { connector: { id: row.id } })
    await expect(update({ name: 'Late' })).rejects.toThrow(NotFoundError)
    const other = await world.connectors.create(ada, ledgerInput({ name: 'Racing' }), signal)
    const late = { connector: { id: other.id }, expectedVersion: 1, testGate: 'NONE' as const }
    const [, updated] = await Promise.allSettled([
      world.connectors.delete(ada, { connector: { id: other.id } }),
      world.connectors.update(ada, { ...late, config: patch({ backupToken: 'token' }) }, signal),
    ])
    if (updated.status === 'rejected') expect(updated.reason).toBeInstanceOf(NotFoundError)
    expect(await world.connectors.find(ada, { id: other.id })).toBeNull()
    const { ACTIVE = 0, PENDING = 0 } = await world.countSecretVersions()
    expect({ ACTIVE, PENDING }).toEqual({ ACTIVE: 0, PENDING: 0 })
  })
})
