import { judgeOneStatement, type SqlVerdict, strangeBeginning } from '../sql/judge-one-statement.ts'
import { isClosing, isOpening, isSymbol, isWord, type SqlToken } from '../sql/sql-token.ts'
import { sqlTokens } from './sql-tokens.ts'

/** What a product has that does more than read although it looks like reading. */
export interface StatementFence {
  /** Whether calling a function of this name could do more than read. */
  hasEffects(functionName: string): boolean
  /** Whether functions of this schema do more than read. */
  isEffectfulSchema(schema: string): boolean
  readsServerFiles(relation: string): boolean
}

const reading = new Set(['select', 'with', 'values', 'table'])
const writing = new Set(['insert', 'update', 'delete', 'merge'])

/**
 * Whether `sql` is one statement that reads. The first of several fences: the text then runs in a read-only
 * transaction by a protocol that takes one statement. Only the account's rights are a guarantee, because functions
 * that a database's owner made may do anything.
 */
export const judgeStatement = (sql: string, fence: StatementFence): SqlVerdict =>
  judgeOneStatement(sql, { tokens: sqlTokens, refusal: tokens => refusal(tokens, fence) })

function refusal(tokens: readonly SqlToken[], fence: StatementFence): string | null {
  const [first] = tokens
  if (first?.kind === 'word' && first.text === 'show') return null
  if (first?.kind === 'word' && first.text === 'explain') return explainRefusal(tokens.slice(1), fence)
  return queryRefusal(tokens, fence)
}

/** EXPLAIN, its options in either form, then a query. ANALYZE runs what it explains. */
function explainRefusal(tokens: readonly SqlToken[], fence: StatementFence): string | null {
  let at = 0
  if (isOpening(tokens[0]) && !startsQuery(tokens.slice(1))) at = endOfParentheses(tokens)
  while (isWord(tokens[at], 'verbose', 'analyze', 'analyse')) at += 1
  const options = tokens.slice(0, at)
  if (options.some(({ kind, text }) => (kind === 'word' || kind === 'name') && /^analy[sz]e$/i.test(text))) {
    return 'runs what it explains (ANALYZE)'
  }
  return queryRefusal(tokens.slice(at), fence)
}

/** How many tokens the parentheses that open at the first one span, whatever is nested in them. */
function endOfParentheses(tokens: readonly SqlToken[]): number {
  let depth = 0
  for (const [index, token] of tokens.entries()) {
    if (isOpening(token)) depth += 1
    if (isClosing(token)) depth -= 1
    if (depth === 0) return index + 1
  }
  return tokens.length
}

function queryRefusal(tokens: readonly SqlToken[], fence: StatementFence): string | null {
  if (!startsQuery(tokens)) return strangeBeginning(tokens)
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1]
    const previous = tokens[index - 1]
    if (isWord(token, 'into')) return 'writes its result into a table (INTO)'
    // At the beginning of a WITH query, or after all of them: `WITH x AS (...) DELETE FROM t`.
    const mayBegin = isOpening(previous) || isClosing(previous)
    if (token.kind === 'word' && writing.has(token.text) && mayBegin && startsWriting(next)) {
      return `changes data (${token.text.toUpperCase()})`
    }
    if (isWord(token, 'for') && (isWord(next, 'update', 'share') || isRowLock(tokens, index)))
      return 'locks rows (FOR UPDATE or FOR SHARE)'
    if (token.kind !== 'word' && token.kind !== 'name') continue
    const isGrave = fence.hasEffects(token.text) || fence.isEffectfulSchema(schemaOf(tokens, index))
    if (isGrave && isOpening(next)) return `calls ${token.text.slice(0, 63)}, which does more than read`
    if (isGrave && isFieldOfValue(tokens, index))
      return `may call ${token.text.slice(0, 63)}, which does more than read, by writing it as a field`
    if (fence.readsServerFiles(token.text)) return `reads files of the server (${token.text})`
  }
  return null
}

/** INSERT INTO, UPDATE x, DELETE FROM, MERGE INTO: not a column named "update" in parentheses. */
const startsWriting = (next: SqlToken | undefined): boolean => next?.kind === 'word' || next?.kind === 'name'

/** `(x).f`, `x[1].f`: a function of one argument may be written as a field of it. */
function isFieldOfValue(tokens: readonly SqlToken[], index: number): boolean {
  let head = index
  while (isSymbol(tokens[head - 1], '.')) head -= 2
  return head !== index && (isClosing(tokens[head]) || isSymbol(tokens[head], ']'))
}

/** The name before the dot before this name; empty when there is none. */
function schemaOf(tokens: readonly SqlToken[], index: number): string {
  const schema = isSymbol(tokens[index - 1], '.') ? tokens[index - 2] : undefined
  return schema?.kind === 'word' || schema?.kind === 'name' ? schema.text : ''
}

const isRowLock = (tokens: readonly SqlToken[], index: number): boolean =>
  (isWord(tokens[index + 1], 'no') && isWord(tokens[index + 2], 'key')) ||
  (isWord(tokens[index + 1], 'key') && isWord(tokens[index + 2], 'share'))

function startsQuery(tokens: readonly SqlToken[]): boolean {
  const first = tokens.find(token => !isOpening(token))
  return first?.kind === 'word' && reading.has(first.text)
}
