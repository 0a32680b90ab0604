import type { CatalogEntry, FieldOption, Listing, ListingPage } from '../browse.ts'
import type { Problem } from '../problem.ts'
import { comesAfter, isName, limitOf, pageOf, searched, sorted } from './catalog-names.ts'
import type { Lister } from './list-in-session.ts'
import { quoteName, quoteText } from './quote.ts'
import { accountIn, grantReadSql } from './remedy-sql.ts'
import { systemSchemaList } from './system-schemas.ts'

const shape = { rank: 'integer', name: 'text', comment: 'text?' } as const

const unknownDatabase = 1049
const unknownColumn = 1054

const numberOf = (error: unknown): unknown => (error as { readonly errno?: unknown } | null)?.errno

/** Databases for the form's field, by their names. */
export async function databaseOptions(lister: Lister, page: ListingPage): Promise<Listing<FieldOption>> {
  const { databases, next } = await readPage(lister, page, undefined)
  return {
    items: databases.map(({ name, comment }) => ({ value: name, ...(comment && { help: comment }) })),
    next,
    problem: null,
  }
}

/** The form's own database, which its queries are for unless they name another, comes first. */
export async function listDatabases(lister: Lister, page: ListingPage): Promise<Listing<CatalogEntry>> {
  const { databases, next } = await readPage(lister, page, lister.config.database)
  const denied = await deniedDatabases(
    lister,
    databases.map(({ name }) => name),
  )
  return {
    items: databases.map(({ name, comment }): CatalogEntry => {
      const problem = denied.get(name)
      return {
        name,
        kind: 'DATABASE',
        hasChildren: true,
        ...(comment && { comment }),
        ...(problem && { problem }),
      }
    }),
    next,
    problem: null,
  }
}

/** Those that this account may know of, but for the server's own, unless one of these is the form's. */
async function readPage({ run, work }: Lister, page: ListingPage, own: string | undefined) {
  const rank = own === undefined ? '1' : `CASE WHEN ${isName('SCHEMA_NAME', own)} THEN 0 ELSE 1 END`
  const sql = (comment: string): string => `
    SELECT ${rank}, SCHEMA_NAME, ${comment} FROM information_schema.SCHEMATA
    WHERE (SCHEMA_NAME NOT IN (${systemSchemaList}) OR ${rank} = 0) ${afterPlace(rank, page.after)} ${searched('SCHEMA_NAME', page)}
    ORDER BY 1, ${sorted('SCHEMA_NAME')} LIMIT ${limitOf(page)}`
  const ask = (comment: string) => run(sql(comment), shape)
  const rows =
    work.session.flavour === 'MARIADB'
      ? await ask('SCHEMA_COMMENT').catch(error => {
          // Of MariaDB 10.5 and newer.
          if (numberOf(error) === unknownColumn) return ask('NULL')
          throw error
        })
      : await ask('NULL')
  const { rows: databases, next } = pageOf(rows, page, row => `${row.rank}${row.name}`)
  return { databases, next }
}

/** Places are a rank and a name. What is made up is a name like any other. */
function afterPlace(rank: string, after: string | null): string {
  if (after === null) return ''
  const [place, name] = /^[01]/.test(after) ? [Number(after[0]), after.slice(1)] : [1, after]
  return `AND (${rank} > ${place} OR (${rank} = ${place} AND ${comesAfter('SCHEMA_NAME', name)}))`
}

/**
 * Databases that the account is told of and may not look into. Servers tell of those only by a right on the whole server,
 * such as SHOW DATABASES: without one nothing is asked.
 */
async function deniedDatabases(lister: Lister, names: readonly string[]): Promise<ReadonlyMap<string, Problem>> {
  const { run, work, extrasUntil } = lister
  const denied = new Map<string, Problem>()
  const { user, host } = accountIn(work.session.account)
  const rights = await run(
    `SELECT PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES WHERE GRANTEE = ${quoteText(`'${user}'@'${host}'`)}`,
    { name: 'text' },
  )
  const has = new Set(rights.map(({ name }) => name))
  has.delete('USAGE')
  if (has.size === 0 || has.has('SELECT')) return denied
  for (const name of names) {
    if (performance.now() > extrasUntil) break
    const problem = await databaseDenial(lister, name)
    if (problem) denied.set(name, problem)
  }
  return denied
}

/** Why a database cannot be looked into, by the server's own word; null when it can. */
export async function databaseDenial({ run, work }: Lister, name: string): Promise<Problem | null> {
  try {
    await run(`USE ${quoteName(name)}`, {})
    return null
  } catch (error) {
    // It has gone meanwhile.
    if (numberOf(error) === unknownDatabase) return null
    const problem = work.problemOf(error, 'CATALOG')
    if (work.failure || problem.code !== 'PERMISSION_DENIED') throw error
    const sql = grantReadSql(name, accountIn(work.session.account))
    return { ...problem, remedies: [{ kind: 'RUN_SQL', title: 'Let the account read the database', sql }] }
  }
}

/** Whether the account is told of a database of this very name. */
export async function isListed({ run }: Lister, name: string): Promise<boolean> {
  const found = await run(
    `SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE ${isName('SCHEMA_NAME', name)} LIMIT 1`,
    { name: 'text' },
  )
  return found.length > 0
}
