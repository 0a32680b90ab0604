import {
  type BigQueryDataset,
  type BigQueryProjects,
  type BigQueryTable,
  findDataset,
  findTable,
  type TableReference,
  tableName,
  tableResource,
} from './bigquery-data.ts'
import type { BigQueryOutcome } from './bigquery-statements.ts'
import { bigQueryRefusal } from './google-refusals.ts'
import type { GoogleRights } from './google-rights.ts'
import type { GoogleToken } from './google-tokens.ts'

/** What is there for whoever asks; each method throws a refusal in BigQuery's words. */
export class BigQueryAccess {
  readonly #projects: BigQueryProjects
  readonly #rights: GoogleRights

  constructor(projects: BigQueryProjects, rights: GoogleRights) {
    this.#projects = projects
    this.#rights = rights
  }

  requireQuery(table: TableReference, location: string, { email }: GoogleToken): void {
    const { projectId, datasetId } = table
    const seesDataset = this.#rights.may(email, 'bigquery.datasets.get', `projects/${projectId}/datasets/${datasetId}`)
    if (seesDataset && !findDataset(this.#projects, projectId, datasetId)) {
      throw bigQueryRefusal(
        'notFound',
        `Not found: Dataset ${projectId}:${datasetId} was not found in location ${location}`,
      )
    }
    if (seesDataset && !findTable(this.#projects, table)) {
      throw bigQueryRefusal('notFound', `Not found: Table ${tableName(table)} was not found in location ${location}`)
    }
    if (!this.#rights.may(email, 'bigquery.tables.getData', tableResource(table))) {
      const words = `User does not have permission to query table ${tableName(table)}, or perhaps it does not exist.`
      throw bigQueryRefusal('accessDenied', `Access Denied: Table ${tableName(table)}: ${words}`)
    }
  }

  requireTarget({ target, statementType }: BigQueryOutcome, { email }: GoogleToken): void {
    if (!target) return
    const permission = /^CREATE/.test(statementType) ? 'bigquery.tables.create' : 'bigquery.tables.updateData'
    if (this.#rights.may(email, permission, tableResource(target))) return
    const words = `Permission ${permission} denied on table ${tableName(target)} (or it may not exist).`
    throw bigQueryRefusal('accessDenied', `Access Denied: Table ${tableName(target)}: ${words}`)
  }

  requireJobs(projectId: string, { email }: GoogleToken): void {
    this.project(projectId, email)
    if (this.#rights.may(email, 'bigquery.jobs.create', `projects/${projectId}`)) return
    const words = `User does not have bigquery.jobs.create permission in project ${projectId}.`
    throw bigQueryRefusal('accessDenied', `Access Denied: Project ${projectId}: ${words}`)
  }

  project(projectId: string, email: string) {
    const found = Object.hasOwn(this.#projects, projectId) ? this.#projects[projectId] : undefined
    if (found) return found
    // Whether a project exists is told to nobody who has nothing to do with it.
    if (this.#rights.knows(email, `projects/${projectId}`)) {
      throw bigQueryRefusal('notFound', `Not found: Project ${projectId}`)
    }
    const words = `User does not have bigquery.jobs.create permission in project ${projectId}.`
    throw bigQueryRefusal('accessDenied', `Access Denied: Project ${projectId}: ${words}`)
  }

  dataset(projectId: string, datasetId: string, permission: string, email: string): BigQueryDataset {
    const full = `${projectId}:${datasetId}`
    if (!this.#rights.may(email, permission, `projects/${projectId}/datasets/${datasetId}`)) {
      const words = `Permission ${permission} denied on dataset ${full} (or it may not exist).`
      throw bigQueryRefusal('accessDenied', `Access Denied: Dataset ${full}: ${words}`)
    }
    const dataset = findDataset(this.#projects, projectId, datasetId)
    if (!dataset) throw bigQueryRefusal('notFound', `Not found: Dataset ${full}`)
    return dataset
  }

  table(reference: TableReference, permission: string, email: string): BigQueryTable {
    if (!this.#rights.may(email, permission, tableResource(reference))) {
      const words = `Permission ${permission} denied on table ${tableName(reference)} (or it may not exist).`
      throw bigQueryRefusal('accessDenied', `Access Denied: Table ${tableName(reference)}: ${words}`)
    }
    const table = findTable(this.#projects, reference)
    if (!table) throw bigQueryRefusal('notFound', `Not found: Table ${tableName(reference)}`)
    return table
  }
}
