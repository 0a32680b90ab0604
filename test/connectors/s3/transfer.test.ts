import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { RowSink } from '../../../src/connectors/define.ts'
import { s3 } from '../../../src/connectors/s3/index.ts'
import { runQuery } from '../../../src/connectors/s3/query.ts'
import type { S3DoubleOptions } from '../../servers/s3-double.ts'
import { repeatedContent } from '../../servers/s3-objects.ts'
import { environmentFor } from '../../servers/type-run.ts'
import { byGlob, byKey, expectQueryProblem, inputOf, rowsOf, S3World, s3Name } from './s3-run.ts'

const line = '1234567,some text that fills the line up to a round number of bytes,x\n'
const header = 'n,text,x\n'
/** CSV of so many bytes, nowhere in memory. */
const csv = (size: number) => repeatedContent(line, size, header)
const giga = 2 ** 30

async function gone(world: S3World): Promise<void> {
  await expect.poll(() => [world.s3.transfers, world.s3.openConnections]).toEqual([0, 0])
}

describe('what is read of an object', () => {
  it.each([
    ['rows', { maxRows: 10, maxBytes: 1_048_576 }],
    ['bytes', { maxRows: 1_000_000, maxBytes: 20_000 }],
  ])('is little, where few %s are wanted of it', async (_, limits) => {
    await using world = await S3World.start()
    world.s3.objects.put('huge.csv', csv(5_000 * giga))
    const outcome = await world.query(byKey('huge.csv'), { limits })
    expect(outcome).toMatchObject({ kind: 'RESULT', result: { truncated: true } })
    expect(rowsOf(outcome).length).toBeGreaterThanOrEqual(10)
    await gone(world)
    // What fits into the buffers on the way, and no more.
    expect(world.s3.traffic.sentBytes).toBeLessThan(16 * 2 ** 20)
  })

  it('is all of it where all is wanted, and no more is said to be there', async () => {
    await using world = await S3World.start()
    world.s3.objects.put('a.csv', csv(header.length + 1_000 * line.length))
    const outcome = await world.query(byKey('a.csv'), { limits: { maxRows: 1_000, maxBytes: 16_777_216 } })
    expect(outcome).toMatchObject({ kind: 'RESULT', result: { truncated: false } })
    expect(rowsOf(outcome)).toHaveLength(1_000)
    const more = await world.query(byKey('a.csv'), { limits: { maxRows: 999, maxBytes: 16_777_216 } })
    expect(more).toMatchObject({ kind: 'RESULT', result: { truncated: true } })
    await gone(world)
  })

  it('is little of what is compressed to grow', async () => {
    await using world = await S3World.start()
    world.s3.objects.put('bomb.csv.gz', gzipSync(`n\n${'0'.repeat(200 * 2 ** 20)}\n`))
    expectQueryProblem(await world.query(byKey('bomb.csv.gz')), { code: 'RESULT_TOO_LARGE' })
    await gone(world)
  })

  it('ends with one record that is too large', async () => {
    await using world = await S3World.start()
    world.s3.objects.put('a.ndjson', repeatedContent('x', giga, '{"text":"'))
    expectQueryProblem(await world.query(byKey('a.ndjson')), { code: 'RESULT_TOO_LARGE' })
    await gone(world)
    expect(world.s3.traffic.sentBytes).toBeLessThan(64 * 2 ** 20)
  })

  it('comes only as fast as it is taken', async () => {
    await using world = await S3World.start()
    world.s3.objects.put('huge.csv', csv(giga))
    const enough = Promise.withResolvers<boolean>()
    const given = Promise.withResolvers<void>()
    let batches = 0
    const sink: RowSink = {
      columns: () => {},
      rows: () => {
        batches += 1
        given.resolve()
        return enough.promise
      },
      json: () => Promise.reject(new Error('Nobody gives JSON here.')),
    }
    const end = runQuery(
      s3.form.schema.parse(inputOf()) as never,
      s3.queryForm.schema.parse(byKey('huge.csv')) as never,
      {
        signal: new AbortController().signal,
        environment: await environmentFor(world.near({})),
        limits: { maxRows: 1_000_000, maxBytes: giga },
      },
      sink,
    )
    await given.promise
    // The server cannot go on: nobody takes what it sends.
    await expect.poll(() => world.s3.traffic.blocked).toBe(1)
    const sent = world.s3.traffic.sentBytes
    expect(sent).toBeLessThan(32 * 2 ** 20)
    await expect.poll(() => world.s3.traffic.blocked).toBe(1)
    expect(world.s3.traffic.sentBytes).toBe(sent)
    expect(batches).toBe(1)
    enough.resolve(false)
    await end
    await gone(world)
    expect(world.s3.traffic.sentBytes).toBe(sent)
  })
})

