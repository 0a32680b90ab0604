import { endOfComment } from '../sql/end-of-comment.ts'
import { endOfQuoted } from '../sql/end-of-quoted.ts'
import { SqlTextError, type SqlToken } from '../sql/sql-token.ts'

const space = /[ \t\n\r\f\v]+/y
const lineComment = /--[^\n\r]*(?:\r\n|\n|\r|$)/y
/** Names may begin with digits. */
const word = /[A-Za-z0-9_]+/y
const fraction = /\.\d+(?:[eE][+-]?\d+)?[A-Za-z]*/y
/** Nothing that is behind it belongs to it, not even a letter. */
const power = /(?:\d+|\.\d+)e[+-]\d+(?:bd|[df])?/iy
/** A name to some versions, with all that follows up to the next space: dashes and the beginnings of comments, too. */
const path = /[A-Za-z]+:\/\//y

/**
 * Splits `sql` by the lexical rules of Databricks SQL, which are Spark's: https://github.com/apache/spark, SqlBaseLexer.g4.
 * Backslashes escape in quotes, but not in backticks nor after `r`; brackets of comments nest. Throws `SqlTextError` for
 * what does not end, and for what not everything that looks at the text on its way takes for the same.
 */
export function sqlTokens(sql: string): SqlToken[] {
  if (sql.includes('\0')) throw new SqlTextError('holds a NUL character')
  // Replaced by settings before anything is split, also within quotes.
  if (sql.includes('${'))
    throw new SqlTextError('has $' + '{...} in it, which is replaced before the statement is read')
  const tokens: SqlToken[] = []
  let at = 0
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at
    return pattern.exec(sql)?.[0] ?? null
  }
  const push = (kind: SqlToken['kind'], text: string, end: number) => {
    tokens.push({ kind, text, end })
    at = end
  }
  while (at < sql.length) {
    const skipped = match(space) ?? match(lineComment)
    if (skipped !== null) {
      if (skipped.startsWith('--')) assertPlain(skipped)
      at += skipped.length
      continue
    }
    if (sql.startsWith('/*', at)) {
      const end = endOfComment(sql, at)
      assertPlainHint(sql.slice(at + 2, end - 2))
      at = end
      continue
    }
    if (sql.startsWith('*/', at)) throw new SqlTextError('ends a comment that has not begun')
    const character = sql.charAt(at)
    if (character === "'") {
      push('literal', '', endOfQuoted(sql, at, true))
      continue
    }
    if (character === '"' || character === '`') {
      // Double quotes are for names where the server is set so, and for texts elsewhere.
      const end = endOfQuoted(sql, at, character === '"')
      push('name', sql.slice(at + 1, end - 1).replaceAll(character + character, character), end)
      continue
    }
    if (match(path) !== null) throw new SqlTextError('has a path that belongs into quotes')
    const found = match(power) ?? match(fraction) ?? match(word)
    if (found !== null) {
      const end = at + found.length
      if (/[+-]/.test(found) && /\w/.test(sql.charAt(end))) {
        throw new SqlTextError('has a number whose end can be read in two ways')
      }
      if (/^r$/i.test(found) && /['"]/.test(sql.charAt(end))) push('literal', '', endOfRaw(sql, end))
      else push(/^[.\d]/.test(found) ? 'literal' : 'word', /^[.\d]/.test(found) ? '' : found.toLowerCase(), end)
      continue
    }
    // What looks like a space may be one to somebody; dollars quote, and stand for what settings say.
    if (!/[!-~]/.test(character) || character === '$') {
      throw new SqlTextError('has a character that belongs into quotes')
    }
    push('symbol', character, at + 1)
  }
  return tokens
}

/** Spark lets a comment go on in the next line after a backslash; a carriage return ends one for some only. */
function assertPlain(comment: string): void {
  if (/\r$|\\\r?\n?$/.test(comment)) throw new SqlTextError('has a comment whose end can be read in two ways')
}

/** Hints are no comments: quotes and semicolons count in them, and what is between quotes may look like the end. */
function assertPlainHint(comment: string): void {
  if (comment.startsWith('+') && !/^\+[\w\s.,()]*$/.test(comment)) {
    throw new SqlTextError('has more in a hint than names and numbers')
  }
}

/** After `r` there is no way to have the quote itself in the text. */
function endOfRaw(sql: string, start: number): number {
  const end = sql.indexOf(sql.charAt(start), start + 1)
  if (end < 0) throw new SqlTextError('has a quote that does not end')
  return end + 1
}
