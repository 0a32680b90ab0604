import { type TokenPart, tokenPage } from '../aws/token-pages.ts'
import { type Listing, notListed } from '../browse.ts'
import { nameMatches } from '../listed-page.ts'
import { type Problem, problem } from '../problem.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import {
  type AskedPart,
  type Asking,
  catalogsPart,
  databasesPart,
  type ListedCatalog,
  type ListedDatabase,
  type ListedTable,
  type ListedWorkgroup,
  tablesPart,
  workgroupsPart,
} from './browse-parts.ts'
import type { Browsing } from './browse-session.ts'
import { type CatalogKind, heldBy, lookAtCatalog } from './catalog-kind.ts'
import type { ReadQuestion } from './open.ts'
import { budgetOf } from './running-queries.ts'
import { tablePattern } from './table-pattern.ts'

/** All lists are in Athena's own order, and throw as `ask`. */
export const listWorkgroups = (browsing: Browsing): Promise<Listing<ListedWorkgroup>> =>
  listed(browsing, { action: 'ListWorkGroups', field: 'workgroup' }, ['workgroups'], workgroupsPart)

/** `leftOut`: the name of one that is told elsewhere. */
export const listCatalogs = (browsing: Browsing, leftOut: string | null = null): Promise<Listing<ListedCatalog>> =>
  listed(
    browsing,
    { action: 'ListDataCatalogs', field: 'catalog' },
    ['catalogs', leftOut ?? ''],
    catalogsPart,
    ({ name }) => leftOut === null || !isSameCatalog(name, leftOut),
  )

/** Of the session's catalog. */
export const listDatabases = (browsing: Browsing): Promise<Listing<ListedDatabase>> =>
  listed(
    browsing,
    { action: 'ListDatabases', field: 'catalog' },
    ['databases', browsing.session.config.catalog],
    databasesPart,
  )

/** Tables and views of a database of the session's catalog. */
export function listTables(
  browsing: Browsing,
  database: string,
  kind: CatalogKind['kind'],
): Promise<Listing<ListedTable>> {
  const { search } = browsing.page
  // What the function of a federated catalog makes of a pattern nobody knows.
  const expression = kind === 'GLUE' && search !== null ? tablePattern(search) : null
  return listed(
    browsing,
    { action: 'ListTableMetadata', field: 'catalog' },
    ['tables', browsing.session.config.catalog, database],
    (asking, part) => tablesPart(asking, database, expression, part),
  )
}

/** A list of what the session's catalog holds, unless asking it runs functions that may not be run, because they are billed. */
export async function ofCatalog<T>(
  { session, remaining }: Asking,
  list: (kind: CatalogKind['kind']) => Promise<Listing<T>>,
): Promise<Listing<T>> {
  const { kind, functions } = await lookAtCatalog(session, remaining)
  if (kind !== 'GLUE') {
    if (!session.environment.mayStartCompute) return notListed(functionsNotAllowed(kind))
    await session.invoke(functions, budgetOf(remaining))
  }
  return list(kind)
}

export const functionsNotAllowed = (kind: keyof typeof heldBy): Problem =>
  problem('COMPUTE_NOT_ALLOWED', { detail: heldBy[kind] })

/** Athena takes no notice of case. */
export const isSameCatalog = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

const listed = <T extends { readonly name: string }>(
  browsing: Browsing,
  about: Pick<ReadQuestion, 'action' | 'field'>,
  id: readonly string[],
  ask: (asking: Asking, part: AskedPart) => Promise<TokenPart<T>>,
  isWanted: (item: T) => boolean = () => true,
): Promise<Listing<T>> => {
  const { page, session, enoughAt } = browsing
  return tokenPage(
    {
      id: [...id, page.search ?? ''],
      ask: (token, wanted) => ask(browsing, { token, wanted }),
      isWanted: item => nameMatches(item.name, page.search) && isWanted(item),
      violation: fault => session.failure(new ProtocolFaultError(fault), about),
      enoughAt,
    },
    page,
  )
}
