import type { Client, FieldDef } from 'pg'
import type { TypeInfo } from './types.ts'

/** Domains may be made of domains; the innermost type says how values are written. */
const typesSql = `
  WITH RECURSIVE wanted AS (SELECT DISTINCT oid FROM pg_catalog.unnest($1::oid[]) AS oid),
  resolved AS (
    SELECT w.oid, t.oid AS base, t.typtype, t.typbasetype, t.typelem, t.typcategory
    FROM wanted w JOIN pg_catalog.pg_type t ON t.oid = w.oid
    UNION ALL
    SELECT r.oid, t.oid, t.typtype, t.typbasetype, t.typelem, t.typcategory
    FROM resolved r JOIN pg_catalog.pg_type t ON t.oid = r.typbasetype WHERE r.typtype = 'd'
  )
  SELECT r.oid::int8, pg_catalog.format_type(r.oid, NULL) AS name, r.base::int8,
    CASE WHEN r.typcategory = 'A' THEN (
      SELECT CASE WHEN e.typtype = 'd' THEN e.typbasetype ELSE e.oid END::int8 FROM pg_catalog.pg_type e WHERE e.oid = r.typelem
    ) END AS element
  FROM resolved r WHERE r.typtype <> 'd'`

/** The types of the columns, in their order; null where the catalogue knows none. */
export async function columnTypes(client: Client, fields: readonly FieldDef[]): Promise<(TypeInfo | null)[]> {
  const { rows } = await client.query<{ oid: string; name: string; base: string; element: string | null }>(typesSql, [
    fields.map(field => field.dataTypeID),
  ])
  const types = new Map(
    rows.map(({ oid, name, base, element }) => [
      Number(oid),
      { oid: Number(oid), name, base: Number(base), element: element === null ? null : Number(element) },
    ]),
  )
  return fields.map(field => types.get(field.dataTypeID) ?? null)
}
