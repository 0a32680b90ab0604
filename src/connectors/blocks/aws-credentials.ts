import { z } from 'zod'
import { partitionOf, regionIssue } from '../aws/region.ts'
import { alternatives, field, type ReportIssue, secret } from '../form.ts'

/**
 * The region that a connector's services are in. It decides which endpoint is told anything at all. `section`: where the
 * field stands by itself.
 */
export const awsRegionField = (help: string, section?: string) =>
  field(
    z.string().check(context => {
      const message = regionIssue(context.value)
      if (message) context.issues.push({ code: 'custom', message, input: null })
    }),
    { label: 'Region', help, placeholder: 'eu-west-1', destination: true, ...(section !== undefined && { section }) },
  )

const roleArn = /^arn:(aws|aws-cn|aws-us-gov):iam::\d{12}:role\/(?:[\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/

const printable = /^[\x20-\x7e\xa0-\xff]+$/
/** Sent in a header of HTTP, in which everything else may arrive as something else than was signed. */
const plain = /^[\x20-\x7e]+$/
const notPrintable = 'Remove the characters that no key has.'

/** Who asks AWS, for every type that does. */
export const awsCredentialsBlock = alternatives(
  {
    assumeRole: {
      label: 'Role (recommended)',
      help: "Patchbay assumes a role of your account by its own identity and this workspace's external id: there is no key to give away.",
      fields: {
        roleArn: field(
          z
            .string()
            .max(600, { abort: true })
            .regex(roleArn, 'Give the ARN of a role, such as "arn:aws:iam::123456789012:role/patchbay".'),
          {
            label: 'Role ARN',
            help: "The role's trust policy must allow Patchbay's identity to assume it with this workspace's external id.",
            placeholder: 'arn:aws:iam::123456789012:role/patchbay',
          },
        ),
      },
    },
    accessKey: {
      label: 'Access key',
      help: 'Of a user of your account that may do nothing else, or temporary keys.',
      fields: {
        accessKeyId: field(z.string().regex(/^[A-Z0-9]{16,128}$/, 'Give the access key id, such as "AKIA...".'), {
          label: 'Access key id',
          help: 'Which key it is; not a secret by itself.',
        }),
        secretAccessKey: secret(z.string().min(1).max(256).regex(printable, notPrintable), {
          label: 'Secret access key',
          help: 'It belongs to the access key id. It never leaves Patchbay: requests are signed with it.',
        }),
        sessionToken: secret(z.string().min(1).max(8192).regex(plain, notPrintable).optional(), {
          label: 'Session token',
          help: 'Only for temporary keys, whose access key id begins with ASIA.',
        }),
      },
    },
  },
  { label: 'AWS credentials', help: 'Who asks AWS.', typeName: 'AwsCredentials', section: 'auth' },
)

export type AwsCredentialsConfig = z.output<typeof awsCredentialsBlock>

/** The rules over several fields of the block, for the form-wide check of every type that has it. */
export function checkAwsCredentials(
  credentials: AwsCredentialsConfig,
  region: string,
  path: readonly string[],
  report: ReportIssue,
): void {
  const { assumeRole, accessKey } = credentials
  if (assumeRole && assumeRole.roleArn.split(':')[1] !== partitionOf(region)) {
    report(
      [...path, 'assumeRole', 'roleArn'],
      `This role cannot be used in the region ${region}: it belongs to another partition of AWS.`,
    )
  }
  if (accessKey?.accessKeyId.startsWith('ASIA') && accessKey.sessionToken === undefined) {
    report([...path, 'accessKey', 'sessionToken'], 'Give the session token too: this key is a temporary one.')
  }
}
