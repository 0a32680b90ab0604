import { endOfQuoted } from '../sql/end-of-quoted.ts'
import { SqlTextError, type SqlToken } from '../sql/sql-token.ts'

/** As MySQL has it: names are in backticks, and where a token begins matters, for `t.into` is a name and `t .into` none. */
export interface MysqlToken extends SqlToken {
  readonly start: number
}

const space = /[ \t\n\r\f\v]+/y
/** Two hyphens are two minus signs unless a space or control character follows. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the server looks for them.
const lineComment = /(?:#|--(?=[\u0000-\u0020\u007f]|$))[^\n]*/y
const word = /[A-Za-z_$\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y
/** Names may begin with digits (`1a`), but not with an exponent: `1e5into` is a number and a word. */
const number = /(?:0x[0-9A-Fa-f]+|0b[01]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)/y
const hasExponent = /^[\d.]+[eE]/
const namePart = /[A-Za-z0-9_$\u0080-\uffff]+/y
const variableName = /[A-Za-z0-9_.$\u0080-\uffff]+/y

/**
 * Splits `sql` by the lexical rules of MySQL and MariaDB, in a session without ANSI_QUOTES and NO_BACKSLASH_ESCAPES
 * (which every session must make sure of) and with a client character set whose bytes below 128 are ASCII. Throws
 * `SqlTextError` for what does not end or cannot be told.
 */
export function sqlTokens(sql: string): MysqlToken[] {
  if (sql.includes('\0')) throw new SqlTextError('holds a NUL character')
  const tokens: MysqlToken[] = []
  let at = 0
  const match = (pattern: RegExp, from = at): string | null => {
    pattern.lastIndex = from
    return pattern.exec(sql)?.[0] ?? null
  }
  const push = (kind: 'literal', end: number) => {
    tokens.push({ kind, text: '', start: at, end })
    at = end
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
    if (character === "'" || character === '"') {
      push('literal', endOfQuoted(sql, at, true))
      continue
    }
    if (character === '`') {
      // Backslashes are nothing special in names.
      const end = endOfQuoted(sql, at, false)
      tokens.push({ kind: 'name', text: sql.slice(at + 1, end - 1).replaceAll('``', '`'), start: at, end })
      at = end
      continue
    }
    if (character === '@') {
      const end = endOfVariable(sql, at)
      tokens.push({ kind: 'variable', text: sql.slice(at, end).toLowerCase(), start: at, end })
      at = end
      continue
    }
    const previous = tokens.at(-1)
    const touches = previous?.end === at
    const afterDot = touches && previous?.kind === 'symbol' && previous.text === '.'
    // `t.5` is the column 5 of t; behind a quoted name it is a number.
    const isDotOfName = touches && character === '.' && previous?.kind === 'word'
    const digits = afterDot || isDotOfName ? null : match(number)
    // `1abc` is a name, and so is whatever follows a dot.
    const glued = match(namePart)
    if (digits !== null && (glued === null || glued.length <= digits.length || hasExponent.test(digits))) {
      checkNumber(digits, sql.charAt(at + digits.length))
      push('literal', at + digits.length)
      continue
    }
    // MariaDB ends NULL's old name after one letter: `\Ninto` is two words.
    if (character === '\\') throw new SqlTextError('has a backslash outside of quotes')
    const name = match(word) ?? glued
    if (name !== null) {
      const end = at + name.length
      const next = sql.charAt(end)
      // x'..', b'..', n'..': the letter belongs to the literal. An introducer (_utf8mb4'..') is a word before one.
      if (/^[xbn]$/i.test(name) && next === "'") push('literal', endOfQuoted(sql, end, true))
      else {
        tokens.push({ kind: 'word', text: name.toLowerCase(), start: at, end })
        at = end
      }
      continue
    }
    tokens.push({ kind: 'symbol', text: character, start: at, end: at + 1 })
    at += 1
  }
  return tokens
}

/** MySQL forgets `1.e` where no exponent follows, and takes what is next for a symbol: also the beginning of a comment. */
function checkNumber(digits: string, next: string): void {
  if (digits.includes('.') && !hasExponent.test(digits) && /[eE]/.test(next))
    throw new SqlTextError('has a number without the digits of its exponent')
}

/**
 * Comments do not nest, and some are code: `/*!` for servers of a version, `/*M!` for MariaDB, `/*T!` for TiDB, `/*+` for
 * the optimizer, in whose hints variables can be set.
 */
function endOfComment(sql: string, start: number): number {
  if (/^\/\*(?:[a-z]?!|\+)/i.test(sql.slice(start, start + 4)))
    throw new SqlTextError('has a comment that the server runs (/*! or /*+)')
  const end = sql.indexOf('*/', start + 2)
  if (end < 0) throw new SqlTextError('has a comment that does not end')
  // Old servers let comments nest where `/*!` was meant: what they would make of it cannot be told.
  if (sql.slice(start + 2, end).includes('/*')) throw new SqlTextError('has a comment within a comment')
  return end + 2
}

function endOfVariable(sql: string, start: number): number {
  let at = start + (sql.charAt(start + 1) === '@' ? 2 : 1)
  const character = sql.charAt(at)
  if (character === '`') return endOfQuoted(sql, at, false)
  if (character === "'" || character === '"') return endOfQuoted(sql, at, true)
  variableName.lastIndex = at
  at += variableName.exec(sql)?.[0].length ?? 0
  return at
}
