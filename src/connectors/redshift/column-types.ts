import type { FieldDef } from 'pg'
import type { TypeInfo } from '../postgres-protocol/types.ts'

/** Written as JSON is, which PostgreSQL's own number for JSON stands for. */
const json = 114

/**
 * Redshift's types by the numbers that its protocol names them by. Not asked for: its catalogue does not say what kind of
 * type each is, and a workgroup bills the question.
 */
const types: ReadonlyMap<number, TypeInfo> = new Map(
  (
    [
      [16, 'boolean'],
      [18, '"char"'],
      [19, 'name'],
      [20, 'bigint'],
      [21, 'smallint'],
      [23, 'integer'],
      [25, 'text'],
      [26, 'oid'],
      [700, 'real'],
      [701, 'double precision'],
      [705, 'unknown'],
      [1042, 'character'],
      [1043, 'character varying'],
      [1082, 'date'],
      [1083, 'time without time zone'],
      [1114, 'timestamp without time zone'],
      [1184, 'timestamp with time zone'],
      [1186, 'interval'],
      [1188, 'interval year to month'],
      [1190, 'interval day to second'],
      [1266, 'time with time zone'],
      [1700, 'numeric'],
      [2935, 'hllsketch'],
      [3000, 'geometry'],
      [3001, 'geography'],
      [3999, 'geometry'],
      [4000, 'super', json],
      [6551, 'binary varying'],
    ] as const
  ).map(([oid, name, base = oid]) => [oid, { name, base, isList: false }]),
)

/** The types of the columns, in their order; null for numbers that nobody has told of. */
export const columnTypes = async (_client: unknown, fields: readonly FieldDef[]): Promise<(TypeInfo | null)[]> =>
  fields.map(({ dataTypeID }) => types.get(dataTypeID) ?? null)
