import type { Database as Connection, RunResult, Statement } from 'better-sqlite3'
import { DatabaseError } from './database-error.ts'

const maxStatements = 256

interface Query {
  all(...params: unknown[]): unknown[]
  get(...params: unknown[]): unknown
}

/** The part of a better-sqlite3 statement that drizzle uses. */
export interface PreparedStatement extends Query {
  run(...params: unknown[]): RunResult
  raw(): Query
}

/** The part of a better-sqlite3 connection that drizzle uses. */
export interface StatementSource {
  prepare(sql: string): PreparedStatement
}

/** Keeps compiled statements of one connection: compiling most of them takes longer than running them. */
export class StatementCache implements StatementSource {
  readonly #connection: Connection
  readonly #statements = new Map<string, PreparedStatement>()

  constructor(connection: Connection) {
    this.#connection = connection
  }

  prepare(sql: string): PreparedStatement {
    const known = this.#statements.get(sql)
    if (known) {
      this.#statements.delete(sql)
      this.#statements.set(sql, known)
      return known
    }
    const made = reusable(this.#connection, sql)
    this.#statements.set(sql, made)
    const [oldest] = this.#statements.keys()
    if (this.#statements.size > maxStatements && oldest !== undefined) this.#statements.delete(oldest)
    return made
  }
}

/** `raw()` switches a statement for good, so a reused one needs a second statement for raw rows. */
function reusable(connection: Connection, sql: string): PreparedStatement {
  const plain: Statement<unknown[]> = connection.prepare(sql)
  let raw: Statement<unknown[]> | undefined
  return {
    run: (...params) => plain.run(...params),
    all: (...params) => plain.all(...params),
    get: (...params) => plain.get(...params),
    raw: () => {
      raw ??= connection.prepare<unknown[]>(sql).raw()
      return raw
    },
  }
}

/**
 * The statements of one transaction. Refuses statements after its end, which would run in somebody else's transaction,
 * and remembers a failed one: as in PostgreSQL, a transaction in which a statement failed cannot be committed.
 */
export class TransactionStatements implements StatementSource {
  readonly #statements: StatementSource
  #open = true
  #failure: unknown

  constructor(statements: StatementSource) {
    this.#statements = statements
  }

  prepare(sql: string): PreparedStatement {
    const statement = this.#attempt(() => this.#statements.prepare(sql))
    const guarded = (query: Query): Query => ({
      all: (...params) => this.#attempt(() => query.all(...params)),
      get: (...params) => this.#attempt(() => query.get(...params)),
    })
    return {
      ...guarded(statement),
      run: (...params) => this.#attempt(() => statement.run(...params)),
      raw: () => guarded(statement.raw()),
    }
  }

  /** To be called before COMMIT. */
  assertCommittable(): void {
    if (this.#failure === undefined) return
    throw new DatabaseError('MISUSED', 'A statement of the transaction failed, so it cannot be committed.', {
      cause: this.#failure,
    })
  }

  end(): void {
    this.#open = false
  }

  #attempt<T>(run: () => T): T {
    if (!this.#open) throw new DatabaseError('MISUSED', 'A statement was run after the end of its transaction.')
    try {
      return run()
    } catch (error) {
      this.#failure ??= error
      throw error
    }
  }
}
