import type pg from 'pg'
import type { StepContext } from '../define.ts'
import type { PostgresConfig } from './form.ts'
import type { PostgresOpening } from './open.ts'

/** Runs one row-returning statement; parameters are bound by the server, never put into the text. */
export type Run = <Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<Row[]>

/** The statements of a test: each step's in a read-only transaction of its own, which is always rolled back. */
export class WorkTransaction {
  readonly config: PostgresConfig
  readonly #opening: PostgresOpening
  #running = 0

  constructor(opening: PostgresOpening, config: PostgresConfig) {
    this.#opening = opening
    this.config = config
  }

  /** Whether the server may still be working on a statement. */
  get busy(): boolean {
    return this.#running > 0
  }

  /** Why the session broke, if it did. */
  get failure(): Error | null {
    return this.#opening.session.failure
  }

  /** Rejects with the server's error, or with the signal's reason before the next statement. */
  async read<T>(
    { signal, budgetMs }: Pick<StepContext, 'signal' | 'budgetMs'>,
    work: (run: Run) => Promise<T>,
  ): Promise<T> {
    const { client } = this.#opening.session
    const run: Run = async (text, values = []) => {
      signal.throwIfAborted()
      this.#running += 1
      try {
        return (await client.query(text, [...values])).rows
      } finally {
        this.#running -= 1
      }
    }
    // Beside the step's own budget: the server stops by itself should nobody tell it to. The path keeps functions and
    // operators that others have put into public schemas out of our own statements (CVE-2018-1058).
    await run(
      `BEGIN READ ONLY; SET LOCAL search_path = pg_catalog; SET LOCAL statement_timeout = ${Math.ceil(budgetMs)}`,
    )
    try {
      return await work(run)
    } finally {
      // A broken session needs no rollback, and its first error is the one to report.
      if (!signal.aborted) await run('ROLLBACK').catch(() => {})
    }
  }
}
