import { judgeOneStatement, type SqlVerdict, strangeBeginning } from '../sql/judge-one-statement.ts'
import { isOpening, isSymbol, isWord } from '../sql/sql-token.ts'
import { hasEffects } from './function-fence.ts'
import { showRefusal } from './show-fence.ts'
import { type MysqlToken, sqlTokens } from './sql-tokens.ts'

const reading = new Set(['select', 'with', 'values', 'table'])
const writing = new Set(['insert', 'update', 'delete', 'replace'])
const describing = new Set(['describe', 'desc', 'explain'])

/**
 * Whether `sql` is one statement that reads. The first of several fences: the text then runs in a read-only transaction
 * of a read-only session that takes one statement. Only the account's rights are a guarantee, because functions that a
 * database's owner made may do anything.
 */
export const judgeSql = (sql: string): SqlVerdict => judgeOneStatement(sql, { tokens: sqlTokens, refusal })

function refusal(tokens: readonly MysqlToken[]): string | null {
  const [first, ...rest] = tokens
  if (first?.kind === 'word' && first.text === 'show') return showRefusal(rest) ?? expressionRefusal(rest)
  if (first?.kind === 'word' && describing.has(first.text)) return describeRefusal(rest)
  return queryRefusal(tokens)
}

/** DESCRIBE, DESC and EXPLAIN are the same word: a table with a column or a pattern, or what is to be explained. */
function describeRefusal(tokens: readonly MysqlToken[]): string | null {
  let at = 0
  while (isWord(tokens[at], 'extended', 'partitions', 'format')) {
    at += isWord(tokens[at], 'format') ? 3 : 1
  }
  const begins = tokens[at]
  if (isWord(tokens[at], 'analyze')) return 'runs what it explains (ANALYZE)'
  if (isWord(begins, 'into')) return 'writes its result into a variable (INTO)'
  // Other sessions' statements are theirs.
  if (isWord(begins, 'for'))
    return isWord(tokens[at + 1], 'connection') ? 'looks into another session' : forSchema(tokens, at)
  if (startsQuery(tokens.slice(at))) return queryRefusal(tokens.slice(at))
  if (begins?.kind === 'word' && (writing.has(begins.text) || isWord(begins, 'alter', 'call', 'load')))
    return `begins with ${begins.text.toUpperCase().slice(0, 40)}`
  const isTable = begins?.kind === 'word' || begins?.kind === 'name'
  return isTable ? expressionRefusal(tokens) : 'does not begin with a statement'
}

/** EXPLAIN FOR SCHEMA x SELECT ... */
const forSchema = (tokens: readonly MysqlToken[], at: number): string | null =>
  isWord(tokens[at + 1], 'schema', 'database') && startsQuery(tokens.slice(at + 3))
    ? queryRefusal(tokens.slice(at + 3))
    : 'does not begin with a statement'

function queryRefusal(tokens: readonly MysqlToken[]): string | null {
  return startsQuery(tokens) ? expressionRefusal(tokens) : strangeBeginning(tokens)
}

/** What must stand nowhere in a statement, however deep. The words are reserved: as names they are quoted or after a dot. */
function expressionRefusal(tokens: readonly MysqlToken[]): string | null {
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1]
    if (isSymbol(token, ':') && isSymbol(next, '=') && next?.start === token.end) return 'sets a variable (:=)'
    if (token.kind !== 'word' && token.kind !== 'name') continue
    if (isOpening(next) && hasEffects(token.text)) return `calls ${token.text.slice(0, 64)}, which does more than read`
    if (token.kind === 'name' || isMember(tokens, index)) continue
    const reason = wordRefusal(token.text, next)
    if (reason !== null) return reason
  }
  return null
}

function wordRefusal(word: string, next: MysqlToken | undefined): string | null {
  if (word === 'into') return 'writes its result into a file, table or variable (INTO)'
  // INSERT() and REPLACE() are functions; UPDATE (a JOIN b) is not.
  if (writing.has(word) && !(isOpening(next) && (word === 'insert' || word === 'replace')))
    return `changes data (${word.toUpperCase()})`
  if (word === 'for' && isWord(next, 'update', 'share')) return 'locks rows (FOR UPDATE or FOR SHARE)'
  if (word === 'lock' && isWord(next, 'in')) return 'locks rows (LOCK IN SHARE MODE)'
  if (word === 'next' && isWord(next, 'value')) return 'advances a sequence (NEXT VALUE FOR)'
  return null
}

/** `t.into`: whatever directly follows the dot after a name is a name. */
function isMember(tokens: readonly MysqlToken[], index: number): boolean {
  const token = tokens[index]
  const dot = tokens[index - 1]
  const owner = tokens[index - 2]
  const isName = owner?.kind === 'word' || owner?.kind === 'name'
  return isName && isSymbol(dot, '.') && dot?.start === owner.end && dot.end === token?.start
}

function startsQuery(tokens: readonly MysqlToken[]): boolean {
  const first = tokens.find(token => !isOpening(token))
  return first?.kind === 'word' && reading.has(first.text)
}
