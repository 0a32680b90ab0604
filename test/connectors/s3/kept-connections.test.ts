import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import type { S3Operation } from '../../servers/s3-requests.ts'
import {
  byGlob,
  byKey,
  expectFailure,
  expectQueryProblem,
  inputOf,
  queryS3,
  rowsOf,
  S3World,
  s3Name,
  stepOf,
  testS3,
} from './s3-run.ts'

/** Lets one question through on each connection, and hangs up at the next one, as a server does that has waited too long. */
async function impatientRelay(port: number) {
  let hungUp = 0
  const relay = createServer(socket => {
    const to = connect(port, '127.0.0.1')
    let asked = false
    socket.on('data', data => {
      if (asked) {
        hungUp += 1
        socket.resetAndDestroy()
      } else to.write(data)
      asked = true
    })
    to.pipe(socket)
    const hangUp = () => {
      socket.destroy()
      to.destroy()
    }
    for (const side of [socket, to]) side.on('error', () => {}).on('close', hangUp)
  }).listen(0, '127.0.0.1')
  await once(relay, 'listening')
  const at = relay.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${at.port}`,
    hungUp: () => hungUp,
    [Symbol.asyncDispose]: async () => {
      relay.close()
      await once(relay, 'close')
    },
  }
}

const count = (world: S3World, operation: S3Operation) =>
  world.s3.operations.filter(served => served === operation).length

describe('a connection that was kept and is given up by the server', () => {
  it('is replaced by another one, in tests and queries', async () => {
    await using world = await S3World.start()
    for (const key of ['1.csv', '2.csv', '3.csv']) world.s3.objects.put(key, `n\nof ${key}\n`)
    await using relay = await impatientRelay(world.s3.port)
    const network = { awsEndpoints: { ...world.aws.endpoints, s3: relay.url } }
    const reports = await testS3(inputOf(), world.near({ network }))
    expect([stepOf(reports, 'OPEN').status, stepOf(reports, 'READ').status]).toEqual(['PASSED', 'PASSED'])
    expect(rowsOf(await queryS3(inputOf(), byKey('2.csv'), world.near({ network })))).toEqual([['of 2.csv']])
    const all = await queryS3(inputOf(), byGlob('*.csv'), world.near({ network }))
    expect(rowsOf(all)).toEqual(['1.csv', '2.csv', '3.csv'].map(key => [key, `of ${key}`]))
    expect(relay.hungUp()).toBeGreaterThan(0)
  })

  it('is no reason to ask a server again and again that always hangs up', async () => {
    await using world = await S3World.start({ at: { ListObjectsV2: 'CUT_AT_ONCE' } })
    expectFailure(await world.test(), 'OPEN', 'CONNECTION_RESET')
    expect(count(world, 'ListObjectsV2')).toBe(2)
  })

  it('is no reason to ask for longer than the step has', async () => {
    await using world = await S3World.start({
      at: { ListObjectsV2: nth => (nth === 1 ? 'CUT_AT_ONCE' : 'HANG') },
    })
    const problem = expectFailure(await world.test({}, { budgetsMs: { OPEN: 500 } }), 'OPEN', 'CLOUD_TIMED_OUT')
    expect(problem.params).toMatchObject({ service: s3Name })
    await expect.poll(() => world.s3.openConnections).toBe(0)
  })

  it('is not replaced when nobody waits any more for what was asked on it', async () => {
    const expired = { error: 'ExpiredToken', status: 400, message: 'The provided token has expired.' }
    await using world = await S3World.start({
      // The end of the file is read alone, and its columns side by side.
      at: { GetObject: nth => (nth <= 2 ? null : nth === 8 ? expired : 'HANG') },
    })
    const columnData = Array.from({ length: 12 }, (_, column) => ({
      name: `c${column}`,
      data: Array.from({ length: 20_000 }, (__, row) => `${row * 7_919} of ${column}`),
    }))
    world.s3.objects.put('a.parquet', Buffer.from(parquetWriteBuffer({ columnData })))
    expectQueryProblem(await world.query(byKey('a.parquet')), { code: 'CLOUD_CREDENTIALS_EXPIRED' })
    expect(count(world, 'GetObject')).toBeGreaterThanOrEqual(8)
    await expect.poll(() => world.s3.openConnections).toBe(0)
  })

  it('is not confused with an answer: whoever is refused is not asked again', async () => {
    await using world = await S3World.start({
      at: { ListObjectsV2: { error: 'SlowDown', status: 503, message: 'Slower.' } },
    })
    expectFailure(await world.test(), 'OPEN', 'CLOUD_THROTTLED')
    expect(count(world, 'ListObjectsV2')).toBe(1)
  })
})
