import type { Listing, ListingPage } from '../browse.ts'
import { quoteText } from './quote.ts'

// Columns of information_schema compare without regard to case on one product and with it on the other, and accents
// count here and there not. So everything is compared and sorted by bytes; names are UTF-8 in all of them.

const bytesOf = (text: string): string => `x'${Buffer.from(text).toString('hex')}'`

/** A name in an order that is the same on every server. */
export const sorted = (column: string): string => `CAST(${column} AS BINARY)`

/** Names have none of them, and servers would compare them only with names that had been converted. */
const beyondNames = /[\u{10000}-\u{10ffff}]/u

/** The first comparison is for the server's sake, which looks up a name but not what is made of it. */
export const isName = (column: string, name: string): string =>
  beyondNames.test(name) ? 'FALSE' : `${column} = ${quoteText(name)} AND ${sorted(column)} = ${bytesOf(name)}`

/** Of names that differ in nothing but case or accents MariaDB makes one, and looks up that alone: the empty text is no name. */
export const isOneOf = (column: string, names: readonly string[]): string => {
  const compared = names.length > 1 ? [...names, ''] : names
  return `${column} IN (${compared.map(quoteText).join(', ')}) AND ${sorted(column)} IN (${names.map(bytesOf).join(', ')})`
}

export const comesAfter = (column: string, name: string): string => `${sorted(column)} > ${bytesOf(name)}`

/** `AND ...`, or nothing: names that contain what is looked for, without regard to case. */
export const searched = (column: string, { search }: Pick<ListingPage, 'search'>): string =>
  search === null
    ? ''
    : `AND LOWER(CONVERT(${column} USING utf8mb4)) COLLATE utf8mb4_bin
         LIKE LOWER(${quoteText(`%${search.replaceAll(/[|%_]/g, '|$&')}%`)}) COLLATE utf8mb4_bin ESCAPE '|'`

/** One more than is wanted, which tells whether there are more. */
export const limitOf = ({ first }: Pick<ListingPage, 'first'>): number => Math.trunc(first) + 1

/** Rows as a page: what was asked for beyond it only tells that there is a next one. */
export function pageOf<Row>(
  rows: readonly Row[],
  { first }: Pick<ListingPage, 'first'>,
  keyOf: (row: Row) => string,
): { readonly rows: readonly Row[]; readonly next: Listing['next'] } {
  const page = rows.slice(0, first)
  const last = page.at(-1)
  return { rows: page, next: rows.length > first && last !== undefined ? keyOf(last) : null }
}
