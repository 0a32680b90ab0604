import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ConnectorHost } from '../../../src/connectors/host/connector-host.ts'
import { connectorHostReadRoots } from '../../../src/connectors/host/read-roots.ts'
import { residentMb } from '../../../src/connectors/host/resident-memory.ts'
import { snowflake } from '../../../src/connectors/snowflake/index.ts'
import { proves } from '../../proofs/proves.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import { RecordingServer } from '../../servers/recording-server.ts'
import { samplePassword } from '../../servers/snowflake-account.ts'
import type { SnowflakeCall, SnowflakeDoubleOptions } from '../../servers/snowflake-double.ts'
import { statementTypes } from '../../servers/snowflake-outcome.ts'
import { driverPids, hostTypeQuery, hostTypeTest, realHost } from '../../servers/type-host.ts'
import type { RunOptions } from '../../servers/type-run.ts'
import { WatchedListeners } from '../../servers/watched-listeners.ts'
import {
  byKeyPair,
  byOauth,
  byPassword,
  certificate,
  evidenceOf,
  nearSnowflake,
  resultOf,
  root,
  type SnowflakeScene,
  signInStep,
  sql,
  startSnowflake,
  stepIds,
} from './snowflake-run.ts'

/** To load the driver takes a second, and more on a busy machine. */
const patience = { timeout: 30_000 }

/** A child that has loaded the driver takes some 150 MB; it is killed at 400. */
const maxResidentMb = 320

let host: ConnectorHost
let watchedHost: ConnectorHost
beforeAll(() => {
  host = realHost()
  const entry = new URL('watched-child.ts', import.meta.url)
  const folders = [new URL('../../../src/', import.meta.url), new URL('../../', import.meta.url)]
  watchedHost = realHost({ childEntry: entry, readRoots: connectorHostReadRoots(folders) })
})
afterAll(async () => {
  await host?.close()
  await watchedHost?.close()
  await vi.waitFor(() => expect(driverPids()).toEqual([]), patience)
})

const test = (scene: SnowflakeScene, input: unknown = byPassword(), options: RunOptions = {}) =>
  hostTypeTest(host, snowflake, input, nearSnowflake(scene, options))
const query = (
  scene: SnowflakeScene,
  text: string,
  options: { readonly limits?: { maxRows: number; maxBytes: number } } = {},
) => hostTypeQuery(host, snowflake, byPassword(), sql(text), { ...nearSnowflake(scene), ...options })

/** What was seen of a test in its child, and how the test went. */
async function watched(scene: SnowflakeScene, input: unknown = byPassword()) {
  const { outcome, reports } = await hostTypeTest(watchedHost, snowflake, input, nearSnowflake(scene))
  expect(outcome).toEqual({ kind: 'COMPLETED' })
  const { LEAST_PRIVILEGE: last } = reports
  return { reports, seen: evidenceOf(last) }
}

