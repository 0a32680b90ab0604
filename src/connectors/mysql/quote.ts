/** An identifier for SQL text, whatever the session's mode: "Ann `A`" -> "`Ann ``A```". */
export const quoteName = (name: string): string => `\`${name.replaceAll('`', '``')}\``

/** An account's or role's name for SQL text; both halves may be quoted like identifiers. */
export const quoteAccount = ({ user, host }: { readonly user: string; readonly host: string }): string =>
  `${quoteName(user)}@${quoteName(host)}`

/** A text for SQL text, whatever the session's mode makes of backslashes and quotes. */
export const quoteText = (text: string): string => `_utf8mb4 x'${Buffer.from(text).toString('hex')}'`

/** A database where GRANT takes a pattern: `_` and `%` stand for themselves. */
export const quotePattern = (database: string): string => quoteName(database.replaceAll(/[\\_%]/g, '\\$&'))
