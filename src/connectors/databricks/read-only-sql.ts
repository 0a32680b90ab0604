import { judgeOneStatement, type SqlVerdict, strangeBeginning } from '../sql/judge-one-statement.ts'
import { isClosing, isOpening, isSymbol, isWord, type SqlToken } from '../sql/sql-token.ts'
import { sqlTokens } from './sql-tokens.ts'

const reading = ['select', 'with', 'from', 'values', 'table'] as const
/** What EXPLAIN may explain besides: it plans, and runs nothing. */
const explained = ['insert', 'merge', 'update', 'delete'] as const
/** Of what Databricks has to show. What else there is tells of people and of shares. */
const shown = [
  'catalogs',
  'columns',
  'databases',
  'functions',
  'partitions',
  'schemas',
  'table',
  'tables',
  'tblproperties',
  'views',
  'volumes',
] as const
/** Parts of statements that write, which may stand behind WITH and FROM; as names they belong into backticks. */
const writing = ['delete', 'insert', 'into', 'merge', 'overwrite', 'update']
/**
 * Functions that do more than read: run code of a machine's, call services, pass statements on to other systems, read
 * from servers of the caller's choice, or tell secrets.
 */
const refusedFunctions = [
  'cloud_files',
  'http_request',
  'java_method',
  'list_secrets',
  'python_exec',
  'read_kafka',
  'read_kinesis',
  'read_pubsub',
  'read_pulsar',
  'reflect',
  'remote_query',
  'secret',
  'try_reflect',
  'try_secret',
]

/**
 * Whether `sql` is one statement that reads. Databricks has no session that may only read, and functions of the account's
 * own may do anything: only the principal's rights are a guarantee.
 */
export const judgeSql = (sql: string): SqlVerdict => judgeOneStatement(sql, { tokens: sqlTokens, refusal })

function refusal(tokens: readonly SqlToken[]): string | null {
  const [first, ...rest] = tokens
  if (isWord(first, 'show')) return showRefusal(rest)
  if (isWord(first, 'describe', 'desc')) return describeRefusal(rest)
  if (isWord(first, 'explain')) return explainRefusal(rest)
  return queryRefusal(tokens)
}

function showRefusal(tokens: readonly SqlToken[]): string | null {
  const [what, next] = tokens
  const ofKind = isWord(what, 'user', 'system', 'all') && isWord(next, 'functions')
  const isKnown = isWord(what, ...shown) || ofKind || (isWord(what, 'create') && isWord(next, 'table'))
  if (isKnown) return partsRefusal(tokens)
  return `begins with SHOW ${what?.kind === 'word' ? what.text.toUpperCase().slice(0, 40) : 'and what is none of the catalog'}`
}

/** With a name behind them these are no tables, but what tells of people, of places and, of recipients, a secret. */
const undescribed = ['connection', 'credential', 'external', 'provider', 'recipient', 'service', 'share', 'storage']

function describeRefusal(tokens: readonly SqlToken[]): string | null {
  const [what, next] = tokens
  const isOther = isWord(what, ...undescribed) && (next?.kind === 'word' || next?.kind === 'name')
  return isOther ? `begins with DESCRIBE ${what?.text.toUpperCase()}` : partsRefusal(tokens)
}

function explainRefusal(tokens: readonly SqlToken[]): string | null {
  const begin = isWord(tokens[0], 'extended', 'formatted', 'codegen', 'cost', 'logical') ? 1 : 0
  const statement = tokens.slice(begin)
  if (!startsWith(statement, [...reading, ...explained])) return strangeBeginning(statement)
  return partsRefusal(statement, { mayWrite: true })
}

function queryRefusal(tokens: readonly SqlToken[]): string | null {
  return startsWith(tokens, reading) ? partsRefusal(tokens) : strangeBeginning(tokens)
}

function partsRefusal(tokens: readonly SqlToken[], { mayWrite = false } = {}): string | null {
  for (const index of tokens.keys()) {
    const reason = tokenRefusal(tokens, index, mayWrite)
    if (reason !== null) return reason
  }
  return null
}

function tokenRefusal(tokens: readonly SqlToken[], index: number, mayWrite: boolean): string | null {
  const token = tokens[index]
  const next = tokens[index + 1]
  if (token?.kind !== 'word' && token?.kind !== 'name') return null
  if (isOpening(next)) return functionRefusal(tokens, index, mayWrite)
  if (token.kind === 'name' || isColumn(tokens, index)) return null
  if (!mayWrite && writing.includes(token.text)) return `has ${token.text.toUpperCase()} in it`
  // JOIN ... USING has parentheses.
  if (token.text === 'using' && (next?.kind === 'literal' || next?.kind === 'name')) return 'runs a script (USING)'
  return null
}

/** `orders.update` is one; the point of `1.` leads to nothing. */
const isColumn = (tokens: readonly SqlToken[], index: number): boolean =>
  isSymbol(tokens[index - 1], '.') && tokens[index - 2]?.kind !== 'literal'

function functionRefusal(tokens: readonly SqlToken[], index: number, mayWrite: boolean): string | null {
  const name = (tokens[index] as SqlToken).text.toLowerCase()
  if (!mayWrite && writing.includes(name) && tokens[index]?.kind === 'word') return `has ${name.toUpperCase()} in it`
  if (refusedFunctions.includes(name) || name.startsWith('ai_')) return `calls ${name}, which may do more than read`
  // Of sources of data: some run statements of their own.
  if (name === 'with' && tokens[index]?.kind === 'word') return 'gives options to a table (WITH)'
  if (name === 'identifier' && isOpening(tokens[endOfParentheses(tokens, index + 1)])) {
    return 'calls a function that a text names (IDENTIFIER)'
  }
  return null
}

/** The index after the parenthesis that closes the one at `start`. */
function endOfParentheses(tokens: readonly SqlToken[], start: number): number {
  let depth = 0
  for (let at = start; at < tokens.length; at++) {
    if (isOpening(tokens[at])) depth += 1
    if (isClosing(tokens[at])) depth -= 1
    if (depth === 0) return at + 1
  }
  return tokens.length
}

function startsWith(tokens: readonly SqlToken[], words: readonly string[]): boolean {
  return isWord(
    tokens.find(token => !isOpening(token)),
    ...words,
  )
}
