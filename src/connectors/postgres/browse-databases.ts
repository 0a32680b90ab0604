import type { FieldOption, Listing, ListingPage } from '../browse.ts'
import { listingOf, namePage } from '../postgres-protocol/name-page.ts'
import type { Run } from '../postgres-protocol/work-transaction.ts'
import type { Problem } from '../problem.ts'
import type { ProblemCode } from '../problem-table.ts'
import { nameSql } from './browse-sql.ts'
import { credentialsOf } from './credentials.ts'
import type { PostgresConfig } from './form.ts'

/**
 * The form's own first. Then those that every server begins with or that clients expect: `postgres`, the one that has the
 * account's name, and the template that PostgreSQL's own tools resort to.
 */
export function databasesToAsk(config: PostgresConfig): readonly [string, ...string[]] {
  const { database } = config
  const others = ['postgres', credentialsOf(config).username, 'template1']
  return [database, ...new Set(others.filter(other => other !== database))]
}

/** What a server says of one database, and perhaps not of another: the account and its password are not at fault. */
const aboutDatabase: ReadonlySet<ProblemCode> = new Set([
  'DATABASE_NOT_FOUND',
  'DATABASE_ACCESS_DENIED',
  'DATABASE_CLOSED',
  'HOST_RULE_REJECTED',
])
export const isAboutDatabase = (problem: Problem | null): boolean => problem !== null && aboutDatabase.has(problem.code)

const shape = { name: 'text', comment: 'text?' } as const

/** Those that this account may connect to. */
export async function listDatabases(run: Run, page: ListingPage): Promise<Listing<FieldOption>> {
  const { conditions, end, values } = namePage(nameSql('d.datname'), page)
  const databases = await run(
    `SELECT d.datname::text AS name, left(pg_catalog.shobj_description(d.oid, 'pg_database'), 1000) AS comment
     FROM pg_catalog.pg_database d
     WHERE d.datallowconn AND NOT d.datistemplate AND pg_catalog.has_database_privilege(d.oid, 'CONNECT') ${conditions}
     ${end}`,
    shape,
    values,
  )
  return listingOf(
    databases,
    page,
    ({ name, comment }) => ({ value: name, ...(comment !== null && { help: comment }) }),
    ({ name }) => name,
  )
}