describe('the driver of Snowflake in a child of the connector host', { timeout: 120_000 }, () => {
  it.each([
    ['a password', byPassword()],
    ['a key', byKeyPair()],
  ])('prints nothing, keeps nothing, starts nothing, and talks to nobody but Snowflake (%s)', async (_, input) => {
    const before = { ...process.env }
    await using scene = await startSnowflake()
    const { reports, seen } = await watched(scene, input)
    expect(stepIds.map(id => reports[id]?.status)).toEqual(stepIds.map(() => 'PASSED'))
    expect(seen).toMatchObject({ printed: '', programs: '', addons: '', lookups: '', listeners: '' })
    // It makes sure of a folder that is there always, and may not even do that.
    expect(['', '/']).toContain(seen['written'])
    const dialled = new Set((seen['dialled'] ?? '').split('; '))
    const { double, storage } = scene
    const known = [double.port, storage.port].flatMap(port => [`127.0.0.1:${port}`, `localhost:${port}`, `::1:${port}`])
    expect([...dialled].filter(place => !known.includes(place))).toEqual([])
    expect(double.count('telemetry') + double.count('heartbeat') + double.count('other')).toBe(0)
    expect(process.env).toEqual(before)
  })

  it('looks for no settings, tokens or keys in files', async () => {
    await using scene = await startSnowflake()
    const { seen } = await watched(scene)
    const files = (seen['read'] ?? '').split('; ')
    expect(
      files.filter(file => /toml|sf_client_config|connections|credential|\.snowflake|\.ssh|\.aws|token/i.test(file)),
    ).toEqual([])
    for (const name of ['snowflake.log', '/snowflake.log']) expect(existsSync(name)).toBe(false)
  })

  it('asks nobody about the certificate that it is shown', async () => {
    await using responder = await RecordingServer.start()
    const urls = { ocspUrl: responder.url, issuerUrl: `${responder.url}/ca.der` }
    const names = ['127.0.0.1', 'localhost']
    const shown = issueCertificate({
      commonName: 'server',
      issuer: root,
      names,
      usage: 'server',
      rsaBits: 2_048,
      ...urls,
    })
    await using scene = await startSnowflake({ certificate: shown })
    const { reports } = await test(scene)
    expect(reports[signInStep]?.status).toBe('PASSED')
    expect(responder.connections).toBe(0)
  })

  it.each(['signIn', 'query', 'close'] as const satisfies readonly SnowflakeCall[])(
    'follows no redirect at %s, with whatever it has in its hands',
    async call => {
      await using elsewhere = await RecordingServer.start(certificate)
      for (const status of [302, 307]) {
        const headers = { location: `${elsewhere.url}/session/v1/login-request` }
        await using scene = await startSnowflake({ at: { [call]: { status, headers } } })
        const { outcome, reports } = await test(scene)
        expect(outcome).toEqual({ kind: 'COMPLETED' })
        const failed = stepIds.find(id => reports[id]?.status === 'FAILED')
        expect(failed).toBe({ signIn: signInStep, query: 'OPEN', close: undefined }[call])
      }
      expect(elsewhere.connections).toBe(0)
    },
  )

  it('runs nothing that it finds in a value, and lives on', async () => {
    const column = { name: 'V', type: 'variant' } as const
    const values = ['(globalThis.pwned=1)', '(()=>{process.exit(7)})()', '{"a":', '<x>']
    await using scene = await startSnowflake({
      statements: text =>
        text.includes('asked_for')
          ? { columns: [column], rows: values.map(value => [value]), typeId: statementTypes.SELECT }
          : undefined,
    })
    const { rows } = resultOf(await query(scene, 'select v from asked_for'))
    expect(rows).toEqual(values.map(value => [value]))
    expect(scene.double.count('telemetry')).toBe(0)
  })

  it('has a process of its own for each run, of which nothing is left', async () => {
    await using scene = await startSnowflake()
    const used: number[] = []
    for (let run = 0; run < 3; run++) {
      const pids = new Set<number>()
      const onStep = () => {
        for (const pid of driverPids()) pids.add(pid)
      }
      const { outcome } = await test(scene, byPassword(), { onStep })
      expect(outcome).toEqual({ kind: 'COMPLETED' })
      const [pid, ...others] = pids
      expect(others).toEqual([])
      expect(used).not.toContain(pid)
      used.push(pid ?? 0)
      // Another one may stand ready in its place.
      await vi.waitFor(() => expect(driverPids()).not.toContain(pid), { ...patience, interval: 20 })
    }
    expect(scene.double.signIns).toHaveLength(3)
    await expect.poll(() => scene.double.openConnections).toBe(0)
  })

  it('tells nothing that is secret, whatever the server says', async () => {
    const client = { clientId: 'patchbay', clientSecret: 'client-secret-7Hd' }
    const echo = `You have said ${samplePassword} and ${client.clientSecret}.`
    await using scene = await startSnowflake({ at: { signIn: { error: '390100', message: echo } } })
    const first = await test(scene)
    await using provider = await startSnowflake({
      at: {
        token: {
          status: 400,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ error: 'invalid_request', error_description: echo }),
        },
      },
    })
    const second = await test(provider, byOauth(client))
    for (const [{ reports }, secret] of [
      [first, samplePassword],
      [second, client.clientSecret],
    ] as const) {
      expect(JSON.stringify(reports)).toContain('You have said')
      expect(JSON.stringify(reports)).not.toContain(secret)
    }
  })

  it('gets no packet out to an address that is denied, whoever names it', async () => {
    await using watchedAddresses = await WatchedListeners.start(['127.0.0.9'])
    const place = `127.0.0.9:${watchedAddresses.port}`
    const allowlist = JSON.stringify([{ type: 'STAGE', host: '127.0.0.9', port: watchedAddresses.port }])
    const sendsAway: SnowflakeDoubleOptions['changes'] = {
      query: (answer: { readonly data: object }, { sql: text }) =>
        text.includes('numbers')
          ? { ...answer, data: { ...answer.data, rowset: [], chunks: [{ url: `https://${place}/x`, rowCount: 2 }] } }
          : answer,
    }
    await using scene = await startSnowflake({ allowlist, changes: sendsAway })
    const egress = { allowLoopback: false, allow: [`127.0.0.1/32:${scene.double.port}`] }
    // Loopback as such is denied; that of the double alone is opened, where the policy lets that be.
    const { reports } = await test(scene, byPassword(), { egress })
    const outcome = await hostTypeQuery(host, snowflake, byPassword(), sql('select n from numbers'), {
      ...nearSnowflake(scene),
      egress,
    })
    expect(Object.values(reports).some(report => report?.problem?.code === 'EGRESS_DENIED')).toBe(true)
    expect(outcome.kind).toBe('PROBLEM')
    expect(watchedAddresses.connections).toEqual([])
  })
})

