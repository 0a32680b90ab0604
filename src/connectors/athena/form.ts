import { z } from 'zod'
import { awsCredentialsBlock, awsRegionField, checkAwsCredentials } from '../blocks/aws-credentials.ts'
import { limitsBlock } from '../blocks/limits.ts'
import { defineForm, type FormValue, field } from '../form.ts'
import { judgedBy, nulIssue } from '../text-checks.ts'

/** Text that Glue takes as a name. */
export const glueName = z.string().min(1).max(255).check(judgedBy(nulIssue))

/** Where results go: a bucket, and what their keys begin with. */
const location = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/[^\p{C}]*)?$/u

/** The form of a connector to Amazon Athena. */
export const form = defineForm({
  sections: [
    { id: 'connection', label: 'Connection' },
    { id: 'auth', label: 'AWS credentials' },
    { id: 'scope', label: 'Scope' },
    { id: 'limits', label: 'Limits' },
  ],
  fields: {
    region: awsRegionField('The AWS region whose Athena is asked.', 'connection'),
    credentials: awsCredentialsBlock,
    workgroup: field(
      z
        .string()
        .regex(/^[a-zA-Z0-9._-]{1,128}$/, 'Give the name as the console shows it, such as "primary".')
        .default('primary'),
      {
        label: 'Workgroup',
        help: 'Queries run in it: it decides who may query, how much they may read, and often where results go.',
        section: 'connection',
        liveOptions: {},
      },
    ),
    outputLocation: field(
      z.string().max(700).regex(location, 'Give a place in S3, such as "s3://athena-results/patchbay/".').optional(),
      {
        label: 'Output location',
        help: 'Where Athena writes the results of queries. Leave empty where the workgroup says so, or keeps results itself.',
        placeholder: 's3://athena-results/patchbay/',
        section: 'connection',
        destination: true,
      },
    ),
    catalog: field(glueName.default('AwsDataCatalog'), {
      label: 'Catalog',
      help: 'The data catalog to read: that of AWS Glue, or a federated one.',
      section: 'scope',
      liveOptions: {},
    }),
    database: field(glueName.optional(), {
      label: 'Database',
      help: 'The database in which tables are looked for that a statement names without one.',
      section: 'scope',
      liveOptions: { needs: ['catalog'] },
    }),
    limits: limitsBlock.prefault({}),
  },
  check: ({ region, credentials }, report) => checkAwsCredentials(credentials, region, ['credentials'], report),
})

export type AthenaConfig = FormValue<typeof form>
