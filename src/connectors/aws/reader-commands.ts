import type { Remedy } from '../problem.ts'
import type { AwsIdentity } from './access.ts'
import { type PolicyStatement, policyDocument } from './policy.ts'
import type { AwsFormPlace } from './problems.ts'

const userName = 'patchbay-reader'
const policyName = 'patchbay-read-only'

/** For a POSIX shell. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** How to come by an identity that may do what a connector needs and nothing else, in the words of AWS' command line. */
export function readerRemedies(
  place: AwsFormPlace,
  { arn, account }: AwsIdentity,
  reading: readonly PolicyStatement[],
): Remedy[] {
  const { credentials, credentialsPath } = place
  const document = quote(policyDocument(reading, 2))
  if (!credentials.assumeRole) {
    return [
      { kind: 'RUN_SQL', title: 'Create a user that can only read', sql: userCommands(document) },
      {
        kind: 'REENTER_SECRET',
        title: 'Give the new access key and its secret',
        field: `${credentialsPath}.accessKey.secretAccessKey`,
      },
    ]
  }
  const partition = arn.split(':')[1] ?? 'aws'
  const value = `arn:${partition}:iam::${account}:role/${userName}`
  return [
    {
      kind: 'RUN_SQL',
      title: 'Create a role that can only read',
      sql: roleCommands(nameOfRole(credentials.assumeRole.roleArn), document),
    },
    {
      kind: 'SET_FIELD',
      title: `Use the new role ${userName}`,
      field: `${credentialsPath}.assumeRole.roleArn`,
      value,
    },
  ]
}

const nameOfRole = (roleArn: string): string => roleArn.slice(roleArn.lastIndexOf('/') + 1)

const userCommands = (document: string): string =>
  [
    '# Creates a user that can only read. Run it in a shell as an administrator of the account.',
    `aws iam create-user --user-name ${userName}`,
    `aws iam put-user-policy --user-name ${userName} --policy-name ${policyName} --policy-document ${document}`,
    '# Prints the access key and its secret, once.',
    `aws iam create-access-key --user-name ${userName}`,
  ].join('\n')

const roleCommands = (present: string, document: string): string =>
  [
    '# Creates a role that can only read and is trusted as the present one is. Run it in a shell as an administrator of the account.',
    `trust=$(aws iam get-role --role-name ${quote(present)} --query Role.AssumeRolePolicyDocument --output json)`,
    `aws iam create-role --role-name ${userName} --assume-role-policy-document "$trust"`,
    `aws iam put-role-policy --role-name ${userName} --policy-name ${policyName} --policy-document ${document}`,
  ].join('\n')
