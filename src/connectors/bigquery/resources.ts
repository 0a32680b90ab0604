import { patiently } from '../cloud/patiently.ts'
import { budgetOf, type Remaining } from '../cloud/remaining.ts'
import { isRecord } from '../form-tree-walk.ts'
import type { Subject } from './meanings.ts'
import type { BigquerySession, JsonRecord } from './open.ts'

/** Of a project or a dataset there may be more than anybody wants to wait for. */
const maxPages = 4
const pageSize = 200

export interface TableReference {
  readonly projectId: string
  readonly datasetId: string
  readonly tableId: string
}

export interface Dataset {
  readonly id: string
  /** Null where it is not told. */
  readonly location: string | null
}

export interface ListedTable extends TableReference {
  /** `TABLE`, `VIEW`, `EXTERNAL`, and others. */
  readonly type: string
}

export interface Listing<T> {
  readonly items: readonly T[]
  /** Whether there are more than were looked at. */
  readonly isCut: boolean
}

/** Names as parts of a path. They come from forms and from Google: neither may lead anywhere else. */
const part = (name: string): string => {
  if (name === '' || name === '.' || name === '..') throw new Error('This is no name.')
  return encodeURIComponent(name)
}

export const projectPath = (project: string): string => `/projects/${part(project)}`
export const datasetPath = (project: string, dataset: string): string =>
  `${projectPath(project)}/datasets/${part(dataset)}`
export const tablePath = ({ projectId, datasetId, tableId }: TableReference): string =>
  `${datasetPath(projectId, datasetId)}/tables/${part(tableId)}`
export const tableName = ({ projectId, datasetId, tableId }: TableReference): string =>
  `${projectId}.${datasetId}.${tableId}`

export interface ReadQuestion extends Remaining {
  readonly path: string
  readonly query?: { readonly [name: string]: string | number | undefined }
  readonly subject: Subject
  readonly maxBytes?: number
}

/** A question that changes nothing, and so may be asked again while Google is only too busy. Throws as `ask`. */
export const read = (session: BigquerySession, { path, query, subject, maxBytes, ...remaining }: ReadQuestion) =>
  patiently({ ...remaining, tries: 3 }, () =>
    session.ask({
      method: 'GET',
      path,
      use: 'READ',
      subject,
      ...(query && { query }),
      ...(maxBytes !== undefined && { maxBytes }),
      ...budgetOf(remaining),
    }),
  )

/** Datasets that may be looked at: others are left out. Throws as `ask`. */
export const listDatasets = (session: BigquerySession, project: string, subject: Subject, remaining: Remaining) =>
  pages(session, { path: `${projectPath(project)}/datasets`, subject, ...remaining }, 'datasets', item => {
    const { datasetReference: reference, location } = item
    const id = isRecord(reference) ? reference['datasetId'] : undefined
    return isName(id) ? { id, location: isName(location) ? location : null } : null
  })

/** Throws as `ask`. */
export const listTables = (
  session: BigquerySession,
  project: string,
  dataset: string,
  subject: Subject,
  remaining: Remaining,
) =>
  pages(session, { path: `${datasetPath(project, dataset)}/tables`, subject, ...remaining }, 'tables', item => {
    const { tableReference: reference, type } = item
    const tableId = isRecord(reference) ? reference['tableId'] : undefined
    if (!isName(tableId)) return null
    return { projectId: project, datasetId: dataset, tableId, type: isName(type) ? type : 'TABLE' }
  })

/** Where a dataset is; null where that is not told. Throws as `ask`. */
export async function askLocation(
  session: BigquerySession,
  project: string,
  dataset: string,
  subject: Subject,
  remaining: Remaining,
): Promise<string | null> {
  const { location } = await read(session, { path: datasetPath(project, dataset), subject, ...remaining })
  return isName(location) ? location : null
}

/** Names that are no names are left out, as if they were not there. */
export const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= 1_024 && value !== '.' && value !== '..'

async function pages<T>(
  session: BigquerySession,
  question: ReadQuestion,
  name: string,
  itemOf: (item: JsonRecord) => T | null,
): Promise<Listing<T>> {
  const items: T[] = []
  let pageToken: string | undefined
  for (let count = 0; count < maxPages; count += 1) {
    const query = { maxResults: pageSize, pageToken }
    const { [name]: list, nextPageToken: next } = await read(session, { ...question, query, maxBytes: maxListBytes })
    for (const item of Array.isArray(list) ? list : []) {
      const found = isRecord(item) ? itemOf(item) : null
      if (found) items.push(found)
    }
    pageToken = typeof next === 'string' && next !== '' ? next : undefined
    if (pageToken === undefined) break
  }
  return { items, isCut: pageToken !== undefined }
}

/** Tables are listed with their labels, and with how they are divided. */
export const maxListBytes = 8 * 1_048_576
