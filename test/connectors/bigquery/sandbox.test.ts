import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { bigquery } from '../../../src/connectors/bigquery/index.ts'
import { connectorHostReadRoots } from '../../../src/connectors/host/read-roots.ts'
import type { GoogleDouble } from '../../servers/google-double.ts'
import { driverPids, hostTypeQuery, hostTypeTest, openSockets, realHost } from '../../servers/type-host.ts'
import { byImpersonation, byKey, byToken, nearGoogle, sql, startGoogle, table } from './bigquery-run.ts'

const servers = new URL('../../servers/', import.meta.url)
const sources = new URL('../../../src/', import.meta.url)
const readRoots = connectorHostReadRoots([servers, sources])
const watched = (entry: string) =>
  realHost({ childEntry: new URL(entry, servers), readRoots, recycleAfterJobs: 10_000, maxChildRssMb: 2_000 })
const pids = () => driverPids('test/servers/watched-child.ts')

/** Ports of this machine that a process has connections to; `elsewhere` for other addresses. */
function dialled(pid: number): readonly (number | 'elsewhere')[] {
  const inodes = readdirSync(`/proc/${pid}/fd`).flatMap(fd => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
    } catch {
      // Closed meanwhile.
      return []
    }
  })
  const lines = ['tcp', 'tcp6', 'udp', 'udp6'].flatMap(name =>
    readFileSync(`/proc/${pid}/net/${name}`, 'utf8').trim().split('\n').slice(1),
  )
  return lines.flatMap(line => {
    const fields = line.trim().split(/\s+/)
    if (!inodes.includes(fields[9] ?? '')) return []
    const [address, port] = (fields[2] ?? '').split(':')
    return address === '0100007F' ? Number.parseInt(port ?? '', 16) : 'elsewhere'
  })
}

const portsOf = ({ endpoints }: GoogleDouble) => Object.values(endpoints).map(url => Number(new URL(url).port))

describe('BigQuery in a real child, which ends when a line is printed, a file written or anything else dialled', () => {
  const host = watched('watched-child.ts')
  afterAll(() => host.close())

  it.each([
    ['a key', byKey()],
    ['impersonation', byImpersonation()],
    ['a token', byToken()],
  ])('tests and reads by %s, and leaves no socket', async (_, input) => {
    const before = JSON.stringify(process.env)
    await using double = await startGoogle()
    const { outcome, reports } = await hostTypeTest(host, bigquery, input, nearGoogle(double, {}))
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expect(Object.values(reports).map(({ status }) => status)).toEqual(Object.keys(reports).map(() => 'PASSED'))
    for (const query of [
      sql('select name from sales.numbers'),
      table('numbers', { dataset: 'sales', columns: ['name'] }),
    ]) {
      const result = await hostTypeQuery(host, bigquery, input, query, nearGoogle(double, {}))
      expect(result).toMatchObject({ kind: 'RESULT', result: { rows: [['one'], ['two']] } })
    }
    const [pid = 0] = pids()
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).toBe('')
    await expect.poll(() => double.openConnections).toBe(0)
    await expect.poll(() => dialled(pid)).toEqual([])
    expect(JSON.stringify(process.env)).toBe(before)
  })

  it('has connections to Google and to nobody else while it waits, and stops the job when it is told to', async () => {
    await using double = await startGoogle({ bigquery: { staysIn: () => 'RUNNING' } })
    const cancel = new AbortController()
    const options = nearGoogle(double, { signal: cancel.signal })
    const outcome = hostTypeQuery(host, bigquery, byKey(), sql('select n from sales.numbers'), options)
    outcome.catch(() => {})
    await expect.poll(() => double.bigquery.running, { interval: 5, timeout: 5_000 }).toBe(1)
    const [pid = 0] = pids()
    const ports = dialled(pid)
    expect(ports.length).toBeGreaterThan(0)
    for (const port of ports) expect(portsOf(double)).toContain(port)
    cancel.abort(new Error('The reader has left.'))
    await expect(outcome).rejects.toThrow('The reader has left.')
    await expect.poll(() => double.bigquery.running).toBe(0)
    await expect.poll(() => double.openConnections).toBe(0)
    expect(double.bigquery.cancelled).toHaveLength(1)
    expect(openSockets(pid)).toBeLessThanOrEqual(3)
  })

  it('reads a large result in little memory', async () => {
    const text = 'x'.repeat(1_000)
    const rows = { length: 100_000, at: (index: number) => [`${index}${text}`] }
    const schema = [{ name: 't', type: 'STRING' }]
    const projects = { 'acme-analytics': { datasets: { sales: { tables: { large: { schema, rows } } } } } }
    await using double = await startGoogle({ bigquery: { projects } })
    const limits = { maxRows: 20_000, maxBytes: 64 * 2 ** 20 }
    const small = await hostTypeQuery(host, bigquery, byKey(), table('large'), nearGoogle(double, { limits }))
    expect(small.kind === 'RESULT' && small.result.rows.length).toBe(20_000)
    const [pid = 0] = pids()
    const peakOf = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024
    const after = peakOf()
    const more = { maxRows: 60_000, maxBytes: 128 * 2 ** 20 }
    const large = await hostTypeQuery(host, bigquery, byKey(), table('large'), nearGoogle(double, { limits: more }))
    expect(large.kind === 'RESULT' && large.result.rows.length).toBe(60_000)
    // Three times as many rows, and no more than some garbage beyond the first peak.
    expect(peakOf() - after).toBeLessThan(60)
  }, 60_000)
})

describe('the watch over a child', () => {
  it('sees a line that is printed', async () => {
    const host = watched('printing-child.ts')
    try {
      await using double = await startGoogle({ at: { 'jobs.insert': 'HANG' } })
      const { outcome } = await hostTypeTest(host, bigquery, byKey(), nearGoogle(double, {}))
      expect(outcome.kind).toBe('FAILED')
    } finally {
      await host.close()
    }
  })
})

describe("Google's own client", () => {
  it('is no part of what runs: only its types are used', () => {
    const folder = new URL('connectors/bigquery/', sources)
    for (const name of readdirSync(folder)) {
      const text = readFileSync(new URL(name, folder), 'utf8')
      const imports = [...text.matchAll(/^import (.*?)from '(.+)'$/gms)]
      for (const [, what = '', from = ''] of imports) {
        if (/@google-cloud|google-auth|gaxios/.test(from)) expect(what.startsWith('type '), name).toBe(true)
      }
    }
  })
})
