import {
  type BrowseContext,
  type CatalogEntry,
  type FieldOption,
  type Listing,
  type ListingPage,
  notListed,
} from '../browse.ts'
import { pathNotFound } from '../listing-problems.ts'
import { type Problem, problem } from '../problem.ts'
import { type SimulatedDatabase, type SimulatedSchema, type SimulatedTable, simulatedCatalog } from './catalog.ts'
import { inCourse } from './course.ts'
import type { SimulatorConfig } from './form.ts'
import { misbehave, wait } from './open.ts'
import { simulatedProblem } from './problems.ts'
import { columnsOf } from './query.ts'

const slowMs = 4_000
const wakingMs = 2_000

/** What lies below a path of the simulated databases. */
export function listCatalog(
  config: SimulatorConfig,
  path: readonly string[],
  page: ListingPage,
  context: BrowseContext,
): Promise<Listing<CatalogEntry>> {
  return inCourse(config, context, async () => {
    const [databaseName, schemaName, tableName, ...deeper] = path
    const databases = simulatedCatalog.filter(({ name }) => name === (config.database ?? name))
    if (databaseName === undefined) return pageOf(databases.map(databaseEntry), page)
    const database = databases.find(({ name }) => name === databaseName)
    if (!database) return notListed(pathNotFound('database', databaseName))
    const inTheWay = await meet(database, config, context)
    if (inTheWay) return notListed(inTheWay)
    const schemas = database.schemas.filter(({ name }) => name === (config.schema ?? name))
    if (schemaName === undefined) return missing(database, config, pageOf(schemas.map(schemaEntry(config)), page))
    const schema = schemas.find(({ name }) => name === schemaName)
    if (!schema) return notListed(pathNotFound('schema', schemaName))
    if (schema.tables === null) return notListed(denied(schema, config))
    if (tableName === undefined) return pageOf(schema.tables.map(tableEntry), page)
    const table = schema.tables.find(({ name }) => name === tableName)
    if (!table) return notListed(pathNotFound('table or view', tableName))
    const [below] = deeper
    return below === undefined ? columnsPage(table, page) : notListed(pathNotFound('level below the column', below))
  })
}

/** The simulated databases, or the schemas of the chosen one. */
export function listOptions(
  config: SimulatorConfig,
  field: string,
  page: ListingPage,
  context: BrowseContext,
): Promise<Listing<FieldOption>> {
  return inCourse(config, context, async () => {
    if (field === 'database') return options(pageOf(simulatedCatalog.map(databaseEntry), page))
    const name = config.database ?? ''
    const database = simulatedCatalog.find(each => each.name === name)
    if (!database) return notListed(problem('DATABASE_NOT_FOUND', { params: { database: name }, fields: ['database'] }))
    const inTheWay = await meet(database, config, context)
    if (inTheWay) return notListed(inTheWay)
    return missing(database, config, options(pageOf(database.schemas.map(schemaEntry(config)), page)))
  })
}

const options = ({ items, ...rest }: Listing<CatalogEntry>): Listing<FieldOption> => ({
  ...rest,
  items: items.map(({ name, comment }) => ({ value: name, ...(comment !== undefined && { help: comment }) })),
})

/** What becomes of whoever looks into a database; null when it can be looked into. */
async function meet(
  { mood }: SimulatedDatabase,
  config: SimulatorConfig,
  { signal, budgetMs, environment }: BrowseContext,
): Promise<Problem | null> {
  switch (mood) {
    case 'SLOW':
      await wait(slowMs, signal)
      return null
    case 'STUCK':
      return await misbehave('HANG', signal)
    case 'BROKEN':
      return await misbehave('THROW', signal)
    case 'ASLEEP':
      if (!environment.mayStartCompute) {
        return simulatedProblem('COMPUTE_NOT_ALLOWED', config, { seconds: budgetMs / 1_000 })
      }
      await wait(wakingMs, signal)
      return null
    default:
      return null
  }
}

/** A part that could not be reached is named beside what could. */
const missing = <Item>(
  { mood, name }: SimulatedDatabase,
  config: SimulatorConfig,
  page: Listing<Item>,
): Listing<Item> =>
  mood === 'PARTIAL' ? { ...page, problem: unreached(config, `one part of "${name}" did not answer`) } : page

/** What some of a list is missing for. */
const unreached = (config: SimulatorConfig, detail: string): Problem =>
  simulatedProblem('CONNECTION_RESET', config, { detail, seconds: 0 })

const denied = ({ name }: SimulatedSchema, config: SimulatorConfig): Problem =>
  simulatedProblem('PERMISSION_DENIED', config, { detail: `no rights on the schema "${name}"`, seconds: 0 })

const databaseEntry = ({ name, comment }: SimulatedDatabase): CatalogEntry => ({
  name,
  kind: 'DATABASE',
  hasChildren: true,
  ...(comment !== undefined && { comment }),
})

const schemaEntry =
  (config: SimulatorConfig) =>
  (schema: SimulatedSchema): CatalogEntry => ({
    name: schema.name,
    kind: 'SCHEMA',
    hasChildren: true,
    ...(schema.comment !== undefined && { comment: schema.comment }),
    ...(schema.tables === null && { problem: denied(schema, config) }),
  })

const tableEntry = ({ name, kind, nativeKind, comment, rows, columns }: SimulatedTable): CatalogEntry => ({
  name,
  kind,
  nativeKind,
  hasChildren: true,
  ...(comment !== undefined && { comment }),
  ...(kind === 'TABLE' && { sizeBytes: rows * columns.length * 8 }),
  query: { rows, columns },
})

/** The names that a dataset on the table has for them. */
function columnsPage({ columns }: SimulatedTable, page: ListingPage): Listing<CatalogEntry> {
  const entries = columnsOf({ columns, repeatColumns: 1 }).map(({ name, nativeType, type }, index): CatalogEntry => {
    return { name, kind: 'COLUMN', hasChildren: false, column: { nativeType, type, isNullable: index > 0 } }
  })
  return pageOf(entries, page, (_entry, index) => String(index + 1).padStart(4, '0'))
}

/** A page of entries in their order, which is that of their keys: the last one's leads to the next page. */
function pageOf(
  entries: readonly CatalogEntry[],
  { search, first, after }: ListingPage,
  keyOf: (entry: CatalogEntry, index: number) => string = ({ name }) => name,
): Listing<CatalogEntry> {
  const wanted = entries
    .map((entry, index) => ({ entry, key: keyOf(entry, index) }))
    .filter(({ entry }) => search === null || entry.name.toLowerCase().includes(search.toLowerCase()))
    .filter(({ key }) => after === null || key > after)
    .sort((one, other) => (one.key < other.key ? -1 : 1))
  const shown = wanted.slice(0, first)
  return {
    items: shown.map(({ entry }) => entry),
    next: wanted.length > first ? (shown.at(-1)?.key ?? null) : null,
    problem: null,
  }
}
