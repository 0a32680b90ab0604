import { readFileSync } from 'node:fs'
import { afterAll, expect, it } from 'vitest'
import { databricks } from '../../../src/connectors/databricks/index.ts'
import { driverPids, hostTypeQuery, realHost } from '../../servers/type-host.ts'
import { byToken, nearDatabricks, resultOf, sql, startWorkspace } from './databricks-run.ts'

const host = realHost({ maxChildRssMb: 4_000 })
afterAll(() => host.close())

const mega = 2 ** 20
/** The most memory that a process has had at once, in bytes. */
const peakOf = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024

it('a result of any size is read in little memory: a child grows by less than two thirds of 100 MB', async () => {
  const text = 'x'.repeat(2_000)
  const result = (length: number) => ({ columns: [{ name: 'text', type: 'string' }], rows: [[text]], length })
  await using double = await startWorkspace({
    statements: statement => result(statement.includes('large') ? 50_000 : 2_000),
  })
  const read = async (statement: string) => {
    const limits = { maxRows: 100_000, maxBytes: 400 * mega }
    // The row limit of a preview is far below; this is what a dataset may come to.
    const options = nearDatabricks(double, { limits, deadlineMs: 120_000 })
    return resultOf(await hostTypeQuery(host, databricks, byToken(), sql(statement), options)).rows.length
  }
  expect(await read('select * from warm')).toBe(2_000)
  const [pid = 0] = driverPids()
  const before = peakOf(pid)
  expect(await read('select * from large')).toBe(50_000)
  expect(driverPids()).toEqual([pid])
  expect(peakOf(pid) - before).toBeLessThan(64 * mega)
}, 180_000)
