import { judgeOneStatement, type SqlVerdict, strangeBeginning } from '../sql/judge-one-statement.ts'
import { isClosing, isOpening, isSymbol, isWord, type SqlToken } from '../sql/sql-token.ts'
import { sqlTokens } from './sql-tokens.ts'

const reading = ['select', 'with', 'values'] as const
/** Beginnings of statements that may be names too, of columns and of functions: `INSERT('abc', 1, 0, 'x')`, `GET(v, 'a')`. */
const writing = (
  'alter begin call comment commit copy create declare delete drop execute get grant insert list ls merge put remove ' +
  'revoke rm rollback set truncate undrop unset update use'
).split(' ')
/** Keywords that no query has, and that are no names either unless they are quoted. */
const neverInQueries = ['alter', 'create', 'delete', 'drop', 'grant', 'into', 'revoke']
/** What follows a column, or a table's other name, and never the beginning of a statement. */
const following = (
  'and as asc asof at before between by changes collate cross desc else end escape except fetch for from full group having ' +
  'ignore ilike in inner intersect is join lateral left like limit match_condition match_recognize minus natural not nulls ' +
  'offset on or order outer over pivot qualify regexp respect right rlike sample start tablesample then union unpivot using ' +
  'when where window within'
).split(' ')
/** Of the functions of the system those that tell something. Others stop sessions, wake tasks, send mail or wait. */
const tellingSystemFunctions =
  /^system\$(?:allowlist(?:_privatelink)?|clustering_\w+|current_user_task_name|estimate_\w+|explain_\w+|get_(?:predecessor_return_value|tag\w*|service_status|all_references)|last_change_commit_time|list_\w+|pipe_status|show_active_behavior_change_bundles|stream_has_data|typeof|whitelist(?:_privatelink)?)$/

/**
 * Whether `sql` is one statement that reads. The first of several fences: Snowflake compiles a query first and says what
 * kind of statement it is, and no role but the session's own has a say. Only the role's rights are a guarantee: what
 * functions of users do, and external ones, no text tells.
 */
export const judgeSql = (sql: string): SqlVerdict => judgeOneStatement(sql, { tokens: sqlTokens, refusal })

/** Whether Snowflake can be asked what kind of statement it is without running it: of others the first word says it. */
export const isQuery = (sql: string): boolean => startsQuery(sqlTokens(sql))

function refusal(tokens: readonly SqlToken[]): string | null {
  if (hasFlow(tokens)) return 'goes on with another statement (->>)'
  const [first, ...rest] = tokens
  if (isWord(first, 'show', 'describe', 'desc')) return namelessRefusal(rest)
  if (isWord(first, 'explain')) return explainRefusal(rest)
  return queryRefusal(tokens)
}

/** `SHOW TABLES ->> SELECT ...`: a chain of statements, each of which may be any. No other statement has these in a row. */
const hasFlow = (tokens: readonly SqlToken[]): boolean =>
  tokens.some(
    (token, index) => isSymbol(token, '-') && isSymbol(tokens[index + 1], '>') && isSymbol(tokens[index + 2], '>'),
  )

const namelessRefusal = ([what]: readonly SqlToken[]): string | null =>
  what?.kind === 'word' || what?.kind === 'name' ? null : 'does not say what to show'

/** EXPLAIN USING JSON, then a query. Nothing is run. */
function explainRefusal(tokens: readonly SqlToken[]): string | null {
  return queryRefusal(isWord(tokens[0], 'using') ? tokens.slice(2) : tokens)
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
  const previous = tokens[index - 1]
  const next = tokens[index + 1]
  if (token?.kind === 'variable' && token.text === '@') return 'reads files of a stage (@)'
  if (token?.kind !== 'word' && token?.kind !== 'name') return null
  const name = token.text.toLowerCase()
  if (name.startsWith('system$') && !tellingSystemFunctions.test(name)) {
    return `calls ${name.toUpperCase().slice(0, 60)}, which may do more than read`
  }
  const takesNumber = name === 'nextval' ? isSymbol(previous, '.') : name === 'getnextval' && isOpening(next)
  if (takesNumber) return 'takes a number from a sequence (NEXTVAL)'
  if (name === 'identifier' && isOpening(next) && isCalled(tokens, index + 1)) {
    return 'calls a function whose name is a value (IDENTIFIER)'
  }
  // A key of a document: `v:delete`.
  if (token.kind === 'name' || isSymbol(previous, ':') || isSymbol(previous, '.')) return null
  if (neverInQueries.includes(token.text)) return `has ${token.text.toUpperCase()} in it`
  if (token.text === 'procedure' && isWord(previous, 'as')) return 'declares a procedure'
  if (token.text === 'for' && isWord(next, 'update')) return 'locks rows (FOR UPDATE)'
  // After the queries of a WITH, or as one of them: `WITH x AS (...) MERGE INTO t`.
  const mayBegin = isOpening(previous) || isClosing(previous)
  if (mayBegin && writing.includes(token.text) && startsStatement(next)) return `has ${token.text.toUpperCase()} in it`
  return null
}

/** `UPDATE t`, `EXECUTE IMMEDIATE`, `COPY INTO @x`: not a column of that name, as in `max(comment)`. */
const startsStatement = (next: SqlToken | undefined): boolean =>
  next?.kind === 'name' || next?.kind === 'variable' || (next?.kind === 'word' && !following.includes(next.text))

/** Whether another list of arguments follows the one that begins at `start`. */
function isCalled(tokens: readonly SqlToken[], start: number): boolean {
  let depth = 0
  for (let at = start; at < tokens.length; at += 1) {
    if (isOpening(tokens[at])) depth += 1
    if (isClosing(tokens[at])) depth -= 1
    if (depth === 0) return isOpening(tokens[at + 1])
  }
  return false
}

function startsQuery(tokens: readonly SqlToken[]): boolean {
  return isWord(
    tokens.find(token => !isOpening(token)),
    ...reading,
  )
}
