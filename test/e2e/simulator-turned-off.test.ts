import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestApp, type TestApp } from '../harness.ts'
import { besideServer, makeToken } from './api-tokens.ts'
import { create, previewRows, runTest } from './simulator-operations.ts'

describe('where the operator has not turned it on', () => {
  const note = "This server's operator has not turned on the connector type Simulator (SIMULATOR)."
  const catalogue = `query ($availability: ConnectorTypeAvailability) {
    connectorTypes(filter: { availability: $availability }) { name availability availabilityNote }
  }`
  let directory: string
  let off: TestApp

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'patchbay-simulator-'))
    {
      await using on = await startTestApp({ DATA_DIR: directory })
      const saved = await on.fetchGraphql(create, { config: { simulator: {} } })
      expect(saved.data).toMatchObject({ createConnector: { __typename: 'CreateConnectorSuccess' } })
      const types = await on.fetchGraphql(catalogue, { availability: 'AVAILABLE' })
      expect(types.data?.['connectorTypes']).toContainEqual({
        name: 'SIMULATOR',
        availability: 'AVAILABLE',
        availabilityNote: null,
      })
    }
    const key = join(directory, 'master.key')
    await chmod(key, 0o600)
    const { token } = await besideServer({ dataDirectory: directory }, database =>
      makeToken(database, { workspace: 'default' }),
    )
    const production = { NODE_ENV: 'production', AUTH: 'tokens', MASTER_KEY_FILE: key, DATA_DIR: directory }
    off = await startTestApp(production, { authorization: `Bearer ${token}` })
  })
  afterAll(async () => {
    await off?.[Symbol.asyncDispose]()
    await rm(directory, { recursive: true, force: true })
  })

  test('the catalogue says so', async () => {
    const turnedOff = { name: 'SIMULATOR', availability: 'TURNED_OFF', availabilityNote: note }
    const all = await off.fetchGraphql<{ connectorTypes: { name: string }[] }>(catalogue)
    expect(all.data?.connectorTypes).toContainEqual(turnedOff)
    expect((await off.fetchGraphql(catalogue, { availability: 'TURNED_OFF' })).data).toEqual({
      connectorTypes: [turnedOff],
    })
    const available = await off.fetchGraphql<{ connectorTypes: { name: string }[] }>(catalogue, {
      availability: 'AVAILABLE',
    })
    expect(available.data?.connectorTypes.map(({ name }) => name)).not.toContain('SIMULATOR')
  })

  // Not even the form is looked at: an input that it would refuse gets the same answer.
  test.each([
    ['creating', create, { config: { simulator: { port: 0 } } }, ['config', 'simulator']],
    ['testing a draft', runTest, { target: { draft: { simulator: { port: 0 } } } }, ['target', 'draft', 'simulator']],
    ['testing a saved one', runTest, { target: { saved: { externalKey: 'saved' } } }, ['target', 'saved']],
    [
      'testing an edit',
      runTest,
      { target: { edit: { connector: { externalKey: 'saved' }, config: { simulator: { port: 0 } } } } },
      ['target', 'edit', 'config', 'simulator'],
    ],
    ['previewing', previewRows, { query: { simulator: { rows: -1 } } }, ['target', 'draft', 'query', 'simulator']],
  ])('%s is refused at its key', async (_what, document, variables, inputPath) => {
    const { data, errors } = await off.fetchGraphql(document, variables)
    expect(errors).toBeUndefined()
    expect(Object.values(data ?? {})).toMatchObject([
      { __typename: 'ValidationError', issues: [{ inputPath, message: note }] },
    ])
  })

  test('a subscription is refused the same way', async () => {
    const document = `subscription { testConnection(input: { target: { draft: { simulator: {} } } }) {
      __typename ... on ValidationError { issues { message } } } }`
    const answers: unknown[] = []
    for await (const { data } of off.subscribe(document)) answers.push(data?.['testConnection'])
    expect(answers).toEqual([{ __typename: 'ValidationError', issues: [{ message: note }] }])
  })

  test('saved connectors are listed, shown, renamed and deleted', async () => {
    const list = `{ connectors { nodes { name type { availability } ... on SimulatorConnector { simulator { scenario } } } } }`
    expect((await off.fetchGraphql(list)).data).toEqual({
      connectors: {
        nodes: [{ name: 'Saved', type: { availability: 'TURNED_OFF' }, simulator: { scenario: 'ALL_PASS' } }],
      },
    })
    const update = (rest: string) => `mutation { updateConnector(
      input: { connector: { externalKey: "saved" }, expectedVersion: 1, ${rest} }
    ) { __typename ... on ValidationError { issues { message } } } }`
    const refused = { updateConnector: { __typename: 'ValidationError', issues: [{ message: note }] } }
    expect((await off.fetchGraphql(update('config: { simulator: { port: 1 } }'))).data).toEqual(refused)
    expect((await off.fetchGraphql(update('testGate: REQUIRE_PASS'))).data).toEqual(refused)
    const renamed = { updateConnector: { __typename: 'UpdateConnectorSuccess' } }
    expect((await off.fetchGraphql(update('name: "Renamed"'))).data).toEqual(renamed)
    const remove = `mutation { deleteConnector(input: { connector: { externalKey: "saved" } }) { __typename } }`
    expect((await off.fetchGraphql(remove)).data).toEqual({
      deleteConnector: { __typename: 'DeleteConnectorSuccess' },
    })
  })
})
