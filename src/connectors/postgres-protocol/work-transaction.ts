import type { Client } from 'pg'
import type { StepContext } from '../define.ts'
import { ByteLimitError, ProtocolFaultError } from '../session/protocol-fault.ts'
import { settledWithin } from '../session/settled-within.ts'
import { type RowOf, readAnswer, type Shape } from './answer-shape.ts'
import { asText } from './as-text.ts'
import type { Session } from './session.ts'

/**
 * Runs one statement and answers its rows, each with the columns of `shape`; parameters are bound by the server, never
 * put into the text. Rejects with a `ProtocolFaultError` when the rows are not of that shape.
 */
export type Run = <S extends Shape>(text: string, shape: S, values?: readonly unknown[]) => Promise<RowOf<S>[]>

/** The statements of a test: each step's in a read-only transaction of its own, which is always rolled back. */
export class WorkTransaction<Config> {
  readonly config: Config
  readonly #opening: { readonly session: Session }
  #running = 0

  constructor(opening: { readonly session: Session }, config: Config) {
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
    const { client, failure } = this.#opening.session
    if (failure) throw failure
    const run: Run = async (text, shape, values = []) => {
      signal.throwIfAborted()
      this.#running += 1
      try {
        const { rows } = await client.query({ text, values: [...values], types: asText })
        return readAnswer(rows ?? [], shape)
      } catch (error) {
        // The driver knows only that the connection has gone, not that it was cut for this.
        throw this.failure instanceof ProtocolFaultError || this.failure instanceof ByteLimitError
          ? this.failure
          : error
      } finally {
        this.#running -= 1
      }
    }
    // Beside the step's own budget: the server stops by itself should nobody tell it to. The path keeps functions and
    // operators that others have put into public schemas out of our own statements (CVE-2018-1058).
    await run(
      `BEGIN READ ONLY; SET LOCAL search_path = pg_catalog; SET LOCAL statement_timeout = ${Math.ceil(budgetMs)}`,
      {},
    )
    assertInTransaction(client)
    let answer: T
    try {
      answer = await work(run)
    } catch (error) {
      // The first error is the one to report, whatever the server makes of the goodbye; a broken session needs none.
      if (!signal.aborted && !this.failure) await settledWithin(run('ROLLBACK', {}), rollbackGraceMs)
      throw error
    }
    // What was asked has been answered: a session that breaks now is for the next step to find.
    await run('ROLLBACK', {}).catch(() => {})
    return answer
  }
}

/** For a server that has already answered with an error. */
export const rollbackGraceMs = 500

/** Without it nothing that follows would be read-only: a server or pooler may take BEGIN and not keep to it. */
export function assertInTransaction(client: Client): void {
  if (client.getTransactionStatus() !== 'T') {
    throw new ProtocolFaultError('it took the beginning of a transaction and is in none')
  }
}
