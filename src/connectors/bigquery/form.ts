import { z } from 'zod'
import { limitsBlock } from '../blocks/limits.ts'
import { proxyAuthoritiesField } from '../blocks/proxy-authorities.ts'
import { alternatives, choice, defineForm, type FormValue, field, secret } from '../form.ts'
import { judgedBy } from '../text-checks.ts'
import { projectIssue } from './project.ts'
import { repairKeyFile, serviceAccountKeyIssue } from './service-account-key.ts'

export const projectText = z.string().max(100).check(judgedBy(projectIssue))

/** A dataset's name: letters, digits and underscores. */
export const datasetText = z
  .string()
  .regex(
    /^[A-Za-z0-9_]{1,1024}$/,
    'Give the name of the dataset alone, such as "sales": letters, digits and underscores.',
  )

const keyFile = secret(
  z
    .string()
    .min(1)
    // Nothing longer is worth repairing.
    .max(16_384, { abort: true })
    .overwrite(repairKeyFile)
    .check(judgedBy(serviceAccountKeyIssue)),
  {
    label: 'Key of the service account (JSON)',
    help: 'The whole content of the JSON file. Only its account, key and key id are used.',
    placeholder: '{ "type": "service_account", ... }',
    multiline: true,
  },
)

const serviceAccount = z
  .string()
  .max(300)
  .regex(
    /^[a-z0-9][a-z0-9-]*@[a-z0-9.-]+\.gserviceaccount\.com$/,
    'Give its e-mail address, such as "reader@project.iam.gserviceaccount.com".',
  )

/** The form of a connector to Google BigQuery. */
export const form = defineForm({
  sections: [
    { id: 'connection', label: 'Connection' },
    { id: 'auth', label: 'Sign-in' },
    { id: 'scope', label: 'Scope' },
    { id: 'limits', label: 'Limits' },
  ],
  fields: {
    projectId: field(projectText, {
      label: 'Project',
      help: 'The id of the Google Cloud project that queries run in, and are billed to.',
      placeholder: 'my-project-123456',
      section: 'connection',
      destination: true,
      liveOptions: { standIn: 'not-chosen-yet' },
    }),
    location: field(
      z
        .string()
        .max(64)
        .regex(/^[A-Za-z]{2,}(?:-[A-Za-z0-9]+)*$/, 'Give a location such as "EU", "US" or "europe-west1".')
        .optional(),
      {
        label: 'Location',
        help: 'Where queries run: it must be that of the data. Leave empty to have BigQuery find out.',
        placeholder: 'EU',
        section: 'connection',
        liveOptions: { needs: ['projectId'] },
      },
    ),
    auth: alternatives(
      {
        serviceAccountKey: {
          label: 'Key of a service account',
          help: 'A service account that may read, and its key.',
          fields: { json: keyFile },
        },
        impersonate: {
          label: 'Impersonation',
          help: 'A key whose account may do nothing but make short-lived tokens of the account that reads.',
          fields: {
            targetServiceAccount: field(serviceAccount, {
              label: 'Service account that reads',
              help: 'Its e-mail address. The account of the key must be a "Service Account Token Creator" of it.',
              placeholder: 'reader@my-project.iam.gserviceaccount.com',
            }),
            json: keyFile,
          },
        },
        accessToken: {
          label: 'Access token',
          help: 'For trying things out: it ends within the hour, and the connector with it.',
          fields: {
            token: secret(
              z
                .string()
                .min(1)
                .max(8192)
                .regex(/^[\x21-\x7e]+$/, 'Remove the characters that no token has.'),
              {
                label: 'Token',
                help: 'An OAuth access token, as "gcloud auth print-access-token" prints it.',
              },
            ),
          },
        },
      },
      { label: 'Sign-in', help: 'How Google knows who asks.', section: 'auth', typeName: 'BigqueryAuth' },
    ),
    dataProjectId: field(projectText.optional(), {
      label: 'Project of the data',
      help: 'Only when the data is in another project than the one that pays for queries.',
      placeholder: 'bigquery-public-data',
      section: 'scope',
      liveOptions: {},
    }),
    defaultDataset: field(datasetText.optional(), {
      label: 'Default dataset',
      help: 'The dataset in which tables are looked for that a statement names without one.',
      placeholder: 'sales',
      section: 'scope',
      liveOptions: { needs: ['projectId'] },
    }),
    maximumBytesBilled: field(
      z
        .int()
        .min(10 * 2 ** 20)
        .max(2 ** 50)
        .default(2 ** 30),
      {
        label: 'Most bytes billed for a query',
        help: 'A query that would read more is refused before it costs anything. 1 GiB is 1073741824.',
        section: 'limits',
      },
    ),
    dialect: choice(
      { STANDARD: { label: 'GoogleSQL', help: 'The SQL of today; legacy SQL is not supported.' } },
      {
        label: 'Dialect',
        help: 'Which SQL statements are in.',
        section: 'limits',
        advanced: true,
        typeName: 'BigqueryDialect',
      },
    ).default('STANDARD'),
    caCertificates: proxyAuthoritiesField,
    limits: limitsBlock.prefault({}),
  },
})

export type BigqueryConfig = FormValue<typeof form>
