import { describe, expect, it } from 'vitest'
import type { S3Objects } from '../../servers/s3-objects.ts'
import { byGlob, expectQueryProblem, rowsOf, S3World } from './s3-run.ts'

const text = `n,text\n${'1,some text that fills the line\n'.repeat(5_000)}`

/** A bucket whose listing does not say which version of an object there is, and whose first transfer is cut. */
async function query(meanwhile: (objects: S3Objects) => void) {
  let change = () => {}
  await using world = await S3World.start({
    at: {
      ListObjectsV2: { listing: [{ key: 'a.csv', size: text.length }] },
      GetObject: count => {
        if (count > 1) change()
        return count === 1 ? 'CUT_IN_BODY' : null
      },
    },
  })
  const { etag } = world.s3.objects.put('a.csv', text)
  change = () => meanwhile(world.s3.objects)
  const outcome = await world.query(byGlob('*.csv'), { limits: { maxRows: 10_000, maxBytes: 16_777_216 } })
  const matches = world.s3.served.flatMap(({ operation, headers }) =>
    operation === 'GetObject' ? [headers['if-match'] ?? null] : [],
  )
  return { outcome, matches, etag }
}

describe('an object whose version no listing tells', () => {
  it('is the one that has begun to come, in all of its pieces', async () => {
    const { outcome, matches, etag } = await query(() => {})
    expect(rowsOf(outcome)).toHaveLength(5_000)
    expect(matches).toEqual([null, etag])
  })

  it('is never put together of two', async () => {
    const { outcome } = await query(objects => objects.put('a.csv', text.replaceAll('1,', '2,'), { version: 2 }))
    expectQueryProblem(outcome, { code: 'OBJECT_CHANGED' })
  })
})
