import { quoteAccount, quoteName, quotePattern } from './quote.ts'

/** Statements for an administrator. Each may be run again without harm, and none holds a secret. */

/** The name of an account: who it is, and from where it may connect. */
export interface Account {
  readonly user: string
  /** As the server has it, often a pattern: `%`. */
  readonly host: string
}

/** Until the server has said which account it has found: the one that may connect from anywhere. */
export const anywhere = (user: string): Account => ({ user, host: '%' })

/** "ann@10.%", as servers write it; hosts have no `@`, which names may have. */
export function accountIn(currentUser: string): Account {
  const at = currentUser.lastIndexOf('@')
  return at < 0 ? anywhere(currentUser) : { user: currentUser.slice(0, at), host: currentUser.slice(at + 1) }
}

export const grantReadSql = (database: string, account: Account): string =>
  `GRANT SELECT ON ${quotePattern(database)}.* TO ${quoteAccount(account)};`

/** `pattern`: as a server has it, escapes included. */
export const grantPatternSql = (pattern: string, account: Account): string =>
  `GRANT SELECT ON ${quoteName(pattern)}.* TO ${quoteAccount(account)};`

/** `target`: quoted. */
export const revokePublicSql = (rights: readonly string[], target: string): string =>
  `REVOKE ${rights.join(', ')} ON ${target} FROM PUBLIC;`

export const grantTableSql = (
  database: string,
  table: string,
  columns: readonly string[] | null,
  account: Account,
): string => {
  const rights = columns === null ? 'SELECT' : `SELECT (${columns.map(quoteName).join(', ')})`
  return `GRANT ${rights} ON ${quoteName(database)}.${quoteName(table)} TO ${quoteAccount(account)};`
}

export const passwordPlaceholder = 'choose-a-long-password'

/** Creates an account that can sign in and nothing else, unless it exists. */
export const createAccountSql = (account: Account, { byToken }: { readonly byToken: boolean }): string =>
  `CREATE USER IF NOT EXISTS ${quoteAccount(account)} IDENTIFIED ${
    byToken ? "WITH AWSAuthenticationPlugin AS 'RDS'" : `BY '${passwordPlaceholder}'`
  };`

export const unlockSql = (account: Account): string => `ALTER USER ${quoteAccount(account)} ACCOUNT UNLOCK;`
