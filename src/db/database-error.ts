export type DatabaseErrorReason =
  /** Cannot be reached, refuses the sign-in, or cannot be opened. */
  | 'UNAVAILABLE'
  /** Another process has it. */
  | 'IN_USE'
  /** Was used by a newer version of the program. */
  | 'NEWER'
  | 'MIGRATION_FAILED'
  /** Has to be migrated first, by a server. */
  | 'OUTDATED'
  /** A transaction took too long, or too many wait for their turn. */
  | 'OVERLOADED'
  /** The code used the database against its rules: a bug. */
  | 'MISUSED'

/** Patchbay's own database refused, in one sentence for the operator. The message holds no row and no password. */
export class DatabaseError extends Error {
  readonly reason: DatabaseErrorReason
  constructor(reason: DatabaseErrorReason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DatabaseError'
    this.reason = reason
  }
}

/** The error of the driver, which has a `code`, through drizzle's wrapping (PostgreSQL errors come wrapped, SQLite's do not). */
export function driverErrorOf(error: unknown): (Error & { readonly code: string }) | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') return at as Error & { readonly code: string }
  }
  return undefined
}

/** Whether the database could not be used for the moment: the same request may work later. */
export function isDatabaseUnavailable(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof DatabaseError) return at.reason === 'UNAVAILABLE' || at.reason === 'OVERLOADED'
  }
  return false
}
