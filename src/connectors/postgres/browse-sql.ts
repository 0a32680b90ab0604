import type { NameSql } from '../postgres-protocol/name-page.ts'

/** SQL about a column of the catalogue that holds names: sorted by bytes, searched as the database knows its letters. */
export const nameSql = (column: string): NameSql => ({
  sorted: `${column}::text COLLATE pg_catalog."C"`,
  searched: `${column}::text COLLATE pg_catalog."default"`,
})

/** Longer comments are cut at the source. */
export const commentSql = (oid: string, catalogue: 'pg_namespace' | 'pg_class'): string =>
  `left(pg_catalog.obj_description(${oid}, '${catalogue}'), 1000)`

/** What can be read with SELECT: tables, partitioned tables, views, materialized views, foreign tables. */
export const relationKinds = "('r', 'p', 'v', 'm', 'f')"

/**
 * Which schemas the connector works with, where `n` is one: those that its form names, or all but the server's own.
 * `list` is the parameter that holds the form's list.
 */
export const isInScope = (list: string): string => `
  CASE WHEN pg_catalog.cardinality(${list}::text[]) = 0
       THEN left(n.nspname::text, 3) <> 'pg_' AND n.nspname <> 'information_schema'
       ELSE n.nspname = ANY (${list}::text[]) END`
