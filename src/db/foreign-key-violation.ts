import { driverErrorOf } from './database-error.ts'

/** Whether `error` says that a row refers to one that is gone, or was to be deleted while others refer to it. */
export function isForeignKeyViolation(error: unknown): boolean {
  const code = driverErrorOf(error)?.code
  return code === '23503' || code === 'SQLITE_CONSTRAINT_FOREIGNKEY'
}
