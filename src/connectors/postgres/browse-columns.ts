import { type CatalogEntry, type Listing, type ListingPage, notListed } from '../browse.ts'
import { pathNotFound } from '../listing-problems.ts'
import { listingOf, placePage } from '../postgres-protocol/name-page.ts'
import { commonType } from '../postgres-protocol/types.ts'
import type { Run } from '../postgres-protocol/work-transaction.ts'
import { problem } from '../problem.ts'
import { findSchema } from './browse-relations.ts'
import { nameSql, relationKinds } from './browse-sql.ts'
import { typesByOid } from './column-types.ts'
import { credentialsOf } from './credentials.ts'
import type { PostgresConfig } from './form.ts'

const relationSql = `
  SELECT c.oid::int8 AS oid, c.relkind IN ('v', 'm') AS "isView" FROM pg_catalog.pg_class c
  WHERE c.relnamespace = $1 AND c.relname = $2::text AND c.relkind IN ${relationKinds}`

const shape = {
  place: 'integer',
  name: 'text',
  type: 'integer',
  native: 'text',
  required: 'boolean',
  readable: 'boolean',
  comment: 'text?',
} as const

const columnsSql = (conditions: string, end: string): string => `
  SELECT a.attnum::int8 AS place, a.attname::text AS name, a.atttypid::int8 AS type,
         pg_catalog.format_type(a.atttypid, a.atttypmod) AS native, a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) AS required,
         pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT') AS readable,
         left(pg_catalog.col_description(a.attrelid, a.attnum), 1000) AS comment
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ${conditions} ${end}`

/** The columns of a table or view in their own order, with the types that its rows are given with. */
export async function listColumns(
  run: Run,
  config: PostgresConfig,
  { schema, relation }: { readonly schema: string; readonly relation: string },
  page: ListingPage,
): Promise<Listing<CatalogEntry>> {
  const namespace = await findSchema(run, config, schema)
  if (typeof namespace !== 'number') return notListed(namespace)
  const missing = notListed(pathNotFound('table or view', relation))
  if (relation.includes('\0')) return missing
  const [found] = await run(relationSql, { oid: 'integer', isView: 'boolean' }, [namespace, relation])
  if (!found) return missing
  const { conditions, end, values } = placePage('a.attnum', nameSql('a.attname').searched, page, [found.oid])
  const columns = await run(columnsSql(conditions, end), shape, values)
  const types = await typesByOid(run, [...new Set(columns.map(({ type }) => type))])
  const { path, username } = credentialsOf(config)
  return listingOf(
    columns,
    page,
    ({ name, type, native, required, readable, comment }): CatalogEntry => {
      const info = types.get(type)
      return {
        name,
        kind: 'COLUMN',
        hasChildren: false,
        ...(comment !== null && { comment }),
        column: {
          nativeType: native,
          type: info ? commonType(info) : 'OTHER',
          // Of a view's columns the server knows it not.
          ...(!found.isView && { isNullable: !required }),
        },
        ...(!readable && {
          problem: problem('PERMISSION_DENIED', {
            params: { schema, name: relation, column: name, username },
            detail: `The account has no SELECT right on the column "${name}".`,
            fields: [`${path}.username`],
          }),
        }),
      }
    },
    ({ place }) => String(place),
  )
}
