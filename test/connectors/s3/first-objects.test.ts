import { describe, expect, it } from 'vitest'
import type { S3DoubleOptions } from '../../servers/s3-double.ts'
import type { S3Fault } from '../../servers/s3-faults.ts'
import { byKey, expectProblem, expectQueryProblem, S3World, stepOf } from './s3-run.ts'

const empty = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => `${String(from + index).padStart(6, '0')}.csv`)

/** What is listed in the place of the bucket's keys, by the page, from 1. */
const inReading = (listing: (page: number) => Exclude<S3Fault, string>): S3DoubleOptions => ({
  // The first listing is that of OPEN.
  at: { ListObjectsV2: count => (count === 1 ? null : listing(count - 1)) },
})
const nothing = (page: number) => ({ listing: [], nextToken: `after page ${page}` })

describe('the object that a test reads', () => {
  it('is found behind a page of keys that stand for nothing', async () => {
    await using world = await S3World.start()
    for (const key of empty(0, 1_500)) world.s3.objects.put(key, '')
    world.s3.objects.put('z.csv', 'n\n1\n')
    const read = stepOf(await world.test(), 'READ')
    expect(read.status).toBe('PASSED')
    expect(read.evidence).toMatchObject([{ value: '1501' }, { label: 'Object', value: 'z.csv' }, {}, {}, {}])
  })

  it('is found behind a page without any keys', async () => {
    const last = { listing: [{ key: 'a.csv', size: 4 }] }
    await using world = await S3World.start(inReading(page => (page <= 2 ? nothing(page) : last)))
    world.s3.objects.put('a.csv', 'n\n1\n')
    expect(stepOf(await world.test(), 'READ').status).toBe('PASSED')
  })

  it('is not looked for without end, and nobody says then that there is none', async () => {
    await using world = await S3World.start(inReading(nothing))
    const reports = await world.test()
    const problem = expectProblem(reports, 'READ', 'NO_OBJECT_MATCHES')
    expect(problem.detail).toBe('There are more keys than were looked through.')
    expect(stepOf(reports, 'READ').evidence).toMatchObject([{ label: 'Objects', value: '0 or more' }])
    expect(world.s3.served.length).toBeLessThan(20)
  })

  it('has gone where an answer without words says so', async () => {
    const gone = { status: 404, headers: { 'x-amz-request-id': 'R1' }, body: '' }
    await using world = await S3World.start({ at: { GetObject: gone } })
    world.s3.objects.put('a.csv', 'n\n1\n')
    expectProblem(await world.test(), 'READ', 'OBJECT_CHANGED')
    const { fields } = expectQueryProblem(await world.query(byKey('a.csv')), { code: 'NO_OBJECT_MATCHES' })
    expect(fields).toEqual(['source.key.key'])
  })
})
