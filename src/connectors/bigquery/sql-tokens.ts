import { endOfComment } from '../sql/end-of-comment.ts'
import { SqlTextError, type SqlToken } from '../sql/sql-token.ts'

const space = /[ \t\n\r\f\v]+/y
/** By which BigQuery takes the rest for another language, in which comments and quotes are others. */
const legacy = /^#legacysql\b/i
const lineComment = /(?:#|--)[^\n\r]*(?:\r\n|\n|\r|$)/y
const word = /[A-Za-z_][A-Za-z0-9_]*/y
const number = /(?:0[xX][0-9A-Fa-f]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)/y
/** A text in quotes, raw, bytes, or both. */
const quote = /(?:[rR][bB]?|[bB][rR]?)?('''|"""|'|")/y
const variable = /@@?[A-Za-z_][A-Za-z0-9_.]*/y

/**
 * Splits `sql` by the lexical rules of GoogleSQL: https://docs.cloud.google.com/bigquery/docs/reference/standard-sql/lexical.
 * Comments do not nest. A backslash keeps a quote from ending a text, in raw texts too. Throws `SqlTextError` for what does
 * not end, and for what not everything that looks at the text on its way takes for the same.
 */
export function sqlTokens(sql: string): SqlToken[] {
  if (sql.includes('\0')) throw new SqlTextError('holds a NUL character')
  const tokens: SqlToken[] = []
  let at = 0
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    return pattern.exec(sql)
  }
  const push = (kind: SqlToken['kind'], text: string, end: number) => {
    tokens.push({ kind, text, end })
    at = end
  }
  while (at < sql.length) {
    const comment = match(lineComment)?.[0]
    if (comment?.endsWith('\r')) throw new SqlTextError('has a comment whose end can be read in two ways')
    if (comment !== undefined && legacy.test(comment)) throw new SqlTextError('asks for legacy SQL')
    const skipped = match(space)?.[0] ?? comment
    if (skipped !== undefined) {
      at += skipped.length
      continue
    }
    if (sql.startsWith('/*', at)) {
      at = endOfComment(sql, at)
      continue
    }
    const [opening, mark] = match(quote) ?? []
    if (opening !== undefined && mark !== undefined) {
      push('literal', '', endOfQuoted(sql, at + opening.length, mark))
      continue
    }
    if (sql.charAt(at) === '`') {
      const end = endOfQuoted(sql, at + 1, '`')
      const text = sql.slice(at + 1, end - 1)
      // What it says would have to be decoded to be judged.
      if (text.includes('\\')) throw new SqlTextError('spells a name with escapes')
      push('name', text, end)
      continue
    }
    const name = match(word)?.[0]
    if (name !== undefined) {
      push('word', name.toLowerCase(), at + name.length)
      continue
    }
    const digits = match(number)?.[0]
    if (digits !== undefined) {
      push('literal', '', at + digits.length)
      continue
    }
    const named = match(variable)?.[0]
    if (named !== undefined) {
      push('variable', named.toLowerCase(), at + named.length)
      continue
    }
    const character = sql.charAt(at)
    // Neither part of an unquoted name nor a symbol of anybody's: what looks like a space may be one to somebody.
    if (!/[!-~]/.test(character)) throw new SqlTextError('has a character that belongs into quotes')
    push('symbol', character, at + 1)
  }
  return tokens
}

/** `start`: behind the opening quote. Only what is in three quotes may go over several lines. */
function endOfQuoted(sql: string, start: number, mark: string): number {
  for (let at = start; at < sql.length; at++) {
    if (sql.startsWith(mark, at)) return at + mark.length
    if (sql.charAt(at) === '\\') at += 1
    // A backslash before it changes nothing.
    if (mark.length === 1 && /[\n\r]/.test(sql.charAt(at))) break
  }
  throw new SqlTextError('has a quote that does not end')
}
