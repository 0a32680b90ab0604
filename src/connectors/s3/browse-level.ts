import type { Bucket, CallTime } from './bucket.ts'
import { compareKeys, type ListedObject, type ListingPage } from './listing-page.ts'

/** Keys that begin alike, as if they lay in a folder. */
export interface Level {
  /** Behind this the names on it begin: empty, or a text that ends in a slash. */
  readonly base: string
  /** What all keys have to begin with: the base, or more than that. */
  readonly begins: string
}

/** A key without a slash behind the level's base, or what several with one have in common, up to that slash. */
export type LevelItem =
  | { readonly kind: 'OBJECT'; readonly key: string; readonly object: ListedObject }
  | { readonly kind: 'FOLDER'; readonly key: string }

/** Where a page begins: behind `skip` of the items that come behind this text, with the base before it. */
export interface LevelPlace {
  readonly behind: string
  readonly skip: number
}

export interface LevelRequest {
  readonly first: number
  /** Null for the beginning. */
  readonly start: LevelPlace | null
  /** Of one question to S3. */
  readonly maxKeys: number
  readonly isWanted: (item: LevelItem) => boolean
  /** `performance.now()` from which nothing more is asked once something has been looked at. */
  readonly enoughAt: number
}

export interface LevelPage {
  readonly items: readonly LevelItem[]
  readonly next: LevelPlace | null
  /** Whether there was any key at all. */
  readonly isThere: boolean
}

/** Keys that are not wanted are passed over, but not for ever. */
const maxQuestions = 20

/**
 * A page of what lies directly on a level, in the order of keys. It may have few items or none and go on all the same.
 * Throws `AwsCallError`, also for a listing that does not get on.
 */
export async function levelPage(
  bucket: Bucket,
  { base, begins }: Level,
  { first, start, maxKeys, isWanted, enoughAt }: LevelRequest,
  time: () => CallTime,
): Promise<LevelPage> {
  const startAfter = start && base + start.behind
  const items: LevelItem[] = []
  /** Keys of this page and of what was passed over. */
  const passed: string[] = []
  let toSkip = start?.skip ?? 0
  let token: string | null = null
  let isThere = false
  for (let questions = 1; ; questions += 1) {
    const page = await bucket.list(
      { prefix: begins, inFolder: true, maxKeys, token, startAfter: token === null ? startAfter : null },
      time(),
    )
    isThere ||= !page.isEmpty
    for (const item of itemsOf(page, base, begins)) {
      // The folder that the page before has ended with comes again.
      if (startAfter !== null && compareKeys(item.key, startAfter) <= 0) continue
      if (toSkip > 0) {
        toSkip -= 1
        continue
      }
      const last = passed.at(-1)
      if (last !== undefined && compareKeys(item.key, last) <= 0)
        throw bucket.violation('its listing makes no progress')
      if (items.length === first && isWanted(item)) return { items, next: placeBehind(base, passed, start), isThere }
      if (isWanted(item)) items.push(item)
      passed.push(item.key)
    }
    if (page.nextToken === null) return { items, next: null, isThere }
    const isEnough = items.length === first || performance.now() >= enoughAt || questions === maxQuestions
    if (isEnough && passed.length > 0) return { items, next: placeBehind(base, passed, start), isThere }
    if (page.nextToken === token || questions === maxQuestions) throw bucket.violation('its listing makes no progress')
    token = page.nextToken
  }
}

function itemsOf({ objects, folders }: ListingPage, base: string, begins: string): readonly LevelItem[] {
  const all: LevelItem[] = [
    ...objects.map(object => ({ kind: 'OBJECT', key: object.key, object }) as const),
    ...folders.map(key => ({ kind: 'FOLDER', key }) as const),
  ]
  return all.filter(({ kind, key }) => key.startsWith(begins) && isDirect(kind, key.slice(base.length))).sort(byKey)
}

const byKey = (a: LevelItem, b: LevelItem): number => compareKeys(a.key, b.key)

/** As it was asked for: whatever lies deeper is told as a folder. */
const isDirect = (kind: LevelItem['kind'], name: string): boolean =>
  kind === 'OBJECT' ? !name.includes('/') : name.indexOf('/') === name.length - 1

/** Longer places would be too long for what remembers them. */
const maxPlaceLength = 900

/** Of a text that has to be cut there may be many that begin like it, which are counted. */
function placeBehind(base: string, passed: readonly string[], start: LevelPlace | null): LevelPlace {
  const name = (passed.at(-1) ?? '').slice(base.length)
  if (name.length <= maxPlaceLength) return { behind: name, skip: 0 }
  const behind = name.slice(0, maxPlaceLength).replace(/[\ud800-\udbff]$/, '')
  const before = start?.behind === behind ? start.skip : 0
  return { behind, skip: before + passed.filter(key => compareKeys(key, base + behind) > 0).length }
}

export const placeText = ({ behind, skip }: LevelPlace): string => `${skip}:${behind}`

/** Null for what nobody has given out. */
export function placeOf(text: string): LevelPlace | null {
  const [, skip, behind] = /^(\d{1,4}):(.{0,1024})$/su.exec(text) ?? []
  return skip === undefined || behind === undefined || !behind.isWellFormed() ? null : { behind, skip: Number(skip) }
}
