import { judgeStatement } from '../postgres-protocol/read-only-sql.ts'
import { sqlTokens } from '../postgres-protocol/sql-tokens.ts'
import type { SqlVerdict } from '../sql/judge-one-statement.ts'
import type { SqlToken } from '../sql/sql-token.ts'
import { hasEffects } from './function-fence.ts'

/** No schema or view of Redshift does more than read, or reaches files. */
const fence = { hasEffects, isEffectfulSchema: () => false, readsServerFiles: () => false }

/**
 * Whether `sql` is one statement that reads, as far as can be told of Redshift. It is the fence that has to hold there:
 * that a transaction which is said to be READ ONLY is one has been shown by nobody, and TRUNCATE, COPY, UNLOAD and what a
 * procedure commits would stay, whatever becomes of the transaction around them.
 */
export function judgeSql(sql: string): SqlVerdict {
  const doubt = ambiguity(sql)
  if (doubt !== null) return { kind: 'REFUSED', reason: doubt }
  const verdict = judgeStatement(sql, fence)
  if (verdict.kind === 'REFUSED' || !sqlTokens(sql).some(isDeceptive)) return verdict
  return { kind: 'REFUSED', reason: 'has a character in a name that may be read as a space' }
}

/** PostgreSQL takes it for part of the word: to whoever takes it for a space the word is two. */
const isDeceptive = ({ kind, text }: SqlToken): boolean => kind === 'word' && /[\p{Z}\p{C}]/u.test(text)

/**
 * What Redshift may split in another way than PostgreSQL does. It comes from a version in which backslashes escape in
 * every literal, and there is no setting that could be relied on to say otherwise.
 */
function ambiguity(sql: string): string | null {
  if (sql.includes("\\'")) return 'has a backslash before a quote, which can be read in two ways'
  for (let start = sql.indexOf('/*'); start >= 0; ) {
    const inner = sql.indexOf('/*', start + 2)
    const end = sql.indexOf('*/', start + 2)
    if (inner >= 0 && (end < 0 || inner < end)) return 'has a comment in a comment, which can be read in two ways'
    start = inner
  }
  return null
}
