import type { SnowflakeUser } from './snowflake-account.ts'

/** Who is signed in, and what has been set. Tokens are renewed in place. */
export interface SnowflakeSession {
  readonly id: number
  readonly user: string
  readonly account: SnowflakeUser
  token: string
  masterToken: string
  role: string | null
  secondaryRoles: 'ALL' | 'NONE'
  warehouse: string | null
  database: string | null
  schema: string | null
  readonly parameters: Map<string, string>
  /** Whether the session's token is of no use any more until it is renewed. */
  expired: boolean
}

/** The roles whose rights count. */
export const activeRoles = ({ role, secondaryRoles, account }: SnowflakeSession): readonly string[] => [
  ...(role === null ? [] : [role]),
  ...(secondaryRoles === 'ALL' ? account.roles : []),
]
