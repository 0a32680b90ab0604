import type { scopesOfMethod } from './google-scopes.ts'

export type BigQueryMethod = Exclude<keyof typeof scopesOfMethod, 'projects.testIamPermissions' | 'generateAccessToken'>

/** One call, taken apart. */
export interface BigQueryCall {
  readonly method: BigQueryMethod
  /** Of the path: `projectId`, `datasetId`, `tableId`, `jobId`. */
  readonly path: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: Readonly<Record<string, unknown>>
}

const name = '([^/]+)'
const project = `^/bigquery/v2/projects/${name}`
const routes: readonly (readonly [string, RegExp, BigQueryMethod, readonly string[]])[] = [
  ['GET', /^\/bigquery\/v2\/projects$/, 'projects.list', []],
  ['GET', new RegExp(`${project}/datasets$`), 'datasets.list', ['projectId']],
  ['GET', new RegExp(`${project}/datasets/${name}$`), 'datasets.get', ['projectId', 'datasetId']],
  ['GET', new RegExp(`${project}/datasets/${name}/tables$`), 'tables.list', ['projectId', 'datasetId']],
  [
    'POST',
    new RegExp(`${project}/datasets/${name}/tables/([^/:]+):testIamPermissions$`),
    'tables.testIamPermissions',
    ['projectId', 'datasetId', 'tableId'],
  ],
  [
    'GET',
    new RegExp(`${project}/datasets/${name}/tables/${name}$`),
    'tables.get',
    ['projectId', 'datasetId', 'tableId'],
  ],
  [
    'GET',
    new RegExp(`${project}/datasets/${name}/tables/${name}/data$`),
    'tabledata.list',
    ['projectId', 'datasetId', 'tableId'],
  ],
  ['POST', new RegExp(`${project}/jobs$`), 'jobs.insert', ['projectId']],
  ['GET', new RegExp(`${project}/jobs/${name}$`), 'jobs.get', ['projectId', 'jobId']],
  ['POST', new RegExp(`${project}/jobs/${name}/cancel$`), 'jobs.cancel', ['projectId', 'jobId']],
  ['POST', new RegExp(`${project}/queries$`), 'jobs.query', ['projectId']],
  ['GET', new RegExp(`${project}/queries/${name}$`), 'jobs.getQueryResults', ['projectId', 'jobId']],
]

/** Which method a request is for; null for a path that BigQuery does not have. */
export function bigQueryRoute(verb: string, pathname: string): Pick<BigQueryCall, 'method' | 'path'> | null {
  for (const [of, pattern, method, names] of routes) {
    const found = of === verb ? pattern.exec(pathname) : null
    if (!found) continue
    return {
      method,
      path: Object.fromEntries(names.map((key, index) => [key, decodeURIComponent(found[index + 1] ?? '')])),
    }
  }
  return null
}
