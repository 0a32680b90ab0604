import type { ResultAnswer } from './answers.ts'

/**
 * What Snowflake takes a statement for, as its answers number it. Its drivers know the numbers: SFStatementType of
 * https://github.com/snowflakedb/snowflake-jdbc.
 */
const kinds: readonly (readonly [from: number, name: string])[] = [
  [0x6000, 'DDL'],
  [0x5000, 'a transaction'],
  [0x4600, 'a command'],
  [0x4500, 'DESCRIBE'],
  [0x4400, 'SHOW'],
  [0x4000, 'a change of the session'],
  [0x3000, 'DML'],
  [0x2000, 'EXPLAIN'],
  [0x1000, 'SELECT'],
]

const kindOf = (id: number): string => kinds.find(([from]) => id >= from)?.[1] ?? 'something unknown'

/** Why a query that has been compiled is not to be run; null when it only selects. `reason` continues "this one ...". */
export function queryRefusal({ statementTypeId: id }: ResultAnswer): string | null {
  if (id === null) return 'is nothing that Snowflake has a name for'
  const kind = kindOf(id)
  return kind === 'SELECT' ? null : `is ${kind} to Snowflake`
}

/** The same for statements whose first word has said what they are. */
export function readRefusal({ statementTypeId: id }: ResultAnswer): string | null {
  const kind = id === null ? '' : kindOf(id)
  return ['DML', 'a transaction'].includes(kind) ? `was ${kind} to Snowflake` : null
}
