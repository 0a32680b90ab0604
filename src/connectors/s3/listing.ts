import type { Bucket, CallTime, ListRequest } from './bucket.ts'
import { compareKeys, type ListedObject } from './listing-page.ts'

/** S3 may answer a page with nothing on it and more behind it, but not again and again. */
const maxEmptyPages = 50

/**
 * The objects under a prefix, in the order of their keys, page by page as they are asked for. Throws `AwsCallError`, also
 * for a listing that does not come to an end.
 */
export async function* listObjects(
  bucket: Bucket,
  { prefix, inFolder }: Required<Pick<ListRequest, 'prefix' | 'inFolder'>>,
  time: () => CallTime,
): AsyncGenerator<ListedObject> {
  let token: string | null = null
  let reached = ''
  let emptyPages = 0
  do {
    const page = await bucket.list({ prefix, inFolder, token }, time())
    emptyPages = page.isEmpty ? emptyPages + 1 : 0
    const isBehind = token !== null && page.lastKey !== null && compareKeys(page.lastKey, reached) <= 0
    const isRepeated = token !== null && page.nextToken === token
    if (isBehind || isRepeated || emptyPages > maxEmptyPages) throw bucket.violation('its listing makes no progress')
    reached = page.lastKey ?? reached
    token = page.nextToken
    for (const object of page.objects) if (object.key.startsWith(prefix)) yield object
  } while (token !== null)
}

/** What consoles make in the place of an empty folder. */
export const isFolderMarker = ({ key, size }: ListedObject): boolean => size === 0 && key.endsWith('/')
