import { quoteText } from '../postgres-protocol/quote.ts'
import { quoteName } from '../sql/quote-name.ts'

/** Statements for an administrator. None holds a secret. */

export const passwordPlaceholder = 'Choose-a-long-passw0rd'

/** Lets a user read every table of the schemas, and those that whoever runs it will make there. */
export function grantReadSql(schemas: readonly string[], username: string): string {
  const list = schemas.map(quoteName).join(', ')
  const user = quoteName(username)
  return [
    `GRANT USAGE ON SCHEMA ${list} TO ${user};`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA ${list} TO ${user};`,
    '-- For tables to come. It holds for those that the present user makes: run it as each user that makes tables.',
    `ALTER DEFAULT PRIVILEGES IN SCHEMA ${list} GRANT SELECT ON TABLES TO ${user};`,
  ].join('\n')
}

/** Lets a user read single tables. */
export function grantTablesSql(
  tables: readonly { readonly schema: string; readonly name: string }[],
  username: string,
): string {
  const schemas = [...new Set(tables.map(({ schema }) => schema))].map(quoteName).join(', ')
  const names = tables.map(({ schema, name }) => `${quoteName(schema)}.${quoteName(name)}`).join(', ')
  const user = quoteName(username)
  return [`GRANT USAGE ON SCHEMA ${schemas} TO ${user};`, `GRANT SELECT ON ${names} TO ${user};`].join('\n')
}

/** Creates a user that can sign in and nothing else. Redshift cannot say "unless it exists". */
export function createUserSql(username: string, { withPassword }: { readonly withPassword: boolean }): string {
  return withPassword
    ? `CREATE USER ${quoteName(username)} PASSWORD ${quoteText(passwordPlaceholder)};`
    : `CREATE USER ${quoteName(username)} PASSWORD DISABLE;`
}

export const revokePublicCreateSql = (schema: string): string =>
  `REVOKE CREATE ON SCHEMA ${quoteName(schema)} FROM PUBLIC;`
