import { type CatalogEntry, type Listing, type ListingPage, notListed } from '../browse.ts'
import { pathNotFound } from '../listing-problems.ts'
import type { RowOf } from '../postgres-protocol/answer-shape.ts'
import { listingOf, namePage } from '../postgres-protocol/name-page.ts'
import type { Run } from '../postgres-protocol/work-transaction.ts'
import { type Problem, problem } from '../problem.ts'
import { quoteName } from '../sql/quote-name.ts'
import { schemaDenied } from './browse-schemas.ts'
import { commentSql, isInScope, nameSql, relationKinds } from './browse-sql.ts'
import { credentialsOf } from './credentials.ts'
import type { PostgresConfig } from './form.ts'
import { grantTableSql } from './remedy-sql.ts'

const schemaSql = `
  SELECT n.oid::int8 AS oid, pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS usable
  FROM pg_catalog.pg_namespace n WHERE n.nspname = $2::text AND ${isInScope('$1')}`

/** The schema's oid, or why nothing can be listed in it. */
export async function findSchema(run: Run, config: PostgresConfig, schema: string): Promise<number | Problem> {
  if (schema.includes('\0')) return pathNotFound('schema', schema)
  const [found] = await run(schemaSql, { oid: 'integer', usable: 'boolean' }, [config.schemas, schema])
  if (!found) return pathNotFound('schema', schema)
  return found.usable ? found.oid : schemaDenied(config, schema)
}

/** `columns`: those that may be read, where not all of them may. `sizeBytes`: 0 for not known. */
const shape = {
  name: 'text',
  kind: 'text',
  whole: 'boolean',
  columns: 'texts',
  size: 'integer',
  comment: 'text?',
} as const

/** The page is found first, so that nothing is asked about any other relation. */
const relationsSql = (conditions: string, end: string): string => `
  SELECT c.relname::text AS name, c.relkind::text AS kind, c.whole,
         CASE WHEN c.whole THEN '{}'::text[] ELSE ARRAY(
           SELECT a.attname::text FROM pg_catalog.pg_attribute a
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')
           ORDER BY a.attnum) END AS columns,
         CASE WHEN c.relkind IN ('r', 'm') AND c.relpages > 0
              THEN c.relpages::int8 * pg_catalog.current_setting('block_size')::int8 ELSE 0 END AS size,
         ${commentSql('c.oid', 'pg_class')} AS comment
  FROM (SELECT r.oid, r.relname, r.relkind, r.relpages, pg_catalog.has_table_privilege(r.oid, 'SELECT') AS whole
        FROM (SELECT c.oid, c.relname, c.relkind, c.relpages FROM pg_catalog.pg_class c
              WHERE c.relnamespace = $1 AND c.relkind IN ${relationKinds} ${conditions} ${end}) r) c
  ORDER BY ${nameSql('c.relname').sorted}`

const kinds: { readonly [kind: string]: Pick<CatalogEntry, 'kind' | 'nativeKind'> } = {
  r: { kind: 'TABLE' },
  p: { kind: 'TABLE', nativeKind: 'PARTITIONED TABLE' },
  f: { kind: 'TABLE', nativeKind: 'FOREIGN TABLE' },
  v: { kind: 'VIEW' },
  m: { kind: 'VIEW', nativeKind: 'MATERIALIZED VIEW' },
}

/** Tables and views of one schema, with what reads each. */
export async function listRelations(
  run: Run,
  config: PostgresConfig,
  schema: string,
  page: ListingPage,
): Promise<Listing<CatalogEntry>> {
  const oid = await findSchema(run, config, schema)
  if (typeof oid !== 'number') return notListed(oid)
  const { conditions, end, values } = namePage(nameSql('c.relname'), page, [oid])
  return listingOf(
    await run(relationsSql(conditions, end), shape, values),
    page,
    relation => entryOf(relation, config, schema),
    ({ name }) => name,
  )
}

function entryOf(
  { name, kind, whole, columns, size, comment }: RowOf<typeof shape>,
  config: PostgresConfig,
  schema: string,
): CatalogEntry {
  const isReadable = whole || columns.length > 0
  return {
    name,
    kind: 'TABLE',
    ...kinds[kind],
    hasChildren: true,
    ...(comment !== null && { comment }),
    ...(size > 0 && { sizeBytes: size }),
    ...(isReadable
      ? { query: { table: { schema, name, ...(columns.length > 0 && { columns }) } } }
      : { problem: relationDenied(config, schema, name) }),
  }
}

function relationDenied(config: PostgresConfig, schema: string, name: string): Problem {
  const { path, username } = credentialsOf(config)
  return problem('PERMISSION_DENIED', {
    params: { schema, name, username },
    detail: `The account has no SELECT right on ${quoteName(schema)}.${quoteName(name)}.`,
    fields: [`${path}.username`],
    remedies: [{ kind: 'RUN_SQL', title: 'Let the account read it', sql: grantTableSql(schema, name, username) }],
  })
}
