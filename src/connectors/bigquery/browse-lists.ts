import type { CatalogEntry, FieldOption, Listing, ListingPage } from '../browse.ts'
import { HttpCallError } from '../cloud/http-caller.ts'
import type { Remaining } from '../cloud/remaining.ts'
import { type ServicePage, tokenPages } from '../cloud/token-pages.ts'
import { isRecord } from '../form-tree-walk.ts'
import { ListingProblemError } from '../listing-problem-error.ts'
import { pathNotFound } from '../listing-problems.ts'
import { type Problem, problem } from '../problem.ts'
import { isDenied } from './catalog.ts'
import { endpoints } from './endpoints.ts'
import { dataProjectOf } from './identity-field.ts'
import { dataProjectSubject, datasetSubject, type Subject } from './meanings.ts'
import type { BigquerySession, JsonRecord } from './open.ts'
import { GoogleCallError } from './problems.ts'
import { projectIssue } from './project.ts'
import { datasetPath, isName, maxListBytes, projectPath, read, type TableReference } from './resources.ts'

/** What a listing asks, and until when. */
export interface Lister {
  readonly session: BigquerySession
  readonly remaining: Remaining
}

/** BigQuery puts no more projects on a page; of datasets and tables it would. */
const maxProjects = 50
const maxOnPage = 500

/** Projects in which the account has a role of its own, and BigQuery is turned on. Throws as `ask`. */
export async function listProjects(lister: Lister, page: ListingPage): Promise<Listing<FieldOption>> {
  // None of the form's: that may still have to be chosen.
  const subject: Subject = { what: 'project', name: '', fields: [], action: 'bigquery.projects.list' }
  const question = { path: '/projects', subject, maxSize: maxProjects, name: 'projects' }
  return listPages(lister, page, question, ({ projectReference: reference, friendlyName }): FieldOption | null => {
    const value = isRecord(reference) ? reference['projectId'] : undefined
    if (!isName(value) || projectIssue(value) !== null) return null
    return { value, ...(isName(friendlyName) && friendlyName !== value && { label: friendlyName }) }
  })
}

export interface ListedDataset {
  readonly id: string
  /** Null where it is not told. */
  readonly location: string | null
  /** What its owner calls it; empty for nothing. */
  readonly comment: string
}

/** Those that the account may look at; others are left out by BigQuery, and so are hidden ones. Throws as `ask`. */
export async function listDatasets(lister: Lister, project: string, page: ListingPage) {
  const question = datasetsQuestion(lister, project)
  return orNotFound('project', project, () =>
    listPages(
      lister,
      page,
      question,
      ({ datasetReference: reference, location, friendlyName }): ListedDataset | null => {
        const id = isRecord(reference) ? reference['datasetId'] : undefined
        if (!isName(id)) return null
        return { id, location: isName(location) ? location : null, comment: isName(friendlyName) ? friendlyName : '' }
      },
    ),
  )
}

const datasetsQuestion = ({ session: { config } }: Lister, project: string) => {
  const subject =
    project === dataProjectOf(config)
      ? dataProjectSubject(config)
      : ({ ...dataProjectSubject(config), name: project, fields: ['projectId'] } satisfies Subject)
  return { path: `${projectPath(project)}/datasets`, subject, maxSize: maxOnPage, name: 'datasets' }
}

/** Why the datasets of a project are not listed; null where they are. Throws what would be the same for every project. */
export async function whyNoDatasets(lister: Lister, project: string): Promise<Problem | null> {
  const { path, subject } = datasetsQuestion(lister, project)
  try {
    const query = { maxResults: 1 }
    await read(lister.session, { path, query, subject, maxBytes: maxListBytes, ...lister.remaining })
    return null
  } catch (error) {
    if (isDenied(error) || (error instanceof GoogleCallError && error.refusal.status === 404)) return error.problem
    throw error
  }
}

const kinds: Readonly<Record<string, Pick<CatalogEntry, 'kind' | 'nativeKind'>>> = {
  TABLE: { kind: 'TABLE' },
  VIEW: { kind: 'VIEW' },
  MATERIALIZED_VIEW: { kind: 'VIEW', nativeKind: 'MATERIALIZED VIEW' },
  EXTERNAL: { kind: 'TABLE', nativeKind: 'EXTERNAL TABLE' },
  SNAPSHOT: { kind: 'TABLE', nativeKind: 'SNAPSHOT' },
}

