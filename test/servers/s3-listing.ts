import type { S3Objects } from './s3-objects.ts'
import type { S3Request } from './s3-requests.ts'
import { asListed, type ListedObject, listedObject, s3Xml, urlEncodedKey } from './s3-xml.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
const maxPage = 1_000

/** The page of a listing that was asked for; one of `listed` instead, with `nextToken` for more. */
export function answerListing(
  request: S3Request,
  listed: S3Objects | readonly ListedObject[],
  { nextToken = null, repeatsFolders = false }: ListingAnswerOptions = {},
): string {
  const { query, bucket } = request
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter') ?? ''
  const maxKeys = Math.min(maxPage, Number(query.get('max-keys') ?? maxPage))
  const token = query.get('continuation-token')
  const encode = query.get('encoding-type') === 'url' ? urlEncodedKey : (key: string) => key
  const page =
    'list' in listed
      ? pageOf(listed, {
          ...{ prefix, delimiter, maxKeys, after: after(query.get('start-after'), token) },
          repeatsFolders: repeatsFolders && token === null,
        })
      : { objects: listed, prefixes: [], next: nextToken }
  return s3Xml('ListBucketResult', {
    Name: bucket,
    Prefix: encode(prefix),
    ...(query.has('start-after') && { StartAfter: encode(query.get('start-after') ?? '') }),
    ...(token !== null && { ContinuationToken: token }),
    ...(page.next !== null && { NextContinuationToken: page.next }),
    KeyCount: page.objects.length + page.prefixes.length,
    MaxKeys: maxKeys,
    ...(delimiter !== '' && { Delimiter: encode(delimiter) }),
    ...(query.get('encoding-type') === 'url' && { EncodingType: 'url' }),
    IsTruncated: page.next !== null,
    Contents: page.objects.map(object => listedObject(object, encode)),
    CommonPrefixes: page.prefixes.map(common => ({ Prefix: encode(common) })),
  })
}

/** Tokens say where a page ended, in a way that nobody else understands. */
const after = (startAfter: string | null, token: string | null): string =>
  token === null ? (startAfter ?? '') : Buffer.from(token, 'base64url').toString()

export interface ListingAnswerOptions {
  /** For more behind a page that is not of the bucket's own objects. */
  readonly nextToken?: string | null
  /** Whether a listing that starts behind a folder's own name has that folder again: what is in it comes behind. */
  readonly repeatsFolders?: boolean
}

interface PageOptions {
  readonly repeatsFolders: boolean
  readonly prefix: string
  readonly delimiter: string
  readonly maxKeys: number
  readonly after: string
}

interface Page {
  readonly objects: readonly ListedObject[]
  readonly prefixes: readonly string[]
  readonly next: string | null
}

function pageOf(listed: S3Objects, { prefix, delimiter, maxKeys, after: begin, repeatsFolders }: PageOptions): Page {
  const objects: ListedObject[] = []
  const prefixes: string[] = []
  let last = begin
  for (const object of listed.list(prefix, begin)) {
    const at = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length)
    const common = at < 0 ? null : object.key.slice(0, at + delimiter.length)
    const isKnown = common !== null && (common === prefixes.at(-1) || (!repeatsFolders && begin.startsWith(common)))
    if (!isKnown) {
      if (objects.length + prefixes.length === maxKeys) {
        return { objects, prefixes, next: Buffer.from(last).toString('base64url') }
      }
      if (common === null) objects.push(asListed(object))
      else prefixes.push(common)
    }
    last = object.key
  }
  return { objects, prefixes, next: null }
}
