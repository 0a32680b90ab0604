import { hasEffects, readsServerFiles } from './function-fence.ts'
import { SqlTextError, type SqlToken, sqlTokens } from './sql-tokens.ts'

export type SqlVerdict =
  /** `text` is the statement without semicolons and comments after it. */
  | { readonly kind: 'READ'; readonly text: string }
  /** `reason` continues "this one ...". */
  | { readonly kind: 'REFUSED'; readonly reason: string }

const reading = new Set(['select', 'with', 'values', 'table'])
const writing = new Set(['insert', 'update', 'delete', 'merge'])

/**
 * Whether `sql` is one statement that reads. The first of several fences: the text then runs in a read-only
 * transaction by a protocol that takes one statement. Only the account's rights are a guarantee, because functions
 * that a database's owner made may do anything.
 */
export function judgeSql(sql: string): SqlVerdict {
  try {
    const tokens = sqlTokens(sql)
    const lastSemicolon = tokens.findIndex(isSemicolon)
    const statement = lastSemicolon < 0 ? tokens : tokens.slice(0, lastSemicolon)
    if (lastSemicolon >= 0 && !tokens.slice(lastSemicolon).every(isSemicolon))
      return refused('is more than one statement')
    const last = statement.at(-1)
    if (!last) return refused('is empty')
    const reason = refusal(statement)
    return reason === null ? { kind: 'READ', text: sql.slice(0, last.end) } : refused(reason)
  } catch (error) {
    if (error instanceof SqlTextError) return refused(error.reason)
    throw error
  }
}

const refused = (reason: string): SqlVerdict => ({ kind: 'REFUSED', reason })
const isSemicolon = (token: SqlToken): boolean => token.kind === 'symbol' && token.text === ';'

function refusal(tokens: readonly SqlToken[]): string | null {
  const [first] = tokens
  if (first?.kind === 'word' && first.text === 'show') return null
  if (first?.kind === 'word' && first.text === 'explain') return explainRefusal(tokens.slice(1))
  return queryRefusal(tokens)
}

/** EXPLAIN, its options in either form, then a query. ANALYZE runs what it explains. */
function explainRefusal(tokens: readonly SqlToken[]): string | null {
  let at = 0
  if (isOpening(tokens[0]) && !startsQuery(tokens.slice(1))) {
    while (at < tokens.length && !isClosing(tokens[at])) at += 1
    at += 1
  }
  while (isWord(tokens[at], 'verbose', 'analyze', 'analyse')) at += 1
  const options = tokens.slice(0, at)
  if (
    options.some(
      token => isWord(token, 'analyze', 'analyse') || (token.kind === 'name' && /^analy[sz]e$/i.test(token.text)),
    )
  ) {
    return 'runs what it explains (ANALYZE)'
  }
  return queryRefusal(tokens.slice(at))
}

function queryRefusal(tokens: readonly SqlToken[]): string | null {
  if (!startsQuery(tokens)) {
    const [first] = tokens.filter(token => !isOpening(token))
    return first?.kind === 'word'
      ? `begins with ${first.text.toUpperCase().slice(0, 40)}`
      : 'does not begin with a statement'
  }
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1]
    const previous = tokens[index - 1]
    if (isWord(token, 'into')) return 'writes its result into a table (INTO)'
    if (token.kind === 'word' && writing.has(token.text) && isOpening(previous) && startsWriting(next)) {
      return `changes data (${token.text.toUpperCase()})`
    }
    if (isWord(token, 'for') && (isWord(next, 'update', 'share') || isRowLock(tokens, index)))
      return 'locks rows (FOR UPDATE or FOR SHARE)'
    if (token.kind !== 'word' && token.kind !== 'name') continue
    if (isOpening(next) && hasEffects(token.text)) return `calls ${token.text.slice(0, 63)}, which does more than read`
    if (readsServerFiles(token.text)) return `reads files of the server (${token.text})`
  }
  return null
}

/** INSERT INTO, UPDATE x, DELETE FROM, MERGE INTO: not a column named "update" in parentheses. */
const startsWriting = (next: SqlToken | undefined): boolean => next?.kind === 'word' || next?.kind === 'name'

const isRowLock = (tokens: readonly SqlToken[], index: number): boolean =>
  (isWord(tokens[index + 1], 'no') && isWord(tokens[index + 2], 'key')) ||
  (isWord(tokens[index + 1], 'key') && isWord(tokens[index + 2], 'share'))

function startsQuery(tokens: readonly SqlToken[]): boolean {
  const first = tokens.find(token => !isOpening(token))
  return first?.kind === 'word' && reading.has(first.text)
}

const isOpening = (token: SqlToken | undefined): boolean => token?.kind === 'symbol' && token.text === '('
const isClosing = (token: SqlToken | undefined): boolean => token?.kind === 'symbol' && token.text === ')'
const isWord = (token: SqlToken | undefined, ...words: readonly string[]): boolean =>
  token?.kind === 'word' && words.includes(token.text)
