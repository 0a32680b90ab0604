import type { CatalogEntry, FieldOption, Listing, ListingPage } from '../browse.ts'
import { pathNotFound } from '../listing-problems.ts'
import type { RowOf } from '../postgres-protocol/answer-shape.ts'
import { listingOf, namePage } from '../postgres-protocol/name-page.ts'
import type { Run } from '../postgres-protocol/work-transaction.ts'
import { type Problem, problem } from '../problem.ts'
import { missingSchemas } from './missing-schemas.ts'
import { subjectOf } from './problems.ts'
import { commentSql, isInScope, nameSql } from './relation-sql.ts'
import { grantReadSql } from './remedy-sql.ts'
import type { Work } from './work.ts'

const shape = { name: 'text', usable: 'boolean', comment: 'text?' } as const

async function readSchemas(
  run: Run,
  scope: readonly string[],
  page: ListingPage,
): Promise<readonly RowOf<typeof shape>[]> {
  const { conditions, end, values } = namePage(nameSql('n.nspname'), page, scope)
  const sql = `
    SELECT n.nspname::text AS name, has_schema_privilege(n.nspname::text, 'USAGE') AS usable,
           ${commentSql("obj_description(n.oid, 'pg_namespace')")} AS comment
    FROM pg_namespace n WHERE ${isInScope(scope)} ${conditions} ${end}`
  return run(sql, shape, values)
}

/** The schemas that the connector works with. Those of the form that are not there are named with the first page. */
export async function listSchemas(work: Work, page: ListingPage): Promise<Listing<CatalogEntry>> {
  const { schemas } = work.config
  const { rows, missing } = await work.read(async run => ({
    rows: await readSchemas(run, schemas, page),
    missing: page.after === null ? await missingSchemas(run, schemas) : [],
  }))
  const listing = listingOf(
    rows,
    page,
    ({ name, usable, comment }): CatalogEntry => ({
      name,
      kind: 'SCHEMA',
      hasChildren: true,
      ...(comment !== null && { comment }),
      ...(!usable && { problem: schemaDenied(work, name) }),
    }),
    ({ name }) => name,
  )
  if (missing.length === 0) return listing
  return { ...listing, problem: pathNotFound('schema', missing.join('", "'), { fields: ['schemas'] }) }
}

/** Every schema there is, as a form that names some would not ask. */
export async function schemaOptions(work: Work, page: ListingPage): Promise<Listing<FieldOption>> {
  return listingOf(
    await work.read(run => readSchemas(run, [], page)),
    page,
    ({ name, usable, comment }) => {
      const help = usable ? comment : 'This account may not look into it: it has no USAGE right there.'
      return { value: name, ...(help !== null && { help }) }
    },
    ({ name }) => name,
  )
}

/** Why nothing can be listed in the schema; null where it can. */
export async function schemaProblem(work: Work, schema: string): Promise<Problem | null> {
  if (schema.includes('\0')) return pathNotFound('schema', schema)
  const { schemas } = work.config
  const sql = `
    SELECT has_schema_privilege(n.nspname::text, 'USAGE') AS usable FROM pg_namespace n
    WHERE ${isInScope(schemas)} AND n.nspname = $${schemas.length + 1}::text`
  const [found] = await work.read(run => run(sql, { usable: 'boolean' }, [...schemas, schema]))
  if (!found) return pathNotFound('schema', schema)
  return found.usable ? null : schemaDenied(work, schema)
}

function schemaDenied({ config, username }: Work, schema: string): Problem {
  return problem('PERMISSION_DENIED', {
    params: { schema, username },
    detail: `The account has no USAGE right on the schema "${schema}".`,
    fields: [subjectOf(config).userField],
    remedies: [
      {
        kind: 'RUN_SQL',
        title: 'Let the account read the tables of the schema',
        sql: grantReadSql([schema], username),
      },
    ],
  })
}
