import { SqlTextError } from './sql-token.ts'

/** Behind the comment that begins at `start` with a slash and an asterisk, where comments do not nest. Throws `SqlTextError`. */
export function endOfComment(sql: string, start: number): number {
  const end = sql.indexOf('*/', start + 2)
  if (end < 0) throw new SqlTextError('has a comment that does not end')
  if (sql.slice(start + 2, end).includes('/*')) {
    throw new SqlTextError('has a comment in a comment, which can be read in two ways')
  }
  return end + 2
}