describe('a query that is over before the object is', () => {
  it.each<readonly [string, S3DoubleOptions, (world: S3World) => boolean]>([
    ['in the middle of it', { at: { GetObject: 'HANG_IN_BODY' } }, world => world.s3.traffic.held === 1],
    ['before it has begun to come', { at: { GetObject: 'HANG' } }, world => world.s3.traffic.held === 1],
    ['while it comes byte by byte', { at: { GetObject: 'DRIP_IN_BODY' } }, world => world.s3.transfers === 1],
    ['while keys are listed', { at: { ListObjectsV2: 'HANG' } }, world => world.s3.traffic.held === 1],
    ['while a page of keys drips', { at: { ListObjectsV2: 'DRIP' } }, world => world.s3.openConnections === 1],
  ])('is cancelled %s, and leaves nothing', async (_, options, reached) => {
    await using world = await S3World.start(options)
    // Little enough that nothing is left to be done but waiting.
    world.s3.objects.put('a.csv', csv(100_000))
    const cancel = new AbortController()
    const reason = new Error('The reader has gone.')
    const limits = { maxRows: 1_000_000, maxBytes: giga }
    const run = world.query(byGlob('*.csv'), { signal: cancel.signal, limits })
    run.catch(() => {})
    await expect.poll(() => reached(world), { timeout: 10_000 }).toBe(true)
    cancel.abort(reason)
    await expect(run).rejects.toBe(reason)
    await gone(world)
  })

  const timed = { limits: { statementTimeoutSeconds: 1 } }

  it.each(['HANG_IN_BODY', 'DRIP_IN_BODY', 'HANG', 'ENDLESS_BODY'] as const)(
    'ends at the time limit of the form (%s)',
    async fault => {
      await using world = await S3World.start({ at: { GetObject: fault } })
      world.s3.objects.put('a.csv', csv(4 * giga))
      const limits = { maxRows: 1_000_000_000, maxBytes: 100 * giga }
      const problem = expectQueryProblem(await world.query(byKey('a.csv'), { limits }, timed), {
        code: 'STATEMENT_TIMED_OUT',
      })
      expect(problem).toMatchObject({ params: { seconds: 1 }, fields: ['limits.statementTimeoutSeconds'] })
      await gone(world)
    },
  )

  it.each(['HANG', 'HANG_IN_BODY'] as const)('ends long before, when nothing more comes (%s)', async fault => {
    await using world = await S3World.start({ at: { GetObject: fault } })
    world.s3.objects.put('a.csv', csv(200_000))
    const patience = { limits: { connectTimeoutSeconds: 1, statementTimeoutSeconds: 600 } }
    expectQueryProblem(await world.query(byGlob('*.csv'), { limits: { maxRows: 10_000, maxBytes: giga } }, patience), {
      code: 'CLOUD_TIMED_OUT',
      params: { service: s3Name, seconds: 3 },
    })
    await gone(world)
  })

  it('ends at the time limit while it lists', async () => {
    await using world = await S3World.start({ at: { ListObjectsV2: 'HANG' } })
    expectQueryProblem(await world.query(byGlob('*'), {}, timed), { code: 'STATEMENT_TIMED_OUT' })
    await gone(world)
  })
})

