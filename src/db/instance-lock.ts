import { setTimeout as sleep } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { DatabaseError, driverErrorOf } from './database-error.ts'

/**
 * Makes this process the only one that uses the SQLite database in `file`: wake-ups, leases and caches are kept in
 * memory then. The operating system releases the lock when the process ends, however it ends.
 * Waits up to `maxWaitMs` for a predecessor that is shutting down; returns how to release the lock.
 */
export async function lockInstance(file: string, maxWaitMs: number): Promise<() => void> {
  const lock = new Sqlite(`${file}.lock`, { timeout: 0 })
  const deadline = Date.now() + maxWaitMs
  try {
    for (;;) {
      if (tryLock(lock)) return () => void lock.close()
      if (Date.now() >= deadline) {
        throw new DatabaseError(
          'IN_USE',
          `Another process uses the database ${file}; stop it, or give this one another DATA_DIR or DATABASE_URL.`,
        )
      }
      await sleep(100)
    }
  } catch (error) {
    lock.close()
    throw error
  }
}

function tryLock(lock: Sqlite.Database): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (driverErrorOf(error)?.code === 'SQLITE_BUSY') return false
    throw error
  }
}
