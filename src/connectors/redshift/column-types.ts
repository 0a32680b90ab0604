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

/** What a type is by its number; null for numbers that nobody has told of. */
export const typeByOid = (oid: number): TypeInfo | null => types.get(oid) ?? null

/** Names that tables outside of Redshift have for types, after the engines that share them. */
const foreignNames: { readonly [name: string]: number } = {
  tinyint: 21,
  int: 23,
  float: 700,
  double: 701,
  decimal: 1700,
  string: 1043,
  varchar: 1043,
  char: 1042,
  binary: 6551,
  varbyte: 6551,
  timestamp: 1114,
  timestamptz: 1184,
  array: 4000,
  struct: 4000,
  map: 4000,
}
const oidsByName: ReadonlyMap<string, number> = new Map([
  ...Object.entries(foreignNames),
  ...[...types].map(([oid, { name }]) => [name, oid] as const),
])

/** What a type is by its name, whatever its size: `character varying(20)`, `array<string>`; null for unknown ones. */
export const typeByName = (name: string): TypeInfo | null =>
  typeByOid(oidsByName.get(/^[^(<]*/.exec(name.toLowerCase())?.[0].trim() ?? '') ?? 0)

/** The types of the columns, in their order; null for numbers that nobody has told of. */
export const columnTypes = async (_client: unknown, fields: readonly FieldDef[]): Promise<(TypeInfo | null)[]> =>
  fields.map(({ dataTypeID }) => typeByOid(dataTypeID))
