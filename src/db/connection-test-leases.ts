import { and, asc, eq, lt, ne, or, type SQL } from 'drizzle-orm'
import { isRunBy, isTest, type Lease, type TestAddress } from './connection-test-store.ts'
import type { Database, Writer } from './database.ts'
import type { ConnectionTestRow } from './rows.ts'
import { scopeOfRow } from './scope-of-row.ts'

/** By the clock; or, where this is the only process on the database, whatever another owner had. */
export type Abandoned = { readonly leaseOverAt: Date } | { readonly notOwner: string }

/** Which process runs which test. Processes that stop renewing lose their tests. */
export class ConnectionTestLeases {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** The test as it is, held until the transaction ends; null unless it runs and `owner` holds it. */
  async hold(tx: Writer, address: TestAddress, owner: string): Promise<ConnectionTestRow | null> {
    return this.#claim(tx, address, owner, isRunBy(this.#tests, owner))
  }

  /** Takes over a test whose process is gone; null when another was quicker or the process is alive after all. */
  async takeOver(
    tx: Writer,
    address: TestAddress,
    owner: string,
    abandoned: Abandoned,
  ): Promise<ConnectionTestRow | null> {
    return this.#claim(tx, address, owner, this.#isAbandoned(abandoned))
  }

  /** Tests whose process is gone, oldest lease first. */
  async findAbandoned(abandoned: Abandoned, limit: number): Promise<readonly TestAddress[]> {
    const tests = this.#tests
    const found = await this.#database.read
      .select({ workspaceId: tests.workspaceId, id: tests.id })
      .from(tests)
      .where(this.#isAbandoned(abandoned))
      .orderBy(asc(tests.leaseUntil))
      .limit(limit)
    return found.map(row => ({ workspace: scopeOfRow(row), id: row.id }))
  }

  /** Prolongs the leases of those that `owner` still holds; answers them. */
  async renewLeases(
    { owner, until }: Lease,
    addresses: readonly TestAddress[],
  ): Promise<readonly (TestAddress & { readonly cancelRequested: boolean })[]> {
    const tests = this.#tests
    if (addresses.length === 0) return []
    const isOneOfThem = or(...addresses.map(address => isTest(tests, address)))
    const held = await this.#database.write(tx =>
      tx
        .update(tests)
        .set({ leaseUntil: until })
        .where(and(isOneOfThem, isRunBy(tests, owner)))
        .returning({ workspaceId: tests.workspaceId, id: tests.id, cancelRequested: tests.cancelRequested }),
    )
    return held.map(row => ({ workspace: scopeOfRow(row), id: row.id, cancelRequested: row.cancelRequested }))
  }

  get #tests() {
    return this.#database.tables.connectionTests
  }

  #isAbandoned(abandoned: Abandoned): SQL | undefined {
    const tests = this.#tests
    const isOver =
      'leaseOverAt' in abandoned
        ? lt(tests.leaseUntil, abandoned.leaseOverAt)
        : ne(tests.leaseOwner, abandoned.notOwner)
    return and(eq(tests.status, 'RUNNING'), isOver)
  }

  /** An update locks the row on both databases, so what it answers stays true until the transaction ends. */
  async #claim(
    tx: Writer,
    address: TestAddress,
    owner: string,
    condition: SQL | undefined,
  ): Promise<ConnectionTestRow | null> {
    const [row] = await tx
      .update(this.#tests)
      .set({ leaseOwner: owner })
      .where(and(isTest(this.#tests, address), condition))
      .returning()
    return row ?? null
  }
}
