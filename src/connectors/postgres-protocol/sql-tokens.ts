import { endOfQuoted } from '../sql/end-of-quoted.ts'
import { SqlTextError, type SqlToken } from '../sql/sql-token.ts'

const space = /[ \t\n\r\f\v]+/y
const lineComment = /--[^\n\r]*/y
const word = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y
const number = /(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y
const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y
const parameter = /\$\d+/y
/** What may lie between the parts of one literal: space and comments with at least one line break. Takes linear time. */
const continuation = /[ \t\f\v]*(?:--[^\n\r]*)?[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*'/y

/**
 * Splits `sql` by PostgreSQL's lexical rules with `standard_conforming_strings` on (which every session must set).
 * Throws `SqlTextError` for what does not end or cannot be told.
 */
export function sqlTokens(sql: string): SqlToken[] {
  if (sql.includes('\0')) throw new SqlTextError('holds a NUL character')
  const tokens: SqlToken[] = []
  let at = 0
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at
    return pattern.exec(sql)?.[0] ?? null
  }
  while (at < sql.length) {
    const skipped = match(space) ?? match(lineComment)
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
      at = endOfQuoted(sql, at, false)
      tokens.push({ kind: 'literal', text: '', end: at })
    } else if (character === '"') {
      const end = endOfQuoted(sql, at, false)
      tokens.push({ kind: 'name', text: sql.slice(at + 1, end - 1).replaceAll('""', '"'), end })
      at = end
    } else if (character === '$') {
      at = endOfDollar(sql, at, match(dollarTag), match(parameter))
      tokens.push({ kind: 'literal', text: '', end: at })
    } else {
      const name = match(word)
      const digits = name === null ? match(number) : null
      if (name !== null) {
        const end = at + name.length
        const next = sql.charAt(end)
        // U&"..." spells names by code points: what it names would have to be decoded to be judged.
        if (/^u$/i.test(name) && next === '&' && sql.charAt(end + 1) === '"') {
          throw new SqlTextError('spells a name with Unicode escapes')
        }
        if (/^[ebnx]$/i.test(name) && next === "'") {
          at = /^e$/i.test(name) ? endOfEscaped(sql, end) : endOfQuoted(sql, end, false)
          tokens.push({ kind: 'literal', text: '', end: at })
        } else {
          at = end
          tokens.push({ kind: 'word', text: name.toLowerCase(), end })
        }
      } else if (digits !== null) {
        at += digits.length
        tokens.push({ kind: 'literal', text: '', end: at })
      } else {
        at += 1
        tokens.push({ kind: 'symbol', text: character, end: at })
      }
    }
  }
  return tokens
}

/** Comments nest, unlike the SQL standard's older rule and unlike C. */
function endOfComment(sql: string, start: number): number {
  let depth = 0
  for (let at = start; at < sql.length; ) {
    if (sql.startsWith('/*', at)) {
      depth += 1
      at += 2
    } else if (sql.startsWith('*/', at)) {
      depth -= 1
      at += 2
      if (depth === 0) return at
    } else {
      at += 1
    }
  }
  throw new SqlTextError('has a comment that does not end')
}

/** An E'...' literal goes on in every quote that follows on a later line, and so do its backslashes. */
function endOfEscaped(sql: string, start: number): number {
  for (let at = start; ; ) {
    const end = endOfQuoted(sql, at, true)
    continuation.lastIndex = end
    const between = continuation.exec(sql)?.[0]
    if (between === undefined) return end
    at = end + between.length - 1
  }
}

function endOfDollar(sql: string, start: number, tag: string | null, parameterText: string | null): number {
  if (tag !== null) {
    const end = sql.indexOf(tag, start + tag.length)
    if (end < 0) throw new SqlTextError('has a quote that does not end')
    return end + tag.length
  }
  if (parameterText !== null) throw new SqlTextError(`has a parameter (${parameterText}) without a value`)
  throw new SqlTextError('has a stray "$"')
}
