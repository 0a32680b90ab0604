import { isIP } from 'node:net'
import { z } from 'zod'
import { awsCredentialsBlock, awsRegionField, checkAwsCredentials } from '../blocks/aws-credentials.ts'
import { limitsBlock } from '../blocks/limits.ts'
import { authoritiesField } from '../blocks/tls.ts'
import { serverUrlIssue } from '../cloud/endpoint.ts'
import { defineForm, type FormValue, field } from '../form.ts'
import { judgedBy } from '../text-checks.ts'
import { keyText } from './key-text.ts'

/** Says what is wrong with the name of a bucket as typed; null when nothing is. It becomes part of every URL. */
export function bucketIssue(text: string): string | null {
  if (text.startsWith('arn:')) return 'Give the name of a bucket: access points and other ARNs are not supported.'
  if (/(?:--x-s3|--ol-s3|--table-s3|-s3alias|\.mrap)$/.test(text)) {
    return 'Give the name of a general purpose bucket: this is a directory bucket, a table bucket or an access point.'
  }
  const isName = /^[a-z0-9](?:[a-z0-9-]|\.(?=[a-z0-9])){1,61}[a-z0-9]$/.test(text)
  return isName && !isIP(text) ? null : 'Give the name of a bucket, such as "sales-exports".'
}

export const prefixText = keyText(900)

/** The form of a connector to Amazon S3, or to a server that understands it. */
export const form = defineForm({
  sections: [
    { id: 'connection', label: 'Connection' },
    { id: 'auth', label: 'AWS credentials' },
    { id: 'server', label: 'Other servers than AWS', help: 'Only where the operator allows them.' },
    { id: 'limits', label: 'Limits' },
  ],
  fields: {
    bucket: field(z.string().check(judgedBy(bucketIssue)), {
      label: 'Bucket',
      help: 'The bucket to read.',
      placeholder: 'sales-exports',
      section: 'connection',
      destination: true,
      liveOptions: { standIn: 'bucket-name' },
    }),
    region: awsRegionField(
      'The AWS region that the bucket is in. The test says which one it is when it is another.',
      'connection',
    ),
    prefix: field(prefixText.optional(), {
      label: 'Prefix',
      help: 'Only objects whose keys begin with this are read. Leave empty for the whole bucket.',
      placeholder: 'exports/2026/',
      section: 'connection',
      liveOptions: { needs: ['bucket'] },
    }),
    credentials: awsCredentialsBlock,
    endpoint: field(z.string().max(300).check(judgedBy(serverUrlIssue)).optional(), {
      label: 'Endpoint',
      help: 'URL of a server that understands S3, such as MinIO. Leave empty for AWS itself.',
      placeholder: 'https://minio.example.com:9000',
      section: 'server',
      destination: true,
      advanced: true,
    }),
    caCertificates: field(authoritiesField, {
      label: 'Certificate authorities',
      help: "PEM text of the endpoint's own authorities, trusted for this connector in addition to the public ones.",
      placeholder: '-----BEGIN CERTIFICATE-----',
      section: 'server',
      destination: true,
      multiline: true,
      advanced: true,
      // AWS itself has certificates of public authorities.
      visibleWhen: { field: 'endpoint', isSet: true },
    }),
    limits: limitsBlock.prefault({}),
  },
  check: ({ region, credentials, endpoint }, report) => {
    checkAwsCredentials(credentials, region, ['credentials'], report)
    if (endpoint !== undefined && credentials.assumeRole) {
      report(['credentials', 'assumeRole'], 'Roles are known to AWS alone: give an access key of the endpoint.')
    }
  },
})

export type S3Config = FormValue<typeof form>

/** Milliseconds for CONNECT. */
export const connectBudgetMs = ({ limits }: S3Config): number => limits.connectTimeoutSeconds * 1_000

/** How long an answer of S3, or more of it, is waited for. Less than the SDK's own patience, which tells nothing. */
export const idleMs = (config: S3Config): number => Math.min(30_000, 3 * connectBudgetMs(config))
