import type { FileSource } from '../files/file-source.ts'
import type { Bucket, CallTime } from './bucket.ts'
import { idleMs, type S3Config } from './form.ts'
import { parseKeyPattern } from './key-pattern.ts'
import { listObjects } from './listing.ts'
import { objectSize } from './object-size.ts'
import { ObjectSource } from './object-source.ts'

export const keyField = 'source.key.key'

/** What was found for a dataset, beside what has been given to its reader. */
export interface FoundCount {
  /** Objects that matched and have nothing in them. */
  empty: number
}

/** The one object, which may be empty. */
export async function* objectAt(
  bucket: Bucket,
  config: S3Config,
  key: string,
  time: () => CallTime,
): AsyncGenerator<FileSource> {
  const { size, etag } = await objectSize(bucket, { key, keyField }, time())
  yield new ObjectSource(bucket, { key, size, etag, keyField }, idleMs(config))
}

/** The objects whose keys match, as far as they are asked for. Empty ones are counted and left out. */
export async function* objectsMatching(
  bucket: Bucket,
  config: S3Config,
  glob: string,
  time: () => CallTime,
  count: FoundCount,
): AsyncGenerator<FileSource> {
  const pattern = parseKeyPattern(glob)
  const prefix = pattern.literalPrefix
  for await (const object of listObjects(bucket, { prefix, inFolder: pattern.staysInFolder }, time)) {
    if (!pattern.matches(object.key)) continue
    if (object.size === 0) count.empty += 1
    else yield new ObjectSource(bucket, { ...object, keyField: null }, idleMs(config))
  }
}
