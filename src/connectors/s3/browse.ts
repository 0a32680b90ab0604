import { AwsCallError } from '../aws/service.ts'
import { refusedPage, tokenPage } from '../aws/token-pages.ts'
import {
  type BrowseContext,
  type CatalogEntry,
  type FieldOption,
  type Listing,
  type ListingPage,
  notListed,
} from '../browse.ts'
import { nameMatches } from '../listed-page.ts'
import { pageUnknown } from '../listing-problem-error.ts'
import { cleanText, type Problem } from '../problem.ts'
import { scrubListing } from '../scrub/scrub-listing.ts'
import { bucketOption, levelEntry } from './browse-entries.ts'
import { type Level, type LevelItem, type LevelPage, levelPage, placeOf, placeText } from './browse-level.ts'
import { folderNotFound, levelAt, narrowed } from './browse-paths.ts'
import type { Bucket, CallTime } from './bucket.ts'
import { idleMs, prefixText, type S3Config } from './form.ts'
import { openS3, type S3Purpose } from './open.ts'
import { nothingMatches } from './problems.ts'

/** Buckets of whoever asks, and what keys in the bucket begin with. */
export function listOptions(
  config: S3Config,
  field: string,
  page: ListingPage,
  context: BrowseContext,
): Promise<Listing<FieldOption>> {
  switch (field) {
    case 'bucket':
      return inRun(config, 'LISTING_BUCKETS', page, context, run => listBuckets(run, config, page))
    case 'prefix':
      return inRun(config, 'LISTING', page, context, run => listPrefixes(run, page))
    default:
      throw new Error(`The field "${field}" has no live options.`)
  }
}

/** What lies below the connector's prefix, as if slashes in keys made folders. */
export async function listCatalog(
  config: S3Config,
  path: readonly string[],
  page: ListingPage,
  context: BrowseContext,
): Promise<Listing<CatalogEntry>> {
  const level = levelAt(config, path)
  if ('code' in level) return notListed(level)
  return inRun(config, 'LISTING', page, context, run => listLevel(run, config, { level, path }, page))
}

interface Run {
  readonly bucket: Bucket
  readonly time: () => CallTime
  readonly enoughAt: number
}

/** The way to S3, and a list there. */
async function inRun<Item extends FieldOption | CatalogEntry>(
  config: S3Config,
  purpose: S3Purpose,
  page: ListingPage,
  { signal, budgetMs, environment }: BrowseContext,
  list: (run: Run) => Promise<Listing<Item>>,
): Promise<Listing<Item>> {
  const enoughAt = performance.now() + budgetMs / 2
  const opening = openS3(config, environment, purpose)
  try {
    const blocked = await opening.stages.pass(signal)
    if (blocked) return notListed(opening.scrub.problem(blocked))
    const listing = await list({ bucket: opening.bucket, time: () => ({ signal, budgetMs: idleMs(config) }), enoughAt })
    return scrubListing(opening.scrub, listing)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof AwsCallError)) throw error
    return notListed(opening.scrub.problem(refusedPage(error.problem, page) ?? error.problem))
  } finally {
    opening.close()
  }
}

async function listBuckets(run: Run, config: S3Config, page: ListingPage): Promise<Listing<FieldOption>> {
  const { bucket, time, enoughAt } = run
  try {
    const { items, ...rest } = await tokenPage(
      {
        id: ['buckets', page.search ?? ''],
        ask: token => bucket.buckets(token, time()),
        isWanted: ({ name }) => nameMatches(name, page.search),
        violation: fault => bucket.violation(fault),
        enoughAt,
      },
      page,
    )
    return { ...rest, items: items.map(item => bucketOption(item, config.region)) }
  } catch (error) {
    if (!(error instanceof AwsCallError) || error.problem.code !== 'CLOUD_ACCESS_DENIED') throw error
    return notListed(bucketsDenied(error.problem))
  }
}

/** Few may list buckets who may read one. */
const bucketsDenied = (found: Problem): Problem => ({
  ...found,
  detail: cleanText(`The name of the bucket can be typed all the same. ${found.detail ?? ''}`, 300),
})

/** The folders that begin with what is looked for, as whole prefixes; that folder itself first, where it is one. */
async function listPrefixes(run: Run, page: ListingPage): Promise<Listing<FieldOption>> {
  const begins = page.search ?? ''
  if (!begins.isWellFormed()) return { items: [], next: null, problem: null }
  const level = { base: begins.slice(0, begins.lastIndexOf('/') + 1), begins }
  const isWanted = ({ kind, key }: LevelItem) => kind === 'FOLDER' && prefixText.safeParse(key).success
  // Objects lie among folders, and nobody can ask for folders alone.
  const isWhole = page.after === null && begins.endsWith('/') && prefixText.safeParse(begins).success
  const found = await pageOf(run, level, { ...page, first: page.first - Number(isWhole) }, isWanted, 1_000)
  if (!found) return notListed(pageUnknown())
  const prefixes = [...(isWhole && found.isThere ? [begins] : []), ...found.items.map(({ key }) => key)]
  return { items: prefixes.map(value => ({ value })), next: nextOf(found), problem: null }
}

interface Place {
  readonly level: Level
  readonly path: readonly string[]
}

async function listLevel(
  run: Run,
  config: S3Config,
  { level, path }: Place,
  page: ListingPage,
): Promise<Listing<CatalogEntry>> {
  const { search, after, first } = page
  const wanted = search === null ? level : narrowed(level, search)
  const isWanted = (item: LevelItem) => !isMarker(item, level)
  // One more tells that there is more; a marker and the folder before may be among them.
  const found = wanted ? await pageOf(run, wanted, page, isWanted, first + 3) : nothing
  if (!found) return notListed(pageUnknown())
  if (!found.isThere && after === null && !(search !== null && (await isAnything(run, level)))) {
    return notListed(path.length > 0 ? folderNotFound(path.at(-1) ?? '') : nothingThere(config))
  }
  return { items: found.items.map(item => levelEntry(level.base, item)), next: nextOf(found), problem: null }
}

const nothing: LevelPage = { items: [], next: null, isThere: false }

/** Null for a page that nobody has given out. */
async function pageOf(
  { bucket, time, enoughAt }: Run,
  level: Level,
  { first, after }: ListingPage,
  isWanted: (item: LevelItem) => boolean,
  maxKeys: number,
): Promise<LevelPage | null> {
  const start = after === null ? null : placeOf(after)
  if (after !== null && start === null) return null
  const skipped = start?.skip ?? 0
  return levelPage(
    bucket,
    level,
    { first, start, maxKeys: Math.min(1_000, maxKeys + skipped), isWanted, enoughAt },
    time,
  )
}

const nextOf = ({ next }: LevelPage): string | null => next && placeText(next)

/** What consoles make in the place of an empty folder stands for the level itself. */
const isMarker = (item: LevelItem, { base }: Level): boolean =>
  item.kind === 'OBJECT' && item.key === base && item.object.size === 0

async function isAnything({ bucket, time }: Run, { begins }: Level): Promise<boolean> {
  const { isEmpty } = await bucket.list({ prefix: begins, maxKeys: 1 }, time())
  return !isEmpty
}

const nothingThere = ({ prefix }: S3Config): Problem =>
  nothingMatches(`${prefix ?? ''}*`, prefix === undefined ? 'bucket' : 'prefix')
