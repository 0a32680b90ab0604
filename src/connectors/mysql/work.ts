import type { StepContext } from '../define.ts'
import type { Problem } from '../problem.ts'
import { ByteLimitError, ProtocolFaultError } from '../session/protocol-fault.ts'
import { ask, type RowOf, type Shape } from './answer.ts'
import type { MysqlConfig } from './form.ts'
import { classifyError } from './problems.ts'
import { beginReadOnly, makeReadOnly, rollBack } from './read-only-session.ts'
import { accountIn } from './remedy-sql.ts'
import type { Column, Session } from './session.ts'
import { limitStatements } from './statement-timeout.ts'

/** Runs one statement and answers its rows, in the order and of the kinds of `shape`. */
export type Run = <S extends Shape>(sql: string, shape: S) => Promise<RowOf<S>[]>

/** The statements of a test: each step's in a read-only transaction of its own, which is always rolled back. */
export class Work {
  readonly config: MysqlConfig
  readonly #opening: { readonly session: Session }
  #running = 0
  #isReadOnly = false

  constructor(opening: { readonly session: Session }, config: MysqlConfig) {
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

  get session(): Session {
    return this.#opening.session
  }

  problemOf(error: unknown, phase: 'WORK' | 'CATALOG' = 'WORK'): Problem {
    const { flavour, account } = this.session
    return classifyError(error, phase, this.config, flavour, accountIn(account))
  }

  /** What the server says of the columns of a statement, whose rows are left alone. Within `read`. */
  async columnsOf(sql: string): Promise<readonly Column[]> {
    let told: readonly Column[] = []
    await this.#counted(() =>
      this.session.run(sql, {
        columns: columns => {
          told = columns
        },
        row: () => {},
      }),
    )
    return told
  }

  /** Rejects with the server's error, or with the signal's reason before the next statement. */
  async read<T>(
    { signal, budgetMs }: Pick<StepContext, 'signal' | 'budgetMs'>,
    work: (run: Run) => Promise<T>,
  ): Promise<T> {
    const { session } = this
    if (session.failure) throw session.failure
    const run: Run = async (sql, shape) => {
      signal.throwIfAborted()
      return this.#counted(() => ask(session, sql, shape))
    }
    await this.#counted(async () => {
      // Beside the step's own budget: the server stops by itself should nobody tell it to.
      await limitStatements(session, budgetMs)
      if (!this.#isReadOnly) await makeReadOnly(session)
      this.#isReadOnly = true
      await beginReadOnly(session)
    })
    try {
      return await work(run)
    } finally {
      // The answer, or the first error, is what counts; a session that breaks now is for the next step to find.
      if (!signal.aborted && !session.failure) await rollBack(session)
    }
  }

  async #counted<T>(work: () => Promise<T>): Promise<T> {
    this.#running += 1
    try {
      return await work()
    } catch (error) {
      // The driver knows only that the connection has gone, not that it was cut for this.
      const { failure } = this
      throw failure instanceof ProtocolFaultError || failure instanceof ByteLimitError ? failure : error
    } finally {
      this.#running -= 1
    }
  }
}
