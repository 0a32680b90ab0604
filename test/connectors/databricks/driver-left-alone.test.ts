import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import types from '@databricks/sql/thrift/TCLIService_types.js'
import { describe, expect, it } from 'vitest'
import { sampleWarehouse } from '../../servers/databricks-double.ts'
import { int64 } from '../../servers/databricks-thrift.ts'
import { RecordingServer } from '../../servers/recording-server.ts'
import { byToken, certificate, host, startWorkspace, token } from './databricks-run.ts'

const script = fileURLToPath(new URL('careless-driver.ts', import.meta.url))

interface Told {
  readonly listeners?: number
  readonly rows?: number
  readonly error?: boolean
  readonly words?: string
}

/** Runs the driver without any of the care that the connector takes; until it has come to an end, or to what is waited for. */
async function leftAlone(port: number, statement: string, until?: () => Promise<void>) {
  const child = fork(script, { env: {}, silent: true })
  let printed = ''
  child.stdout?.on('data', chunk => {
    printed += String(chunk)
  })
  const options = {
    ...{ host, path: `/sql/1.0/warehouses/${sampleWarehouse}`, token },
    customCaCert: byToken().caCertificates,
  }
  child.send({ options, statement, port })
  const exited = once(child, 'exit')
  try {
    const ended = once(child, 'message').then(([message]) => message as Told)
    const told: Told = await (until?.().then(() => ({})) ?? ended)
    return { ...told, printed }
  } finally {
    child.kill('SIGKILL')
    await exited
  }
}

const arrival = ({ requests }: RecordingServer) =>
  expect.poll(() => requests.length, { timeout: 20_000 }).toBeGreaterThan(0)

/** If one of these fails, the driver has changed: what the connector does against it may be of no use any more, or of no need. */
describe("Databricks' driver, left to itself", { timeout: 60_000 }, () => {
  it('prints, takes over errors of the whole process, and asks whether to send telemetry', async () => {
    await using double = await startWorkspace()
    const { rows, listeners, printed } = await leftAlone(double.port, 'select 1')
    expect(rows).toBe(1)
    expect(listeners).toBeGreaterThan(0)
    expect(printed).toContain('Created DBSQLClient')
    expect(double.strays.join()).toContain('/api/2.0/connector-service/feature-flags/')
  })

  it('follows a redirect, with all that it had to say', async () => {
    await using elsewhere = await RecordingServer.start(certificate)
    await using double = await startWorkspace({
      at: { OpenSession: { status: 307, headers: { location: `${elsewhere.url}/sql/1.0/warehouses/x` } } },
    })
    await leftAlone(double.port, 'select 1', () => arrival(elsewhere))
    expect(elsewhere.requests[0]?.method).toBe('POST')
    expect(elsewhere.requests[0]?.body).toContain('OpenSession')
  })

  it('fetches results from wherever it is told', async () => {
    await using elsewhere = await RecordingServer.start(certificate)
    const fileLink = `${elsewhere.url}/latest/meta-data`
    await using double = await startWorkspace({
      changes: {
        ExecuteStatement: (answer: InstanceType<typeof types.TExecuteStatementResp>) => {
          const direct = answer.directResults
          if (direct?.resultSetMetadata) direct.resultSetMetadata.resultFormat = types.TSparkRowSetType.URL_BASED_SET
          const link = {
            fileLink,
            expiryTime: int64(Date.now() + 60_000),
            startRowOffset: int64(0),
            rowCount: int64(1),
            bytesNum: int64(9),
          }
          const results = direct?.resultSet?.results as { arrowBatches?: unknown; resultLinks?: unknown } | undefined
          if (results) results.resultLinks = [new types.TSparkArrowResultLink(link as never)]
          return answer
        },
      },
    })
    await leftAlone(double.port, 'select 1', () => arrival(elsewhere))
    expect(elsewhere.requests.map(({ path }) => path)).toContain('/latest/meta-data')
  })

  it('throws what is no error, and hides the words of a refusal by HTTP', async () => {
    await using double = await startWorkspace({
      at: { OpenSession: { status: 403, error: 'PERMISSION_DENIED', message: 'Not you.' } },
    })
    const { words } = await leftAlone(double.port, 'select 1')
    expect(words).not.toContain('Not you.')
    const lost = { [sampleWarehouse]: { state: 'STOPPED', start: {}, whileStarting: 'REFUSES' } } as const
    await using starting = await startWorkspace({ warehouses: lost })
    expect(await leftAlone(starting.port, 'select 1')).toMatchObject({ error: false })
  })
})
