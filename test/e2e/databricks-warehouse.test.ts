import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { plainSecret } from '../canary/secrets.ts'
import { PreviewDocument, RunTestDocument, SaveNewConnectorDocument, WatchTestDocument } from '../generated/graphql.ts'
import { issueCertificate } from '../servers/certificates.ts'
import { DatabricksDouble } from '../servers/databricks-double.ts'
import { readerGrants } from '../servers/databricks-rights.ts'
import { RecordedApp } from './recorded-app.ts'
import { asType } from './typed-result.ts'

const root = issueCertificate({ commonName: 'Workspace Root', authority: true })
const certificate = issueCertificate({ commonName: 'ws', issuer: root, names: ['127.0.0.1'], usage: 'server' })
const host = 'dbc-a1b2c3d4-e5f6.cloud.databricks.com'
const clientId = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'
const clientSecret = plainSecret()

const running = 'aaaaaaaaaaaaaaaa'
const stopped = 'bbbbbbbbbbbbbbbb'
const slow = 'cccccccccccccccc'

describe('a SQL warehouse, in the whole program', () => {
  let workspace: DatabricksDouble
  let app: RecordedApp
  beforeAll(async () => {
    workspace = await DatabricksDouble.start({
      certificate,
      clients: { [clientId]: { secret: clientSecret, principal: clientId } },
      // What it hands out nobody has ever typed.
      tokenPrefix: plainSecret(),
      grants: readerGrants(clientId),
      warehouses: {
        [running]: {},
        [stopped]: { state: 'STOPPED' },
        [slow]: { state: 'STOPPED', start: { runsAfter: 3 } },
      },
    })
    app = await RecordedApp.start('SQLite', { CLOUD_ENDPOINTS: `${host}=${workspace.url}` })
  })
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]()
    await workspace?.[Symbol.asyncDispose]()
  })

  const config = (warehouse: string) => ({
    databricks: {
      host,
      httpPath: `/sql/1.0/warehouses/${warehouse}`,
      auth: { oauthM2m: { clientId, clientSecret } },
      catalog: 'main',
      schema: 'sales',
      caCertificates: root.certificate,
    },
  })
  const startsOf = (warehouse: string) => workspace.warehouses.get(warehouse)?.starts

  /** The test's status, and what became of each step that needs compute, or tells of rights. */
  async function tested(warehouse: string, mayStartCompute?: boolean) {
    const input = {
      target: { draft: config(warehouse) },
      ...(mayStartCompute !== undefined && { mayStartCompute }),
    }
    const { testConnection } = await app.client.request(RunTestDocument, { input })
    const { status, steps } = asType(testConnection, 'TestConnectionSuccess').test
    const outcomes = steps.filter(({ key }) => ['OPEN', 'READ', 'LEAST_PRIVILEGE'].includes(key))
    return {
      status,
      outcomes: Object.fromEntries(outcomes.map(step => [step.key, [step.status, step.problem?.code ?? null]])),
    }
  }

  test('that runs is used', async () => {
    expect(await tested(running)).toEqual({
      status: 'PASSED',
      outcomes: { OPEN: ['PASSED', null], READ: ['PASSED', null], LEAST_PRIVILEGE: ['PASSED', null] },
    })
  })

  test('that stands still is not started by a test that may not start compute, and its catalog is listed all the same', async () => {
    for (const mayStartCompute of [undefined, false]) {
      const { status, outcomes } = await tested(stopped, mayStartCompute)
      expect(status).toBe('PASSED_WITH_WARNINGS')
      expect(outcomes).toMatchObject({
        READ: ['WARNING', 'COMPUTE_NOT_ALLOWED'],
        // Rights are free to ask for.
        LEAST_PRIVILEGE: ['PASSED', null],
      })
    }
    expect(startsOf(stopped)).toBe(0)
    expect(workspace.calls).toContain('Tables')
  })

  test('that stands still is started where that is allowed, and the reader is told so meanwhile', async () => {
    const input = { target: { draft: config(slow) }, mayStartCompute: true }
    const events = app.client.subscribe('SSE', WatchTestDocument, { input })
    const all = await events.all()
    expect(all.at(-1)).toMatchObject({ __typename: 'ConnectionTestFinished', test: { status: 'PASSED' } })
    expect(JSON.stringify(all)).toMatch(/is starting/)
    expect(startsOf(slow)).toBe(1)
  }, 60_000)

  test('gives a preview, with a token of its own that nobody is told', async () => {
    const { createConnector } = await app.client.request(SaveNewConnectorDocument, {
      input: { name: 'Workspace', config: config(running) },
    })
    const { connector } = asType(createConnector, 'CreateConnectorSuccess')
    const asked = workspace.calls.length
    const query = { databricks: { table: { name: 'orders', columns: ['id', 'total'] } } }
    const draft = { connector: { id: connector.id }, query }
    const { previewDataset } = await app.client.request(PreviewDocument, { input: { target: { draft } } })
    expect(asType(previewDataset, 'PreviewDatasetSuccess').preview.rows).toEqual([
      [1, '10.50'],
      [2, '0.10'],
      [3, '-7.00'],
    ])
    expect(workspace.calls.slice(asked)[0]).toBe('Token')
    expect({ running: workspace.running, sessions: workspace.openSessions, strays: workspace.strays }).toEqual({
      ...{ running: 0, sessions: 0, strays: [] },
    })
  })
})
