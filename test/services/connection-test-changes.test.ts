import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { defineConnector, failed, passed, plannedStep, warning } from '../../src/connectors/define.ts'
import type { Evidence } from '../../src/connectors/evidence.ts'
import { problem } from '../../src/connectors/problem.ts'
import { ConnectorRegistry } from '../../src/connectors/registry.ts'
import { keptPerConnector } from '../../src/db/connection-test-retention.ts'
import { snapshotOf } from '../../src/db/connection-test-store.ts'
import type { ConnectionTestRow, ConnectorRow } from '../../src/db/rows.ts'
import type { ConnectionTestServiceOptions } from '../../src/services/connection-test-options.ts'
import type { TestTarget } from '../../src/services/connection-tests.ts'
import { testDatabases } from '../servers/databases.ts'
import {
  ada,
  collect,
  draft,
  foldWhole,
  openTestWorld,
  password,
  stored,
  type TestWorld,
} from './connection-test-world.ts'
import { FakeConnectorHost, type FakeJob } from './fake-connector-host.ts'

const address = (value: string, outcome = 'connected in 3 ms'): Evidence => ({
  kind: 'ADDRESS',
  label: 'Address',
  address: value,
  family: 'IPV4',
  outcome,
})
const text = (label: string, value: string): Evidence => ({ kind: 'TEXT', label, value })
const certificate = (label: string, fingerprint: string, issuer: string): Evidence => ({
  kind: 'CERTIFICATE',
  label,
  subject: 'CN=gauge.example',
  issuer,
  validFrom: '2026-01-01T00:00:00.000Z',
  validTo: '2027-01-01T00:00:00.000Z',
  sha256Fingerprint: fingerprint,
  subjectAltNames: [],
})

