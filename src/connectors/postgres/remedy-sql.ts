import { quoteText } from '../postgres-protocol/quote.ts'
import { quoteName } from '../sql/quote-name.ts'

/** Statements for an administrator. Each may be run again without harm, and none holds a secret. */

export const allowLoginSql = (username: string): string => `ALTER ROLE ${quoteName(username)} LOGIN;`

export const grantConnectSql = (database: string, username: string): string =>
  `GRANT CONNECT ON DATABASE ${quoteName(database)} TO ${quoteName(username)};`

export const grantUsageSql = (schemas: readonly string[], username: string): string =>
  `GRANT USAGE ON SCHEMA ${schemas.map(quoteName).join(', ')} TO ${quoteName(username)};`

/** Lets an account read every table of the schemas, and those that whoever runs it will make there. */
export function grantReadSql(schemas: readonly string[], username: string): string {
  const list = schemas.map(quoteName).join(', ')
  const role = quoteName(username)
  return [
    grantUsageSql(schemas, username),
    `GRANT SELECT ON ALL TABLES IN SCHEMA ${list} TO ${role};`,
    '-- For tables to come. It holds for those that the present role makes: run it as each role that makes tables.',
    `ALTER DEFAULT PRIVILEGES IN SCHEMA ${list} GRANT SELECT ON TABLES TO ${role};`,
  ].join('\n')
}

/** Lets an account read one table or view. */
export const grantTableSql = (schema: string, name: string, username: string): string =>
  [
    grantUsageSql([schema], username),
    `GRANT SELECT ON ${quoteName(schema)}.${quoteName(name)} TO ${quoteName(username)};`,
  ].join('\n')

/** Creates a role that can log in and nothing else, unless it exists. */
export function createRoleSql(role: string, { withPassword }: { readonly withPassword: boolean }): string {
  const statement = `CREATE ROLE ${quoteName(role)} LOGIN${withPassword ? ` PASSWORD ${quoteText(passwordPlaceholder)}` : ''};`
  const tag = dollarTag(role)
  return [
    `DO ${tag}`,
    'BEGIN',
    `  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${quoteText(role)}) THEN`,
    `    ${statement}`,
    '  END IF;',
    'END',
    `${tag};`,
  ].join('\n')
}

export const passwordPlaceholder = 'choose-a-long-password'

/** A dollar quote that `text` does not end. */
function dollarTag(text: string): string {
  let tag = '$patchbay$'
  for (let n = 1; text.includes(tag); n++) tag = `$patchbay${n}$`
  return tag
}
