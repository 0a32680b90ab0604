import { cleanText, type Remedy } from './problem.ts'

/** An account that an administrator can make, which reads what the present one reads and nothing else. */
export interface ReaderAccount {
  readonly username: string
  /** Statements for the administrator. Hold no secret. */
  readonly sql: string
  /** Form path that names the account. */
  readonly usernameField: string
  /** Form path of its password; null where it has none. */
  readonly passwordField: string | null
}

/** As much as a report takes. No real catalogue comes to so much; a hostile server's may. */
const maxSqlLength = 50_000

/** From the statements to the form: what to do, in its order. */
export function readerAccountRemedies({ username, sql, usernameField, passwordField }: ReaderAccount): Remedy[] {
  const remedies: Remedy[] = [
    { kind: 'SET_FIELD', title: `Use the new account "${username}"`, field: usernameField, value: username },
  ]
  if (sql.length <= maxSqlLength)
    remedies.unshift({ kind: 'RUN_SQL', title: 'Create an account that can only read', sql })
  if (passwordField !== null)
    remedies.push({ kind: 'REENTER_SECRET', title: "Type the new account's password", field: passwordField })
  return remedies
}

/** The first few rights in words; the evidence holds them all. */
export function summarizeRights(words: readonly string[]): string {
  const shown = cleanText(words.slice(0, 3).join('; '), 600)
  return words.length > 3 ? `${shown}; and more` : shown
}
