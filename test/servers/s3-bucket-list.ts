import type { S3Request } from './s3-requests.ts'
import { type S3Error, s3Error, s3Xml } from './s3-xml.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
export function answerBuckets(
  { query }: S3Request,
  buckets: Readonly<Record<string, string>>,
): { readonly document: string } | S3Error {
  const asked = query.get('max-buckets')
  const token = query.get('continuation-token')
  const after = token === null ? '' : Buffer.from(token, 'base64url').toString()
  // They hold the name of the last bucket.
  if (token !== null && !Object.hasOwn(buckets, after)) {
    return s3Error('InvalidArgument', 400, 'The continuation token provided is incorrect', {
      ArgumentName: 'continuation-token',
    })
  }
  const all = Object.entries(buckets)
    .filter(([name]) => name > after)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  const page = all.slice(0, asked === null ? 10_000 : Number(asked))
  const last = page.at(-1)?.[0]
  return {
    document: s3Xml('ListAllMyBucketsResult', {
      Owner: { ID: 'of-the-account' },
      Buckets: {
        Bucket: page.map(([Name, region]) => ({
          Name,
          CreationDate: '2026-01-01T10:00:00.000Z',
          // Only those who ask for pages are told.
          ...(asked !== null && { BucketRegion: region }),
        })),
      },
      ...(page.length < all.length &&
        last !== undefined && { ContinuationToken: Buffer.from(last).toString('base64url') }),
    }),
  }
}
