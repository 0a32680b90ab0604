import type { Bucket, CallTime } from './bucket.ts'
import { isFolderMarker } from './listing.ts'
import type { ListedObject } from './listing-page.ts'

/** Of keys: there may be as many that stand for nothing as one likes. */
const maxPages = 10

export interface FirstObjects {
  /** Those that are not empty; none only where the listing was looked through, or has too many others first. */
  readonly filled: readonly ListedObject[]
  /** How many were seen on the way, empty ones too. */
  readonly count: number
  /** Whether there is more than was seen. */
  readonly isMore: boolean
}

/** Lists the objects under a prefix until there are some with anything in them. Throws `AwsCallError`. */
export async function firstObjects(bucket: Bucket, prefix: string, time: () => CallTime): Promise<FirstObjects> {
  let token: string | null = null
  let count = 0
  for (let pages = 1; ; pages += 1) {
    const page = await bucket.list({ prefix, token }, time())
    const found = page.objects.filter(object => !isFolderMarker(object) && object.key.startsWith(prefix))
    const filled = found.filter(({ size }) => size > 0)
    count += found.length
    token = page.nextToken
    if (filled.length > 0 || token === null || pages === maxPages) return { filled, count, isMore: token !== null }
  }
}
