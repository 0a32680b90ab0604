import type { IncomingMessage } from 'node:http'
import { type AwsSignature, decodedS3Path, parseSignature } from './aws-signature.ts'

export type S3Operation =
  | 'ListBuckets'
  | 'HeadBucket'
  | 'GetBucketLocation'
  | 'ListObjectsV2'
  | 'HeadObject'
  | 'GetObject'
  | 'Unknown'

/** A request as S3 understands it. */
export interface S3Request {
  readonly operation: S3Operation
  readonly method: string
  readonly bucket: string
  readonly key: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  readonly signature: AwsSignature | null
}

/** Throws a `URIError` for a path that is none. Buckets stand in the path, never in the host's name. */
export function parseS3Request({ method = '', url = '', headers }: IncomingMessage): S3Request {
  const [path = '', search = ''] = url.split('?')
  const [, bucket = '', key = ''] = /^\/([^/]*)(?:\/(.*))?$/s.exec(decodedS3Path(path)) ?? []
  const query = new URLSearchParams(search)
  return {
    operation: operationOf(method, bucket, key, query),
    method,
    bucket,
    key,
    query,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    signature: parseSignature(headers.authorization),
  }
}

function operationOf(method: string, bucket: string, key: string, query: URLSearchParams): S3Operation {
  if (method === 'GET') {
    if (bucket === '') return 'ListBuckets'
    if (key !== '') return 'GetObject'
    if (query.has('location')) return 'GetBucketLocation'
    return query.get('list-type') === '2' ? 'ListObjectsV2' : 'Unknown'
  }
  if (method === 'HEAD' && bucket !== '') return key === '' ? 'HeadBucket' : 'HeadObject'
  return 'Unknown'
}

/** As policies call what is done. */
export const actionOf: Readonly<Record<S3Operation, string>> = {
  ListBuckets: 's3:ListAllMyBuckets',
  HeadBucket: 's3:ListBucket',
  GetBucketLocation: 's3:GetBucketLocation',
  ListObjectsV2: 's3:ListBucket',
  HeadObject: 's3:GetObject',
  GetObject: 's3:GetObject',
  Unknown: 's3:Nothing',
}

export interface ByteRange {
  readonly start: number
  /** After the last byte. */
  readonly end: number
}

/** What `Range` asks of so many bytes; null for all of them; undefined for what cannot be had. */
export function rangeOf(header: string | undefined, size: number): ByteRange | null | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (!match) return null
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return null
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
  if (start >= size) return undefined
  return start < end ? { start, end } : null
}
