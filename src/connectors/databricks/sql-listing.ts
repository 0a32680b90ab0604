import { measuredText } from '../evidence.ts'
import { type ListedTable, legacyCatalog, type Securable } from './catalog.ts'
import { catalogNotFound, meant, schemaNotFound } from './meanings.ts'
import { DatabricksError } from './problems.ts'
import type { Found } from './read-step.ts'
import type { SqlSession } from './sql-session.ts'
import { answerOf } from './sql-work.ts'
import { tick, tickPath } from './table-sql.ts'
import { problemOf, type Work } from './work.ts'

const maxSchemas = 6
const maxTables = 4
const rows = 200

/** What SQL tells of what there is, where the REST API does not: it takes compute, which runs already. */
export async function listBySql(work: Work, session: SqlSession, defaultCatalog: string | null): Promise<Found> {
  const { workspace, evidence } = work
  const { catalog: named, schema } = workspace.config
  const catalog = named ?? defaultCatalog ?? legacyCatalog
  evidence.push(measuredText('Catalog', `${catalog}, listed by SQL`))
  const missing = named === undefined ? null : new DatabricksError(meant(workspace, catalogNotFound(catalog)))
  const schemas =
    schema === undefined ? await names(work, session, `SHOW SCHEMAS IN ${tick(catalog)}`, missing) : [schema]
  const tables: ListedTable[] = []
  const looked: Securable[] = [{ type: 'CATALOG', parts: [catalog], owner: '' }]
  for (const name of schemas.filter(found => found !== 'information_schema').slice(0, maxSchemas)) {
    if (tables.length >= maxTables) break
    const absent = schema === undefined ? null : new DatabricksError(meant(workspace, schemaNotFound(name)))
    looked.push({ type: 'SCHEMA', parts: [catalog, name], owner: '' })
    const found = await names(work, session, `SHOW TABLES IN ${tickPath([catalog, name])}`, absent)
    tables.push(
      ...found.map(table => ({ type: 'TABLE' as const, parts: [catalog, name, table], owner: '', isView: false })),
    )
  }
  if (schema === undefined) evidence.push(measuredText('Schemas', schemas.slice(0, 10).join(', ') || 'none'))
  return { securables: looked, tables, isWhole: false, isUnity: catalog !== legacyCatalog }
}

/** The names that a SHOW statement tells: of schemas alone, of tables behind their schema. */
async function names(
  work: Work,
  session: SqlSession,
  text: string,
  missing: DatabricksError | null,
): Promise<readonly string[]> {
  try {
    const answer = await answerOf(work.workspace, session, text, { ...work, rows })
    return answer.rows.flatMap(row => row[row.length > 1 ? 1 : 0] ?? [])
  } catch (error) {
    work.signal.throwIfAborted()
    if (missing && problemOf(error)?.code === 'OBJECT_NOT_FOUND') throw missing
    throw error
  }
}
