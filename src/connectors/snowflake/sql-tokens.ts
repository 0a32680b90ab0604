import { endOfComment } from '../sql/end-of-comment.ts'
import { endOfQuoted } from '../sql/end-of-quoted.ts'
import { isWord, SqlTextError, type SqlToken } from '../sql/sql-token.ts'

const space = /[ \t\n\r\f\v]+/y
/** Both end with the line. */
const lineComment = /(?:--|\/\/)[^\n\r]*(?:\r\n|\n|\r|$)/y
const word = /[A-Za-z_][A-Za-z0-9_$]*/y
const number = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y
/** A stage, with the path within it: `@~/x`, `@"My stage"/x.csv`, `@%table`. */
const stage = /@/y
/** A variable of the session, or a column by its place. */
const variable = /\$[A-Za-z0-9_]+/y
/** The same stage as a text, which its first character may be written in: `FROM '@stage/a file.csv'`. */
const quotedStage = /(?:'|\$\$)[@\\]/y

/**
 * Splits `sql` by the lexical rules of Snowflake: https://docs.snowflake.com/en/sql-reference/literals-table. Comments do
 * not nest; `--` and `//` begin those of a line; text stands between single quotes, in which a backslash escapes and a
 * quote is doubled, or between `$$`; names between double quotes, which are doubled. Throws `SqlTextError` for what does
 * not end, and for what not everything that looks at the text on its way takes for the same.
 */
export function sqlTokens(sql: string): SqlToken[] {
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
  /** In the place of a table a text is a stage; elsewhere it is a value. */
  const pushText = (end: number) => {
    const isStage = isWord(tokens.at(-1), 'from', 'join') && match(quotedStage) !== null
    if (isStage) push('variable', '@', end)
    else push('literal', '', end)
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
    if (sql.startsWith('$$', at)) {
      // Names may hold dollars.
      if (/[\w$]/.test(sql.charAt(at - 1))) throw new SqlTextError('has dollars that can be read in two ways')
      pushText(endOfDollars(sql, at))
      continue
    }
    const character = sql.charAt(at)
    if (character === "'") {
      pushText(endOfQuoted(sql, at, true))
      continue
    }
    if (character === '"') {
      const end = endOfQuoted(sql, at, false)
      push('name', sql.slice(at + 1, end - 1).replaceAll('""', '"'), end)
      continue
    }
    const name = match(word)
    if (name !== null) {
      push('word', name.toLowerCase(), at + name.length)
      continue
    }
    const digits = match(number)
    if (digits !== null) {
      push('literal', '', at + digits.length)
      continue
    }
    const known = match(variable) ?? match(stage)
    if (known !== null) {
      push('variable', known, at + known.length)
      continue
    }
    // What looks like a space may be one to somebody; letters beyond ASCII belong into quotes.
    if (!/[!-~]/.test(character)) throw new SqlTextError('has a character that belongs into quotes')
    push('symbol', character, at + 1)
  }
  return tokens
}

function endOfDollars(sql: string, start: number): number {
  const end = sql.indexOf('$$', start + 2)
  if (end < 0) throw new SqlTextError('has a quote that does not end')
  return end + 2
}
