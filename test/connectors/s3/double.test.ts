import {
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { S3Double } from '../../servers/s3-double.ts'
import { contentOf, repeatedContent } from '../../servers/s3-objects.ts'
import { accessKey, knownKeys, region } from './s3-run.ts'

const { accessKeyId, secretAccessKey } = accessKey
const Bucket = 'sales'

const clientOf = ({ url }: S3Double, change: Partial<S3ClientConfig> = {}) =>
  new S3Client({
    region,
    endpoint: url,
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey },
    ...change,
  })

/** What a call comes to when it fails. */
const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => null,
    (error: Error & { readonly $metadata?: { readonly httpStatusCode?: number } }) => ({
      name: error.name,
      status: error.$metadata?.httpStatusCode,
    }),
  )

// What else is shown with the double is worth no more than this: that it is what the API reference says.
describe("the double of S3, as the vendor's own client sees it", () => {
  let double: S3Double
  let client: S3Client
  beforeAll(async () => {
    double = await S3Double.start({ keys: knownKeys, buckets: { sales: region, other: 'us-east-1' } })
    client = clientOf(double)
    for (const key of ['a/1', 'a/2', 'b/1', 'c', '\uffee', '😀']) double.objects.put(key, `of ${key}`)
    double.objects.put('empty', '')
    double.objects.put('large', repeatedContent('abc', 2 ** 40, 'head'))
  })
  afterAll(async () => {
    client?.destroy()
    await double?.[Symbol.asyncDispose]()
  })

  const list = async (change: object) => {
    const {
      Contents = [],
      CommonPrefixes = [],
      ...rest
    } = await client.send(new ListObjectsV2Command({ Bucket, ...change }))
    return { keys: Contents.map(({ Key }) => Key), folders: CommonPrefixes.map(({ Prefix }) => Prefix), ...rest }
  }

  it('lists by the bytes of keys, page by page', async () => {
    const first = await list({ MaxKeys: 3 })
    expect(first).toMatchObject({ keys: ['a/1', 'a/2', 'b/1'], IsTruncated: true, KeyCount: 3 })
    const second = await list({ MaxKeys: 1_000_000, ContinuationToken: first.NextContinuationToken })
    expect(second).toMatchObject({ keys: ['c', 'empty', 'large', '\uffee', '😀'], IsTruncated: false, MaxKeys: 1_000 })
  })

  it('lists from a key on, under a prefix, and folders by a delimiter', async () => {
    expect((await list({ StartAfter: 'b/1', MaxKeys: 1 })).keys).toEqual(['c'])
    expect((await list({ Prefix: 'a/' })).keys).toEqual(['a/1', 'a/2'])
    expect(await list({ Delimiter: '/', MaxKeys: 3 })).toMatchObject({ keys: ['c'], folders: ['a/', 'b/'] })
  })

  it('encodes keys on request as forms do, but for slashes', async () => {
    double.objects.put('enc/ä b+c*~', '')
    expect((await list({ Prefix: 'enc/', EncodingType: 'url' })).keys).toEqual(['enc/%C3%A4+b%2Bc*%7E'])
    double.objects.delete('enc/ä b+c*~')
  })

  it('gives objects, and parts of them', async () => {
    const get = async (change: object) => {
      const { Body, ContentRange, $metadata } = await client.send(
        new GetObjectCommand({ Bucket, Key: 'a/1', ...change }),
      )
      return [await Body?.transformToString(), ContentRange, $metadata.httpStatusCode]
    }
    expect(await get({})).toEqual(['of a/1', undefined, 200])
    expect(await get({ Range: 'bytes=3-4' })).toEqual(['a/', 'bytes 3-4/6', 206])
    expect(await get({ Range: 'bytes=3-' })).toEqual(['a/1', 'bytes 3-5/6', 206])
    expect(await get({ Range: 'bytes=-1' })).toEqual(['1', 'bytes 5-5/6', 206])
    expect(await get({ Range: 'bytes=0-999' })).toEqual(['of a/1', 'bytes 0-5/6', 206])
    expect(await get({ Key: 'large', Range: 'bytes=1000000000000-1000000000002' })).toEqual([
      'abc',
      'bytes 1000000000000-1000000000002/1099511627776',
      206,
    ])
    const { ETag = '' } = await client.send(new HeadObjectCommand({ Bucket, Key: 'a/1' }))
    expect(await get({ IfMatch: ETag })).toEqual(['of a/1', undefined, 200])
  })

  it('says where buckets are', async () => {
    expect((await client.send(new ListBucketsCommand())).Buckets?.map(({ Name }) => Name)).toEqual(['other', 'sales'])
    expect((await client.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBe(region)
    expect((await client.send(new HeadBucketCommand({ Bucket }))).BucketRegion).toBe(region)
  })

  it('refuses in the words of S3', async () => {
    const get = (change: object) => failureOf(client.send(new GetObjectCommand({ Bucket, Key: 'a/1', ...change })))
    expect(await get({ Key: 'nothing' })).toEqual({ name: 'NoSuchKey', status: 404 })
    expect(await get({ Bucket: 'nobodys' })).toEqual({ name: 'NoSuchBucket', status: 404 })
    expect(await get({ Bucket: 'other' })).toEqual({ name: 'PermanentRedirect', status: 301 })
    expect(await get({ Range: 'bytes=6-' })).toEqual({ name: 'InvalidRange', status: 416 })
    expect(await get({ Key: 'empty', Range: 'bytes=0-0' })).toEqual({ name: 'InvalidRange', status: 416 })
    expect(await get({ IfMatch: '"other"' })).toEqual({ name: 'PreconditionFailed', status: 412 })
    expect(await get({ Key: 'k'.repeat(1_025) })).toEqual({ name: 'KeyTooLongError', status: 400 })
    // Answers to HEAD have no words.
    expect(await failureOf(client.send(new HeadObjectCommand({ Bucket, Key: 'nothing' })))).toEqual({
      name: 'NotFound',
      status: 404,
    })
  })

  it.each<readonly [string, Partial<S3ClientConfig>, object]>([
    [
      'a wrong secret',
      { credentials: { accessKeyId, secretAccessKey: 'wrong' } },
      { name: 'SignatureDoesNotMatch', status: 403 },
    ],
    [
      'an unknown key',
      { credentials: { accessKeyId: 'AKIAUNKNOWNUNKNOWNXX', secretAccessKey } },
      { name: 'InvalidAccessKeyId', status: 403 },
    ],
    [
      'a token with a key that has none',
      { credentials: { accessKeyId, secretAccessKey, sessionToken: 'token' } },
      { name: 'InvalidToken', status: 400 },
    ],
    ['a clock that is wrong', { systemClockOffset: 3_600_000 }, { name: 'RequestTimeTooSkewed', status: 403 }],
  ])('lets nobody in with %s', async (_, change, expected) => {
    const other = clientOf(double, change)
    expect(await failureOf(other.send(new ListObjectsV2Command({ Bucket })))).toEqual(expected)
    other.destroy()
  })

  it('makes up the same bytes wherever reading begins', () => {
    const content = repeatedContent('0123456', 300_000, 'head')
    const whole = Buffer.concat([...content.bytes(0, content.size)])
    expect(whole.toString('latin1', 0, 14)).toBe('head0123456012')
    expect(whole).toHaveLength(300_000)
    for (const [start, end] of [
      [0, 2],
      [2, 9],
      [65_530, 200_001],
      [299_999, 300_000],
    ] as const) {
      expect(Buffer.concat([...content.bytes(start, end)]).equals(whole.subarray(start, end))).toBe(true)
      const kept = contentOf(whole)
      expect(Buffer.concat([...kept.bytes(start, end)]).equals(whole.subarray(start, end))).toBe(true)
    }
  })
})
