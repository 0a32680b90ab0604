import { ConfigError } from './config.ts'
import { UnsafeReadRootError } from './connectors/host/read-roots.ts'
import { DatabaseError, driverErrorOf } from './db/database-error.ts'
import { PersistedOperationsError } from './persisted-operations.ts'
import { MasterKeyError } from './secrets/master-key.ts'
import { SecretStoresError } from './secrets/open-secret-stores.ts'

/** Mistakes of whoever runs the program: a sentence says what to do, a stack trace would hide it. */
const operatorErrors = [
  ConfigError,
  DatabaseError,
  MasterKeyError,
  PersistedOperationsError,
  SecretStoresError,
  UnsafeReadRootError,
]

/** What is told to whoever runs the program about what made it end. */
export function operatorWords(error: unknown): string {
  if (operatorErrors.some(each => error instanceof each) && error instanceof Error) return error.message
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return `The port is already in use: ${error.message}. Set PORT to another one.`
  }
  if (driverErrorOf(error)?.code.startsWith('SQLITE_BUSY')) {
    return 'The database is locked by another process, which did not let go of it in time. Try again; if it stays so, look for a program that has the file open.'
  }
  // Of the operating system, about a file or an address: "EACCES: permission denied, mkdir '/srv/data'".
  if (error instanceof Error && 'syscall' in error) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
