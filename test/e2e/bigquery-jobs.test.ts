import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plainSecret } from '../canary/secrets.ts'
import { authority, certificate, project, reader, readerGrants } from '../connectors/bigquery/bigquery-run.ts'
import {
  type BigqueryAuthInput,
  PreviewDocument,
  RunTestDocument,
  SaveNewConnectorDocument,
} from '../generated/graphql.ts'
import { GoogleDouble } from '../servers/google-double.ts'
import { bigQueryRefusal } from '../servers/google-refusals.ts'
import { googleScopes } from '../servers/google-scopes.ts'
import { RecordedApp } from './recorded-app.ts'
import { asType } from './typed-result.ts'

const token = plainSecret()
const configBy = (auth: BigqueryAuthInput) => ({
  bigquery: { projectId: project, auth, defaultDataset: 'sales', caCertificates: authority.certificate },
})
const config = configBy({ serviceAccountKey: { json: reader.key.json } })
const draft = configBy({ accessToken: { token } })
const statement = 'select n, name from sales.numbers'

describe('jobs of BigQuery, in the whole program', () => {
  let google: GoogleDouble
  let app: RecordedApp
  let connector: { readonly id: string }
  /** What becomes of statements, from now on. */
  let jobs: 'ENDLESS' | 'SOUND' = 'SOUND'
  /** Whether a table's rows are answered with what was sent. */
  let isTelling = false

  beforeAll(async () => {
    google = await GoogleDouble.start({
      certificate,
      accounts: [reader],
      grants: readerGrants,
      newToken: plainSecret,
      bigquery: { staysIn: () => (jobs === 'ENDLESS' ? 'RUNNING' : undefined) },
      at: {
        'tabledata.list': ({ headers }) =>
          isTelling ? bigQueryRefusal('invalid', `You have said ${String(headers.authorization)}.`) : undefined,
      },
    })
    google.tokens.issue(reader.email, [googleScopes.cloudPlatform], 3_600_000, token)
    const endpoints = Object.entries(google.endpoints).map(([host, url]) => `${host}=${url}`)
    app = await RecordedApp.start('SQLite', { CLOUD_ENDPOINTS: endpoints.join(',') })
    app.recorder.searchFor('the private key', reader.key.privateKey.split('\n')[5] ?? '')
    const saving = { input: { name: 'BigQuery', config } }
    const { createConnector } = await app.client.request(SaveNewConnectorDocument, saving)
    connector = asType(createConnector, 'CreateConnectorSuccess').connector
  })
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]()
    await google?.[Symbol.asyncDispose]()
  })

  const preview = (signal?: AbortSignal) => {
    const asked = { connector: { id: connector.id }, query: { bigquery: { sql: { text: statement } } } }
    return app.client.request(PreviewDocument, { input: { target: { draft: asked } } }, signal)
  }

  it('are not begun by tests, whatever these may cost', async () => {
    for (const target of [{ saved: { id: connector.id } }, { draft }]) {
      for (const mayStartCompute of [false, true]) {
        const { testConnection } = await app.client.request(RunTestDocument, { input: { target, mayStartCompute } })
        expect(asType(testConnection, 'TestConnectionSuccess').test.status).toBe('PASSED')
      }
    }
    expect(google.bigquery.dryRuns.length).toBeGreaterThan(0)
    expect(google.bigquery.jobs).toEqual([])
  })

  it('are one for a preview, looked at before, with exact values and no more billed than the connector allows', async () => {
    const { previewDataset } = await preview()
    expect(asType(previewDataset, 'PreviewDatasetSuccess').preview.rows).toEqual([
      [1, 'one'],
      ['9223372036854775807', 'two'],
    ])
    expect(google.bigquery.statements).toEqual([statement])
    expect(google.bigquery.dryRuns).toContain(statement)
    expect(google.bigquery.jobs[0]?.maximumBytesBilled).toBe(1_073_741_824)
  })

  it('are stopped in BigQuery when the reader of a preview goes away', async () => {
    jobs = 'ENDLESS'
    const reading = new AbortController()
    const answer = preview(reading.signal)
    answer.catch(() => {})
    await expect.poll(() => google.bigquery.running, { timeout: 10_000 }).toBe(1)
    reading.abort()
    await expect(answer).rejects.toThrow()
    await expect.poll(() => google.bigquery.running, { timeout: 10_000 }).toBe(0)
    expect(google.bigquery.cancelled).toEqual([statement])
    jobs = 'SOUND'
  })

  it('and tables tell nothing that the run was given on its way', async () => {
    isTelling = true
    const input = { target: { saved: { id: connector.id } } }
    const { testConnection } = await app.client.request(RunTestDocument, { input })
    const told = JSON.stringify(asType(testConnection, 'TestConnectionSuccess').test.steps)
    expect(told).toContain('You have said')
    for (const { text } of google.tokens.issued) expect(told).not.toContain(text)
    isTelling = false
  })
})
