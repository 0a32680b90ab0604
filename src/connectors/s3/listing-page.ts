import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3'
import { requireText } from '../aws/problems.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { maxKeyBytes } from './key-text.ts'

/** An object as a listing tells of it. */
export interface ListedObject {
  readonly key: string
  /** In bytes. */
  readonly size: number
  /** In quotes; null where the server tells none. */
  readonly etag: string | null
  readonly storageClass: string | null
  readonly lastModified: Date | null
}

export interface ListingPage {
  readonly objects: readonly ListedObject[]
  /** What several keys have in common up to a slash, the slash included. */
  readonly folders: readonly string[]
  /** Whether there is anything on it, if only folders. */
  readonly isEmpty: boolean
  /** The last key, or folder, on it; null when it is empty. */
  readonly lastKey: string | null
  /** For the next page; null on the last one. */
  readonly nextToken: string | null
}

/** Throws for what no listing has: the SDK passes on anything in its place, the body of another answer too. */
export function readPage(output: ListObjectsV2CommandOutput): ListingPage {
  requireText(output.Name, 'name of the bucket')
  const decode = output.EncodingType === 'url' ? decodeKey : (key: string) => key
  const keyOf = (text: unknown) => checkedKey(decode(requireText(text, 'key of an object')))
  const objects = (output.Contents ?? []).map(({ Key, Size, ETag, StorageClass, LastModified }) => ({
    key: keyOf(Key),
    size: checkedSize(Size),
    etag: etagOf(ETag),
    storageClass: typeof StorageClass === 'string' ? StorageClass : null,
    lastModified: LastModified instanceof Date && !Number.isNaN(LastModified.getTime()) ? LastModified : null,
  }))
  const folders = (output.CommonPrefixes ?? []).map(({ Prefix }) => keyOf(Prefix))
  const lastKey = [objects.at(-1)?.key, folders.at(-1)].reduce(later, undefined) ?? null
  return {
    objects,
    folders,
    isEmpty: lastKey === null,
    lastKey,
    nextToken: output.IsTruncated === true ? requireText(output.NextContinuationToken, 'continuation token') : null,
  }
}

/** As S3 sorts keys: by their bytes. */
export const compareKeys = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

const later = (a: string | undefined, b: string | undefined): string | undefined => {
  if (a === undefined || b === undefined) return a ?? b
  return compareKeys(a, b) < 0 ? b : a
}

/** As in forms of web pages: a plus sign is a space. */
function decodeKey(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch (cause) {
    throw new ProtocolFaultError('a key in its listing is not encoded as it says', { cause })
  }
}

/** Longer ones are none of S3's, and would take their time to be compared with a pattern. */
function checkedKey(key: string): string {
  if (Buffer.byteLength(key) > maxKeyBytes) throw new ProtocolFaultError('a key in its listing is too long')
  return key
}

function checkedSize(size: unknown): number {
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw new ProtocolFaultError('an object in its listing has no size')
  }
  return size
}

/** In quotes, which some servers leave out; without the mark of proxies that have changed how it was encoded. */
export function etagOf(etag: unknown): string | null {
  if (typeof etag !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(etag)) return null
  const strong = etag.replace(/^W\//, '')
  return /^".*"$/.test(strong) ? strong : `"${strong}"`
}
