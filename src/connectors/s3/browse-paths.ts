import { pathNotFound } from '../listing-problems.ts'
import { type Problem, problem } from '../problem.ts'
import type { Level } from './browse-level.ts'
import type { S3Config } from './form.ts'
import { maxKeyBytes } from './key-text.ts'

/** What stands in paths and names for an empty one, as `a//b` has between its slashes: no other has a slash in it. */
const emptyName = '/'

export const nameOrEmpty = (name: string): string => (name === '' ? emptyName : name)

/** The level that a path from the connector's prefix leads to, or why it leads nowhere. */
export function levelAt({ prefix = '' }: S3Config, path: readonly string[]): Level | Problem {
  const names = path.map(name => (name === emptyName ? '' : name))
  const wrong = names.find(name => name.includes('/') || !name.isWellFormed())
  if (wrong !== undefined) return folderNotFound(wrong)
  if (names.some(isDots)) return dotsUnsupported()
  const base = folderOf(prefix) + names.map(name => `${name}/`).join('')
  if (Buffer.byteLength(base) > maxKeyBytes) return folderNotFound(path.at(-1) ?? '')
  if (path.length === 0) return { base, begins: prefix }
  if (!base.startsWith(prefix)) return problem('OBJECT_OUTSIDE_PREFIX', { params: { prefix } })
  return { base, begins: base }
}

/** The level as far as names begin with a text; null where none can. */
export function narrowed({ base, begins }: Level, search: string): Level | null {
  const wanted = base + search
  if (search.includes('/') || !search.isWellFormed()) return null
  if (wanted.startsWith(begins)) return { base, begins: wanted }
  return begins.startsWith(wanted) ? { base, begins } : null
}

export const folderNotFound = (name: string): Problem => pathNotFound('folder', name)

/** HTTP clients and proxies take them for something else than names: no dataset can name such a key. */
export const isDots = (name: string): boolean => name === '.' || name === '..'

export const dotsUnsupported = (): Problem =>
  problem('LISTING_UNSUPPORTED', { params: { reason: 'keys with "." or ".." between slashes cannot be read' } })

const folderOf = (prefix: string): string => prefix.slice(0, prefix.lastIndexOf('/') + 1)
