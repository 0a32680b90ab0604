import { canarySecret } from '../canary/secrets.ts'
import { type PostgresServer, uniqueName } from '../servers/postgres.ts'

/** An account of its own with one readable table, so that suites can share a server. */
export interface Source {
  readonly username: string
  readonly database: string
  /** The configuration of a connector to it, as clients give it. */
  readonly config: { readonly postgres: object }
  /** A dataset's query for the items of the table. */
  readonly query: { readonly postgres: object }
  /** How often the server has accepted or refused the account's password. */
  signInAttempts(): number
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
    username,
    database,
    config: {
      postgres: {
        host: '127.0.0.1',
        port: server.port,
        database,
        auth: { password: { username, password } },
        tls: { mode: 'DISABLE' },
      },
    },
    query: { postgres: { table: { name: 'orders', columns: ['item'] } } },
    signInAttempts: () =>
      server.log
        .split('\n')
        .filter(
          line =>
            line.includes(`connection authenticated: identity="${username}"`) ||
            line.includes(`authentication failed for user "${username}"`),
        ).length,
  }
}
