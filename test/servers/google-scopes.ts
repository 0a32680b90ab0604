const scope = (name: string) => `https://www.googleapis.com/auth/${name}`

export const googleScopes = {
  bigquery: scope('bigquery'),
  bigqueryReadonly: scope('bigquery.readonly'),
  cloudPlatform: scope('cloud-platform'),
  cloudPlatformReadOnly: scope('cloud-platform.read-only'),
  iam: scope('iam'),
  email: scope('userinfo.email'),
} as const

const { bigquery, bigqueryReadonly, cloudPlatform, cloudPlatformReadOnly, iam } = googleScopes
const reading = [bigquery, cloudPlatform, bigqueryReadonly, cloudPlatformReadOnly]
const writing = [bigquery, cloudPlatform]

/** Any of them is enough: "Authorization scopes" on the page of each method. Jobs are begun and stopped by writers only. */
export const scopesOfMethod = {
  'projects.list': reading,
  'datasets.list': reading,
  'datasets.get': reading,
  'tables.list': reading,
  'tables.get': reading,
  'tables.testIamPermissions': reading,
  'tabledata.list': reading,
  // Those of Cloud Storage are for jobs that load and export.
  'jobs.insert': writing,
  'jobs.get': reading,
  'jobs.cancel': writing,
  'jobs.query': reading,
  'jobs.getQueryResults': reading,
  'projects.testIamPermissions': [cloudPlatform, cloudPlatformReadOnly],
  generateAccessToken: [cloudPlatform, iam],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** Scopes that can be asked for; everything else is refused by the token endpoint. */
export const knownScopes: readonly string[] = [
  ...Object.values(googleScopes),
  scope('devstorage.full_control'),
  scope('devstorage.read_only'),
  scope('devstorage.read_write'),
  scope('drive.readonly'),
  'openid',
]
