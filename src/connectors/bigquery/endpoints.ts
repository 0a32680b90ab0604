/** Google's own names of the services that are asked. */
export const endpoints = {
  tokens: 'oauth2.googleapis.com',
  credentials: 'iamcredentials.googleapis.com',
  bigquery: 'bigquery.googleapis.com',
  /** Asked by LEAST_PRIVILEGE alone, and reached within it. */
  projects: 'cloudresourcemanager.googleapis.com',
} as const
