import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Recorder } from '../canary/recorder.ts'
import { canarySecret } from '../canary/secrets.ts'
import { startTestApp, type TestApp, type Variables } from '../harness.ts'
import { createStorage, type Storage } from './storage.ts'

const recorder = new Recorder()
let storage: Storage
let app: TestApp
beforeAll(async () => {
  storage = await createStorage('SQLite')
  app = await startTestApp({ ...storage.environment, LOG_LEVEL: 'info', TEST_RATE: '1000' })
  const key = { username: 'ann', privateKey: canarySecret(), passphrase: canarySecret() }
  const save = `mutation ($config: ConnectorConfigInput!) {
    createConnector(input: { name: "Read", externalKey: "read", config: $config }) { __typename }
  }`
  expect(await run(save, { config: { simulator: { auth: { key } } } })).toBe('CreateConnectorSuccess')
})
afterAll(async () => {
  if (app) recorder.record('log', app.log())
  await app?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

/** Runs an operation with those of the variables that it declares; answers the type of its one field. */
async function run(document: string, variables: Variables = {}): Promise<unknown> {
  const given = Object.fromEntries(Object.entries(variables).filter(([name]) => document.includes(`$${name}:`)))
  recorder.record('sent', JSON.stringify(given))
  const { data, errors } = await app.fetchGraphql<Record<string, { __typename: string }>>(document, given)
  expect(errors).toBeUndefined()
  return Object.values(data ?? {})[0]?.__typename
}

/** What the log says of reads beyond its first characters. */
const linesSince = (before: number): unknown[] =>
  app
    .log()
    .slice(before)
    .split('\n')
    .filter(line => line.includes('Secrets read'))
    .map(line => JSON.parse(line))

async function connector() {
  const [row] = await storage.sql('select id, version, secret_version_id from connectors')
  return { id: row?.['id'], version: row?.['version'], versionId: row?.['secret_version_id'] }
}

/** The whole line for a read of the connector's secrets as they are now. */
async function lineOfRead(ok = true) {
  const { id: connectorId, versionId } = await connector()
  const what = { workspaceId: 'default', connectorId, versionId, store: 'SEALED', ok }
  return { level: 'info', time: expect.any(String), ...what, msg: 'Secrets read' }
}

const saved = '{ externalKey: "read" }'
const testOf = (target: string) => `{ testConnection(input: { target: ${target} }) { __typename } }`
const edit = '{ simulator: { auth: { key: { passphrase: "another" } } } }'
const update = (change: string, variable = '') => `mutation ($version: Int!${variable}) {
  updateConnector(input: { connector: ${saved}, expectedVersion: $version, ${change} }) { __typename }
}`

describe('a read of stored secrets is one line of the log that says whose, and nothing else', () => {
  test.each([
    ['a test', `mutation ${testOf(`{ saved: ${saved} }`)}`, 'TestConnectionSuccess'],
    [
      'a test of an edit that keeps some',
      `mutation ${testOf(`{ edit: { connector: ${saved}, config: ${edit} } }`)}`,
      'TestConnectionSuccess',
    ],
    [
      'a preview',
      `{ previewDataset(input: { target: { draft: { connector: ${saved}, query: { simulator: {} } } } }) { __typename } }`,
      'PreviewDatasetSuccess',
    ],
    [
      'options for a field',
      `{ connectorFieldOptions(input: { target: { saved: ${saved} }, field: "database" }) { __typename } }`,
      'ConnectorFieldOptionsSuccess',
    ],
    [
      'a page of the catalog',
      `{ connector(by: ${saved}) { __typename catalog { __typename } } }`,
      'SimulatorConnector',
    ],
    ['an edit that keeps some', update(`config: ${edit}`), 'UpdateConnectorSuccess'],
    ['an edit that gives the same again', update(`config: ${edit}`), 'UpdateConnectorSuccess'],
    ['the test that an edit requires', update('description: "x", testGate: REQUIRE_PASS'), 'UpdateConnectorSuccess'],
  ])('for %s', async (_what, operation, typeName) => {
    const before = app.log().length
    const line = await lineOfRead()
    const { version } = await connector()
    expect(await run(operation, { version })).toBe(typeName)
    expect(linesSince(before)).toEqual([line])
  })

  test('for a test that is watched', async () => {
    const before = app.log().length
    for await (const { errors } of app.subscribe(`subscription ${testOf(`{ saved: ${saved} }`)}`)) {
      expect(errors).toBeUndefined()
    }
    expect(linesSince(before)).toEqual([await lineOfRead()])
  })

  test('also when they cannot be read', async () => {
    const { versionId } = await connector()
    const [kept] = await storage.sql(`select ciphertext from sealed_secrets where version_id = '${versionId}'`)
    const write = (ciphertext: unknown) =>
      storage.sql(`update sealed_secrets set ciphertext = '${ciphertext}' where version_id = '${versionId}'`)
    await write('AQ==')
    const before = app.log().length
    await run(`mutation ${testOf(`{ saved: ${saved} }`)}`)
    expect(linesSince(before)).toEqual([await lineOfRead(false)])
    await write(kept?.['ciphertext'])
  })
})

test('there is no such line where none are read', async () => {
  const before = app.log().length
  const config = '{ simulator: { auth: { password: { username: "ann", password: $secret } } } }'
  for (const [operation, typeName] of [
    ['{ connectors { __typename nodes { id name secrets { path isSet setAt } formData } } }', 'ConnectorConnection'],
    [`{ connector(by: ${saved}) { __typename } }`, 'SimulatorConnector'],
    [`mutation ($secret: String!) ${testOf(`{ draft: ${config} }`)}`, 'TestConnectionSuccess'],
    [update('description: "y"'), 'UpdateConnectorSuccess'],
    [update(`config: ${config}`, ', $secret: String!'), 'UpdateConnectorSuccess'],
    [`mutation { deleteConnector(input: { connector: ${saved} }) { __typename } }`, 'DeleteConnectorSuccess'],
  ] as const) {
    const { version } = await connector()
    expect(await run(operation, { version, secret: canarySecret() })).toBe(typeName)
  }
  expect(linesSince(before)).toEqual([])
})
