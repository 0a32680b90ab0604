import { endOfComment } from '../sql/end-of-comment.ts'
import { endOfQuoted } from '../sql/end-of-quoted.ts'
import { SqlTextError, type SqlToken } from '../sql/sql-token.ts'

/** No other characters are space to Trino, which Athena's queries are run by. */
const space = /[ \t\n\r]+/y
const lineComment = /--[^\n\r]*(?:\r\n|\n|\r|$)/y
const word = /[A-Za-z_][A-Za-z0-9_]*/y
/** Names may begin with digits where they are unquoted in a path: `1a`. */
const number = /(?:\d[A-Za-z0-9_]*(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)/y

export interface Lexis {
  /** Whether a backslash escapes what follows it in quotes: to Hive, by which Athena runs some statements, it does. */
  readonly backslashEscapes: boolean
}

/**
 * Splits `sql` by the lexical rules of Trino: https://github.com/trinodb/trino, SqlBase.g4. Comments do not nest, quotes are
 * doubled, dollars quote nothing. Throws `SqlTextError` for what does not end, and for what not everything that looks at
 * the text on its way takes for the same.
 */
export function sqlTokens(sql: string, { backslashEscapes }: Lexis = { backslashEscapes: false }): SqlToken[] {
  if (sql.includes('\0')) throw new SqlTextError('holds a NUL character')
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
    const comment = match(lineComment)
    if (comment?.endsWith('\r')) throw new SqlTextError('has a comment whose end can be read in two ways')
    const skipped = match(space) ?? comment
    if (skipped !== null) {
      at += skipped.length
      continue
    }
    if (sql.startsWith('/*', at)) {
      at = endOfComment(sql, at)
      continue
    }
    const character = sql.charAt(at)
    if (character === "'") {
      push('literal', '', endOfQuoted(sql, at, backslashEscapes))
      continue
    }
    if (character === '"' || character === '`') {
      const end = endOfQuoted(sql, at, backslashEscapes && character === '"')
      push('name', sql.slice(at + 1, end - 1).replaceAll(character + character, character), end)
      continue
    }
    const name = match(word)
    if (name !== null) {
      // U&'...' and U&"..." spell by code points: what they say would have to be decoded to be judged.
      if (/^u$/i.test(name) && /^&['"]/.test(sql.slice(at + 1, at + 3)))
        throw new SqlTextError('spells with Unicode escapes')
      push('word', name.toLowerCase(), at + name.length)
      continue
    }
    const digits = match(number)
    if (digits !== null) {
      push('literal', '', at + digits.length)
      continue
    }
    // Neither part of an unquoted name nor a symbol of anybody's: what looks like a space may be one to somebody.
    if (!/[!-~]/.test(character)) throw new SqlTextError('has a character that belongs into quotes')
    push('symbol', character, at + 1)
  }
  return tokens
}