describe('a transfer that breaks', () => {
  const small = header + line.repeat(2_000)

  it('is taken up where it broke, of the same object alone', async () => {
    await using world = await S3World.start({ at: { GetObject: count => (count <= 2 ? 'CUT_IN_BODY' : null) } })
    const { etag } = world.s3.objects.put('a.csv', small)
    const limits = { maxRows: 10_000, maxBytes: 16_777_216 }
    const rows = rowsOf(await world.query(byGlob('*.csv'), { limits }))
    expect(rows).toHaveLength(2_000)
    expect(rows.at(-1)?.[1]).toBe('1234567')
    const [first, ...again] = world.s3.served.filter(({ operation }) => operation === 'GetObject')
    expect(first?.headers['range']).toBeUndefined()
    expect(again.length).toBeGreaterThanOrEqual(2)
    for (const { headers, status } of again) {
      expect(headers).toMatchObject({ range: expect.stringMatching(/^bytes=[1-9]\d*-/), 'if-match': etag })
      expect(status).toBe(206)
    }
  })

  it('is not taken up for ever', async () => {
    await using world = await S3World.start({ at: { GetObject: 'CUT_IN_BODY' } })
    world.s3.objects.put('a.csv', csv(2 * 2 ** 20))
    const limits = { maxRows: 10_000_000, maxBytes: giga }
    expectQueryProblem(await world.query(byGlob('*.csv'), { limits }), { code: 'CONNECTION_RESET' })
    // Once, and four times more; of what is left a half comes each time.
    expect(world.s3.served.filter(({ operation }) => operation === 'GetObject')).toHaveLength(5)
    await gone(world)
  })

  it('is not taken up with another object', async () => {
    let put = () => {}
    await using world = await S3World.start({
      at: {
        GetObject: count => {
          if (count > 1) put()
          return count === 1 ? 'CUT_IN_BODY' : null
        },
      },
    })
    world.s3.objects.put('a.csv', small)
    put = () => world.s3.objects.put('a.csv', small, { version: 2 })
    const limits = { maxRows: 10_000, maxBytes: 16_777_216 }
    expectQueryProblem(await world.query(byGlob('*.csv'), { limits }), { code: 'OBJECT_CHANGED' })
  })

  it('has an end, whatever the server says of its length', async () => {
    await using world = await S3World.start({ at: { GetObject: 'ENDLESS_BODY' } })
    world.s3.objects.put('a.csv', small)
    const limits = { maxRows: 10_000_000, maxBytes: giga }
    const outcome = await world.query(byGlob('*.csv'), { limits })
    expectQueryProblem(outcome, { code: 'PROTOCOL_VIOLATION' })
    await gone(world)
    expect(world.s3.traffic.sentBytes).toBeLessThan(32 * 2 ** 20)
  })

  it('is told as an expired token, where that is why it cannot go on', async () => {
    await using world = await S3World.start({
      at: {
        GetObject: count =>
          count > 2 ? { error: 'ExpiredToken', status: 400, message: 'The provided token has expired.' } : null,
      },
    })
    for (const name of ['1.csv', '2.csv', '3.csv', '4.csv']) world.s3.objects.put(name, small)
    const limits = { maxRows: 100_000, maxBytes: giga }
    expectQueryProblem(await world.query(byGlob('*.csv'), { limits }), { code: 'CLOUD_CREDENTIALS_EXPIRED' })
    await gone(world)
  })

  it.each<readonly [string, NonNullable<S3DoubleOptions['at']>, string]>([
    ['a page', { GetObject: { status: 200, headers: {}, body: '<html>Sign in</html>' } }, 'WRONG_PROTOCOL'],
    ['a redirect', { GetObject: { status: 302, headers: { location: 'http://[::1]/' }, body: '' } }, 'WRONG_PROTOCOL'],
    ['throttling', { GetObject: { error: 'SlowDown', status: 503, message: 'Slower.' } }, 'CLOUD_THROTTLED'],
    ['silence', { GetObject: { error: 'RequestTimeout', status: 400, message: 'Too slow.' } }, 'CLOUD_UNAVAILABLE'],
  ])('is told as %s where that is what comes', async (_, at, code) => {
    await using world = await S3World.start({ at })
    world.s3.objects.put('a.csv', small)
    for (const query of [byKey('a.csv'), byGlob('*.csv')]) {
      expectQueryProblem(await world.query(query), { code: code as never })
    }
    await gone(world)
  })
})
