import { type CatalogEntry, type Listing, type ListingPage, notListed } from '../browse.ts'
import { pathNotFound } from '../listing-problems.ts'
import { listingOf, placePage } from '../postgres-protocol/name-page.ts'
import { commonType, type TypeInfo } from '../postgres-protocol/types.ts'
import { problem } from '../problem.ts'
import { isExternal } from './browse-relations.ts'
import { schemaProblem } from './browse-schemas.ts'
import { typeByName, typeByOid } from './column-types.ts'
import { commentSql, isRelation, nameSql } from './relation-sql.ts'
import type { Work } from './work.ts'

interface Relation {
  readonly schema: string
  readonly relation: string
}

const isThere = 'n.nspname = $1::text AND c.relname = $2::text'

/** The columns of a table or view in their own order, with the types that its rows are given with. */
export async function listColumns(work: Work, place: Relation, page: ListingPage): Promise<Listing<CatalogEntry>> {
  const { schema, relation } = place
  const closed = await schemaProblem(work, schema)
  if (closed) return notListed(closed)
  const missing = notListed(pathNotFound('table or view', relation))
  if (relation.includes('\0')) return missing
  if (await isExternal(work, schema)) return (await listExternal(work, place, page)) ?? missing
  const kindSql = `
    SELECT c.relkind::text AS kind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE ${isThere} AND ${isRelation}`
  const [found] = await work.read(run => run(kindSql, { kind: 'text' }, [schema, relation]))
  if (!found) return missing
  const listing = await listOwn(work, place, found.kind === 'r', page)
  return found.kind === 'v' && listing.items.length === 0 ? listLateBound(work, place, page) : listing
}

const ownShape = {
  place: 'integer',
  name: 'text',
  type: 'integer',
  native: 'text',
  required: 'boolean',
  comment: 'text?',
} as const

async function listOwn(
  work: Work,
  { schema, relation }: Relation,
  isTable: boolean,
  page: ListingPage,
): Promise<Listing<CatalogEntry>> {
  const { conditions, end, values } = placePage('a.attnum', nameSql('a.attname').searched, page, [schema, relation])
  const sql = `
    SELECT a.attnum::int AS place, a.attname::text AS name, a.atttypid::bigint AS type,
           format_type(a.atttypid, a.atttypmod) AS native, a.attnotnull AS required,
           ${commentSql('col_description(a.attrelid, a.attnum)')} AS comment
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE ${isThere} AND ${isRelation} AND a.attnum > 0 AND NOT a.attisdropped ${conditions} ${end}`
  return listingOf(
    await work.read(run => run(sql, ownShape, values)),
    page,
    ({ name, type, native, required, comment }) => ({
      ...columnOf(name, native, typeByOid(type), isTable ? !required : undefined),
      ...(comment !== null && { comment }),
    }),
    ({ place }) => String(place),
  )
}

/** Views that look for what they read only when they are read: their columns are in no table of the catalogue. */
async function listLateBound(
  work: Work,
  { schema, relation }: Relation,
  page: ListingPage,
): Promise<Listing<CatalogEntry>> {
  const { conditions, end, values } = placePage('v.col_num', nameSql('v.col_name').searched, page, [schema, relation])
  const sql = `
    SELECT v.col_num::int AS place, v.col_name::text AS name, v.col_type::text AS native
    FROM pg_get_late_binding_view_cols()
      v(view_schema name, view_name name, col_name name, col_type varchar, col_num int)
    WHERE v.view_schema = $1::text AND v.view_name = $2::text ${conditions} ${end}`
  const columns = await work.read(run => run(sql, { place: 'integer', name: 'text', native: 'text' }, values))
  if (columns.length === 0 && page.after === null && page.search === null) {
    const reason = 'the columns of this view are not known, perhaps because what it reads has gone'
    return notListed(problem('LISTING_UNSUPPORTED', { params: { reason } }))
  }
  return listingOf(
    columns,
    page,
    ({ name, native }) => columnOf(name, native, typeByName(native)),
    ({ place }) => String(place),
  )
}

const externalShape = { place: 'integer', name: 'text', native: 'text', nullable: 'text?' } as const

/** Null where there is no such table. */
async function listExternal(
  work: Work,
  { schema, relation }: Relation,
  page: ListingPage,
): Promise<Listing<CatalogEntry> | null> {
  const { conditions, end, values } = placePage('e.columnnum', nameSql('e.columnname').searched, page, [
    schema,
    relation,
  ])
  const tableSql =
    'SELECT tablename::text AS name FROM svv_external_tables WHERE schemaname = $1::text AND tablename = $2::text LIMIT 1'
  const columnsSql = `
    SELECT e.columnnum::int AS place, e.columnname::text AS name, e.external_type::text AS native,
           e.is_nullable::text AS nullable
    FROM svv_external_columns e WHERE e.schemaname = $1::text AND e.tablename = $2::text ${conditions} ${end}`
  return work.read(async run => {
    const [table] = await run(tableSql, { name: 'text' }, [schema, relation])
    if (!table) return null
    const nullability: { readonly [told: string]: boolean } = { true: true, false: false, yes: true, no: false }
    return listingOf(
      await run(columnsSql, externalShape, values),
      page,
      ({ name, native, nullable }) =>
        columnOf(name, native, typeByName(native), nullability[nullable?.toLowerCase() ?? '']),
      ({ place }) => String(place),
    )
  })
}

const columnOf = (name: string, nativeType: string, type: TypeInfo | null, isNullable?: boolean): CatalogEntry => ({
  name,
  kind: 'COLUMN',
  hasChildren: false,
  column: { nativeType, type: type ? commonType(type) : 'OTHER', ...(isNullable !== undefined && { isNullable }) },
})
