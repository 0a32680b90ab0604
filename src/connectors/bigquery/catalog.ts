import { measuredText } from '../evidence.ts'
import { dataProjectOf } from './identity-field.ts'
import { dataProjectSubject, datasetSubject, meant, regionMismatch, resourceMissing } from './meanings.ts'
import { GoogleCallError } from './problems.ts'
import { askLocation, type Dataset, type ListedTable, listDatasets, listTables } from './resources.ts'
import { StatementError } from './statement.ts'
import type { Work } from './work.ts'

/** Datasets may be empty; more than these, or than there is time for, are not looked at. */
const maxDatasets = 20
const maxShown = 10

/** What there is to be read, as far as was looked. */
export interface Found {
  readonly tables: readonly ListedTable[]
  /** Whether these are all there are. */
  readonly isWhole: boolean
}

export const nothing: Found = { tables: [], isWhole: false }

export const isDenied = (error: unknown): error is GoogleCallError =>
  error instanceof GoogleCallError && ['CLOUD_ACCESS_DENIED', 'PERMISSION_DENIED'].includes(error.problem.code)

/** Tables of the default dataset, or of the first ones that the account may see. Throws as `ask`, and `StatementError`. */
export async function findTables(work: Work, enough: number): Promise<Found> {
  const { defaultDataset } = work.session.config
  return defaultDataset === undefined ? tablesOfSome(work, enough) : tablesOf(work, defaultDataset)
}

async function tablesOf(work: Work, dataset: string): Promise<Found> {
  const { session, remaining, evidence } = work
  const { config } = session
  const subject = datasetSubject(config, dataset)
  const { items, isCut } = await listTables(session, dataProjectOf(config), dataset, subject, remaining).catch(
    (error: unknown) => {
      const isMissing = error instanceof GoogleCallError && error.refusal.status === 404
      throw isMissing ? new StatementError(meant(resourceMissing(subject), error.problem.detail)) : error
    },
  )
  evidence.push(measuredText('Dataset', `${dataProjectOf(config)}.${dataset}`))
  const location = await locationOf(work, dataset)
  if (location !== null) evidence.push(measuredText('Location of the dataset', location))
  assertInPlace(work, location === null ? [] : [location])
  evidence.push(measuredText('Tables and views', isCut ? `${items.length} and more` : String(items.length)))
  return { tables: items, isWhole: !isCut }
}

/** Who may list tables need not be one who may look at the dataset itself. */
async function locationOf({ session, remaining }: Work, dataset: string): Promise<string | null> {
  const subject = { ...datasetSubject(session.config, dataset), action: 'bigquery.datasets.get' }
  try {
    return await askLocation(session, dataProjectOf(session.config), dataset, subject, remaining)
  } catch (error) {
    if (isDenied(error)) return null
    throw error
  }
}

/** A few of each of the first datasets: one may be closed that the account has no use for. Throws the last refusal of none. */
async function tablesOfSome(work: Work, enough: number): Promise<Found> {
  const { session, remaining, evidence } = work
  const { config } = session
  const project = dataProjectOf(config)
  const { items, isCut } = await listDatasets(session, project, dataProjectSubject(config), remaining)
  evidence.push(measuredText('Datasets', namesText(items, isCut)))
  assertInPlace(
    work,
    items.flatMap(({ location }) => (location === null ? [] : [location])),
  )
  // Queries run in one place only.
  const reachable = items.filter(({ location }) => isThere(config.location, location))
  const tables: ListedTable[] = []
  const asked: Dataset[] = []
  let isAll = !isCut
  let refused: GoogleCallError | null = null
  const halfTime = (performance.now() + remaining.until) / 2
  for (const dataset of reachable.slice(0, maxDatasets)) {
    if (tables.length >= enough || performance.now() > halfTime) break
    asked.push(dataset)
    try {
      const subject = datasetSubject(config, dataset.id)
      const listed = await listTables(session, project, dataset.id, subject, remaining)
      tables.push(...listed.items)
      isAll &&= !listed.isCut
    } catch (error) {
      if (!isDenied(error)) throw error
      refused = error
    }
  }
  evidence.push(measuredText('Looked for tables in', namesText(asked, asked.length < items.length)))
  if (refused && tables.length === 0) throw refused
  return { tables, isWhole: isAll && refused === null && asked.length === reachable.length }
}

const isThere = (asked: string | undefined, location: string | null): boolean =>
  asked === undefined || location === null || location.toLowerCase() === asked.toLowerCase()

/** A query finds nothing where it does not run. Throws `StatementError` where all data is elsewhere. */
function assertInPlace({ session, evidence }: Work, locations: readonly string[]): void {
  const { location } = session.config
  const [first] = locations
  if (location === undefined || first === undefined || locations.some(known => isThere(location, known))) return
  const places = [...new Set(locations)]
  evidence.push(measuredText('Data is in', places.slice(0, maxShown).join(', ')))
  throw new StatementError(meant(regionMismatch(location, places.length === 1 ? first : null)))
}

function namesText(datasets: readonly Dataset[], isCut: boolean): string {
  const shown = datasets
    .slice(0, maxShown)
    .map(({ id, location }) => (location === null ? id : `${id} (${location})`))
    .join(', ')
  return isCut || datasets.length > maxShown ? `${shown} and more` : shown || 'none'
}
