import type { InferInsertModel, InferSelectModel, Table } from 'drizzle-orm'
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core'
import type * as postgresTables from './schema.postgres.ts'
import type * as sqliteTables from './schema.sqlite.ts'

type TablesOf<S> = { [K in keyof S as S[K] extends Table ? K : never]: S[K] }

/** The tables, typed as SQLite's; `dialectsAgree` proves that PostgreSQL's hold the same rows. */
export type Tables = TablesOf<typeof sqliteTables>

type Queries = BaseSQLiteDatabase<'async', unknown, Tables>

/** Queries outside a transaction. Has no `insert`: what changes rows goes through `Database.write`. */
export type Reader = Pick<Queries, 'select' | 'selectDistinct' | '$count' | 'with'>
export type Writer = Reader & Pick<Queries, 'insert' | 'update' | 'delete'>

/**
 * One interface over better-sqlite3 and PostgreSQL, so that stores are written once.
 * Rules for stores: `await` every query (never `.all()`, `.get()`, `.run()`), use `.returning()`, bind dates in raw
 * `sql` with `sql.param(value, column)`, and make no network call inside `write`. A transaction in which a statement has
 * failed cannot be committed, so whoever expects a unique violation catches it outside `write`.
 */
export interface Database {
  readonly dialect: 'sqlite' | 'postgres'
  readonly tables: Tables
  readonly read: Reader
  /**
   * Runs `work` in one transaction, as if transactions ran one after another; rolls back when it throws. `work` may run
   * again when PostgreSQL could not order it among others, so it must change nothing but the database.
   * Throws a `DatabaseError` when started inside another `write`, and after 30 s.
   */
  write<T>(work: (tx: Writer) => Promise<T>): Promise<T>
  /** Sends a wake-up to every process on this database (PostgreSQL: NOTIFY; SQLite: this process only). */
  notify(topic: string): Promise<void>
  /** Calls `listener` for each wake-up, from any process; wake-ups may coalesce or be lost, so readers also poll. */
  listen(listener: (topic: string) => void): () => void
  close(): Promise<void>
}

type Rows<S> = {
  [K in keyof S as S[K] extends Table ? K : never]: S[K] extends Table
    ? { select: InferSelectModel<S[K]>; insert: InferInsertModel<S[K]> }
    : never
}
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never

/** Compile-time proof that both dialects' schema files hold the same rows. */
export const dialectsAgree: Same<Rows<typeof sqliteTables>, Rows<typeof postgresTables>> = true
