import { isRecord } from '../form-tree-walk.ts'
import { cleanText } from '../problem.ts'

/** What is looked at of an answer that tells of a failure. */
export const maxWordsBytes = 65_536
const maxWords = 300

/** Names under which APIs say what went wrong; RFC 9457 and RFC 6749 among them. */
const names = ['detail', 'error_description', 'message', 'title', 'error', 'errors', 'msg', 'reason', 'description']

/** An API's own words about a failure, in the body of its answer or else in WWW-Authenticate; null where it has none. */
export const wordsOf = (body: string, challenge: string): string | null =>
  bodyWords(body.trim()) ?? (challenge === '' ? null : cut(challenge))

function bodyWords(text: string): string | null {
  // Pages for people say nothing in a few words.
  if (text === '' || text.startsWith('<')) return null
  try {
    return wordsIn(JSON.parse(text), 3)
  } catch {
    return text.length <= maxWords ? text : null
  }
}

function wordsIn(value: unknown, depth: number): string | null {
  if (typeof value === 'string') return cut(value.trim()) || null
  if (depth === 0) return null
  if (Array.isArray(value)) return wordsIn(value[0], depth - 1)
  if (!isRecord(value)) return null
  for (const name of names) {
    const found = Object.hasOwn(value, name) ? wordsIn(value[name], depth - 1) : null
    if (found !== null) return found
  }
  return null
}

/** With an ellipsis where something is missing: by that the beginning of a secret is known which a cut has left. */
const cut = (text: string): string => cleanText(text, maxWords)
