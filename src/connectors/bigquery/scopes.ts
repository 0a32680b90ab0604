/**
 * What a token is for. Each has the one scope with which Google takes the least: the page of every method says which it
 * takes, https://docs.cloud.google.com/bigquery/docs/reference/rest/v2 under "Authorization scopes".
 */
export type TokenUse =
  /**
   * Listing, tables, rows, running a statement and reading its result: jobs.query takes a token that may only read, which
   * jobs.insert does not (https://github.com/googleapis/google-cloud-go/issues/4412).
   */
  | 'READ'
  /**
   * Dry runs and stopping a job: jobs.cancel takes no other either, and of all dry runs only those of jobs.insert are
   * documented to tell what kind of statement it is.
   */
  | 'JOBS'
  /** Which rights the account has on a project, which is a question to the Resource Manager. */
  | 'PROJECTS'

const scope = (name: string): string => `https://www.googleapis.com/auth/${name}`

export const scopeOf: Readonly<Record<TokenUse, string>> = {
  READ: scope('bigquery.readonly'),
  JOBS: scope('bigquery'),
  PROJECTS: scope('cloud-platform.read-only'),
}

/** For tokens of another account, and nothing else of Google Cloud. */
export const impersonationScope = scope('iam')
