import type { Client, FieldDef } from 'pg'
import { readAnswer } from '../postgres-protocol/answer-shape.ts'
import { asText } from '../postgres-protocol/as-text.ts'
import type { TypeInfo } from '../postgres-protocol/types.ts'
import type { Run } from '../postgres-protocol/work-transaction.ts'

/** From each type to what its values are written as: through domains to their base, from an array to its elements. */
const typesSql = `
  WITH RECURSIVE wanted AS (SELECT DISTINCT oid FROM pg_catalog.unnest($1::oid[]) AS oid),
  resolved AS (
    SELECT w.oid, w.oid AS base, false AS is_list FROM wanted w
    UNION
    SELECT r.oid, CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.typelem END, r.is_list OR t.typtype <> 'd'
    FROM resolved r JOIN pg_catalog.pg_type t ON t.oid = r.base
    WHERE t.typtype = 'd' OR (t.typcategory = 'A' AND t.typelem <> 0 AND NOT r.is_list)
  )
  SELECT r.oid::int8, pg_catalog.format_type(r.oid, NULL) AS name, r.base::int8, r.is_list AS "isList"
  FROM resolved r JOIN pg_catalog.pg_type t ON t.oid = r.base
  WHERE t.typtype <> 'd' AND (r.is_list OR t.typcategory <> 'A' OR t.typelem = 0)`

const shape = { oid: 'integer', name: 'text', base: 'integer', isList: 'boolean' } as const

/** What types are, by their oids; those that the catalogue does not know are left out. */
export async function typesByOid(run: Run, oids: readonly number[]): Promise<ReadonlyMap<number, TypeInfo>> {
  const types = await run(typesSql, shape, [oids])
  return new Map(types.map(({ oid, ...type }) => [oid, type]))
}

/** The types of the columns, in their order; null where the catalogue knows none. */
export async function columnTypes(client: Client, fields: readonly FieldDef[]): Promise<(TypeInfo | null)[]> {
  const run: Run = async (text, answer, values = []) => {
    const { rows } = await client.query<Record<string, unknown>>({ text, values: [...values], types: asText })
    return readAnswer(rows, answer)
  }
  const types = await typesByOid(
    run,
    fields.map(field => field.dataTypeID),
  )
  return fields.map(field => types.get(field.dataTypeID) ?? null)
}
