import type { RowOf } from '../postgres-protocol/answer-shape.ts'
import type { Run } from '../postgres-protocol/work-transaction.ts'
import { cleanText } from '../problem.ts'
import { quoteName } from '../sql/quote-name.ts'
import { credentialsOf } from './credentials.ts'
import type { PostgresConfig } from './form.ts'
import { revokePublicSql } from './public-grants.ts'
import { createRoleSql, grantConnectSql, grantReadSql, grantUsageSql, passwordPlaceholder } from './remedy-sql.ts'

/** What an administrator has to run so that a new account can read what this one reads, and nothing else. */
export interface ReaderRemedy {
  readonly username: string
  readonly sql: string
}

/** Tables that are named one by one, in schemas of which the account cannot read all. */
const maxTables = 200

/** `whole`: whether the account reads every table of it. */
const readableShape = { schema: 'text', whole: 'boolean', tables: 'texts' } as const
type ReadableSchema = RowOf<typeof readableShape>

const readableSql = `
  SELECT n.nspname::text AS schema, pg_catalog.bool_and(readable) AS whole,
    (pg_catalog.array_agg(c.relname::text ORDER BY c.relname) FILTER (WHERE readable))[1:${maxTables + 1}] AS tables
  FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid,
  LATERAL pg_catalog.has_table_privilege(c.oid, 'SELECT') AS readable
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    AND (pg_catalog.cardinality($1::text[]) = 0 OR n.nspname = ANY ($1::text[]))
  GROUP BY n.nspname HAVING pg_catalog.bool_or(readable) ORDER BY 1 LIMIT 100`

/** Reads from the catalogue what the new role needs; changes nothing. */
export async function readerRemedy(run: Run, config: PostgresConfig): Promise<ReaderRemedy> {
  const role = await freeRoleName(run, credentialsOf(config).username)
  const readable = await run(readableSql, readableShape, [config.schemas])
  const revocations = await revokePublicSql(run)
  // A comment ends with its line, and the name may have several.
  const database = cleanText(quoteName(config.database), 200)
  const sql = [
    `-- Creates an account that can only read. Connect to the database ${database} as an administrator first.`,
    ...signInHints(config),
    createRoleSql(role, { withPassword: config.auth.password !== undefined }),
    ...(config.auth.awsIam ? [`GRANT rds_iam TO ${quoteName(role)};`] : []),
    grantConnectSql(config.database, role),
    ...readGrants(readable, role),
    ...revocations,
  ].join('\n')
  return { username: role, sql }
}

function signInHints({ auth }: PostgresConfig): string[] {
  if (auth.password) return [`-- Put a password of your own in place of ${passwordPlaceholder}.`]
  return auth.clientCertificate ? ['-- The new account needs a client certificate with its own name.'] : []
}

/** No more than the account can read itself: whoever set it up may have had a reason. */
function readGrants(readable: readonly ReadableSchema[], role: string): string[] {
  const whole = readable.filter(each => each.whole).map(each => each.schema)
  const parts = readable.filter(each => !each.whole)
  const tables = parts.flatMap(({ schema, tables }) => tables.map(name => `${quoteName(schema)}.${quoteName(name)}`))
  return [
    ...(readable.length === 0 ? ['-- Then let it read what it is to read: the present account reads no table.'] : []),
    ...(whole.length > 0 ? [grantReadSql(whole, role)] : []),
    ...(parts.length > 0
      ? [
          grantUsageSql(
            parts.map(({ schema }) => schema),
            role,
          ),
        ]
      : []),
    ...(tables.length > 0 ? [`GRANT SELECT ON ${tables.slice(0, maxTables).join(', ')} TO ${quoteName(role)};`] : []),
    ...(tables.length > maxTables ? [`-- These are the first ${maxTables} tables; grant the others as needed.`] : []),
  ]
}

/** A name that no role has: an existing role's rights are nobody's to guess. */
async function freeRoleName(run: Run, username: string): Promise<string> {
  // PostgreSQL cuts names at 63 bytes.
  const letters = [...username]
  while (Buffer.byteLength(letters.join('')) > 63 - '_reader_99'.length) letters.pop()
  const base = letters.join('')
  const candidates = Array.from({ length: 99 }, (_, index) =>
    index === 0 ? `${base}_reader` : `${base}_reader_${index + 1}`,
  )
  const taken = await run(
    'SELECT rolname::text AS name FROM pg_catalog.pg_roles WHERE rolname = ANY ($1::text[])',
    { name: 'text' },
    [candidates],
  )
  const names = new Set(taken.map(({ name }) => name))
  return candidates.find(candidate => !names.has(candidate)) ?? `${base}_reader`
}
