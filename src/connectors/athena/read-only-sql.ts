import { judgeOneStatement, type SqlVerdict, strangeBeginning } from '../sql/judge-one-statement.ts'
import { isClosing, isOpening, isSymbol, isWord, SqlTextError, type SqlToken } from '../sql/sql-token.ts'
import { sqlTokens } from './sql-tokens.ts'

const reading = ['select', 'with', 'values', 'table'] as const
/** Hive knows no comments but `--`. */
const byHive = ['show', 'describe', 'desc'] as const
/** Of what Athena has to show: https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html */
const shown = ['columns', 'databases', 'functions', 'partitions', 'schemas', 'tables', 'tblproperties', 'views']
/** Keywords that no query has, and that are no names either unless they are quoted. */
const neverInQueries = ['alter', 'create', 'deallocate', 'delete', 'drop', 'execute', 'insert', 'into', 'prepare']
/** Beginnings of statements that may be names too. */
const writing = [
  'analyze',
  'call',
  'grant',
  'merge',
  'msck',
  'optimize',
  'refresh',
  'revoke',
  'truncate',
  'unload',
  'update',
  'vacuum',
]
/** What follows a column, or a table's other name, and never the beginning of a statement. */
const following = (
  'and as asc at between cross desc else end except fetch filter from full group having in inner intersect is join left ' +
  'like limit natural not nulls offset on or order over right tablesample then union using when where window'
).split(' ')
/** Table functions that compute or leave something out. Those of federated catalogs pass text on to be run elsewhere. */
const knownTableFunctions = ['sequence', 'exclude_columns']

/**
 * Whether `sql` is one statement that reads. The first of several fences: what Athena takes the statement for is looked at
 * before anything of its result is, and the session of a role may not write. Only the account's rights are a guarantee.
 */
export function judgeSql(sql: string): SqlVerdict {
  const verdict = judgeOneStatement(sql, { tokens: text => sqlTokens(text), refusal })
  if (verdict.kind === 'REFUSED') return verdict
  if (isWord(sqlTokens(verdict.text)[0], ...byHive) && verdict.text.includes(';')) {
    return { kind: 'REFUSED', reason: 'has a semicolon in quotes or in a comment, which can be read in two ways' }
  }
  if (!/\\['"]/.test(sql)) return verdict
  const others = tokensIfAny(sql)
  if (others === null) return verdict
  const other = judgeOneStatement(sql, { tokens: () => others, refusal })
  if (other.kind === 'READ') return verdict
  return { kind: 'REFUSED', reason: 'has a backslash before a quote, which can be read in two ways' }
}

/** As whoever takes backslashes for escapes splits it; null where that is nothing that could be run. */
function tokensIfAny(sql: string): SqlToken[] | null {
  try {
    return sqlTokens(sql, { backslashEscapes: true })
  } catch (error) {
    if (error instanceof SqlTextError) return null
    throw error
  }
}

function refusal(tokens: readonly SqlToken[]): string | null {
  const [first, ...rest] = tokens
  if (isWord(first, ...byHive)) return isWord(first, 'show') ? showRefusal(rest) : describeRefusal(rest)
  if (isWord(first, 'explain')) return explainRefusal(rest)
  return queryRefusal(tokens)
}

function showRefusal(tokens: readonly SqlToken[]): string | null {
  const [what, next] = tokens
  const isKnown = isWord(what, ...shown) || (isWord(what, 'create') && isWord(next, 'table', 'view'))
  if (isKnown) return null
  const shownText = what?.kind === 'word' ? what.text.toUpperCase().slice(0, 40) : 'what is none of the catalog'
  return `begins with SHOW ${shownText}`
}

const describeRefusal = ([what]: readonly SqlToken[]): string | null =>
  what?.kind === 'word' || what?.kind === 'name' ? null : 'does not begin with a statement'

/** EXPLAIN, its options in parentheses, then a query. ANALYZE runs what it explains. */
function explainRefusal(tokens: readonly SqlToken[]): string | null {
  let at = 0
  if (isOpening(tokens[0]) && !startsQuery(tokens)) {
    at = tokens.findIndex(isClosing) + 1
    if (at === 0) return 'has a parenthesis that does not end'
  }
  if (isWord(tokens[at], 'analyze', 'verbose')) return 'runs what it explains (ANALYZE)'
  return queryRefusal(tokens.slice(at))
}

function queryRefusal(tokens: readonly SqlToken[]): string | null {
  if (!startsQuery(tokens)) return strangeBeginning(tokens)
  for (const index of tokens.keys()) {
    const reason = tokenRefusal(tokens, index)
    if (reason !== null) return reason
  }
  // In the patterns of MATCH_RECOGNIZE it is a quantifier.
  const hasParameter =
    tokens.some(token => isSymbol(token, '?')) && !tokens.some(token => isWord(token, 'match_recognize'))
  return hasParameter ? 'has a parameter (?) without a value' : null
}

function tokenRefusal(tokens: readonly SqlToken[], index: number): string | null {
  const token = tokens[index]
  const next = tokens[index + 1]
  // Engines before Trino took colons for parts of unquoted names.
  if (token?.kind === 'name' ? /^lambda:/i.test(token.text) : isWord(token, 'lambda') && isSymbol(next, ':')) {
    return 'names a function of AWS Lambda in place of a catalog'
  }
  if (token?.kind !== 'word') return null
  if (neverInQueries.includes(token.text)) return `has ${token.text.toUpperCase()} in it`
  if (token.text === 'using' && isWord(next, 'external', 'function')) return 'declares a function of AWS Lambda'
  const previous = tokens[index - 1]
  // After the queries of a WITH, or as one of them: `WITH x AS (...) MERGE INTO t`.
  const mayBegin = isOpening(previous) || isClosing(previous)
  if (mayBegin && writing.includes(token.text) && startsWriting(token, next)) {
    return `has ${token.text.toUpperCase()} in it`
  }
  if (token.text === 'table' && isOpening(next)) return tableFunctionRefusal(tokens, index + 2)
  return null
}

/** `MERGE INTO`, `UPDATE t`, `UNLOAD (SELECT ...)`: not a column of that name, as in `max(call order by day)`. */
const startsWriting = (token: SqlToken, next: SqlToken | undefined): boolean =>
  next?.kind === 'name' ||
  (next?.kind === 'word' && !following.includes(next.text)) ||
  (token.text === 'unload' && isOpening(next))

/** `TABLE(name(...))`, where `TABLE(name)` and `TABLE(SELECT ...)` are no functions. `start`: behind the parenthesis. */
function tableFunctionRefusal(tokens: readonly SqlToken[], start: number): string | null {
  let begin = start
  while (isOpening(tokens[begin])) begin += 1
  if (isWord(tokens[begin], ...reading)) return null
  let end = begin
  while (isPartOfPath(tokens[end])) end += 1
  const path = tokens.slice(begin, end)
  if (path.length > 0 && isClosing(tokens[end])) return null
  if (path.length === 1 && isWord(path[0], ...knownTableFunctions) && isOpening(tokens[end])) return null
  const name = path.map(({ text }) => text).join('') || 'between parentheses'
  return `calls the table function ${name.slice(0, 100)}, which may do more than read`
}

const isPartOfPath = (token: SqlToken | undefined): boolean =>
  token?.kind === 'word' || token?.kind === 'name' || isSymbol(token, '.')

function startsQuery(tokens: readonly SqlToken[]): boolean {
  return isWord(
    tokens.find(token => !isOpening(token)),
    ...reading,
  )
}
