import type { Remedy } from '../problem.ts'
import type { BigqueryConfig } from './form.ts'
import { dataProjectOf, identityField } from './identity-field.ts'

const name = 'patchbay-reader'

/** How to come by an account that may run queries and read data, and nothing else, in the words of Google's command line. */
export function readerRemedies(config: BigqueryConfig): Remedy[] {
  const { impersonate } = config.auth
  const account = accountIn(config.projectId)
  const create: Remedy = { kind: 'RUN_SQL', title: 'Create a service account that can only read', sql: script(config) }
  if (impersonate) {
    if (isNumber(config.projectId)) return [create]
    const field = 'auth.impersonate.targetServiceAccount'
    return [create, { kind: 'SET_FIELD', title: `Use the new account ${name}`, field, value: account }]
  }
  return [create, { kind: 'REENTER_SECRET', title: 'Give the key of the new account', field: identityField(config) }]
}

/** The address of an account has the id of its project, which the number does not tell. */
const isNumber = (project: string): boolean => /^\d+$/.test(project)

/** Of projects of a domain the domain comes last: `example.com:p` has `p.example.com`. */
function accountIn(project: string): string {
  if (isNumber(project)) return accountIn('PROJECT_ID')
  const [domain, own] = project.includes(':') ? (project.split(':') as [string, string]) : ['', project]
  return `${name}@${own}${domain === '' ? '' : `.${domain}`}.iam.gserviceaccount.com`
}

/** Projects and datasets are of letters, digits, and marks that no shell takes for anything else. */
function script(config: BigqueryConfig): string {
  const { projectId, defaultDataset, auth } = config
  const data = dataProjectOf(config)
  const member = `serviceAccount:${accountIn(projectId)}`
  return [
    '# Creates a service account that can only read. Run it in a shell as an administrator of the projects.',
    ...(isNumber(projectId) ? tellId(projectId) : []),
    `gcloud iam service-accounts create ${name} --project=${projectId}`,
    '# It may run queries, which this project pays for.',
    `gcloud projects add-iam-policy-binding ${projectId} --condition=None \\`,
    `  --member=${member} --role=roles/bigquery.jobUser`,
    ...(defaultDataset === undefined ? readProject(data, member) : readDataset(data, defaultDataset, member)),
    ...(auth.impersonate ? letImpersonate(projectId) : makeKey(projectId)),
  ].join('\n')
}

const tellId = (project: string): string[] => [
  '# Put the id that this prints in the place of PROJECT_ID below.',
  `gcloud projects describe ${project} --format='value(projectId)'`,
]

const readProject = (project: string, member: string): string[] => [
  '# It may read all data of this project; grant the role on single datasets for less.',
  `gcloud projects add-iam-policy-binding ${project} --condition=None \\`,
  `  --member=${member} --role=roles/bigquery.dataViewer`,
]

const readDataset = (project: string, dataset: string, member: string): string[] => [
  '# It may read this dataset.',
  `bq query --project_id=${project} --use_legacy_sql=false \\`,
  `  'GRANT \`roles/bigquery.dataViewer\` ON SCHEMA \`${project}\`.\`${dataset}\` TO "${member}"'`,
]

const makeKey = (project: string): string[] => [
  '# Writes the key into a file: its content belongs into the form.',
  `gcloud iam service-accounts keys create ${name}.json --iam-account=${accountIn(project)}`,
]

const letImpersonate = (project: string): string[] => [
  '# The account of the key in the form may make tokens of it: put its e-mail address here.',
  `gcloud iam service-accounts add-iam-policy-binding ${accountIn(project)} \\`,
  '  --member="serviceAccount:$ACCOUNT_OF_THE_KEY" --role=roles/iam.serviceAccountTokenCreator',
]
