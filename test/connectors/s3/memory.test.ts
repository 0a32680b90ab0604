import { readFileSync } from 'node:fs'
import { afterAll, expect, it } from 'vitest'
import { s3 } from '../../../src/connectors/s3/index.ts'
import { repeatedContent } from '../../servers/s3-objects.ts'
import { driverPids, realHost } from '../../servers/type-host.ts'
import { environmentFor } from '../../servers/type-run.ts'
import { byKey, inputOf, rowsOf, S3World } from './s3-run.ts'

const host = realHost({ maxChildRssMb: 4_000 })
afterAll(() => host.close())

const mega = 2 ** 20
/** A busy machine needs a while for so much. */
const deadlineMs = 200_000

async function read(world: S3World, key: string) {
  const job = {
    kind: 'QUERY',
    typeName: s3.name,
    config: s3.form.schema.parse(inputOf({ limits: { statementTimeoutSeconds: deadlineMs / 1_000 } })),
    query: s3.queryForm.schema.parse(byKey(key, { columns: ['n'] })),
    limits: { maxRows: 10_000_000, maxBytes: 16 * mega },
    environment: await environmentFor(world.near({})),
  } as const
  return rowsOf(await host.query(job, { workspaceId: 'a', signal: new AbortController().signal, deadlineMs }))
}

/** The most memory that a process has had at once, in bytes. */
const peakOf = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024

it('an object of any size is read in little memory: a child grows by less than a fifth of 300 MB', async () => {
  await using world = await S3World.start()
  // Of each line a little is wanted, so that what is given stays small.
  const line = `1,${'#'.repeat(10_000)}\n`
  const lines = 30_000
  const header = 'n,padding\n'
  const sized = (count: number) => repeatedContent(line, header.length + count * line.length, header)
  // What the readers take once, whatever there is to read.
  world.s3.objects.put('warm.csv', sized(500))
  world.s3.objects.put('large.csv', sized(lines))

  expect(await read(world, 'warm.csv')).toHaveLength(500)
  const [pid = 0] = driverPids()
  const before = peakOf(pid)
  expect(await read(world, 'large.csv')).toHaveLength(lines)
  expect(driverPids()).toEqual([pid])
  expect(world.s3.traffic.sentBytes).toBeGreaterThan(lines * line.length)
  expect(peakOf(pid) - before).toBeLessThan(60 * mega)
}, 240_000)
