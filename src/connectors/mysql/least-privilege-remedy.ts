import { credentialsOf } from './credentials.ts'
import type { MysqlConfig } from './form.ts'
import type { Privileges } from './privileges.ts'
import { quoteName, quoteText } from './quote.ts'
import {
  type Account,
  createAccountSql,
  grantPatternSql,
  grantReadSql,
  grantTableSql,
  passwordPlaceholder,
  revokePublicSql,
} from './remedy-sql.ts'
import { systemSchemaList } from './system-schemas.ts'
import type { Run } from './work.ts'

/** What an administrator has to run so that a new account can read what this one reads, and nothing else. */
export interface ReaderRemedy {
  readonly username: string
  readonly sql: string
}

/** MySQL's longest; MariaDB's is longer. */
const maxUserLength = 32
const maxDatabases = 100
const maxTables = 200

/** Asks what the new account needs; changes nothing. `present`: the account that it is to replace. */
export async function readerRemedy(
  run: Run,
  config: MysqlConfig,
  privileges: Privileges,
  present: Account,
): Promise<ReaderRemedy> {
  const { host } = present
  const user = await freeUserName(run, credentialsOf(config).username)
  const account: Account = { user, host }
  const byToken = config.auth.awsIam !== undefined
  const sql = [
    '-- Creates an account that can only read. Run it as an administrator.',
    ...(byToken ? [] : [`-- Put a password of your own in place of ${passwordPlaceholder}.`]),
    createAccountSql(account, { byToken }),
    ...(await readGrants(run, config, privileges, account)),
    ...revocations(privileges),
  ].join('\n')
  return { username: user, sql }
}

/** No more than the account can read itself: whoever set it up may have had a reason. */
async function readGrants(
  run: Run,
  { database }: MysqlConfig,
  { reads, withheld }: Privileges,
  account: Account,
): Promise<string[]> {
  if (reads.some(({ on }) => on.kind === 'GLOBAL')) {
    const databases = database === undefined ? await allDatabases(run) : [database]
    return databases.filter(name => !withheld.includes(name)).map(name => grantReadSql(name, account))
  }
  const grants = reads.flatMap(({ on, rights }) => {
    if (on.kind === 'DATABASE') return [grantPatternSql(on.pattern, account)]
    if (on.kind !== 'TABLE') return []
    const read = rights.find(({ name }) => name === 'select')
    return [grantTableSql(on.schema, on.name, read?.columns ?? null, account)]
  })
  if (grants.length === 0) return ['-- Then let it read what it is to read: the present account is granted no table.']
  const more =
    grants.length > maxTables ? [`-- These are the first ${maxTables} grants; add the others as needed.`] : []
  return [...grants.slice(0, maxTables), ...more]
}

async function allDatabases(run: Run): Promise<string[]> {
  const rows = await run(
    `SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN (${systemSchemaList})
     ORDER BY SCHEMA_NAME LIMIT ${maxDatabases}`,
    { name: 'text' },
  )
  return rows.map(({ name }) => name)
}

function revocations({ everybodys }: Privileges): string[] {
  const lines = everybodys.flatMap(({ on, rights }) => {
    const names = rights.map(({ name }) => name.toUpperCase()).filter(name => name !== 'SELECT' && name !== 'USAGE')
    const target =
      on.kind === 'GLOBAL'
        ? '*.*'
        : on.kind === 'DATABASE'
          ? `${quoteName(on.pattern)}.*`
          : `${quoteName(on.schema)}.${quoteName(on.name)}`
    return names.length === 0 || on.kind === 'ROUTINE' ? [] : [revokePublicSql(names, target)]
  })
  return lines.length === 0 ? [] : ['-- These let every account write, the new one too.', ...lines.slice(0, maxTables)]
}

/** A name that no account has, as far as the present one may know: an existing account's rights are nobody's to guess. */
async function freeUserName(run: Run, username: string): Promise<string> {
  const base = [...username].slice(0, maxUserLength - '_reader_9'.length).join('')
  const candidates = Array.from({ length: 9 }, (_, index) =>
    index === 0 ? `${base}_reader` : `${base}_reader_${index + 1}`,
  )
  const [first = ''] = candidates
  try {
    const taken = await run(`SELECT User FROM mysql.user WHERE User IN (${candidates.map(quoteText).join(', ')})`, {
      name: 'text',
    })
    const names = new Set(taken.map(({ name }) => name))
    return candidates.find(candidate => !names.has(candidate)) ?? first
  } catch (error) {
    // Nearly no account may look there.
    if (typeof (error as { errno?: unknown }).errno === 'number') return first
    throw error
  }
}
