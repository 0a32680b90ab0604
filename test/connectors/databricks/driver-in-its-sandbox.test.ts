import types from '@databricks/sql/thrift/TCLIService_types.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databricks } from '../../../src/connectors/databricks/index.ts'
import type { ConnectorHost } from '../../../src/connectors/host/connector-host.ts'
import { connectorHostReadRoots } from '../../../src/connectors/host/read-roots.ts'
import {
  type DatabricksCall,
  type DatabricksDouble,
  type DatabricksDoubleOptions,
  sampleWarehouse,
} from '../../servers/databricks-double.ts'
import { int64 } from '../../servers/databricks-thrift.ts'
import { RecordingServer } from '../../servers/recording-server.ts'
import { driverPids, hostTypeQuery, hostTypeTest, realHost } from '../../servers/type-host.ts'
import {
  byClient,
  byToken,
  certificate,
  clientSecret,
  evidenceOf,
  nearDatabricks,
  resultOf,
  sql,
  startWorkspace,
  token,
} from './databricks-run.ts'

const entry = 'test/connectors/databricks/watched-child.ts'

/** Children as the program has them, with the type's code and this suite's own entry. */
let host: ConnectorHost
beforeAll(() => {
  host = realHost({
    childEntry: new URL('watched-child.ts', import.meta.url),
    readRoots: connectorHostReadRoots([
      new URL('../../../src/', import.meta.url),
      new URL('watched-child.ts', import.meta.url),
    ]),
  })
})
afterAll(() => host.close())

const environmentBefore = { ...process.env }

/** A test in a child, what was seen of it there, and the workspace. */
async function watched(workspace: DatabricksDoubleOptions = {}, input: unknown = byToken()) {
  await using double = await startWorkspace(workspace)
  const { port } = double
  const { outcome, reports } = await hostTypeTest(
    host,
    databricks,
    input,
    nearDatabricks(double, { mayStartCompute: true }),
  )
  expect(outcome).toEqual({ kind: 'COMPLETED' })
  const seen = evidenceOf(reports['LEAST_PRIVILEGE'])
  return { double, port, reports, seen }
}

