import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { issueCertificate } from '../../servers/certificates.ts'
import { RecordingServer } from '../../servers/recording-server.ts'
import { samplePassword } from '../../servers/snowflake-account.ts'
import { SnowflakeDouble, type SnowflakeDoubleOptions } from '../../servers/snowflake-double.ts'
import { statementTypes } from '../../servers/snowflake-outcome.ts'
import { root } from './snowflake-run.ts'

const script = fileURLToPath(new URL('careless-driver.ts', import.meta.url))

interface Told {
  readonly error?: string
  readonly pwned?: unknown
}

/** Runs the driver without any of the care that the connector takes, in a folder of its own; until it has come to an end. */
async function leftAlone(double: SnowflakeDouble, statement?: string, until?: () => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'patchbay-driver-'))
  try {
    const authority = join(folder, 'authority.pem')
    await writeFile(authority, root.certificate)
    const env = {
      ...{ HOME: folder, NODE_EXTRA_CA_CERTS: authority },
      // This one thing is shut off here too: it looks for clouds outside of this machine.
      SNOWFLAKE_DISABLE_PLATFORM_DETECTION: 'true',
    }
    const child = fork(script, { cwd: folder, env, silent: true })
    // It may end by itself: what it is told may be too much for it.
    const exited = once(child, 'exit')
    let printed = ''
    child.stdout?.on('data', chunk => {
      printed += String(chunk)
    })
    const options = {
      ...{ account: 'myorg-patchbay', username: 'patchbay', password: samplePassword, warehouse: 'COMPUTE_WH' },
      ...{ accessUrl: double.url, timeout: 5_000, sfRetryMaxLoginRetries: 0 },
    }
    child.send({ options, ...(statement !== undefined && { statement }) })
    const ended = once(child, 'message').then(([message]) => message as Told)
    const told: Told = await (until?.().then(() => ({})) ?? ended)
    child.kill('SIGKILL')
    await exited
    return { ...told, printed, files: (await readdir(folder)).filter(name => name !== 'authority.pem') }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const start = (options: SnowflakeDoubleOptions = {}) => SnowflakeDouble.start(options)

/** If one of these fails, the driver has changed: what the connector does against it may be of no use any more, or of no need. */
describe("Snowflake's driver, left to itself", { timeout: 60_000 }, () => {
  it('prints, writes a log and sends telemetry', async () => {
    await using double = await start()
    const { error, printed, files } = await leftAlone(double, 'select 1')
    expect(error).toBe('null')
    expect(printed).toContain('"level":"INFO"')
    expect(files).toContain('snowflake.log')
    await expect.poll(() => double.count('telemetry')).toBeGreaterThan(0)
  })

  it('follows a redirect with the password', async () => {
    await using elsewhere = await RecordingServer.start()
    const headers = { location: `${elsewhere.url}/session/v1/login-request` }
    await using double = await start({ at: { signIn: { status: 307, headers } } })
    await leftAlone(double)
    expect(elsewhere.requests.map(({ body }) => body).join()).toContain(samplePassword)
  })

  it('runs what stands in a VARIANT', async () => {
    const column = { name: 'V', type: 'variant' } as const
    const rows = [['(globalThis.pwned=1)']]
    await using double = await start({ statements: () => ({ columns: [column], rows, typeId: statementTypes.SELECT }) })
    expect(await leftAlone(double, 'select v from t')).toMatchObject({ pwned: 1 })
  })

  it('asks whomever a certificate names whether that is revoked', async () => {
    await using responder = await RecordingServer.start()
    const certificate = issueCertificate({
      ...{ commonName: 'server', issuer: root, names: ['127.0.0.1'], usage: 'server', rsaBits: 2048 },
      ocspUrl: responder.url,
    })
    await using double = await start({ certificate })
    await leftAlone(double)
    expect(responder.requests.length).toBeGreaterThan(0)
  })

  it('fetches parts of results from wherever it is told', async () => {
    await using elsewhere = await RecordingServer.start()
    await using double = await start({
      changes: {
        query: (answer: { readonly data: object }) => ({
          ...answer,
          data: { ...answer.data, rowset: [], chunks: [{ url: `${elsewhere.url}/latest/meta-data`, rowCount: 1 }] },
        }),
      },
    })
    await leftAlone(double, 'select 1', () =>
      expect.poll(() => elsewhere.requests.length, { timeout: 20_000 }).toBeGreaterThan(0),
    )
    expect(elsewhere.requests.map(({ path }) => path)).toContain('/latest/meta-data')
  })
})
