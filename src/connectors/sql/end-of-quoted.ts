import { SqlTextError } from './sql-token.ts'

/** Behind the quote that ends what the one at `start` begins, where a doubled quote stands for one. Throws `SqlTextError`. */
export function endOfQuoted(sql: string, start: number, backslashEscapes: boolean): number {
  const quote = sql.charAt(start)
  for (let at = start + 1; at < sql.length; at++) {
    const character = sql.charAt(at)
    if (backslashEscapes && character === '\\') at += 1
    else if (character === quote) {
      if (sql.charAt(at + 1) === quote) at += 1
      else return at + 1
    }
  }
  throw new SqlTextError('has a quote that does not end')
}
