import { AsyncLocalStorage } from 'node:async_hooks'
import { DatabaseError } from './database-error.ts'

/** Longer than any transaction of the program; only a transaction that never ends meets it. */
const maxTransactionMs = 30_000

/** Turns what would hang for ever into errors: a write inside a write, and a transaction that does not end. */
export class WriteGuard {
  readonly #current = new AsyncLocalStorage<{ open: boolean }>()

  async run<T>(write: () => Promise<T>): Promise<T> {
    if (this.#current.getStore()?.open) {
      throw new DatabaseError('MISUSED', 'A transaction was started inside a transaction; use its `tx` instead.')
    }
    const transaction = { open: true }
    try {
      return await this.#current.run(transaction, write)
    } finally {
      transaction.open = false
    }
  }
}

/** The result of `work`, or a `DatabaseError` when it takes longer than 30 s. */
export async function withinTransactionTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const overdue = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new DatabaseError(
            'OVERLOADED',
            `A transaction took longer than ${maxTransactionMs / 1000} s and was rolled back.`,
          ),
        ),
      maxTransactionMs,
    )
  })
  try {
    return await Promise.race([work, overdue])
  } finally {
    clearTimeout(timer)
  }
}
