import { quoteName } from '../sql/quote-name.ts'

/** As Snowflake writes names: without quotes where nothing would be lost by that. */
export const plainName = (name: string): string => (/^[A-Z_][A-Z0-9_$]*$/.test(name) ? name : quoteName(name))

/** `"SALES"."PUBLIC"."ORDERS"`. */
export const quotedPath = (...names: readonly string[]): string => names.map(quoteName).join('.')

/** A user's own name, which is in upper case unless it was made with quotes; people type the name they sign in by. */
export const userName = (login: string): string => plainName(login.toUpperCase())

/** For reading. */
export const plainPath = (...names: readonly string[]): string => names.map(plainName).join('.')

/** A text between single quotes, in which a backslash escapes. */
export const quoteText = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

/** For patterns of SHOW ... LIKE, in which it stands for itself alone: the vendor's own command line writes it so. */
export const escapedForLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&')

/** A pattern of LIKE that this name alone fits, in whatever case. */
export const likeName = (name: string): string => quoteText(escapedForLike(name))
