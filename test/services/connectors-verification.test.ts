import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ConnectorRow } from '../../src/db/rows.ts'
import { testDatabases } from '../servers/databases.ts'
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

describe.each(testDatabases)('verification of connectors on $name', testDatabase => {
  let world: World
  let row: ConnectorRow
  beforeEach(async () => {
    world = await openWorld(testDatabase)
    row = await world.connectors.create(ada, ledgerInput(), signal)
  })
  afterEach(() => world.close())

  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000)
  const addTest = (
    status: 'PASSED' | 'FAILED' | 'RUNNING' | 'CANCELLED' | 'ERRORED',
    minutes: number,
    config: Record<string, unknown> = ledgerConfig,
  ) => world.addTest(config, ledgerSecrets, { connectorId: row.id, status, startedAt: minutesAgo(minutes) })
  const verification = async (of = row) => (await world.connectors.verifications(ada, [of]))[0]
  const edit = (value: unknown) =>
    world.connectors.update(
      ada,
      { connector: { id: row.id }, expectedVersion: 1, config: patch(value), testGate: 'NONE' },
      signal,
    )

  test('is NEVER without a test that has come to a result', async () => {
    expect(await verification()).toEqual({ state: 'NEVER', changedFields: [], test: null })
    await addTest('RUNNING', 3)
    await addTest('CANCELLED', 2)
    await addTest('ERRORED', 1)
    expect(await verification()).toEqual({ state: 'NEVER', changedFields: [], test: null })
  })

  test('is what the latest result says', async () => {
    await addTest('FAILED', 5)
    await addTest('PASSED', 4)
    const failed = await addTest('FAILED', 3)
    await addTest('CANCELLED', 2)
    await addTest('RUNNING', 1)
    expect(await verification()).toEqual({ state: 'FAILED', changedFields: [], test: failed })
    const passed = await addTest('PASSED', 0)
    expect(await verification()).toEqual({ state: 'CURRENT', changedFields: [], test: passed })
  })

  test('is OUTDATED as soon as a field changes, whatever the result was', async () => {
    const failed = await addTest('FAILED', 1)
    const changed = await edit({ book: 'red', auth: { password: { username: 'bob' } } })
    expect(await verification(changed)).toEqual({
      state: 'OUTDATED',
      changedFields: ['book', 'auth.password.username'],
      test: failed,
    })
  })

  test('is OUTDATED as soon as a secret changes', async () => {
    const passed = await addTest('PASSED', 1)
    const changed = await edit({ backupToken: 'token', auth: { password: { password: 'new' } } })
    expect(await verification(changed)).toEqual({
      state: 'OUTDATED',
      changedFields: ['auth.password.password', 'backupToken'],
      test: passed,
    })
  })

  test('outlives a change of the name', async () => {
    await addTest('PASSED', 1)
    const renamed = await world.connectors.update(
      ada,
      { connector: { id: row.id }, expectedVersion: 1, name: 'New', testGate: 'NONE' },
      signal,
    )
    expect(await verification(renamed)).toMatchObject({ state: 'CURRENT' })
  })

  test('is not touched by a test of an edit that was never saved', async () => {
    const passed = await addTest('PASSED', 2)
    await addTest('FAILED', 1, { ...ledgerConfig, book: 'red' })
    expect(await verification()).toEqual({ state: 'CURRENT', changedFields: [], test: passed })
  })

  test('answers for many connectors at once, each by its own tests', async () => {
    const others = await Promise.all(
      ['b', 'c'].map(name => world.connectors.create(ada, ledgerInput({ name }), signal)),
    )
    const passed = await addTest('PASSED', 1)
    const rows = [others[0] ?? row, row, others[1] ?? row]
    const answers = await world.connectors.verifications(ada, rows)
    expect(answers.map(({ state }) => state)).toEqual(['NEVER', 'CURRENT', 'NEVER'])
    expect(answers[1]?.test).toEqual(passed)
    const states = await world.connectors.secretStates(ada, rows)
    expect(states.map(([first]) => first?.version)).toEqual(rows.map(each => each.secretVersionId))
    expect(await world.connectors.verifications(ada, [])).toEqual([])
    expect(await world.connectors.secretStates(ada, [])).toEqual([])
  })

  test('sees no tests of another workspace', async () => {
    await addTest('PASSED', 1)
    expect(await world.connectors.verifications(viewerOf('south'), [row])).toMatchObject([{ state: 'NEVER' }])
  })
})

test.each(testDatabases)('a connector whose type is gone can be listed and deleted on $name', async testDatabase => {
  const world = await openWorld(testDatabase)
  try {
    const made = await world.connectors.create(ada, ledgerInput(), signal)
    await world.addTest(ledgerConfig, ledgerSecrets, { connectorId: made.id })
    const { connectors } = world.database.tables
    await world.database.write(tx => tx.update(connectors).set({ typeName: 'GONE' }).returning())
    const row = await world.connectors.find(ada, { id: made.id })
    if (!row) throw new Error('The connector is gone.')
    expect(await world.connectors.verifications(ada, [row])).toMatchObject([{ state: 'OUTDATED', changedFields: [] }])
    expect(await world.connectors.secretStates(ada, [row])).toMatchObject([
      [{ path: 'auth.password.password', isSet: true }],
    ])
    await world.connectors.delete(ada, { connector: { id: row.id } })
    expect(await world.connectors.find(ada, { id: row.id })).toBeNull()
  } finally {
    await world.close()
  }
})
