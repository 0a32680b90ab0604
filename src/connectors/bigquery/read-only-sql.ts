import { judgeOneStatement, type SqlVerdict, strangeBeginning } from '../sql/judge-one-statement.ts'
import { isOpening, isSymbol, isWord, type SqlToken } from '../sql/sql-token.ts'
import { sqlTokens } from './sql-tokens.ts'

const reading = ['select', 'with', 'from'] as const
/**
 * What a query in pipe syntax could end in, were BigQuery to have it: `|> EXPORT DATA`, `|> INSERT INTO t`. `|> DROP` leaves
 * columns out, and `|> CALL` hands rows to a table function: both only read.
 */
const writing = ['alter', 'create', 'delete', 'export', 'insert', 'load', 'merge', 'truncate', 'update']
/** Functions in these ask models, which may be other services that are billed apart, and send them what is read. */
const models = ['ml', 'ai']

/**
 * Whether `sql` is one statement that reads, as far as its text tells. The first of several fences, so that nothing that
 * obviously does more is even sent; what BigQuery takes the statement for is asked before it is run (`dry-run.ts`). Only
 * the account's rights are a guarantee.
 */
export const judgeSql = (sql: string): SqlVerdict => judgeOneStatement(sql, { tokens: sqlTokens, refusal })

function refusal(tokens: readonly SqlToken[]): string | null {
  const first = tokens.find(token => !isOpening(token))
  if (!isWord(first, ...reading)) return strangeBeginning(tokens)
  for (const index of tokens.keys()) {
    const reason = tokenRefusal(tokens, index)
    if (reason !== null) return reason
  }
  return null
}

function tokenRefusal(tokens: readonly SqlToken[], index: number): string | null {
  const [token, next, after, last] = tokens.slice(index, index + 4)
  if (isSymbol(token, '|') && isSymbol(next, '>') && isWord(after, ...writing)) {
    return `has ${after?.text.toUpperCase()} in it`
  }
  const name = nameOf(token)
  // In another product, by a text that nobody here has judged.
  if (name === 'external_query' && isOpening(next)) return 'sends a text to another database (EXTERNAL_QUERY)'
  const called = models.includes(name) && isSymbol(next, '.') && isOpening(last) ? nameOf(after) : null
  const whole = isOpening(next) && models.some(model => name.startsWith(`${model}.`)) ? name : null
  const model = called !== null && called !== '' ? `${name}.${called}` : whole
  return model === null ? null : `calls ${model.toUpperCase().slice(0, 60)}, which may ask another service`
}

/** Quoted or not: functions are found by either, in any case. */
const nameOf = (token: SqlToken | undefined): string =>
  token?.kind === 'word' || token?.kind === 'name' ? token.text.toLowerCase() : ''
