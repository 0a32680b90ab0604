import type { SnowflakeConfig } from './form.ts'
import { readKeyPair } from './key-pair.ts'
import { plainName, plainPath, quoteText, userName } from './names.ts'

/** Who only reads. */
export const readerName = 'PATCHBAY_READER'

const somebodysKey = '<the public key: the Base64 lines of its PEM text>'
const somebodysAddress = '<the address that Patchbay comes from>'

/**
 * What lets a user sign in from one address: programmatic access tokens want it, and it keeps every secret of the user's from
 * being of use anywhere else. `address`: null where it is not known.
 */
export function networkPolicySql(username: string, address: string | null): string {
  return [
    'USE ROLE SECURITYADMIN;',
    `CREATE NETWORK POLICY IF NOT EXISTS PATCHBAY_ADDRESSES ALLOWED_IP_LIST = (${quoteText(address ?? somebodysAddress)});`,
    `ALTER USER ${userName(username)} SET NETWORK_POLICY = PATCHBAY_ADDRESSES;`,
  ].join('\n')
}

/** What a reader of these databases and schemas must be given; of all that can be seen where there are none. */
export interface ReaderScope {
  readonly database: string | null
  readonly schema: string | null
}

/** A role that may read, and a user for programs who has no other. */
export function readerSql(config: SnowflakeConfig, { database, schema }: ReaderScope): string {
  const role = readerName
  const grant = (what: string) => `GRANT ${what} TO ROLE ${role};`
  const warehouse = plainName(config.warehouse)
  const pair = config.auth.keyPair ? readKeyPair(config.auth.keyPair) : null
  return [
    'USE ROLE SECURITYADMIN;',
    `CREATE ROLE IF NOT EXISTS ${role};`,
    grant(`USAGE ON WAREHOUSE ${warehouse}`),
    ...readGrants(database === null ? '<database>' : plainName(database), schema, database).map(grant),
    `CREATE USER IF NOT EXISTS ${role} TYPE = SERVICE DEFAULT_ROLE = ${role} DEFAULT_WAREHOUSE = ${warehouse}`,
    `  DEFAULT_SECONDARY_ROLES = () RSA_PUBLIC_KEY = ${quoteText(pair?.publicKey ?? somebodysKey)};`,
    `GRANT ROLE ${role} TO USER ${role};`,
    `-- Only from where Patchbay is:`,
    `CREATE NETWORK POLICY IF NOT EXISTS PATCHBAY_ADDRESSES ALLOWED_IP_LIST = (${quoteText(somebodysAddress)});`,
    `ALTER USER ${role} SET NETWORK_POLICY = PATCHBAY_ADDRESSES;`,
  ].join('\n')
}

const readable = ['TABLES', 'VIEWS', 'MATERIALIZED VIEWS', 'EXTERNAL TABLES', 'DYNAMIC TABLES'] as const

function readGrants(databaseSql: string, schema: string | null, database: string | null): string[] {
  const inSchema = schema !== null && database !== null
  const within = inSchema ? `SCHEMA ${plainPath(database, schema)}` : `DATABASE ${databaseSql}`
  const usage = inSchema
    ? [`USAGE ON ${within}`]
    : [`USAGE ON ALL SCHEMAS IN ${within}`, `USAGE ON FUTURE SCHEMAS IN ${within}`]
  const reads = readable.flatMap(kind => [
    `SELECT ON ALL ${kind} IN ${within}`,
    `SELECT ON FUTURE ${kind} IN ${within}`,
  ])
  return [`USAGE ON DATABASE ${databaseSql}`, ...usage, ...reads]
}