describe("Databricks' protocol in a child of the connector host", { timeout: 60_000 }, () => {
  it.each([
    ['by a token', byToken()],
    ['by a service principal', byClient()],
  ])('prints nothing, keeps nothing, starts nothing, and talks to nobody but the workspace (%s)', async (_, input) => {
    const { double, port, reports, seen } = await watched({}, input)
    expect(Object.values(reports).map(({ status }) => status)).toEqual(Array(8).fill('PASSED'))
    expect(seen).toMatchObject({
      ...{ printed: '', files: '', programs: '', addons: '', lookups: '' },
      ...{ environment: '', listeners: '', globals: '' },
    })
    const places = (seen['dialled'] ?? '').split('; ').map(place => place.replace(/^connect /, ''))
    expect(places).toEqual([`127.0.0.1:${port}`])
    expect(double.strays).toEqual([])
    expect(process.env).toEqual(environmentBefore)
  })

  const redirected: readonly DatabricksCall[] = [
    'Token',
    'Me',
    'Warehouse',
    'OpenSession',
    'ExecuteStatement',
    'Tables',
    'EffectivePermissions',
  ]
  it.each(redirected.flatMap(call => [302, 307, 308].map(status => ({ call, status }))))(
    'follows no redirect at $call (HTTP $status): nobody else is told anything',
    async ({ call, status }) => {
      await using elsewhere = await RecordingServer.start(certificate)
      await using double = await startWorkspace({
        at: { [call]: { status, headers: { location: `${elsewhere.url}/catch` } } },
      })
      const input = call === 'Token' ? byClient() : byToken()
      const { reports } = await hostTypeTest(host, databricks, input, nearDatabricks(double, {}))
      expect(elsewhere.connections).toBe(0)
      const codes = Object.values(reports).map(({ problem }) => problem?.code ?? null)
      expect(codes.filter(code => code !== null).length, JSON.stringify(codes)).toBeGreaterThan(0)
      const told = JSON.stringify(reports)
      for (const secret of [token, clientSecret, ...double.tokens]) expect(told).not.toContain(secret)
    },
  )

  it('sends its secrets to no server that it cannot verify', async () => {
    await using double = await startWorkspace()
    for (const input of [byToken({ caCertificates: undefined }), byClient({ caCertificates: undefined })]) {
      const { reports } = await hostTypeTest(host, databricks, input, nearDatabricks(double, {}))
      expect(reports[Object.keys(reports).find(id => id.startsWith('SECURE')) ?? '']?.status).toBe('FAILED')
    }
    expect(double.requests).toEqual([])
  })

  it('fetches no part of a result from where a server sends it, and no file', async () => {
    await using elsewhere = await RecordingServer.start(certificate)
    const link = {
      fileLink: `${elsewhere.url}/latest/meta-data`,
      httpHeaders: { 'Metadata-Flavor': 'Google' },
      ...{ expiryTime: int64(Date.now() + 60_000), startRowOffset: int64(0), rowCount: int64(1), bytesNum: int64(9) },
    }
    const withLinks = (answer: InstanceType<typeof types.TExecuteStatementResp>) => {
      const direct = answer.directResults
      if (direct?.resultSetMetadata) {
        direct.resultSetMetadata.resultFormat = types.TSparkRowSetType.URL_BASED_SET
        direct.resultSetMetadata.isStagingOperation = true
      }
      const results = direct?.resultSet?.results as { resultLinks?: unknown } | undefined
      if (results) results.resultLinks = [new types.TSparkArrowResultLink(link as never)]
      return answer
    }
    await using double = await startWorkspace({ changes: { ExecuteStatement: withLinks } })
    const outcome = await hostTypeQuery(
      host,
      databricks,
      byToken(),
      sql('select n from numbers'),
      nearDatabricks(double, {}),
    )
    expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code: 'PROTOCOL_VIOLATION' } })
    expect(elsewhere.connections).toBe(0)
  })

  it('asks for results in a form that leads nowhere else', async () => {
    await using double = await startWorkspace()
    resultOf(await hostTypeQuery(host, databricks, byToken(), sql('select n from numbers'), nearDatabricks(double, {})))
    expect(double.operations.length).toBeGreaterThan(0)
    for (const { request } of double.operations) {
      expect(request.canDownloadResult ?? false).toBe(false)
      expect(request.canDecompressLZ4Result ?? false).toBe(false)
    }
  })

  it.each(['Token', 'Me', 'Warehouse', 'Tables', 'OpenSession', 'ExecuteStatement', 'FetchResults'] as const)(
    'survives an answer without an end at %s, and serves the next one',
    async call => {
      await using sound = await startWorkspace()
      const ask = (double: DatabricksDouble) =>
        hostTypeQuery(host, databricks, byClient(), sql('select n from numbers'), nearDatabricks(double, {}))
      resultOf(await ask(sound))
      await using double = await startWorkspace({ at: { [call]: 'FLOOD' }, waits: ['RUNNING_STATE'] })
      const { outcome, reports } = await hostTypeTest(host, databricks, byClient(), nearDatabricks(double, {}))
      expect(outcome).toEqual({ kind: 'COMPLETED' })
      const codes = Object.values(reports).flatMap(({ problem }) => problem?.code ?? [])
      expect(codes.join(), JSON.stringify(codes)).toMatch(/PROTOCOL_VIOLATION|RESULT_TOO_LARGE/)
      if (!['Me', 'Tables'].includes(call)) expect(await ask(double)).toMatchObject({ kind: 'PROBLEM' })
      expect(resultOf(await ask(sound)).rows).toEqual([['one'], ['two']])
      // The same child, or one in the place of one that has grown.
      expect(driverPids(entry)).toHaveLength(1)
    },
  )

  it('starts nothing that it may not start', async () => {
    const stopped = { [sampleWarehouse]: { state: 'STOPPED' } } as const
    await using double = await startWorkspace({ warehouses: stopped })
    await hostTypeTest(host, databricks, byToken(), nearDatabricks(double, {}))
    expect({ starts: double.starts, sessions: double.sessions.length }).toEqual({ starts: 0, sessions: 0 })
  })
})
