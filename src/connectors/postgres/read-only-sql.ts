import { judgeStatement } from '../postgres-protocol/read-only-sql.ts'
import type { SqlVerdict } from '../sql/judge-one-statement.ts'
import { hasEffects, isEffectfulSchema, readsServerFiles } from './function-fence.ts'

/** Whether `sql` is one statement that reads, as far as can be told of PostgreSQL's own functions and views. */
export const judgeSql = (sql: string): SqlVerdict =>
  judgeStatement(sql, { hasEffects, isEffectfulSchema, readsServerFiles })