describe('a child of the connector host, tested against a hostile Snowflake', { timeout: 120_000 }, () => {
  /** The most memory that any driver's process had meanwhile. */
  async function peakMbOf<T>(run: () => Promise<T>): Promise<{ readonly result: T; readonly peakMb: number }> {
    let peakMb = 0
    const watch = setInterval(() => {
      for (const pid of driverPids()) peakMb = Math.max(peakMb, residentMb(pid) ?? 0)
    }, 20)
    try {
      return { result: await run(), peakMb }
    } finally {
      clearInterval(watch)
    }
  }

  it.each<[string, SnowflakeDoubleOptions, string, string]>([
    ['answers the sign-in without an end', { at: { signIn: 'FLOOD' } }, signInStep, 'PROTOCOL_VIOLATION'],
    ['answers a statement without an end', { at: { query: 'FLOOD' } }, 'OPEN', 'PROTOCOL_VIOLATION'],
    ['says nothing at the sign-in', { at: { signIn: 'HANG' } }, signInStep, 'SIGN_IN_TIMED_OUT'],
    ['answers the sign-in a byte at a time', { at: { signIn: 'DRIP' } }, signInStep, 'SIGN_IN_TIMED_OUT'],
    ['says nothing at a statement', { at: { query: 'HANG' } }, 'OPEN', 'CLOUD_TIMED_OUT'],
  ])('that %s is told as it is', async (_, options, step, code) => {
    await using scene = await startSnowflake(options)
    const budgetsMs = { SIGN_IN: 3_000, OPEN: 3_000 }
    const { result, peakMb } = await peakMbOf(() =>
      test(scene, byPassword(), code.endsWith('TIMED_OUT') ? { budgetsMs } : {}),
    )
    expect(result.outcome).toEqual({ kind: 'COMPLETED' })
    expect(result.reports[step]).toMatchObject({ status: 'FAILED', problem: { code } })
    expect(peakMb).toBeLessThan(maxResidentMb)
    await expect.poll(() => scene.double.openConnections).toBe(0)
    proves('SNOWFLAKE', code as 'PROTOCOL_VIOLATION', 'DOUBLE')
  })

  it('reads a large result within its memory, part by part', async () => {
    await using scene = await startSnowflake({ inlineRows: 10, chunkRows: 10_000 })
    const text = "select seq8() as n, repeat('x', 1000) as t from table(generator(rowcount => 100000))"
    const limits = { maxRows: 100_000, maxBytes: 256 * 1_048_576 }
    const { result, peakMb } = await peakMbOf(() => query(scene, text, { limits }))
    expect(resultOf(result).rows).toHaveLength(100_000)
    expect(peakMb).toBeGreaterThan(0)
    expect(peakMb).toBeLessThan(maxResidentMb)
  })

  it('keeps its memory where a part has no end', async () => {
    await using scene = await startSnowflake({ inlineRows: 10, chunkRows: 100 }, { at: 'FLOOD' })
    const text = 'select seq8() as n from table(generator(rowcount => 100))'
    const { result, peakMb } = await peakMbOf(() => query(scene, text))
    expect(result).toMatchObject({ kind: 'PROBLEM' })
    expect(peakMb).toBeLessThan(maxResidentMb)
    await expect.poll(() => scene.storage.openConnections).toBe(0)
  })

  it('unpacks no more than it gives', async () => {
    // A thousand times as large when it has been unpacked.
    const bomb = `["${'x'.repeat(400 * 1_048_576)}"]`
    await using scene = await startSnowflake({ inlineRows: 10, chunkRows: 100 }, { changes: () => bomb })
    const text = 'select seq8() as n from table(generator(rowcount => 100))'
    const { result, peakMb } = await peakMbOf(() => query(scene, text))
    expect(result).toMatchObject({ kind: 'PROBLEM', problem: { code: 'RESULT_TOO_LARGE' } })
    expect(peakMb).toBeLessThan(maxResidentMb)
  })

  it('that takes for ever to stop a statement keeps nobody', async () => {
    await using scene = await startSnowflake({
      at: { abort: 'HANG', close: 'HANG' },
      takes: text => (text.includes('numbers') ? { how: 'WITHIN' } : undefined),
    })
    const cancel = new AbortController()
    const run = hostTypeQuery(host, snowflake, byPassword(), sql('select n from numbers'), {
      ...nearSnowflake(scene),
      signal: cancel.signal,
    })
    run.catch(() => {})
    await expect.poll(() => scene.double.running, patience).toBe(1)
    const [pid] = driverPids()
    cancel.abort(new Error('enough'))
    await expect(run).rejects.toThrow('enough')
    // Another one may stand ready in its place.
    await vi.waitFor(() => expect(driverPids()).not.toContain(pid), patience)
    await expect.poll(() => scene.double.openConnections).toBe(0)
  })
})
