import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BigQuery } from '@google-cloud/bigquery'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { silentServer } from '../../servers/hostile-servers.ts'
import { RecordingServer } from '../../servers/recording-server.ts'
import { givenToken, project, startGoogle } from './bigquery-run.ts'

// It says that it would rather be given its credentials in another way.
beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}))
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

/** If one of these fails, the client has changed: what the connector does in its place may be of no need any more. */
describe("Google's client for BigQuery, left to itself", () => {
  it('reads a file of this machine and sends it to wherever the credentials say', async () => {
    await using elsewhere = await RecordingServer.start()
    const directory = await mkdtemp(join(tmpdir(), 'patchbay-secret-'))
    const file = join(directory, 'secret')
    await writeFile(file, 'a-secret-of-this-machine')
    const credentials = {
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${elsewhere.url}/token`,
      credential_source: { file },
    }
    const client = new BigQuery({ projectId: project, credentials: credentials as never, autoRetry: false })
    client.authClient.getAccessToken().catch(() => {})
    await expect.poll(() => elsewhere.requests.length, { timeout: 10_000 }).toBeGreaterThan(0)
    expect(elsewhere.requests[0]?.body).toContain('a-secret-of-this-machine')
    await rm(directory, { recursive: true })
  })

  it('sends everything, with its token, to where the environment says, whatever it was told', async () => {
    await using elsewhere = await RecordingServer.start()
    await using double = await startGoogle({ certificate: null })
    vi.stubEnv('BIGQUERY_EMULATOR_HOST', elsewhere.url)
    const authClient = new BigQuery({ projectId: project }).authClient.fromJSON({
      type: 'authorized_user',
      client_id: 'x',
      client_secret: 'x',
      refresh_token: 'x',
    })
    authClient.setCredentials({ access_token: givenToken })
    const client = new BigQuery({
      projectId: project,
      apiEndpoint: double.urlOf('bigquery'),
      authClient,
      autoRetry: false,
    })
    await client.getDatasets().catch(() => {})
    expect(elsewhere.requests.map(({ headers }) => headers.authorization)).toContain(`Bearer ${givenToken}`)
    expect(double.requests).toEqual([])
  })

  it('has no time after which it gives up a server that is silent', async () => {
    await using silent = await silentServer()
    const authClient = new BigQuery({ projectId: project }).authClient.fromJSON({
      type: 'authorized_user',
      client_id: 'x',
      client_secret: 'x',
      refresh_token: 'x',
    })
    authClient.setCredentials({ access_token: givenToken })
    const apiEndpoint = `http://127.0.0.1:${silent.port}`
    const client = new BigQuery({ projectId: project, apiEndpoint, authClient, autoRetry: false })
    // Its own words for one: whatever is given, nothing ends.
    const query = client.query({ query: 'select 1', timeoutMs: 100, jobTimeoutMs: 100 } as never)
    const ended = query.then(
      () => 'ended',
      () => 'ended',
    )
    await expect.poll(() => silent.received.length).toBeGreaterThan(0)
    const patience = new Promise(resolve => setTimeout(resolve, 1_500, 'waits'))
    expect(await Promise.race([ended, patience])).toBe('waits')
  })
})