describe.each(testDatabases)('what has changed since a connector last passed, on $name', testDatabase => {
  let world: TestWorld
  let host: FakeConnectorHost
  let service: ReturnType<TestWorld['openService']>
  let connector: ConnectorRow
  const open = (overrides: Partial<ConnectionTestServiceOptions> = {}) =>
    world.openService(host, { limits: { perWorkspace: 9, perProcess: 9, startsPerMinute: 1_000 }, ...overrides })
  beforeEach(async () => {
    world = await openTestWorld(testDatabase)
    host = new FakeConnectorHost()
    service = open()
    connector = await world.addConnector('gauge.example')
  })
  afterEach(() => world.close())

  const runTarget = async (target: TestTarget, how: (job: FakeJob) => void) => {
    host.behave = how
    const { id } = await service.start(ada, { target, mayStartCompute: false, lifetime: 'PINNED' })
    await collect(service, id)
    return (await stored(world, { workspaceId: ada.workspace.id, id })).test
  }
  const run = (how: (job: FakeJob) => void) => runTarget({ saved: { id: connector.id } }, how)
  const comparisonOf = (row: ConnectionTestRow) => snapshotOf(row).comparison ?? null
  const changesOf = (row: ConnectionTestRow) => comparisonOf(row)?.changes ?? []

  const pass =
    (...evidence: readonly Evidence[]) =>
    (job: FakeJob) => {
      job.run('CONNECT', passed(evidence))
      job.pass()
    }
  const fail =
    (...evidence: readonly Evidence[]) =>
    (job: FakeJob) => {
      job.run('CONNECT', passed(evidence))
      job.run('SIGN_IN', failed(problem('CREDENTIALS_REJECTED'), []))
      job.skipRest('SIGN_IN')
      job.complete()
    }

  test('is told of addresses, certificates and other evidence, by step and label, and not of what is the same', async () => {
    const before = await run(
      pass(
        address('10.0.0.1'),
        address('10.0.0.2'),
        text('Server version', '15.2'),
        text('Encoding', 'UTF8'),
        certificate('Server certificate', 'AA:AA', 'CN=Old authority'),
        text('Only then', 'measured'),
      ),
    )
    const after = await run(
      fail(
        address('10.0.0.2', 'refused after 1 ms'),
        address('10.0.0.9'),
        text('Encoding', 'UTF8'),
        text('Server version', '16.1'),
        certificate('Server certificate', 'BB:BB', 'CN=New authority'),
        text('Only now', 'measured'),
        text('TLS_NAME_MISMATCH', 'a fault beside the facts'),
      ),
    )
    const comparison = comparisonOf(after)
    expect(comparison?.lastPassedTestId).toBe(before.id)
    expect(comparison?.changes).toMatchObject([
      {
        subject: 'ADDRESS',
        label: 'Address',
        stepKey: 'CONNECT',
        before: '10.0.0.1, 10.0.0.2',
        after: '10.0.0.2, 10.0.0.9',
      },
      { subject: 'OBSERVATION', label: 'Server version', before: '15.2', after: '16.1', field: null },
      { subject: 'CERTIFICATE', label: 'Server certificate', stepKey: 'CONNECT' },
    ])
    expect(comparison?.changes).toHaveLength(3)
    const [, , shown] = comparison?.changes ?? []
    expect(shown?.before).toContain('AA:AA, issued by "CN=Old authority", valid until 2027-01-01')
    expect(shown?.after).toContain('BB:BB, issued by "CN=New authority"')
    for (const part of ['AA:AA', 'BB:BB', 'CN=Old authority', 'CN=New authority'])
      expect(shown?.message).toContain(part)
    expect(comparison?.summary).toContain('this has changed: Address, Server version, Server certificate.')
  })

  test('is told of fields with short values, and of secrets with the time and never a value', async () => {
    await run(pass())
    await world.change(connector, {
      config: { host: 'other.example', unit: 'inch\nor two' },
      password: 'another password',
    })
    const after = await run(fail())
    expect(changesOf(after)).toMatchObject([
      { subject: 'FIELD', field: 'host', label: 'Host', before: 'gauge.example', after: 'other.example' },
      { subject: 'FIELD', field: 'unit', label: 'Unit', before: 'metre', after: null },
      { subject: 'SECRET', field: 'password', label: 'Password', before: null, after: null },
    ])
    const [, , secret] = changesOf(after)
    expect(Date.parse(secret?.changedAt ?? '')).toBeGreaterThan(Date.now() - 60_000)
    expect(JSON.stringify(after.snapshot)).not.toMatch(/another password|correct horse/)
  })

  test('is told of a pending edit too, whose secret has no time yet', async () => {
    await run(pass())
    const config = { inputKey: 'gauge', value: { unit: 'inch', password: 'typed just now' } }
    const after = await runTarget({ edit: { connector: { id: connector.id }, config } }, fail())
    expect(changesOf(after)).toMatchObject([
      { subject: 'FIELD', field: 'unit', before: 'metre', after: 'inch' },
      { subject: 'SECRET', field: 'password', changedAt: null },
    ])
  })

  test('is told of another way of testing the type', async () => {
    await run(pass())
    const registry = new ConnectorRegistry([defineConnector({ ...world.type, version: 7 })])
    service = open({ registry })
    expect(changesOf(await run(fail()))).toMatchObject([
      { subject: 'CONNECTOR_TYPE', label: 'Gauge', before: '1', after: '7' },
    ])
  })

  test('may be nothing that can be seen, which is said', async () => {
    await run(pass(text('Server version', '15.2')))
    const comparison = comparisonOf(await run(fail(text('Server version', '15.2'))))
    expect(comparison?.changes).toEqual([])
    expect(comparison?.summary).toContain('Nothing that Patchbay can see has changed')
  })

  test('is compared with the last that passed, warnings or not, whatever failed in between', async () => {
    await run(pass(text('Server version', '14')))
    const warned = await run(job => {
      job.run('CONNECT', warning(problem('CERTIFICATE_EXPIRES_SOON'), [text('Server version', '15')]))
      job.pass()
    })
    await run(fail(text('Server version', '16')))
    const comparison = comparisonOf(await run(fail(text('Server version', '16'))))
    expect(comparison).toMatchObject({ lastPassedTestId: warned.id, changes: [{ before: '15', after: '16' }] })
  })

  test('is never told of tests that pass, are cancelled or break, of drafts, or where nothing ever passed', async () => {
    expect(comparisonOf(await run(fail(text('Server version', '15'))))).toBeNull()
    await run(pass(text('Server version', '15')))
    expect(comparisonOf(await run(pass(text('Server version', '16'))))).toBeNull()
    expect(comparisonOf(await run(job => job.crash()))).toBeNull()
    expect(comparisonOf(await run(job => job.cancelRest()))).toBeNull()
    const { target } = draft('gauge.example')
    expect(comparisonOf(await runTarget(target, fail(text('Server version', '17'))))).toBeNull()
  })

  test('says nothing of addresses where they are not allowed, not even that they are others', async () => {
    const plan = () => [plannedStep('RESOLVE', 'Resolve'), plannedStep('EGRESS', 'Check'), plannedStep('CONNECT', 'Go')]
    service = open({ registry: new ConnectorRegistry([defineConnector({ ...world.type, plan })]) })
    await run(job => {
      job.run('RESOLVE', passed([address('10.0.0.1')]))
      job.pass()
    })
    const denied = await run(job => {
      job.run('RESOLVE', passed([address('169.254.169.254')]))
      job.run('EGRESS', failed(problem('EGRESS_DENIED'), [address('169.254.169.254')]))
      job.skipRest('EGRESS')
      job.complete()
    })
    expect(comparisonOf(denied)).toMatchObject({ changes: [] })
    expect(JSON.stringify(comparisonOf(denied))).not.toContain('169.254')
  })

  test('is scrubbed of the secrets of the test', async () => {
    await run(pass(text('Greeting', 'hello')))
    const value = 'a brand new secret'
    await world.change(connector, { config: { host: `${value}.example`, unit: 'metre' }, password: value })
    const row = await run(fail(text('Greeting', `hello ${value}`)))
    expect(changesOf(row).map(({ subject }) => subject)).toEqual(['FIELD', 'SECRET', 'OBSERVATION'])
    expect(JSON.stringify(row.snapshot)).not.toContain(value)
  })

  test('is part of the last event, for whoever comes late, resumes, or asks after the events are gone', async () => {
    await run(pass(text('Server version', '15')))
    const row = await run(fail(text('Server version', '16')))
    const { events } = await stored(world, row)
    const { comparison } = snapshotOf(row)
    expect(comparison?.changes).toHaveLength(1)
    expect(foldWhole(events).comparison).toEqual(comparison)
    const elsewhere = open()
    const progress = await collect(elsewhere, row.id, { afterSequence: events.length - 1 })
    expect(progress.map(({ snapshot }) => snapshot.comparison)).toEqual([comparison])
    const before = await collect(elsewhere, row.id)
    expect(before.slice(0, -1).map(({ snapshot }) => snapshot.comparison ?? null)).toEqual(
      before.slice(1).map(() => null),
    )
    await service.sweep(new Date(Date.now() + 25 * 60 * 60 * 1_000))
    const [end] = await collect(open(), row.id)
    expect(end?.snapshot.comparison).toEqual(comparison)
  })

  test('can be told however many tests have failed since: the last that passed is kept', {
    timeout: 60_000,
  }, async () => {
    await run(pass(text('Server version', '14')))
    const last = await run(pass(text('Server version', '15')))
    for (let count = 0; count < keptPerConnector + 3; count++) await run(fail(text('Server version', '16')))
    const row = await run(fail(text('Server version', '16')))
    expect(comparisonOf(row)?.lastPassedTestId).toBe(last.id)
    const { connectionTests } = world.database.tables
    expect(await world.database.read.$count(connectionTests)).toBe(keptPerConnector + 1)
  })

  test('is not told by a test whose secrets are those of before', async () => {
    await run(pass())
    await world.change(connector, { password })
    expect(changesOf(await run(fail()))).toEqual([])
  })
})
