import type { CatalogEntry, FieldOption, Listing, ListingPage } from '../browse.ts'
import { pathNotFound } from '../listing-problems.ts'
import type { RowOf } from '../postgres-protocol/answer-shape.ts'
import { listingOf, namePage } from '../postgres-protocol/name-page.ts'
import type { Run } from '../postgres-protocol/work-transaction.ts'
import { type Problem, problem } from '../problem.ts'
import { commentSql, isInScope, nameSql } from './browse-sql.ts'
import { credentialsOf } from './credentials.ts'
import type { PostgresConfig } from './form.ts'
import { missingSchemas } from './missing-schemas.ts'
import { grantReadSql } from './remedy-sql.ts'

const shape = { name: 'text', usable: 'boolean', comment: 'text?' } as const

async function readSchemas(
  run: Run,
  scope: readonly string[],
  page: ListingPage,
): Promise<readonly RowOf<typeof shape>[]> {
  const { conditions, end, values } = namePage(nameSql('n.nspname'), page, [scope])
  return run(
    `SELECT n.nspname::text AS name, pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS usable,
            ${commentSql('n.oid', 'pg_namespace')} AS comment
     FROM pg_catalog.pg_namespace n WHERE ${isInScope('$1')} ${conditions} ${end}`,
    shape,
    values,
  )
}

/** The schemas that the connector works with. Those of the form that are not there are named with the first page. */
export async function listSchemas(run: Run, config: PostgresConfig, page: ListingPage): Promise<Listing<CatalogEntry>> {
  const listing = listingOf(
    await readSchemas(run, config.schemas, page),
    page,
    ({ name, usable, comment }): CatalogEntry => ({
      name,
      kind: 'SCHEMA',
      hasChildren: true,
      ...(comment !== null && { comment }),
      ...(!usable && { problem: schemaDenied(config, name) }),
    }),
    ({ name }) => name,
  )
  if (page.after !== null) return listing
  const missing = await missingSchemas(run, config.schemas)
  if (missing.length === 0) return listing
  return { ...listing, problem: pathNotFound('schema', missing.join('", "'), { fields: ['schemas'] }) }
}

/** Every schema there is, as a form that names some would not ask. */
export async function schemaOptions(run: Run, page: ListingPage): Promise<Listing<FieldOption>> {
  return listingOf(
    await readSchemas(run, [], page),
    page,
    ({ name, usable, comment }) => {
      const help = usable ? comment : 'This account may not look into it: it has no USAGE right there.'
      return { value: name, ...(help !== null && { help }) }
    },
    ({ name }) => name,
  )
}

/** What stands in the place of what lies in a schema that the account may not look into. */
export function schemaDenied(config: PostgresConfig, schema: string): Problem {
  const { path, username } = credentialsOf(config)
  return problem('PERMISSION_DENIED', {
    params: { schema, username },
    detail: `The account has no USAGE right on the schema "${schema}".`,
    fields: [`${path}.username`],
    remedies: [
      {
        kind: 'RUN_SQL',
        title: 'Let the account read the tables of the schema',
        sql: grantReadSql([schema], username),
      },
    ],
  })
}
