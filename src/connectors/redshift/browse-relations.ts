import { type CatalogEntry, type Listing, type ListingPage, notListed } from '../browse.ts'
import type { RowOf } from '../postgres-protocol/answer-shape.ts'
import { listingOf, namePage } from '../postgres-protocol/name-page.ts'
import { type Problem, problem } from '../problem.ts'
import { quoteName } from '../sql/quote-name.ts'
import { schemaProblem } from './browse-schemas.ts'
import { subjectOf } from './problems.ts'
import { commentSql, isRelation, may, nameSql } from './relation-sql.ts'
import { grantTablesSql } from './remedy-sql.ts'
import { unlessUnseen } from './unless-unseen.ts'
import type { Work } from './work.ts'

/** Whether what is in the schema lies outside of Redshift: its own tables are in none of the catalogues for that. */
export async function isExternal(work: Work, schema: string): Promise<boolean> {
  const sql = 'SELECT schemaname::text AS name FROM svv_external_schemas WHERE schemaname = $1::text LIMIT 1'
  const found = await unlessUnseen(work, 'svv_external_schemas', [], run => run(sql, { name: 'text' }, [schema]))
  return found !== null && found.length > 0
}

/** Tables and views of one schema, with what reads each. */
export async function listRelations(work: Work, schema: string, page: ListingPage): Promise<Listing<CatalogEntry>> {
  const closed = await schemaProblem(work, schema)
  if (closed) return notListed(closed)
  return (await isExternal(work, schema)) ? listExternal(work, schema, page) : listOwn(work, schema, page)
}

const shape = { name: 'text', kind: 'text', readable: 'boolean', comment: 'text?' } as const

async function listOwn(work: Work, schema: string, page: ListingPage): Promise<Listing<CatalogEntry>> {
  const { conditions, end, values } = namePage(nameSql('c.relname'), page, [schema])
  const sql = `
    SELECT c.relname::text AS name, c.relkind::text AS kind, ${may('SELECT')} AS readable,
           ${commentSql("obj_description(c.oid, 'pg_class')")} AS comment
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1::text AND ${isRelation} ${conditions} ${end}`
  return listingOf(
    await work.read(run => run(sql, shape, values)),
    page,
    relation => entryOf(relation, work, schema),
    ({ name }) => name,
  )
}

function entryOf({ name, kind, readable, comment }: RowOf<typeof shape>, work: Work, schema: string): CatalogEntry {
  return {
    name,
    kind: kind === 'r' ? 'TABLE' : 'VIEW',
    ...(kind === 'm' && { nativeKind: 'MATERIALIZED VIEW' }),
    hasChildren: true,
    ...(comment !== null && { comment }),
    ...(readable ? { query: { table: { schema, name } } } : { problem: relationDenied(work, schema, name) }),
  }
}

function relationDenied({ config, username }: Work, schema: string, name: string): Problem {
  const relation = `${quoteName(schema)}.${quoteName(name)}`
  return problem('PERMISSION_DENIED', {
    params: { schema, name, username },
    // Only a view that not every account may look at tells of columns.
    detail: `The account has no SELECT right on the whole of ${relation}; single columns may be open to it.`,
    fields: [subjectOf(config).userField],
    remedies: [
      { kind: 'RUN_SQL', title: 'Let the account read it', sql: grantTablesSql([{ schema, name }], username) },
    ],
  })
}

/** Whoever may use an external schema may read what is in it. The names come from the catalogue that it leads to. */
async function listExternal(work: Work, schema: string, page: ListingPage): Promise<Listing<CatalogEntry>> {
  const { conditions, end, values } = namePage(nameSql('t.tablename'), page, [schema])
  const sql = `
    SELECT t.tablename::text AS name FROM svv_external_tables t
    WHERE t.schemaname = $1::text ${conditions} GROUP BY t.tablename ${end}`
  return listingOf(
    await work.read(run => run(sql, { name: 'text' }, values)),
    page,
    ({ name }): CatalogEntry => ({
      name,
      kind: 'TABLE',
      nativeKind: 'EXTERNAL TABLE',
      hasChildren: true,
      query: { table: { schema, name } },
    }),
    ({ name }) => name,
  )
}