/** Throws as `ask`. */
export async function listTables(
  lister: Lister,
  { projectId, datasetId }: Omit<TableReference, 'tableId'>,
  page: ListingPage,
): Promise<Listing<CatalogEntry>> {
  const { config } = lister.session
  const subject = { ...datasetSubject(config, datasetId), name: `${projectId}.${datasetId}` }
  const question = { path: `${datasetPath(projectId, datasetId)}/tables`, subject, maxSize: maxOnPage, name: 'tables' }
  return orNotFound('dataset', `${projectId}.${datasetId}`, () =>
    listPages(lister, page, question, ({ tableReference: reference, type, friendlyName }): CatalogEntry | null => {
      const name = isRecord(reference) ? reference['tableId'] : undefined
      if (!isName(name)) return null
      const shown = typeof type === 'string' ? type.toUpperCase() : 'TABLE'
      return {
        name,
        ...((Object.hasOwn(kinds, shown) ? kinds[shown] : undefined) ?? { kind: 'TABLE', nativeKind: shown }),
        hasChildren: true,
        ...(isName(friendlyName) && { comment: friendlyName }),
        query: { table: { project: projectId, dataset: datasetId, name } },
      }
    }),
  )
}

/** What BigQuery does not know is nothing at this path. */
export async function orNotFound<T>(what: string, name: string, list: () => Promise<T>): Promise<T> {
  try {
    return await list()
  } catch (error) {
    if (!(error instanceof GoogleCallError && error.refusal.status === 404)) throw error
    const { detail, fields } = error.problem
    throw new ListingProblemError(pathNotFound(what, name, { detail, fields }))
  }
}

interface ListQuestion {
  readonly path: string
  readonly subject: Subject
  readonly maxSize: number
  /** Of the list in the answer. */
  readonly name: string
}

const namesOf = (item: FieldOption | CatalogEntry | ListedDataset): readonly string[] =>
  'id' in item ? [item.id] : 'value' in item ? [item.value, item.label ?? ''] : [item.name]

function listPages<T extends FieldOption | CatalogEntry | ListedDataset>(
  { session, remaining }: Lister,
  page: ListingPage,
  { path, subject, maxSize, name }: ListQuestion,
  itemOf: (item: JsonRecord) => T | null,
): Promise<Listing<T>> {
  return tokenPages<T>({
    ...remaining,
    of: [path],
    page,
    maxSize,
    namesOf,
    ask: async ({ token, size }) => {
      const query = { maxResults: size, pageToken: token ?? undefined }
      return pageOf(
        session,
        name,
        await read(session, { path, query, subject, maxBytes: maxListBytes, ...remaining }),
        itemOf,
      )
    },
    problemOf: error => (error instanceof HttpCallError ? error.problem : null),
    mayBeOfToken: error => error instanceof GoogleCallError && error.refusal.status === 400,
    endless: () => session.violation(`its list of ${name} has no end`),
  })
}

function pageOf<T>(
  session: BigquerySession,
  name: string,
  answer: JsonRecord,
  itemOf: (item: JsonRecord) => T | null,
): ServicePage<T> {
  const { [name]: list = [], nextPageToken: next, unreachable } = answer
  if (!Array.isArray(list)) throw session.violation(`its list of ${name} is none`)
  const items = list.flatMap(item => (isRecord(item) ? (itemOf(item) ?? []) : [])) as T[]
  const missed = Array.isArray(unreachable) ? unreachable.filter(isName) : []
  return {
    items,
    next: typeof next === 'string' && next !== '' ? next : null,
    ...(missed.length > 0 && { problem: unreached(missed) }),
  }
}

/** Google answers without what is in places that it does not reach at the moment. */
const unreached = (locations: readonly string[]): Problem =>
  problem('CLOUD_UNAVAILABLE', {
    params: { service: endpoints.bigquery },
    detail: `What is in ${locations.join(', ')} is missing: BigQuery does not reach that at the moment.`,
  })
