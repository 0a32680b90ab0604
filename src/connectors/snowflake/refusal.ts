/** The session's tokens are of no use any more, or it is gone. */
export const sessionCodes = /^390(?:104|111|112|114|115)$/

/** Snowflake has answered, and does not do what it was asked. */
export class SnowflakeRefusalError extends Error {
  /** Snowflake's own: `390100`, `002003`; empty where only HTTP has a word for it. */
  readonly code: string
  readonly sqlState: string
  readonly queryId: string | null
  /** HTTP's status; 200 for most refusals. */
  readonly status: number

  constructor(said: {
    readonly code?: string
    readonly sqlState?: string
    readonly queryId?: string | null
    readonly status?: number
    readonly message: string
  }) {
    super(said.message)
    this.name = 'SnowflakeRefusalError'
    this.code = said.code ?? ''
    this.sqlState = said.sqlState ?? ''
    this.queryId = said.queryId ?? null
    this.status = said.status ?? 200
  }

  /** Whether it is the statement that is refused, and not the session or the request that it came with. */
  get isOfStatement(): boolean {
    return this.status === 200 && /^\d+$/.test(this.code) && !this.code.startsWith('39')
  }
}

/** Whether Snowflake refuses the statement that it was given. */
export const isRefusal = (error: unknown): error is SnowflakeRefusalError =>
  error instanceof SnowflakeRefusalError && error.isOfStatement
