import type { ListBucketsCommandOutput } from '@aws-sdk/client-s3'
import { IncompleteAnswerError } from '../aws/problems.ts'
import type { TokenPart } from '../aws/token-pages.ts'
import { bucketIssue } from './form.ts'

export interface ListedBucket {
  readonly name: string
  /** Null where the server tells none. */
  readonly region: string | null
}

/** Without those that the form cannot name, such as ones from before there were rules for names. */
export function readBuckets({
  Buckets: list,
  ContinuationToken: token,
}: ListBucketsCommandOutput): TokenPart<ListedBucket> {
  if (!Array.isArray(list)) throw new IncompleteAnswerError('list of buckets')
  const buckets = list.map(({ Name, BucketRegion }) => ({
    name: typeof Name === 'string' ? Name : '',
    region: typeof BucketRegion === 'string' && BucketRegion !== '' ? BucketRegion : null,
  }))
  return {
    items: buckets.filter(({ name }) => bucketIssue(name) === null),
    next: typeof token === 'string' && token !== '' ? token : null,
  }
}
