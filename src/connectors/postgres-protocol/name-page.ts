import type { Listing, ListingPage } from '../browse.ts'

/** How the statement that lists a page goes on after its own conditions. */
export interface NamePage {
  /** `AND ...`, or nothing. */
  readonly conditions: string
  /** ORDER BY and LIMIT: one more than is wanted, which tells whether there are more. */
  readonly end: string
  /** Every parameter of the statement, those that it had before too. */
  readonly values: readonly unknown[]
}

/** SQL for what a list is made of. */
export interface NameSql {
  /** The name as text, in an order that is the same on every server. */
  readonly sorted: string
  /** The name as text, whose upper and lower case are known. */
  readonly searched: string
}

/** A page of names that come after the last of the page before. What clients give goes into parameters alone. */
export function namePage({ sorted, searched }: NameSql, page: ListingPage, before: readonly unknown[] = []): NamePage {
  const values = [...before]
  const parameter = (value: string) => `$${values.push(value)}::text`
  const conditions = [
    // No name has a NUL in it, and no parameter may: what follows it cannot change what comes after it.
    page.after === null ? '' : `AND ${sorted} > ${parameter(page.after.split('\0')[0] ?? '')}`,
    searchCondition(searched, page, parameter),
  ]
  return { conditions: conditions.join(' '), end: `ORDER BY ${sorted} LIMIT ${limitOf(page)}`, values }
}

/** The same for what has places, such as columns: `place` is SQL for a number from 1. */
export function placePage(
  place: string,
  searched: string,
  page: ListingPage,
  before: readonly unknown[] = [],
): NamePage {
  const values = [...before]
  const parameter = (value: string) => `$${values.push(value)}::text`
  // Anything else than a place is made up, and comes before all of them.
  const after = /^\d{1,6}$/.test(page.after ?? '') ? Number(page.after) : 0
  const conditions = `AND ${place} > ${after} ${searchCondition(searched, page, parameter)}`
  return { conditions, end: `ORDER BY ${place} LIMIT ${limitOf(page)}`, values }
}

function searchCondition(searched: string, { search }: ListingPage, parameter: (value: string) => string): string {
  if (search === null) return ''
  if (search.includes('\0')) return 'AND false'
  return `AND strpos(lower(${searched}), lower(${parameter(search)})) > 0`
}

const limitOf = ({ first }: ListingPage): number => Math.trunc(first) + 1

/** Rows as a page: what was asked for beyond it only tells that there is a next one. */
export function listingOf<Row, Item>(
  rows: readonly Row[],
  { first }: ListingPage,
  itemOf: (row: Row) => Item,
  keyOf: (row: Row) => string,
): Listing<Item> {
  const page = rows.slice(0, first)
  const last = page.at(-1)
  return {
    items: page.map(itemOf),
    next: rows.length > first && last !== undefined ? keyOf(last) : null,
    problem: null,
  }
}
