import { randomUUID } from 'node:crypto'
import type { SnowflakeOutcome } from './snowflake-outcome.ts'
import type { SnowflakeRefusalError } from './snowflake-refusal.ts'
import type { SnowflakeSession } from './snowflake-session.ts'

export type QueryEnding = { readonly outcome: SnowflakeOutcome } | { readonly refusal: SnowflakeRefusalError }

/** One statement: it goes on until it has ended, whether anybody still listens or not. */
export class SnowflakeQuery {
  readonly id = `01b${randomUUID().slice(3)}`
  readonly requestId: string
  readonly sql: string
  readonly session: SnowflakeSession
  readonly describeOnly: boolean
  readonly parameters: Readonly<Record<string, unknown>>
  #ending: QueryEnding | null = null
  readonly #waiting: (() => void)[] = []

  constructor(about: Pick<SnowflakeQuery, 'requestId' | 'sql' | 'session' | 'describeOnly' | 'parameters'>) {
    this.requestId = about.requestId
    this.sql = about.sql
    this.session = about.session
    this.describeOnly = about.describeOnly
    this.parameters = about.parameters
  }

  get ending(): QueryEnding | null {
    return this.#ending
  }

  get isRunning(): boolean {
    return this.#ending === null
  }

  /** What comes first decides. */
  end(ending: QueryEnding): void {
    if (this.#ending) return
    this.#ending = ending
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** Resolves when it has ended or the time is up. */
  async settled(milliseconds?: number): Promise<void> {
    if (this.#ending) return
    await new Promise<void>(resolve => {
      this.#waiting.push(resolve)
      if (milliseconds !== undefined) setTimeout(resolve, milliseconds)
    })
  }
}
