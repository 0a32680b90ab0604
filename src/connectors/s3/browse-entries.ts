import { regionIssue } from '../aws/region.ts'
import type { CatalogEntry, FieldOption } from '../browse.ts'
import { hasFormat } from '../files/format-of.ts'
import { cleanText, type Problem, problem } from '../problem.ts'
import { isArchive } from './archives.ts'
import type { LevelItem } from './browse-level.ts'
import { dotsUnsupported, isDots, nameOrEmpty } from './browse-paths.ts'
import { keyText, maxKeyBytes } from './key-text.ts'
import type { ListedBucket } from './listed-buckets.ts'
import type { ListedObject } from './listing-page.ts'

export function levelEntry(base: string, item: LevelItem): CatalogEntry {
  if (item.kind === 'FOLDER') {
    const name = item.key.slice(base.length, -1)
    return {
      name: nameOrEmpty(name),
      kind: 'FOLDER',
      hasChildren: true,
      ...(isDots(name) && { problem: dotsUnsupported() }),
    }
  }
  return objectEntry(item.key.slice(base.length), item.object)
}

function objectEntry(name: string, object: ListedObject): CatalogEntry {
  const { key, size, storageClass, lastModified } = object
  const unreadable = whyUnreadable(name, object)
  return {
    name: nameOrEmpty(name),
    kind: 'OBJECT',
    ...(storageClass !== null && { nativeKind: cleanText(storageClass, 40) }),
    hasChildren: false,
    sizeBytes: size,
    ...(lastModified && { comment: `Last modified ${lastModified.toISOString()}` }),
    // Also of archived ones, which may have been restored.
    ...(hasFormat(key) && anyKey.safeParse(key).success && { query: { source: { key: { key } } } }),
    ...(unreadable && { problem: unreadable }),
  }
}

const anyKey = keyText(maxKeyBytes)

function whyUnreadable(name: string, object: ListedObject): Problem | null {
  if (isDots(name)) return dotsUnsupported()
  if (!isArchive(object)) return null
  const { key, storageClass } = object
  return problem('OBJECT_ARCHIVED', { params: { key, storageClass } })
}

/** `asked`: the region of the form, which is that of all buckets that it can read. */
export function bucketOption({ name, region }: ListedBucket, asked: string): FieldOption {
  const isElsewhere = region !== null && region !== asked && regionIssue(region) === null
  return { value: name, ...(isElsewhere && { help: `In another region than the form says: ${region}.` }) }
}
