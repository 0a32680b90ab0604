import { z } from 'zod'
import { awsCredentialsBlock, awsRegionField, checkAwsCredentials } from '../blocks/aws-credentials.ts'
import { limitsBlock } from '../blocks/limits.ts'
import { hostField, portField } from '../blocks/server-fields.ts'
import { checkSshTunnel, sshTunnelBlock } from '../blocks/ssh-tunnel.ts'
import { checkTls, tlsBlock } from '../blocks/tls.ts'
import { alternatives, defineForm, type FormValue, field, secret } from '../form.ts'
import { judgedBy, nulIssue } from '../text-checks.ts'

/** Text that Redshift takes as a name: 127 bytes. */
const name = z.string().min(1).max(127).check(judgedBy(nulIssue))

const deployment = alternatives(
  {
    cluster: {
      label: 'Provisioned cluster',
      fields: {
        clusterIdentifier: field(
          z
            .string()
            .regex(/^[a-z](?:-?[a-z0-9]){0,62}$/, 'Give the identifier as the console shows it, such as "sales".'),
          { label: 'Cluster identifier', help: 'The name of the cluster in AWS.', placeholder: 'sales' },
        ),
      },
    },
    serverless: {
      label: 'Serverless workgroup',
      fields: {
        workgroupName: field(
          z.string().regex(/^[a-z0-9-]{3,64}$/, 'Give the name as the console shows it, such as "sales".'),
          { label: 'Workgroup', help: 'The name of the workgroup in AWS.', placeholder: 'sales' },
        ),
      },
    },
  },
  { label: 'Deployment', help: 'What kind of Redshift it is.', typeName: 'RedshiftDeployment' },
)

/** The form of a connector to Amazon Redshift. */
export const form = defineForm({
  sections: [
    { id: 'connection', label: 'Connection' },
    { id: 'auth', label: 'Sign-in' },
    { id: 'encryption', label: 'Encryption' },
    { id: 'tunnel', label: 'SSH tunnel' },
    { id: 'scope', label: 'Scope' },
    { id: 'limits', label: 'Limits' },
  ],
  fields: {
    host: hostField(
      'The endpoint of the cluster or workgroup; behind an SSH tunnel as the SSH server knows it.',
      'sales.abc123.eu-west-1.redshift.amazonaws.com',
    ),
    port: portField(5439, 'The TCP port that the cluster or workgroup listens on.'),
    database: field(name.default('dev'), {
      label: 'Database',
      help: 'The database to read.',
      section: 'connection',
      liveOptions: {},
    }),
    auth: alternatives(
      {
        password: {
          label: 'User name and password',
          fields: {
            username: field(name, {
              label: 'User name',
              help: 'The user of the database to sign in as. Best is one that can only read.',
            }),
            password: secret(z.string().min(1).max(4096).check(judgedBy(nulIssue)), {
              label: 'Password',
              help: 'Sent exactly as typed, spaces included.',
            }),
          },
        },
        iam: {
          label: 'AWS IAM',
          help: 'AWS gives out a password for a quarter of an hour, for each connection anew.',
          fields: {
            deployment,
            region: awsRegionField('The AWS region of the cluster or workgroup.'),
            databaseUser: field(name.optional(), {
              label: 'Database user',
              help: 'Clusters only: the existing user of the database to sign in as. Leave empty to sign in as the IAM identity itself.',
              visibleWhen: { field: 'deployment', equals: 'cluster' },
            }),
            credentials: awsCredentialsBlock,
          },
        },
      },
      { label: 'Sign-in', help: 'How Redshift knows who connects.', section: 'auth', typeName: 'RedshiftAuth' },
    ),
    // Defaults for whole blocks, so that a minimal configuration need not name them.
    tls: tlsBlock.prefault({ clientKey: undefined, clientKeyPassphrase: undefined }),
    sshTunnel: sshTunnelBlock.optional(),
    schemas: field(z.array(name).max(100).default([]), {
      label: 'Schemas',
      help: 'The schemas to work with. Leave empty for every schema that the account can read.',
      section: 'scope',
      liveOptions: { needs: ['database'] },
    }),
    limits: limitsBlock.prefault({}),
  },
  check: ({ auth: { iam }, tls, sshTunnel }, report) => {
    checkTls(tls, 'tls', report)
    checkSshTunnel(sshTunnel, report)
    if (!iam) return
    const path = ['auth', 'iam']
    checkAwsCredentials(iam.credentials, iam.region, [...path, 'credentials'], report)
    if (tls.mode !== 'VERIFY_FULL') {
      report(['tls', 'mode'], 'A password that AWS has given out is sent only to a fully verified server.')
    }
  },
})

export type RedshiftConfig = FormValue<typeof form>
export type IamConfig = NonNullable<RedshiftConfig['auth']['iam']>
