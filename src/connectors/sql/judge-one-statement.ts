import { isSymbol, SqlTextError, type SqlToken } from './sql-token.ts'

export type SqlVerdict =
  /** `text` is the statement without semicolons and comments after it. */
  | { readonly kind: 'READ'; readonly text: string }
  /** `reason` continues "this one ...". */
  | { readonly kind: 'REFUSED'; readonly reason: string }

export interface StatementRules<T extends SqlToken> {
  /** Splits the text as the server will. Throws `SqlTextError`. */
  tokens(sql: string): readonly T[]
  /** Why these tokens, at least one and no semicolon among them, are no statement that only reads; null when they are. */
  refusal(tokens: readonly T[]): string | null
}

/** Judges a text that must be exactly one statement. */
export function judgeOneStatement<T extends SqlToken>(sql: string, rules: StatementRules<T>): SqlVerdict {
  try {
    const tokens = rules.tokens(sql)
    const firstSemicolon = tokens.findIndex(isSemicolon)
    const statement = firstSemicolon < 0 ? tokens : tokens.slice(0, firstSemicolon)
    if (firstSemicolon >= 0 && !tokens.slice(firstSemicolon).every(isSemicolon))
      return refused('is more than one statement')
    const last = statement.at(-1)
    if (!last) return refused('is empty')
    const reason = rules.refusal(statement)
    return reason === null ? { kind: 'READ', text: sql.slice(0, last.end) } : refused(reason)
  } catch (error) {
    if (error instanceof SqlTextError) return refused(error.reason)
    throw error
  }
}

/** What stands in the place of a statement that cannot begin one, in words. */
export function strangeBeginning(tokens: readonly SqlToken[]): string {
  const first = tokens.find(token => !isSymbol(token, '('))
  return first?.kind === 'word'
    ? `begins with ${first.text.toUpperCase().slice(0, 40)}`
    : 'does not begin with a statement'
}

const refused = (reason: string): SqlVerdict => ({ kind: 'REFUSED', reason })
const isSemicolon = (token: SqlToken): boolean => isSymbol(token, ';')
