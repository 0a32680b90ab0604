import { vi } from 'vitest'
import { canarySecret } from '../canary/secrets.ts'
import type { PostgresConfigInput } from '../generated/graphql.ts'
import { type PostgresServer, uniqueName } from '../servers/postgres.ts'

/** An account of its own with one readable table in a database of its own. */
export interface Source {
  readonly server: PostgresServer
  readonly username: string
  readonly password: string
  readonly database: string
  /** The configuration of a connector to it, with `change` in place of what it names. */
  config(change?: Partial<PostgresConfigInput>): { readonly postgres: PostgresConfigInput }
  /** How often the account has tried to sign in so far, by the server's log. */
  signInAttempts(): number
  /** Resolves when the account has no session on the server. */
  untilNoSessions(): Promise<void>
}

export async function createSource(server: PostgresServer): Promise<Source> {
  const [username, database, password] = [uniqueName('reader'), uniqueName('shop'), canarySecret()]
  await server.sql(`create database ${database}`)
  await server.sql(
    `create role ${username} login password '${password}';
     revoke all on database ${database} from public; grant connect on database ${database} to ${username};
     revoke create on schema public from public;
     create table orders (id int, item text); insert into orders values (1, 'lamp'), (2, 'chair');
     grant select on orders to ${username}`,
    database,
  )
  return {
    server,
    username,
    password,
    database,
    config: change => ({
      postgres: {
        host: '127.0.0.1',
        port: server.port,
        database,
        auth: { password: { username, password } },
        tls: { mode: 'DISABLE' },
        ...change,
      },
    }),
    signInAttempts: () => signInAttempts(server, username),
    untilNoSessions: () =>
      vi.waitFor(
        async () => {
          const left = await server.sql(`select pid, state from pg_stat_activity where usename = '${username}'`)
          if (left.length > 0) throw new Error(`Sessions are left: ${JSON.stringify(left)}`)
        },
        { timeout: 10_000, interval: 100 },
      ),
  }
}

export function signInAttempts({ log }: PostgresServer, username: string): number {
  const verdicts = [`connection authenticated: identity="${username}"`, `authentication failed for user "${username}"`]
  return log.split('\n').filter(line => verdicts.some(verdict => line.includes(verdict))).length
}
